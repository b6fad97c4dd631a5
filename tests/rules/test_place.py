"""Places where a person posts or reads out: who sees them, what may be counted, until when."""

from __future__ import annotations

from datetime import date

import pytest

from rules.audience import SCHOOL
from rules.place import CLOSED_PLACES, OPEN_PLACES, deadline_of, kind_of, place_exposure, why_no_amount, within
from tests.factory import moment


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("公告栏:一号楼大厅", "公告栏"),
        ("会议：教职工大会", "会议"),
        (" 电子屏 : 图书馆", "电子屏"),
        ("一号楼大厅", ""),
        ("公告栏:", ""),
    ],
)
def test_the_form_of_a_place_stands_before_its_colon(address: str, kind: str) -> None:
    assert kind_of(address) == kind


def test_whoever_walks_by_reads_a_board_and_only_those_inside_hear_a_meeting() -> None:
    assert {place_exposure(kind) for kind in OPEN_PLACES} == {SCHOOL}
    assert {place_exposure(kind) for kind in CLOSED_PLACES} == {None}


@pytest.mark.parametrize("kind", ["", "布告墙", "公告"])
def test_a_form_nobody_knows_is_taken_for_the_wider(kind: str) -> None:
    assert place_exposure(kind) == SCHOOL


def test_the_day_of_the_hand_off_is_not_counted() -> None:
    assert deadline_of(moment("2020-09-10", "23:30"), 3) == date(2020, 9, 13)


def test_nobody_has_to_count() -> None:
    assert why_no_amount(None, "") == "" and why_no_amount(3, "份") == ""
    assert "份、场、人次、处" in why_no_amount(3, "")


def test_an_hour_that_is_a_guess_lies_between_the_hand_off_and_now() -> None:
    made, now = moment("2020-09-10", "15:00"), moment("2020-09-10", "17:00")
    assert within(moment("2020-09-10", "12:00"), now, made) == made
    assert within(moment("2020-09-10", "20:00"), now, made) == now
    assert within(moment("2020-09-10", "16:00"), now, made) == moment("2020-09-10", "16:00")
