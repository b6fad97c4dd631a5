"""What is in doubt as the person meets it: the evidence, where to look, and one word for a whole push or for one person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from channels.base import SendError, Sent
from config.people import People
from desk import unclear as desk
from desk.errors import DeskError
from jobs.judge import in_doubt
from rules.bundle import Bundle
from rules.outcome import Outcome
from store import tables as t
from store.db import Db
from tests.jobs.bench import GROUPS, LATER, Bench, Resolving, make_bench, to_students
from tests.jobs.test_job_many import KEY, Persons, phone, write

LIST = (0, 1, 11, 21)
PAGE_502 = "<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center></body></html>"
LOST = SendError(Outcome.UNCERTAIN, "对方服务器答复异常（HTTP 502）", code="HTTP 502", raw=PAGE_502)


@pytest.fixture
def bench(sqlite_db: Db) -> Iterator[Bench]:
    made = make_bench(sqlite_db)
    yield made
    made.close()


@pytest.fixture
def doubt(bench: Bench) -> Bench:
    """A group's push whose answer was a page."""
    bench.target("Q1", members=168)
    bench.vendor.says(GROUPS, LOST)
    bench.publish(to_students(title="关于评奖的公示"))
    bench.deliver()
    return bench


@pytest.fixture
def list_in_doubt(bench: Bench, tmp_path: Path) -> Bench:
    """Four persons in one call: one was taken, of three nobody knows."""
    write(tmp_path, LIST)
    bench.use(Persons, addresses=10, person="手机号", resolvable=False)
    bench.office.people, bench.office.seal_key = People(tmp_path), KEY
    bench.target("Q1", address="名单:学生")
    bench.vendor.says(GROUPS, [Sent(address=phone(0), outcome=Outcome.ACCEPTED, vendor_id="v")])
    bench.publish(to_students(title="关于评奖的公示"))
    bench.deliver()
    return bench


def told(bench: Bench, capsys: pytest.CaptureFixture[str]) -> str:
    desk.show(bench.office, False)
    return capsys.readouterr().out


def test_the_evidence_stands_beside_it_what_to_whom_when_and_what_was_answered(
    doubt: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    out = told(doubt, capsys)
    [push] = doubt.rows(t.pushes)
    mark = Bundle(key=push.push_key, school="", pieces=()).mark
    assert "推送 1　学生群（Q1），渠道groups" in out and "整个群或账号，168 人" in out
    assert f"关于评奖的公示（标记{mark}）" in out
    assert "2020-09-10 09:00（北京时间）开始" in out
    assert "发送：结果待定，对方服务器答复异常（HTTP 502）" in out
    assert "平台答复：一个网页（502 Bad Gateway），不是平台的正常答复" in out and "<html>" not in out
    assert f"打开“学生群”，看 09-10 09:00 之后有没有末尾带标记{mark}的这一条" in out
    assert "还会自动核实" not in out and "--person" not in out


def test_what_a_look_has_found_and_that_the_bot_looks_again_is_told(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.use(Resolving)
    bench.vendor.says(GROUPS, LOST)
    bench.vendor.resolutions.append(LATER)
    bench.publish(to_students())
    bench.deliver()
    bench.track()
    out = told(bench, capsys)
    assert f"现在      {LATER.reason}" in out and "公开达还会自动核实" in out


def test_persons_are_grouped_and_masked_and_what_was_said_of_all_stands_once(
    list_in_doubt: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    out = told(list_in_doubt, capsys)
    assert "4 人中 3 人结果待定：…01、…11、…21" in out and out.count("推送 1　") == 1
    assert "发送，3 人：结果待定，答复中没有这个地址" in out and "--person" in out
    assert not any(phone(n) in out for n in LIST)


def test_one_word_settles_the_whole_push_and_is_written_down_with_what_was_seen(
    list_in_doubt: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    [seen] = in_doubt(list_in_doubt.office)
    desk.decide(list_in_doubt.office, "delivered", 1, "")
    assert "已记录推送 1 的 3 人次：人工核实：已发出" in capsys.readouterr().out
    assert list_in_doubt.statuses() == ["accepted"] + ["delivered"] * 3
    assert {row.basis for row in list_in_doubt.rows(t.deliveries)[1:]} == {"人工登记"}
    [act] = list_in_doubt.rows(t.acts)
    assert (act.act, act.subject, act.digest) == ("判断 delivered", "推送 1", seen.digest)
    assert act.at == list_in_doubt.clock.now and act.person
    assert in_doubt(list_in_doubt.office) == []
    assert all(row.cleared_at for row in list_in_doubt.rows(t.alarms) if row.subject.startswith("待定"))


@pytest.mark.parametrize("whom", [phone(11), "…11", "011"])
def test_one_person_can_be_judged_alone_however_she_is_named(
    list_in_doubt: Bench, whom: str, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.decide(list_in_doubt.office, "resend", 1, whom)
    assert "1 人次：人工核实：没有发出，重新发送，还有 2 人待定" in capsys.readouterr().out
    assert list_in_doubt.statuses() == ["accepted", "uncertain", "queued", "uncertain"]
    [act] = list_in_doubt.rows(t.acts)
    assert act.subject == "推送 1，接收人 …11"
    list_in_doubt.deliver()
    assert list_in_doubt.vendor.calls[-1].addresses == (phone(11),)
    assert not all(row.cleared_at for row in list_in_doubt.rows(t.alarms) if row.subject.startswith("待定"))


def test_words_that_mean_nobody_or_several_change_nothing(list_in_doubt: Bench) -> None:
    with pytest.raises(DeskError, match="没有此人"):
        desk.decide(list_in_doubt.office, "drop", 1, phone(9))
    with pytest.raises(DeskError, match="…01、…11、…21），请写完整"):
        desk.decide(list_in_doubt.office, "drop", 1, "1")
    with pytest.raises(DeskError, match="没有结果待定的接收人"):
        desk.decide(list_in_doubt.office, "drop", 99, "")
    with pytest.raises(DeskError, match="没有“yes”这种判断"):
        desk.decide(list_in_doubt.office, "yes", 1, "")
    assert list_in_doubt.rows(t.acts) == []


def test_json_has_the_evidence_and_no_persons_number(list_in_doubt: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    desk.show(list_in_doubt.office, True)
    out = capsys.readouterr().out
    [push] = json.loads(out)
    assert push["push_id"] == 1 and [each["whom"] for each in push["persons"]] == ["…01", "…11", "…21"]
    assert push["digest"] == in_doubt(list_in_doubt.office)[0].digest
    assert push["said"][0]["addresses"] == 3 and push["begun_at"].endswith("+08:00")
    assert not any(phone(n) in out for n in LIST)


def test_nothing_in_doubt_says_so(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert "没有结果不明、需要判断的推送" in told(bench, capsys)
