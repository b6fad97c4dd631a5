"""旧报告体检: what does not add up, is missing or is not answered in a yearly report, read from its own words.

Said only where the text itself claims it (共计, 合计, 其中, 共n个小项): a figure that may be meant otherwise is left alone.
Sources: 教办厅函〔2018〕80号 (the eight parts and what each must say); 教育部令第29号 (the ways of disclosure).
"""

from __future__ import annotations

from collections.abc import Sequence

from rules.checkup import asked, beyond, listed, outline, period, sums, ways
from rules.checkup.finding import Finding, Kind
from rules.checkup.outline import outlined
from rules.checkup.ways import Way, Ways

__all__ = ["Finding", "Kind", "Way", "Ways", "check", "outlined"]


def check(lines: Sequence[str], vocabulary: Ways) -> list[Finding]:
    """Every finding in the order of the text; `lines` are the report's paragraphs and the rows of its tables."""
    report = outlined(lines)
    found = [
        *outline.missing(report),
        *outline.gaps(report),
        *outline.unfilled(report),
        *sums.check(report, vocabulary),
        *beyond.check(report),
        *listed.check(report),
        *period.check(report),
        *ways.check(report, vocabulary),
        *asked.check(report),
    ]
    return sorted(found, key=lambda each: each.paragraph)
