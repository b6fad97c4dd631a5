"""The running log is kept in Beijing's days and hours, whatever the server's clock is set to."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from desk import journal
from rules import outcome, states
from rules.dates import SHANGHAI
from rules.outcome import Outcome
from store.db import Db
from tests.jobs.bench import GROUPS, make_bench, to_staff, to_students

MIDNIGHT = datetime(2020, 9, 10, tzinfo=SHANGHAI).timestamp()


def a_record(created: float) -> logging.LogRecord:
    record = logging.LogRecord("xxgk", logging.INFO, "x.py", 1, "试", None, None)
    record.created, record.msecs = created, created % 1 * 1000
    return record


@pytest.fixture
def daily(tmp_path: Path) -> Iterator[journal._Daily]:
    made = journal._Daily(tmp_path / "xxgk.log")
    yield made
    made.close()


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Shanghai"])
def test_a_line_is_stamped_in_beijing_time(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    monkeypatch.setenv("TZ", zone)
    line = journal.Beijing("%(asctime)s %(message)s").format(a_record(MIDNIGHT + 61.5))
    assert line == "2020-09-10 00:01:01.500 试"


def test_a_day_ends_at_midnight_in_beijing(daily: journal._Daily) -> None:
    noon = MIDNIGHT + 12 * 3600
    assert daily.computeRollover(int(noon)) == MIDNIGHT + 24 * 3600
    assert daily.computeRollover(int(MIDNIGHT) - 1) == MIDNIGHT


def test_the_file_of_a_day_bears_its_date(daily: journal._Daily, tmp_path: Path) -> None:
    daily.rolloverAt = int(MIDNIGHT) + 24 * 3600
    daily.doRollover()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["xxgk.log", "xxgk.log.2020-09-10"]


def test_old_days_are_thrown_away(daily: journal._Daily, tmp_path: Path) -> None:
    for day in range(1, 31):
        (tmp_path / f"xxgk.log.2020-06-{day:02}").touch()
    daily.backupCount = 10
    assert len(daily.getFilesToDelete()) == 20


def test_what_became_of_a_push_is_written_in_chinese(sqlite_db: Db, caplog: pytest.LogCaptureFixture) -> None:
    bench = make_bench(sqlite_db)
    bench.publish(to_students())
    bench.publish(to_staff())
    bench.vendor.says(GROUPS, Outcome.REFUSED, Outcome.UNCERTAIN)
    with caplog.at_level(logging.INFO, logger="xxgk.outcome"):
        bench.deliver()
    bench.close()
    said = [record.getMessage() for record in caplog.records if record.name == "xxgk.outcome"]
    assert len(said) == 2
    assert any(re.fullmatch(r"推送 \d+ [GQ]1：失败（对方答复refused）", line) for line in said)
    assert any(re.fullmatch(r"推送 \d+ [GQ]1：结果待定（对方答复uncertain）", line) for line in said)


def test_every_status_and_outcome_has_its_chinese_word() -> None:
    assert set(states.WORDS) == set(states.Status) and set(outcome.WORDS) == set(Outcome)
    assert not any(word.isascii() for word in (*states.WORDS.values(), *outcome.WORDS.values()))
