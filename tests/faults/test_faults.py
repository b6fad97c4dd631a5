"""Every channel under every fault: nobody gets a push twice, and nobody is lost in silence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from channels import REGISTRY, http
from rules.states import TAKEN, Status
from store.db import Db
from tests.channels.servers import ROOT, Sandbox, running_sandbox
from tests.faults.ground import Ground, expected
from tests.faults.model import Cell, Fault, Never, Row
from tests.faults.table import missing, page, rows_of

TABLE = rows_of(REGISTRY)
PAGE = ROOT / "docs" / "故障对照表.md"
CELLS = [(row, fault) for rows in TABLE.values() for row in rows for fault in row.cells]
HAPPENS = [each for each in CELLS if isinstance(each[0].cells[each[1]], Cell)]
PROVED = [(row, fault) for row, fault in CELLS if getattr(row.cells[fault], "proof", None) is not None]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as found:
        yield found


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as found:
        yield found
    http.transport().close()


def names(cells: list[tuple[Row, Fault]]) -> list[str]:
    return [f"{row.label}-{fault.name}" for row, fault in cells]


@pytest.mark.parametrize(("row", "fault"), HAPPENS, ids=names(HAPPENS))
def test_whatever_happens_nobody_gets_it_twice_and_nobody_is_lost_in_silence(
    row: Row, fault: Fault, sandbox: Sandbox, sqlite_db: Db, tmp_path: Path, stack: ExitStack
) -> None:
    wanted = row.cells[fault]
    assert isinstance(wanted, Cell)
    ground = Ground(row, sandbox, sqlite_db, tmp_path, stack)
    ground.walk(fault)
    assert ground.has_struck(fault), "it was never met"
    standing, booked = ground.standing(), ground.booked()
    ends, held = expected(row, wanted)
    assert [status for status, _ in standing.values()] == ends, standing
    assert set(booked) == held
    assert set(ground.asked) == ({wanted.person} if wanted.person else set()), ground.asked
    assert not wanted.person or any("结果待定" in text for text in ground.alarms()), "a doubt nobody was told of"
    assert all(n == 1 for n in booked.values()), f"twice: {booked}"
    _nobody_is_lost(row, standing, set(booked))


def _nobody_is_lost(row: Row, standing: dict[str, tuple[Status, str]], booked: set[str]) -> None:
    """Everybody is in the vendor's book, or stands in ours as not reached, with a reason that a person can read."""
    assert len(standing) == len(row.addresses), "somebody has no delivery"
    for address, (status, reason) in zip(row.addresses, standing.values(), strict=True):
        assert address in booked or status not in (*TAKEN, Status.HANDED), (
            f"{address} is {status} and was never sent to"
        )
        assert address in booked or reason, f"{address} is {status} and nobody knows why"


@pytest.mark.parametrize(("row", "fault"), PROVED, ids=names(PROVED))
def test_what_cannot_occur_is_proved(
    row: Row, fault: Fault, sandbox: Sandbox, sqlite_db: Db, tmp_path: Path, stack: ExitStack
) -> None:
    never = row.cells[fault]
    assert isinstance(never, Never) and never.proof is not None
    assert never.proof(Ground(row, sandbox, sqlite_db, tmp_path, stack)), never.why


def test_the_table_has_a_cell_for_every_channel_and_every_fault() -> None:
    lacking = missing(TABLE)
    assert not lacking, "\n".join(lacking)


def test_a_channel_without_rows_is_told_in_clear_words() -> None:
    [told] = missing(rows_of(["pigeon"]))
    assert "渠道 pigeon 在故障对照表里没有一行" in told and "tests/faults/rows/pigeon.py" in told


def test_the_page_for_the_office_is_the_table() -> None:
    """GOLDEN=write writes it anew, to be read before it is committed."""
    if os.environ.get("GOLDEN") == "write":
        PAGE.write_text(page(TABLE), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(TABLE)
