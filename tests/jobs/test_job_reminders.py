"""Reminders to persons: a mailbox, a list of mailboxes, an address of Apprise; and that no item follows them there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from channels import make
from channels.base import Sent
from config.people import People
from desk.why import lines, tell
from jobs import orders
from jobs.deliver import deliver
from rules.audience import REMINDERS_ONLY
from rules.outcome import Outcome
from rules.routing import Route
from rules.states import Status
from store import facts
from store import tables as t
from tests.channels.servers import Sandbox, running_sandbox
from tests.jobs.bench import GROUPS, Bench, Recorder, setting, to_staff, to_students

PEOPLE = [f"t{n:03d}@example.edu.cn" for n in range(1, 4)]


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with running_sandbox() as sandbox:
        yield sandbox


def listed(bench: Bench, folder: Path, people: list[str], **limits: Any) -> None:
    """The people on duty are a list of persons."""
    (folder / "值班.csv").write_text("\n".join(["姓名,邮箱", *(f"某,{each}" for each in people)]), encoding="utf-8")
    bench.office.people = People(folder)
    bench.use(Recorder, "duty", person="邮箱", **limits)
    bench.target("D1", address="名单:值班")


def trouble(bench: Bench) -> None:
    bench.vendor.says(GROUPS, Outcome.REFUSED)
    bench.publish(to_students())
    bench.deliver()


def heard(bench: Bench) -> list[tuple[str, ...]]:
    return [call.addresses for call in bench.vendor.calls if call.channel == "duty"]


def test_a_list_hears_person_by_person_in_calls_no_larger_than_the_channels(bench: Bench, tmp_path: Path) -> None:
    listed(bench, tmp_path, PEOPLE, addresses=2)
    trouble(bench)
    assert [bench.sweep().told for _ in range(2)] == [1, 0]
    assert heard(bench) == [tuple(PEOPLE[:2]), tuple(PEOPLE[2:])]


@pytest.mark.parametrize(("outcomes", "told"), [
    ([Outcome.ACCEPTED, Outcome.REFUSED, Outcome.REFUSED], 1), ([Outcome.REFUSED, Outcome.UNCERTAIN, Outcome.REFUSED], 1),
    ([Outcome.REFUSED, Outcome.UNAVAILABLE, Outcome.REFUSED], 0),
])  # fmt: skip
def test_it_counts_as_told_if_one_person_may_have_heard(
    bench: Bench, tmp_path: Path, outcomes: list[Outcome], told: int
) -> None:
    listed(bench, tmp_path, PEOPLE, addresses=3)
    trouble(bench)
    bench.vendor.says("duty", [Sent(address=p, outcome=o) for p, o in zip(PEOPLE, outcomes, strict=True)])
    assert bench.sweep().told == told


def test_a_list_that_cannot_be_read_is_passed_over_and_the_next_on_duty_hears(bench: Bench, tmp_path: Path) -> None:
    listed(bench, tmp_path, PEOPLE)
    (tmp_path / "值班.csv").unlink()
    bench.office.school = replace(bench.office.school, alarm_targets=("D1", "G1"))
    trouble(bench)
    assert bench.sweep().told == 1
    assert bench.vendor.calls[-1].addresses == ("g1",)


def phone(bench: Bench, url: str, **secrets: str) -> None:
    """An address of Apprise is on duty; a route that names it, by mistake."""
    made = make(setting("alarm_url", api_base=""), {"ALARM_URL_DUTY": url, **secrets}, bench.clock)
    channels = {**bench.office.school.channels, "alarm_url": setting("alarm_url")}
    bench.office.channels = {**bench.office.channels, "alarm_url": made}
    wrong = Route(name="写错的路由", targets=("P1",))
    routes = (wrong, *bench.office.school.routes)
    school = replace(bench.office.school, channels=channels, alarm_targets=("P1", "D1"), routes=routes)
    bench.office.school = school
    bench.target("P1", name="值班手机", channel="alarm_url", address="ALARM_URL_DUTY", audience="教职工")


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
def test_a_reminder_goes_to_an_apprise_address_without_a_title_and_once(bench: Bench, running: Sandbox) -> None:
    running.admin("reset", {})
    phone(bench, running.base.replace("http://", "json://") + "/alarm")
    bench.vendor.says(GROUPS, Outcome.REFUSED)
    bench.publish(to_staff(title="内部通报"))
    bench.deliver()
    assert [bench.sweep().told for _ in range(2)] == [1, 0]
    [told] = running.books()["alarms"]
    assert told["message"].startswith("条目 1 ") and "内部通报" not in told["message"]
    assert heard(bench) == []


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
def test_where_apprise_says_no_the_next_on_duty_hears_in_the_same_run(bench: Bench) -> None:
    phone(bench, "json://127.0.0.1:1/alarm")
    trouble(bench)
    assert bench.sweep().told == 1
    assert heard(bench) == [("d1",)]


def test_no_item_goes_to_an_apprise_address_and_why_says_so(bench: Bench) -> None:
    phone(bench, "json://127.0.0.1:1/alarm")
    assert bench.office.exposure(bench.office.school.targets["P1"]) == REMINDERS_ONLY
    bench.publish(to_staff())
    assert bench.placed("P1") == []
    story = tell(bench.db, bench.office.school, 1)
    assert story is not None
    [line] = [line for line in lines(story, bench.office.school) if line.startswith("P1 ")]
    assert "不推送" in line and "只用于提醒值班人员" in line


def test_a_target_that_becomes_an_apprise_address_after_routing_gets_nothing_either(bench: Bench) -> None:
    bench.target("P1", channel=GROUPS, address="p1", audience="教职工")
    bench.office.school = replace(bench.office.school, routes=(Route(name="教职工", targets=("P1",)),))
    bench.enter(to_staff())
    bench.route()
    assert len(bench.placed("P1")) == 1
    phone(bench, "json://127.0.0.1:1/alarm")
    bench.plan()
    bench.deliver()
    assert deliver(bench.office, "alarm_url").claimed == 0
    assert bench.vendor.calls == []


# -- items by e-mail


def mail(bench: Bench, running: Sandbox, folder: Path, people: list[str]) -> None:
    """The group of the staff is a list of mailboxes, at the sandbox's server."""
    running.admin("reset", {})
    user = {"user": "xxgk@example.edu.cn", "password": "secret"}
    running.setup(mail_accounts=[user])
    (folder / "教职工.csv").write_text("\n".join(["姓名,邮箱", *(f"某,{each}" for each in people)]), encoding="utf-8")
    secrets = {"MAIL_USER": user["user"], "MAIL_PASSWORD": "secret", "XXGK_SEAL_KEY": "test-seal-key-0000000000"}
    set_as = setting("email", api_base=running.admin("healthz")["smtp"], options={"from": user["user"]})
    bench.office.people, bench.office.seal_key = People(folder), secrets["XXGK_SEAL_KEY"]
    bench.office.channels = {**bench.office.channels, "email": make(set_as, secrets, bench.clock)}
    bench.office.school = replace(bench.office.school, channels={**bench.office.school.channels, "email": set_as})
    bench.target("G1", channel="email", address="名单:教职工")
    with bench.db.write() as conn:
        facts.ensure_channels(conn, ["email"])


