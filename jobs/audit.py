"""Audit (例行自检): each channel's own check once a day, so that a dead key or a lost group is known before it is needed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from channels.base import Finding
from jobs.office import Office
from store import facts


@dataclass
class Audited:
    """What one run came to: lines looked at, those that are wrong, and alarms that are new."""

    findings: int = 0
    wrong: int = 0
    raised: int = 0


def audit(office: Office, name: str) -> Audited:
    """Ask the channel whether all is well with its settings and its targets; sends nothing.

    What is wrong is told once and stays open until an audit finds it mended.
    """
    mine = [target for target in office.school.targets.values() if target.channel == name]
    found = office.channels[name].check(mine)
    label = office.setting(name).label
    wrong = {_subject(name, each): _words(label, each) for each in found if not each.ok}
    done = Audited(len(found), len(wrong))
    with office.db.write() as conn:
        done.raised = facts.keep_alarms(conn, _prefix(name), wrong, office.now(), channel=name)
    return done


def note(conn: Connection, office: Office, name: str, found: Finding) -> bool:
    """What the vendor itself tells between two audits: told until it says otherwise or an audit finds all well."""
    if found.ok:
        facts.clear_alarm(conn, _subject(name, found), office.now())
        return False
    text = _words(office.setting(name).label, found, "平台来报")
    return facts.state_alarm(conn, _subject(name, found), text, office.now(), channel=name)


def _prefix(name: str) -> str:
    return f"自检:{name}:"


def _subject(name: str, finding: Finding) -> str:
    return f"{_prefix(name)}{finding.key}"[:150]


def _words(label: str, finding: Finding, source: str = "例行自检") -> str:
    fix = f"。{finding.fix}" if finding.fix else ""
    return f"{source}：{label}（{finding.key}）{finding.text}{fix}"
