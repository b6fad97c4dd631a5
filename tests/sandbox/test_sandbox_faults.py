"""The fault plan: dropped before or after, slow, broken, refused; and a restart that forgets nothing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

import sandbox


def test_dropped_before_executing_posts_nothing(robots):
    robots.admin("faults", call="wecom.webhook.send", kind="before")
    with pytest.raises(requests.ConnectionError):
        robots.say("甲")
    assert robots.books()["robot"] == []
    assert robots.say("乙")["errcode"] == 0


def test_dropped_after_executing_has_posted(robots):
    robots.admin("faults", call="wecom.webhook.send", kind="after")
    with pytest.raises(requests.ConnectionError):
        robots.say("甲")
    assert [post["text"] for post in robots.books()["robot"]] == ["甲"]


@pytest.mark.parametrize(("when", "posted"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize("kind", ["502", "html", "reset"])
def test_broken_answers_come_before_or_after_executing(robots, kind, when, posted):
    robots.admin("faults", call="wecom.*", kind=kind, when=when)
    if kind == "reset":
        with pytest.raises(requests.ConnectionError):
            robots.say("甲")
    else:
        with pytest.raises(requests.JSONDecodeError):
            robots.say("甲")
    assert len(robots.books()["robot"]) == posted


def test_a_slow_answer_outlasts_the_clients_patience_after_executing(robots):
    robots.admin("faults", call="wecom.webhook.send", kind="slow", seconds=0.5, when="after")
    body = {"msgtype": "text", "text": {"content": "甲"}}
    with pytest.raises(requests.ReadTimeout):
        robots.http.post(f"{robots.base}/wecom/cgi-bin/webhook/send?key=k1", json=body, timeout=0.2)
    assert len(robots.books()["robot"]) == 1


def test_skip_times_and_match_choose_the_calls(robots):
    robots.admin(
        "faults",
        call="wecom.webhook.send",
        kind="error",
        errcode=-1,
        errmsg="system error",
        skip=1,
        times=2,
        match={"key": "k1"},
    )
    assert [robots.say("甲", key="k2")["errcode"] for _ in range(3)] == [0, 0, 0]
    assert [robots.say("甲")["errcode"] for _ in range(4)] == [0, -1, -1, 0]
    (fault,) = robots.http.get(f"{robots.base}/__sandbox__/faults", timeout=5).json()["faults"]
    assert (fault["seen"], fault["fired"]) == (3, 2)
    assert robots.books()["refused"] == {"wecom.webhook.send": {"-1": 2}}


def test_a_planned_error_takes_each_vendors_shape(robots):
    robots.account()
    robots.admin("setup", bots=[{"self_id": 1}], groups=[{"group_id": 555}])
    robots.admin(
        "faults",
        faults=[
            {"call": "wechat.draft.*", "kind": "error", "errcode": 53503, "errmsg": "draft failed"},
            {"call": "onebot.*", "kind": "error", "errcode": 1200, "errmsg": "坏了"},
        ],
    )
    assert robots.oa("draft/count")["errmsg"].startswith("draft failed rid: ")
    answer = robots.qq("get_status", _token=None)
    assert (answer["status"], answer["retcode"], answer["message"]) == ("failed", 1200, "坏了")


def test_a_mass_send_dropped_after_executing_is_found_by_its_id(box):
    box.account(kind="subscription")
    media_id = box.draft()
    box.admin("faults", call="wechat.message.mass.sendall", kind="after")
    with pytest.raises(requests.ConnectionError):
        box.sendall(media_id, clientmsgid="a1")
    box.admin("clock", advance=61)
    answer = box.sendall(media_id, clientmsgid="a1")
    assert answer["errcode"] == 45065
    assert box.oa("message/mass/get", {"msg_id": answer["msg_id"]})["msg_status"] == "SEND_SUCCESS"


def test_a_mass_send_dropped_before_executing_succeeds_when_repeated(box):
    box.account(kind="subscription")
    media_id = box.draft()
    box.admin("faults", call="wechat.message.mass.sendall", kind="before")
    with pytest.raises(requests.ConnectionError):
        box.sendall(media_id, clientmsgid="a1")
    box.admin("clock", advance=61)
    assert box.sendall(media_id, clientmsgid="a1")["errcode"] == 0


@pytest.mark.parametrize(
    "order", [{"call": "x", "kind": "explode"}, {"call": "x", "kind": "before", "tiems": 3}, {"kind": "before"}]
)
def test_a_misspelt_fault_is_refused(box, order):
    answer = box.http.post(f"{box.base}/__sandbox__/faults", json=order, timeout=5)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "order", [{"robots": [{"key": "k", "nmae": "x"}]}, {"accounts": [{"appid": "a", "kind": "royal"}]}, {"bot": []}]
)
def test_a_misspelt_setup_is_refused(box, order):
    assert box.http.post(f"{box.base}/__sandbox__/setup", json=order, timeout=5).status_code == 400


def test_the_clock_does_not_run_backwards(box):
    box.admin("clock", now="2020-10-01T00:00:00+08:00")
    answer = box.http.post(f"{box.base}/__sandbox__/clock", json={"now": "2020-09-01T00:00:00+08:00"}, timeout=5)
    assert answer.status_code == 400


def test_a_strangers_host_name_is_turned_away(box):
    assert box.http.get(box.base + "/", headers={"Host": "evil.example"}, timeout=5).status_code == 403


def test_reset_forgets_everything(robots):
    robots.say("甲")
    robots.admin("clock", advance=100)
    robots.admin("reset")
    assert robots.say("甲")["errcode"] == 93000
    assert robots.http.get(robots.base + "/__sandbox__/healthz", timeout=5).json()["now"] == "2020-09-01T08:00:00+08:00"


def test_the_books_are_cut_by_vendor_and_moment(groups):
    groups.post("早")
    groups.admin("clock", advance=60)
    groups.post("晚")
    books = groups.books(vendor="onebot", since="2020-09-01T08:01:00+08:00")
    assert [post["text"] for post in books["qq"]] == ["晚"]
    assert "robot" not in books
    assert books["calls"]["onebot.send_group_msg"] == 2


def start(state: Path) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "sandbox", "--state", str(state), "--clock", "2020-09-01T08:00:00+08:00"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(sandbox.__file__).parent.parent)
    assert process.stdout is not None
    line = json.loads(process.stdout.readline())
    assert line["pid"] == process.pid
    return process, line["base"]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_restart_keeps_tokens_quotas_drafts_and_the_clock(tmp_path, box, how):
    process, base = start(tmp_path / "state.sqlite3")
    client = type(box)(base)
    client.account(kind="subscription")
    token, media_id = client.token(), client.draft()
    client.sendall(text="今天的一次")
    client.admin("clock", advance=30)
    process.send_signal(how)
    code = process.wait(timeout=10)
    assert code == (0 if how == signal.SIGTERM else -signal.SIGKILL)
    process.stdout.close()

    process, base = start(tmp_path / "state.sqlite3")
    client.base = base
    assert client.token() == token
    assert "news_item" in client.oa("draft/get", {"media_id": media_id})
    assert client.sendall(media_id)["errcode"] == 45028
    assert client.admin("clock", advance=30)["now"] == "2020-09-01T08:01:00+08:00"
    assert client.books()["wechat"][0]["status"] == "SEND_SUCCESS"
    process.terminate()
    assert process.wait(timeout=10) == 0
    process.stdout.close()
    client.http.close()


def test_on_the_real_clock_jobs_end_by_themselves(box):
    with sandbox.serve() as running:
        client = type(box)(running.base)
        client.account(job_delay=0.05)
        sent = client.sendall(text="甲")
        deadline = time.monotonic() + 3
        while client.oa("message/mass/get", {"msg_id": sent["msg_id"]})["msg_status"] == "SENDING":
            assert time.monotonic() < deadline
            time.sleep(0.02)
        client.http.close()
