"""`bot.py run`: refuses before it starts anything, says that it stops, and is alone on its database."""

from __future__ import annotations

import signal
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from rules.dates import SHANGHAI
from store import lease
from tests.desk.conftest import SECRETS, Front, free_port, wait_for

windows = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows 没有 SIGKILL")


def ended(front: Front, *words: str, **env: str) -> tuple[int, str]:
    life = front.start(*words, **env)
    said, _ = life.communicate(timeout=60)
    return life.returncode, said


def plain(said: str) -> bool:
    return "Traceback" not in said


def test_a_run_without_secrets_names_all_that_is_missing_and_starts_nothing(front: Front) -> None:
    for name in SECRETS:
        front.env.pop(name)
    code, said = ended(front, "run")
    assert code == 1 and plain(said)
    assert all(f"· {name}：" in said and f"请在 .env 中填写 {name}" in said for name in SECRETS)
    assert "公开达已启动" not in said
    assert not (front.home / "var" / "log").exists()
    told = front("check").output
    for line in said.splitlines():
        if "·" in line or "→" in line:
            assert line.strip(" ·") in told, line  # the words of check


def test_a_channel_that_is_switched_off_needs_no_secret(front: Front) -> None:
    path = front.home / "config" / "school.toml"
    path.write_text(path.read_text("utf-8").replace("[channels.onebot]", "[channels.onebot]\nenabled = false"), "utf-8")
    front.env.pop("ONEBOT_TOKEN")
    _, said = front.run()
    assert "公开达已启动" in said


def test_a_taken_port_is_one_plain_line_before_anything_starts(front: Front) -> None:
    with socket.create_server(("127.0.0.1", int(front.env["XXGK_WEB_PORT"]))):
        code, said = ended(front, "run")
    assert code == 1
    [line] = said.splitlines()
    assert f"127.0.0.1:{front.env['XXGK_WEB_PORT']} 已被占用" in line and "XXGK_WEB_PORT" in line
    assert not (front.home / "var" / "log").exists()


def test_a_second_sandbox_on_one_port_is_one_plain_line(front: Front) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        code, said = ended(front, "sandbox", "--port", str(port))
    assert code == 1
    [line] = said.splitlines()
    assert f"127.0.0.1:{port} 已被占用" in line and "--port" in line


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_sandbox_that_is_stopped_frees_its_port(front: Front, name: str) -> None:
    port = free_port()
    life = front.start("sandbox", "--bare", "--port", str(port))
    assert life.stdout is not None and f"127.0.0.1:{port}" in life.stdout.readline()
    life.send_signal(getattr(signal, name))
    said, _ = life.communicate(timeout=60)
    assert said.strip() == "演练环境已停止" and life.returncode == 0
    socket.create_server(("127.0.0.1", port)).close()


@pytest.mark.parametrize(("mode", "needed"), [("draft", False), ("publish", True), ("mass", True)])
def test_the_token_of_the_callback_is_asked_for_where_a_result_is_called_back(
    front: Front, mode: str, needed: bool
) -> None:
    path = front.home / "config" / "school.toml"
    path.write_text(path.read_text("utf-8").replace('mode = "draft"', f'mode = "{mode}"'), "utf-8")
    front.env.pop("WECHAT_APP_ID")
    said = front("run").output
    assert "WECHAT_APP_ID" in said and ("WECHAT_TOKEN" in said) is needed


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_run_that_is_stopped_says_so_and_gives_its_place_back(front: Front, name: str) -> None:
    life, said = front.run()
    assert "数据表已建立" in said
    assert "alembic" not in said and "Running upgrade" not in said
    base = f"http://127.0.0.1:{front.env['XXGK_WEB_PORT']}"
    assert requests.get(f"{base}/healthz", timeout=5).status_code == 200
    life.send_signal(getattr(signal, name))
    rest, _ = life.communicate(timeout=60)
    assert [line for line in rest.splitlines() if "停止" in line] == ["正在停止，等待进行中的推送完成…", "公开达已停止"]
    assert life.returncode == 0
    db = front.db()
    with db.read() as conn:
        assert lease.holder(conn) is None
    db.close()


def test_a_second_run_is_told_who_holds_the_database_since_when_and_what_to_do(front: Front) -> None:
    life, _ = front.run()
    code, said = ended(front, "run", XXGK_WEB_PORT=str(free_port()))
    assert code == 1 and plain(said)
    assert f"进程 {life.pid}" in said and socket.gethostname()[:100] in said and "起运行" in said and "请先停止" in said
    assert life.poll() is None


@windows
def test_a_run_that_was_killed_is_followed_at_once_on_the_same_machine(front: Front) -> None:
    life, _ = front.run()
    life.kill()
    life.wait()
    _, said = front.run()
    assert "公开达已启动" in said


def test_a_lease_of_another_machine_is_waited_for_until_it_lapses(front: Front) -> None:
    assert front("once", "sweep").exit_code == 0
    now = datetime.now(UTC)
    other = lease.Lease(owner="x", host="别的主机", pid=1, doing="运行", since=now, until=now + lease.LASTS)
    db = front.db()
    with db.write() as conn:
        assert lease.take(conn, other, lambda _: False) is None
    code, said = ended(front, "run")
    assert code == 1 and "主机 别的主机，进程 1" in said
    with db.write() as conn:
        assert lease.renew(conn, "x", now) is None
    db.close()
    assert "公开达已启动" in front.run()[1]


def test_a_restore_while_the_bot_runs_is_refused(front: Front, tmp_path: Path) -> None:
    life, _ = front.run()
    assert front("backup", str(tmp_path / "b.sqlite3")).exit_code == 0
    found = front("restore", str(tmp_path / "b.sqlite3"), "--yes")
    assert found.exit_code == 1 and f"进程 {life.pid}" in found.output
    life.send_signal(signal.SIGTERM)
    life.communicate(timeout=60)
    assert front("restore", str(tmp_path / "b.sqlite3"), "--yes").exit_code == 0
    assert "公开达已启动" in front.run()[1], "the backup holds a lease of its time, which binds nobody"


@pytest.mark.parametrize("zone", ["America/New_York", "UTC"])
def test_what_a_run_writes_is_stamped_in_beijing_time(front: Front, zone: str) -> None:
    register = front.home / "var" / "登记表"
    register.mkdir(parents=True)
    (register / "登记表.csv").write_text("标题,批准日期\n没有大类的通知,2020-09-01\n", encoding="utf-8")
    life, began = front.run(TZ=zone)
    file = front.home / "var" / "log" / "xxgk.log"
    wait_for(lambda: "监看 信息公开登记表" in file.read_text(encoding="utf-8"))
    life.send_signal(signal.SIGTERM)
    assert life.stdout is not None
    said = life.stdout.read()  # `communicate` would lose what came in with the last line that was read
    life.wait(timeout=60)
    lines = [*began.splitlines(), *said.splitlines(), *file.read_text(encoding="utf-8").splitlines()]
    stamps = [line[:19] for line in lines if "监看 信息公开登记表" in line]
    assert len(stamps) == 2, "on the console and in the file"
    ages = [datetime.now(SHANGHAI) - datetime.fromisoformat(stamp).replace(tzinfo=SHANGHAI) for stamp in stamps]
    assert all(timedelta(0) <= age + timedelta(seconds=1) < timedelta(minutes=5) for age in ages)
