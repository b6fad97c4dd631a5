"""The whole line on real input: a school year replayed over real HTTP, held against the sandbox's own books."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, update

from demo import clerk
from demo.books import _compare, leaked
from demo.deeds import UNREVIEWED, outage_of
from demo.replay import SAMPLE, NotADemo, Replay, opened
from demo.result import Result, pushes, result_of
from demo.stage import Stage
from demo.trouble import Trouble, _ended
from rules.dates import SHANGHAI, day_of
from rules.states import Status
from store import tables as t
from store.db import Db
from store.migrate import upgrade

# What Apprise imports when it is first used.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

#: The sample's good rows, the one approved in the queue, and four of the clerk's own sheet.
CATEGORIES = {
    "学校工作的重大事项": 147 + 2,
    "重大经济工作事项": 19,
    "党风廉政工作事项": 15,
    "涉及教职工切身利益的工作": 18,
    "学生管理工作中的重要事项": 114 + 3,
}
#: Groups and the account that a 教职工 item must never reach.
BEYOND_STAFF = ("A01", "Q01", "Q02", "Q03", "Q04", "Q05", "Q06")


def replayed(replay: Replay) -> Result:
    upgrade(replay.stage.office.db)
    before = pushes(replay)
    replay.run(lambda day, done: None)
    return result_of(replay, before, 0.0)


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Replay, Result]]:
    """The sample year, replayed once for all tests of this file."""
    under = tmp_path_factory.mktemp("year")
    with opened(SAMPLE, None, keep=False, under=under) as replay:
        yield replay, replayed(replay)


def test_the_year_has_318_items_in_the_five_categories(year: tuple[Replay, Result]) -> None:
    plain = year[1].as_json()
    assert plain["items"] == 313 + 5
    assert plain["categories"] == CATEGORIES
    assert sum(len(each["sub_items"]) for each in plain["reports"][0]["items"]["categories"]) == 21


def test_every_sum_holds_and_nothing_is_left_without_a_reason(year: tuple[Replay, Result]) -> None:
    result = year[1]
    assert all(report.checked for report in result.reports)
    assert result.unexplained == 0


def test_the_log_says_the_same_as_the_sandboxs_own_books(year: tuple[Replay, Result]) -> None:
    figures = {}
    for each in year[1].compared:
        assert each.equal, each
        figures[each.key] = (each.log, each.unit)
    assert (figures["wechat_oa"], figures["wecom_bot"], figures["onebot"]) == ((131, "次"), (159, "次"), (482, "次"))


def test_each_person_of_each_push_stands_once_in_the_vendors_book(year: tuple[Replay, Result]) -> None:
    """Six items to the cadres, three to the freshmen; less one who has left, and one who has opted out."""
    figures = {each.channel: (each.log, each.book, each.unit) for each in year[1].compared}
    six, three = 6 * 41, 3 * 40
    assert figures["sms_aliyun"] == (six, six, "人次")
    assert figures["sms_tencent"][:2] == (three - 2, three - 2)
    assert six - 6 < figures["wecom_app"][0] == figures["wecom_app"][1] < six


def test_a_person_who_got_it_twice_or_unasked_is_named() -> None:
    ours, books = ["13800000001 a", "13800000002 a"], ["13800000001 a", "13800000001 a", "13800000003 a"]
    found = _compare("sms_aliyun", ours, books)
    assert not found.equal
    assert (found.missing, found.doubled, found.unknown) == (("13800000002 a",), ("13800000001 a",), ("13800000003 a",))


def test_receipts_and_presses_come_through_the_door_and_end_with_their_basis(year: tuple[Replay, Result]) -> None:
    d = t.deliveries.c
    query = select(d.channel, d.status, d.basis, func.count()).group_by(d.channel, d.status, d.basis)
    with year[0].stage.office.db.read() as conn:
        counts = {tuple(row[:3]): row[3] for row in conn.execute(query)}
        unapplied = conn.scalar(select(func.count()).where(t.receipts.c.applied_at.is_(None)))
    # Every number but the empty one, the silent one, the one that was off once, the one that opted out.
    assert counts["sms_aliyun", "delivered", "手机回执"] == 6 * 39 - 1
    assert counts["sms_aliyun", "failed", ""] == 6 + 1
    assert counts["sms_aliyun", "accepted", ""] == 6
    assert counts["sms_tencent", "delivered", "手机回执"] == 3 * 40 - 2
    assert counts["sms_tencent", "failed", ""] == 2
    assert counts["wecom_app", "failed", ""] == 1
    assert counts["wecom_app", "delivered", "逐人回执"] >= 6 * 13
    assert counts["wecom_app", "accepted", ""] > counts["wecom_app", "delivered", "逐人回执"]
    assert unapplied == 0


def test_the_lists_of_persons_lie_in_the_demonstrations_own_folder(year: tuple[Replay, Result]) -> None:
    people = year[0].stage.office.people
    assert people is not None
    assert people.folder == year[0].stage.register.parent / "名单"
    assert len(people.addresses("名单:中层干部", "手机号")) == 41


def test_a_push_that_failed_where_it_should_have_arrived_is_not_called_solved() -> None:
    def nothing(stage: Stage, target: str) -> None: ...

    trouble = Trouble(date(2020, 9, 1), "关机", "sms_aliyun", "D01", nothing, fails=("13800000007",))
    good, bad = Status.DELIVERED, Status.FAILED
    for ends, solved in (
        ({"13800000001": good, "13800000007": bad}, True),
        ({"13800000001": good, "13800000007": good}, False),
        ({"13800000001": bad, "13800000007": bad}, False),
        ({"13800000001": Status.UNCERTAIN, "13800000007": bad}, False),
        ({}, False),
    ):
        assert _ended(trouble, ends, ()).solved is solved, ends


def test_every_trouble_struck_and_was_solved(year: tuple[Replay, Result]) -> None:
    assert len(year[1].troubles) == 8 + 7 + 4 + 3 + 3
    assert all(each.solved for each in year[1].troubles)
    steps = " ".join(step for each in year[1].troubles for step in each.steps)
    for word in ("此前已受理同一编号", "45009", "禁言", "QQ端回报群内已出现此条", "确认未发出"):
        assert word in steps
    assert steps.count("PhoneNumberInBlacklist") == 1
    for word in (
        "四小时内不会重复下发",
        "账号不存在",
        "免打扰名单",
        "关机",
        "拉黑",
        "十分钟内不会重复下发",
        "人工核实",
        "稍后再",
    ):
        assert word in steps


def test_while_the_first_account_is_offline_the_second_sends_and_says_so(year: tuple[Replay, Result]) -> None:
    [offline] = [each for each in year[1].troubles if "主账号掉线" in each.name]
    assert "由备用账号发出（主账号：" in " ".join(offline.steps)
    sent = [each for each in year[0].stage.sandbox.books()["qq"] if str(each["user_id"]) == "10000002"]
    assert sent and {each["at"][:10] for each in sent} <= {offline.day, _day_after(offline.day)}


def _day_after(day: str) -> str:
    return str(date.fromisoformat(day) + timedelta(days=1))


def test_what_goes_to_a_groups_board_stands_there_once_and_not_among_its_messages(year: tuple[Replay, Result]) -> None:
    books = year[0].stage.sandbox.books()
    boards = [each["text"] for each in books["notices"]]
    assert len(boards) > 5 and len(boards) == len(set(boards))
    assert {each["group_id"] for each in books["notices"]} == {"700000005"}
    [lost] = [each for each in year[1].troubles if "群公告" in each.name]
    assert lost.steps[-1].startswith("核实")


def test_each_figure_of_the_schools_pages_is_what_the_site_showed_and_no_visit_was_counted(
    year: tuple[Replay, Result],
) -> None:
    books, compared = year[0].stage.sandbox.books(vendor="site"), {each.key: each for each in year[1].compared}
    assert books["beacons"] == []
    assert compared["website"].log == compared["website"].book == len(books["site"]) > 10
    days = {each["at"][:10] for each in books["site"]}
    assert "2020-09-08" not in days and "2020-09-09" in days  # the site answered 502 on the day of the look


def test_the_duty_phones_book_holds_each_reminder_it_heard(year: tuple[Replay, Result]) -> None:
    [phone] = [each for each in year[1].compared if each.channel == "alarm_url"]
    assert phone.equal and phone.log > 5


def test_what_a_person_published_on_the_account_is_found_and_counts_under_its_own_name(
    year: tuple[Replay, Result],
) -> None:
    [ours] = [each for each in year[1].compared if each.key == "wechat_oa:人工发表"]
    assert ours.equal and ours.log == 2  # one publishes an item, the other is the account's own
    booked = [each for each in year[1].reports[0].channels if each.name == "wechat_oa" and each.origin == "booked"]
    assert [each.items for each in booked] == [1]


def test_a_trouble_at_one_person_ends_as_it_must_for_that_one_and_well_for_the_others(
    year: tuple[Replay, Result],
) -> None:
    ended = {each.name: (each.got, each.failed) for each in year[1].troubles if each.got + each.failed > 1}
    parents, others = [(11, 1), (12, 0)], [(39, 1), (39, 2), (40, 0), *[(40, 1)] * 3, *[(41, 0)] * 4]
    assert sorted(ended.values()) == parents + others


def test_what_persons_do_is_in_the_log_as_they_wrote_it_down_and_late_ones_were_chased(
    year: tuple[Replay, Result],
) -> None:
    figures = {each.channel: (each.log, each.book) for each in year[1].compared}
    assert figures["manual"][0] == figures["manual"][1] > 10
    assert figures["wecom_chat"] == (6, 6)
    a = t.alarms.c
    with year[0].stage.office.db.read() as conn:
        late = list(conn.scalars(select(a.text).where(a.subject.startswith("交办逾期"))))
        posted = conn.scalar(
            select(func.count()).select_from(t.handoffs).join(t.deliveries, t.deliveries.c.id == t.handoffs.c.delivery_id)
            .where(t.deliveries.c.channel == "manual")
        )  # fmt: skip
    assert late and "学校办公室李老师" in late[0] and posted == figures["manual"][0]


def test_each_letter_stands_once_in_the_mail_servers_book(year: tuple[Replay, Result]) -> None:
    figures = {each.channel: (each.log, each.book) for each in year[1].compared}
    assert figures["email"] == (6 * 41 - 1, 6 * 41 - 1)  # but for the one whose mailbox was not there


def test_what_stands_on_the_schools_site_is_booked_once_and_counts_under_its_own_name(
    year: tuple[Replay, Result],
) -> None:
    [site] = [each for each in year[1].reports[0].channels if each.name == "website" and each.origin == "booked"]
    assert site.items == site.due == site.results["成功"] == 11  # those whose rows give their own 公开日期


def test_a_parent_who_has_asked_gets_each_notice_once(year: tuple[Replay, Result]) -> None:
    books = year[0].stage.sandbox.books(vendor="wechat_notice")["wechat_notices"]
    got = [(line["openid"], line["client_id"]) for line in books]
    assert len(got) == len(set(got)) == 15 * 12 - 1  # but for the one who had put the account on the black list


def test_what_the_vendor_executed_before_the_answer_was_lost_was_sent_once(year: tuple[Replay, Result]) -> None:
    books = year[0].stage.sandbox.books(vendor="wecom_app")
    assert len(books["wecom_repeats"]) == 1  # the resend came, and the vendor's duplicate check held it back
    lost = [each for each in year[1].troubles if "查发送记录" in each.name]
    assert any(step.startswith("核实：手机已收到") for step in lost[0].steps)


def test_a_staff_item_reaches_no_student_group_no_school_group_and_no_article(year: tuple[Replay, Result]) -> None:
    replay, _ = year
    with replay.stage.office.db.read() as conn:
        rows = conn.execute(
            select(t.versions.c.title, t.versions.c.audience, t.placements.c.target)
            .join(t.placements, t.placements.c.version_id == t.versions.c.id)
        ).all()  # fmt: skip
    staff = {row.title: row for row in rows if row.audience == ["教职工"]}
    assert len(staff) > 20
    assert not [row for row in rows if row.audience == ["教职工"] and row.target in BEYOND_STAFF]
    books = replay.stage.sandbox.books()
    said = json.dumps([books["qq"], books["wechat"]], ensure_ascii=False)
    shared = {row.title for row in rows if row.audience != ["教职工"]}
    assert not [title for title in staff if title not in shared and title in said]


def test_every_rule_of_the_office_was_rehearsed_and_kept(year: tuple[Replay, Result]) -> None:
    figures = {each.name: each for each in year[1].figures}
    assert all(each.kept for each in figures.values()), figures
    ones = {name: figures[name].value for name in ("held", "released", "returned", "urgent", "timed")}
    assert ones == dict.fromkeys(ones, 1)
    assert figures["approved"].value == 3
    assert figures["late"].value > 3 and figures["confirmed"].value > 3


def test_what_the_guard_holds_stands_in_no_book_and_its_secret_not_even_in_a_reminder(
    year: tuple[Replay, Result],
) -> None:
    sandbox = year[0].stage.sandbox
    said = json.dumps(sandbox.books() | sandbox.books(vendor="wecom_app"), ensure_ascii=False)
    assert clerk.ROWS[clerk.RELEASED]["标题"] in said
    assert clerk.ID_NUMBER not in said
    assert leaked(year[0].stage) == []


def test_a_held_item_that_got_out_would_be_named(year: tuple[Replay, Result]) -> None:
    """The other item that was held is out: taken for held again, it is found."""
    stage, s, v = year[0].stage, t.scans.c, t.versions.c
    with stage.office.db.write() as conn:
        released = conn.scalar(select(s.version_id).where(s.released_at.is_not(None)))
        conn.execute(update(t.versions).where(v.id == released).values(guard="再次拦下"))
    try:
        assert any(clerk.ROWS[clerk.RELEASED]["标题"][:12] in each for each in leaked(stage))
    finally:
        with stage.office.db.write() as conn:
            conn.execute(update(t.versions).where(v.id == released).values(guard=""))


def test_the_urgent_item_is_out_at_night_and_nothing_left_in_the_outage(year: tuple[Replay, Result]) -> None:
    replay, _ = year
    with replay.stage.office.db.read() as conn:
        taken = list(conn.scalars(select(t.placements.c.taken_at).where(t.placements.c.origin == "bot")))
        urgent = select(t.placements.c.taken_at).join(t.items, t.items.c.id == t.placements.c.item_id)
        nights = set(conn.scalars(urgent.where(t.items.c.urgent_at.is_not(None))))
    assert {f"{moment.astimezone(SHANGHAI):%m-%d %H:%M}" for moment in nights} == {"11-10 21:50"}
    away = outage_of(replay.start)
    assert not [moment for moment in taken if moment is not None and away.holds(day_of(moment))]


def test_every_mistake_in_the_sheets_is_named_with_its_row_or_waits_for_its_review(
    year: tuple[Replay, Result],
) -> None:
    planted = json.loads((SAMPLE / "mistakes.json").read_text(encoding="utf-8"))["mistakes"]
    [queued] = [each for each in planted if each["kind"] == "no_review"]
    assert queued["number"] == UNREVIEWED  # approved by name in the queue
    planted.remove(queued)
    named = {(each.place.file, each.place.row) for each in year[1].problems}
    for mistake in planted:
        rows = {(mistake["file"], mistake["row"]), (mistake["file"], 0)}
        assert rows & named, mistake
    assert len(named) == len(planted)


def test_the_list_of_problems_is_a_sheet_the_clerk_can_open(year: tuple[Replay, Result]) -> None:
    replay, result = year
    (sheet,) = replay.problem_sheets()
    rows = list(load_workbook(sheet).active.iter_rows(values_only=True))
    assert len(rows) >= len(result.problems) + 1
    assert any("九月下旬" in str(cell) for row in rows for cell in row)


def test_no_group_is_written_to_outside_its_hours_or_more_than_twice_a_day(year: tuple[Replay, Result]) -> None:
    days: dict[tuple[str, str], int] = {}
    books = year[0].stage.sandbox.books()
    for message in [*books["robot"], *books["qq"]]:
        if "【公开#" not in message["text"] or "值班提醒" in message["text"]:
            continue
        if clerk.ROWS[clerk.URGENT]["标题"] not in message["text"]:
            assert "08:00" <= message["at"][11:16] < "20:00", message["at"]
        key = (message["name"], message["at"][:10])
        days[key] = days.get(key, 0) + 1
    assert max(days.values()) <= 2


def test_the_account_sends_at_most_once_a_day_and_at_most_eight_articles(year: tuple[Replay, Result]) -> None:
    sent = [each for each in year[0].stage.sandbox.books()["wechat"] if each["how"] != "person"]
    days = [each["at"][:10] for each in sent]
    assert len(days) == len(set(days))
    assert max(len(each["articles"]) for each in sent) == 8


def _some_rows(folder: Path, keep: int) -> Path:
    """The sample's .csv with its header and `keep` rows: the clerk's own folder."""
    folder.mkdir()
    lines = (SAMPLE / "学生工作处报送.csv").read_bytes().split(b"\r\n")
    (folder / "报送.csv").write_bytes(b"\r\n".join(lines[: keep + 1]) + b"\r\n")
    return folder


def test_figures_follow_the_rows_of_any_folder(tmp_path: Path) -> None:
    counts = []
    for keep in (12, 20):
        folder = _some_rows(tmp_path / f"rows{keep}", keep)
        with opened(folder, None, keep=False, under=tmp_path / f"demo{keep}") as replay:
            result = replayed(replay)
            assert result.good
            counts.append(result.as_json()["items"])
    assert counts == [12, 20]


def test_what_persons_have_posted_stands_in_a_notebook_that_outlives_the_run(year: tuple[Replay, Result]) -> None:
    stage, d = year[0].stage, t.deliveries.c
    done = select(d.push_id).join(t.handoffs, t.handoffs.c.delivery_id == d.id).where(d.channel == "manual")
    with stage.office.db.read() as conn:
        ours = {str(each) for each in conn.scalars(done)}
    assert set(stage.notebook.read_text("utf-8").split()) == ours != set()


def test_replaying_it_again_over_the_same_store_pushes_nothing(db: Db, tmp_path: Path) -> None:
    """On each database: a fresh one, then the same one again."""
    url = db.engine.url.render_as_string(hide_password=False)
    t.metadata.drop_all(db.engine)
    folder = _some_rows(tmp_path / "rows", 15)
    pushed: list[Any] = []
    for _ in range(2):
        with opened(folder, url, keep=True, under=tmp_path / "demo") as replay:
            result = replayed(replay)
            assert result.good
            pushed.append((result.pushed_now > 0, result.as_json()["items"]))
    assert pushed == [(True, 15), (False, 15)]


def test_a_database_with_anything_but_a_demo_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{(tmp_path / 'real.sqlite3').as_posix()}"
    real = Db(url)
    upgrade(real)
    real.close()
    with pytest.raises(NotADemo), opened(SAMPLE, url, keep=True, under=tmp_path):
        pass
