"""The front door as a person meets it: settings, .env and database of its own, in this process or in one of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot import bot
from config import places
from store.db import Db
from tests.desk.papers import Papers, some_year, written

ROOT = Path(__file__).resolve().parents[2]
#: bot.py with no .env of the checkout and its own var/.
DRIVER = """
import sys
from pathlib import Path
from config import places
places.environment.__defaults__ = (None,)
places.VAR = Path(sys.argv.pop(1))
sys.argv[0] = "bot.py"
from bot import bot
bot()
"""
SECRETS = {
    "WECHAT_APP_ID": "wxdemo0123456789ab",
    "WECHAT_APP_SECRET": "0" * 32,
    "WECOM_ROBOT_G01": "demo-g01-0000-0000-000000000000",
    "WECOM_ROBOT_G09": "demo-g09-0000-0000-000000000000",
    "ONEBOT_TOKEN": "demo-onebot-token",
}


@pytest.fixture(scope="session")
def year_db(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Db]:
    """A store with some year in it, to be read only."""
    path = tmp_path_factory.mktemp("year") / "store.sqlite3"
    shutil.copy(sqlite_template, path)
    db = Db(f"sqlite:///{path.as_posix()}")
    some_year(db)
    yield db
    db.close()


@pytest.fixture(scope="session")
def papers(year_db: Db, tmp_path_factory: pytest.TempPathFactory) -> Papers:
    """The papers of that year, to be read only."""
    return written(year_db, tmp_path_factory.mktemp("papers"))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


@dataclass
class Front:
    """A school's bot: `home` holds config/, var/ and the database."""

    home: Path
    env: dict[str, str] = field(default_factory=dict)
    lives: list[subprocess.Popen[str]] = field(default_factory=list)

    def __call__(self, *words: str) -> Result:
        """One command in this process."""
        return CliRunner().invoke(bot, words, prog_name="bot.py", catch_exceptions=False)

    def start(self, *words: str, **env: str) -> subprocess.Popen[str]:
        """One command in a process of its own, its output in one stream."""
        whole = {**os.environ, **self.env, **env, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-X", "utf8", "-c", DRIVER, str(self.home / "var"), *words]
        life = subprocess.Popen(
            command, cwd=ROOT, env=whole, text=True, encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self.lives.append(life)
        return life

    def run(self, **env: str) -> tuple[subprocess.Popen[str], str]:
        """`bot.py run` until it says that it has started, or ends; gives what it said."""
        life = self.start("run", **env)
        assert life.stdout is not None
        said = ""
        for line in life.stdout:
            said += line
            if "公开达已启动" in line:
                break
        return life, said

    def db(self) -> Db:
        return Db(self.env["XXGK_DATABASE_URL"])


def wait_for(done: object, seconds: float = 10) -> None:
    """Until it says yes."""
    assert callable(done)
    ends = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < ends, "it never came"
        time.sleep(0.05)


@pytest.fixture
def front(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Front]:
    shutil.copytree(ROOT / "config", tmp_path / "config", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    made = Front(tmp_path)
    made.env = {
        **SECRETS,
        "XXGK_CONFIG": str(tmp_path / "config"),
        "XXGK_DATABASE_URL": f"sqlite:///{(tmp_path / 'data' / 'xxgk.sqlite3').as_posix()}",
        "XXGK_WEB_PORT": str(free_port()),
    }
    monkeypatch.setattr(places, "environment", lambda *_: made.env)
    monkeypatch.setattr(places, "VAR", tmp_path / "var")
    yield made
    for life in made.lives:
        if life.poll() is None:
            life.kill()
        life.wait()
        if life.stdout is not None:
            life.stdout.close()
