"""The daily self-check: what is wrong is told once, and is over when an audit finds it mended."""

from __future__ import annotations

from channels.base import Finding
from jobs.audit import Audited, audit
from store import facts
from store import tables as t
from tests.jobs.bench import GROUPS, Bench, Recorder

LOST = Finding(key="targets.csv G1", ok=False, text="机器人不在群内", fix="请群主把机器人拉入群")
FINE = Finding(key="targets.csv G2", ok=True, text="群正常")


def audited(bench: Bench, *found: Finding) -> Audited:
    channel = bench.office.channels[GROUPS]
    assert isinstance(channel, Recorder)
    channel.check = lambda targets: list(found)  # type: ignore[method-assign]
    return audit(bench.office, GROUPS)


def test_what_is_wrong_is_told_once_and_named_with_its_fix(bench3: Bench) -> None:
    assert audited(bench3, LOST, FINE) == Audited(findings=2, wrong=1, raised=1)
    assert audited(bench3, LOST, FINE).raised == 0
    [text] = bench3.alarms()
    assert "G1" in text and text.endswith("机器人不在群内。请群主把机器人拉入群")


def test_what_has_been_mended_is_over_and_told_anew_if_it_comes_back(bench3: Bench) -> None:
    audited(bench3, LOST)
    assert audited(bench3, FINE) == Audited(findings=1)
    assert bench3.rows(t.alarms, cleared_at=None) == []
    assert audited(bench3, LOST).raised == 1


def test_an_audit_sends_nothing_and_clears_no_other_alarm(bench3: Bench) -> None:
    with bench3.db.write() as conn:
        facts.raise_alarm(conn, f"渠道:{GROUPS}", "已暂停", bench3.clock.now, channel=GROUPS)
    audited(bench3, FINE)
    assert bench3.vendor.calls == [] and len(bench3.rows(t.alarms, cleared_at=None)) == 1
