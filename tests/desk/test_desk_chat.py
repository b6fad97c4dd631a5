"""`bot.py chat`: the chat of a target is made at the vendor by one command, and what is wrong is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from config.people import People
from desk.chat import make
from desk.errors import DeskError
from jobs.office import Office
from rules.dates import SHANGHAI
from store.db import Db
from tests import factory as f
from tests.channels.servers import Sandbox, running_sandbox
from tests.channels.wecom.wecom_support import CHAT, CORP, SECRET, chat


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as made:
        members = [{"userid": name, "departments": [1]} for name in ("lisi", "wangwu", "zhaoliu")]
        made.setup(corps=[{"corpid": CORP, "name": "示例学院", "members": members}])
        made.setup(apps=[{"corpid": CORP, "agentid": 1000002, "secret": SECRET}])
        yield made


def office(sandbox: Sandbox, db: Db, folder: Path) -> Office:
    channel: Any = chat(f"{sandbox.base}/wecom")
    school = replace(f.a_school(), targets={**f.a_school().targets, CHAT.number: CHAT})
    return Office(school, db, {CHAT.channel: channel}, lambda: datetime.now(SHANGHAI), People(folder))


def test_a_chat_is_made_and_made_again_harms_nothing(
    sandbox: Sandbox, sqlite_db: Db, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "成员.csv").write_text("账号\nwangwu\nzhaoliu\n", encoding="utf-8")
    for _ in range(2):
        make(office(sandbox, sqlite_db, tmp_path), CHAT.number, "lisi", [], "成员")
    assert f"群聊“{CHAT.name}”" in capsys.readouterr().out
    [finding] = [each for each in chat(f"{sandbox.base}/wecom").check([CHAT]) if CHAT.number in each.key]
    assert finding.ok and "3人" in finding.text


@pytest.mark.parametrize(
    ("number", "owner", "listed", "said"),
    [("没有", "lisi", None, "没有目标"), ("Q01", "lisi", None, "请在平台上建群"), (None, "lisi", None, "群成员应为"), (None, "lisi", "无此名单", "无此名单")],
)  # fmt: skip
def test_what_is_wrong_is_told(
    sandbox: Sandbox, sqlite_db: Db, tmp_path: Path, number: str | None, owner: str, listed: str | None, said: str
) -> None:
    with pytest.raises(DeskError, match=said):
        make(office(sandbox, sqlite_db, tmp_path), number or CHAT.number, owner, [], listed)