def rcpts(running: Sandbox) -> list[str]:
    return [line["rcpt"] for line in running.books()["mail"]]


def test_an_item_reaches_each_person_and_stays_submitted(bench3: Bench, running: Sandbox, tmp_path: Path) -> None:
    mail(bench3, running, tmp_path, PEOPLE)
    bench3.publish(to_staff())
    bench3.deliver("email")
    bench3.tick()
    assert rcpts(running) == PEOPLE
    assert bench3.statuses("email") == ["accepted"] * 3
    rows = bench3.rows(t.deliveries, channel="email")
    assert {row.not_before for row in rows} == {None}
    assert {row.reason for row in bench3.rows(t.outcomes)} == {"已提交（对方邮件服务器已接收）"}


def test_half_the_list_is_invalid_and_only_they_are_sent_again(bench: Bench, running: Sandbox, tmp_path: Path) -> None:
    bad = [f"nobody.{n}@example.edu.cn" for n in range(3)]
    mail(bench, running, tmp_path, [*PEOPLE, *bad])
    bench.publish(to_staff())
    bench.deliver("email")
    assert sorted(bench.statuses("email")) == ["accepted"] * 3 + ["failed"] * 3
    running.setup(mailboxes=[{"address": each} for each in bad])
    [push] = bench.rows(t.pushes)
    orders.send_again(bench.office, push.id, "王老师")
    bench.deliver("email")
    assert sorted(rcpts(running)) == sorted([*PEOPLE, *bad])


def test_a_letter_whose_answer_was_lost_waits_for_a_person_and_the_rest_goes(
    bench: Bench, running: Sandbox, tmp_path: Path
) -> None:
    mail(bench, running, tmp_path, PEOPLE)
    running.fault("mail.END", "after", skip=1)
    bench.publish(to_staff())
    for _ in range(3):
        bench.deliver("email")
        bench.tick()
        bench.clock.forward(minutes=5)
    by = {row.address: row.status for row in bench.rows(t.deliveries, channel="email")}
    assert by == dict(zip(PEOPLE, [Status.ACCEPTED, Status.UNCERTAIN, Status.ACCEPTED], strict=True))
    assert sorted(rcpts(running)) == PEOPLE


def test_a_wrong_password_pauses_the_channel_and_nothing_is_lost(
    bench: Bench, running: Sandbox, tmp_path: Path
) -> None:
    mail(bench, running, tmp_path, PEOPLE)
    running.setup(mail_accounts=[{"user": "xxgk@example.edu.cn", "password": "changed"}])
    bench.publish(to_staff())
    bench.deliver("email")
    assert bench.statuses("email") == ["queued"] * 3
    [channel] = [row for row in bench.rows(t.channels) if row.name == "email"]
    assert channel.paused_at is not None and rcpts(running) == []
