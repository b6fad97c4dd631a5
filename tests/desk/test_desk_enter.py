"""`bot.py enter`: one item typed in, told at once what is wrong with it, stored whole or not at all."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import select

from desk import enter as desk
from rules.item import OPEN, Entry
from rules.school import Column
from sources import make
from sources.base import Fetched, Opens
from store import tables as t
from tests.desk.conftest import Front

WATCH = '\n[[watch]]\nname = "手工登记"\nkind = "entry"\nplace = "var/手工登记"\nevery = "1m"\n'
GOOD = {
    "--title": "关于印发章程的通知",
    "--department": "学校办公室",
    "--category": "学校工作的重大事项",
    "--sub-item": "重要改革举措和有关政策",
    "--disclosure": "主动公开",
    "--audience": "社会",
    "--formed-on": "2020-09-01",
    "--url": "https://www.example.edu.cn/1.htm",
}


@pytest.fixture
def typing(front: Front) -> Front:
    path = front.home / "config" / "school.toml"
    path.write_text(path.read_text("utf-8") + WATCH, "utf-8")
    return front


def enter(front: Front, *more: str, **changes: str | None) -> Result:
    options = {**GOOD, **{f"--{name.replace('_', '-')}": value for name, value in changes.items()}}
    return front(
        "enter", *(word for name, value in options.items() if value is not None for word in (name, value)), *more
    )


def place(front: Front) -> Path:
    return front.home / "var" / "手工登记"


def stored(front: Front) -> list[str]:
    return sorted(path.name for path in place(front).rglob("*") if path.is_file())


def fetched(front: Front, cursor: Any = None) -> Fetched:
    column = Column(name="手工登记", kind="entry", place=str(place(front)))
    return make(column, lambda: datetime.now(UTC), {}).fetch(cursor)


def only(found: Fetched) -> Entry:
    [entry] = found.entries
    return entry


def test_an_item_is_stored_as_the_watch_reads_every_other(typing: Front) -> None:
    done = enter(typing)
    assert done.exit_code == 0, done.output
    [name] = stored(typing)
    assert f"已登记 {name.removesuffix('.json')}：“关于印发章程的通知”" in done.output
    assert "先审查、后公开" in done.output
    found = fetched(typing)
    entry = only(found)
    assert found.problems == ()
    assert (entry.title, entry.department, entry.disclosure, entry.audience) == (
        "关于印发章程的通知",
        "学校办公室",
        OPEN,
        ("社会",),
    )
    assert (str(entry.formed_on), entry.url, entry.review, entry.problems) == ("2020-09-01", GOOD["--url"], None, ())
    assert entry.number == name.removesuffix(".json")


def test_without_a_review_nothing_of_it_leaves(typing: Front) -> None:
    enter(typing)
    done = typing("once", "all")
    assert done.exit_code == 0, done.output
    with typing.db().read() as conn:
        assert conn.execute(select(t.pushes)).all() == []


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"title": None}, "标题"),
        ({"title": "=SUM(A1)"}, "标题"),
        ({"department": None}, "责任部门"),
        ({"category": "没有的大类"}, "大类"),
        ({"sub_item": "没有的小项"}, "小项"),
        ({"disclosure": "公开"}, "公开属性"),
        ({"audience": None}, "受众范围"),
        ({"audience": "教职工"}, "校内公开理由"),
        ({"formed_on": "昨天"}, "形成日期"),
        ({"url": "内网"}, "链接"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_once_and_nothing_is_stored(
    typing: Front, changes: dict[str, str | None], column: str
) -> None:
    done = enter(typing, **changes)
    assert done.exit_code == 1
    assert column in done.output
    assert "没有登记" in done.output
    assert stored(typing) == []


def test_everything_wrong_is_told_in_one_answer(typing: Front) -> None:
    done = enter(typing, department=None, disclosure=None, formed_on="昨天")
    assert [column in done.output for column in ("责任部门：", "公开属性：", "形成日期：")] == [True] * 3


def test_attachments_are_copied_beside_and_can_be_opened(typing: Front, tmp_path: Path) -> None:
    first, second = tmp_path / "名单；一.pdf", tmp_path / "甲、乙.docx"
    first.write_bytes(b"1")
    second.write_bytes(b"2")
    done = enter(typing, "--attachment", str(first), "--attachment", str(second))
    assert done.exit_code == 0, done.output
    entry = only(fetched(typing))
    assert entry.problems == ()
    assert [each.name for each in entry.attachments] == ["名单_一.pdf", "甲、乙.docx"]
    assert all(
        sha256(content).hexdigest() in each.url for each, content in zip(entry.attachments, (b"1", b"2"), strict=True)
    )
    source = make(Column(name="手工登记", kind="entry", place=str(place(typing))), lambda: datetime.now(UTC), {})
    assert isinstance(source, Opens)
    assert [source.open(str(entry.place), each) for each in entry.attachments] == [b"1", b"2"]


def test_two_attachments_of_one_name_are_refused(typing: Front, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "表.pdf").write_bytes(b"1")
    done = enter(typing, "--attachment", str(tmp_path / "a" / "表.pdf"), "--attachment", str(tmp_path / "b" / "表.pdf"))
    assert (done.exit_code, "重名" in done.output, stored(typing)) == (1, True, [])


def test_a_change_keeps_the_number_and_the_rest(typing: Front) -> None:
    number = json.loads(enter(typing, "--json").output)["编号"]
    first = fetched(typing)
    done = typing("enter", "--change", number, "--title", "关于印发新章程的通知")
    assert done.exit_code == 0, done.output
    again = only(fetched(typing, first.cursor))
    assert (again.number, again.title, again.department) == (number, "关于印发新章程的通知", "学校办公室")
    assert stored(typing) == [f"{number}.json"]


@pytest.mark.parametrize("number", ["手工-19990101-01", "../../config/school", "附件/x", ""])
def test_a_change_of_what_was_never_typed_in_is_refused(typing: Front, number: str) -> None:
    enter(typing)
    before = stored(typing)
    done = typing("enter", "--change", number, "--title", "别的")
    assert (done.exit_code, "没有编号为" in done.output) == (1, True)
    assert stored(typing) == before


def test_a_wrong_change_leaves_what_was_there(typing: Front) -> None:
    number = json.loads(enter(typing, "--json").output)["编号"]
    assert typing("enter", "--change", number, "--audience", "火星").exit_code == 1
    assert only(fetched(typing)).audience == ("社会",)


def test_many_who_type_at_once_get_a_number_each(tmp_path: Path) -> None:
    clock, row = datetime(2020, 9, 10, 4, tzinfo=UTC), dict.fromkeys(desk.COLUMNS, "")
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda n: desk._write(tmp_path, None, {**row, "标题": f"第{n}件"}, (), clock), range(40)))
    assert len({path.name for path in done}) == 40
    assert {json.loads(path.read_text("utf-8"))["标题"] for path in done} == {f"第{n}件" for n in range(40)}
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in done}


def test_without_a_place_for_it_the_fix_is_told(front: Front) -> None:
    done = enter(front)
    assert (done.exit_code, 'kind = "entry"' in done.output) == (1, True)


def test_the_settings_take_the_folder_from_the_bot_s_own(typing: Front) -> None:
    found = json.loads(typing("check", "--json").output)
    assert [each["ok"] for each in found if each["key"] == "watch.手工登记"] == [True]
    assert not [each for each in found if "栏目审核" in each["text"]]


def test_a_typed_item_waits_in_the_review_queue(typing: Front) -> None:
    enter(typing)
    assert "新增 1 条" in typing("once", "watch").output
    assert "关于印发章程的通知" in typing("review").output
    assert "手工-" not in typing("items", "--problems").output
