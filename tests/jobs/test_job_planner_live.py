"""Scarce sends over real HTTP, against the sandbox: what the vendor's own books say in the end is what counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from channels import make
from store import tables as t
from tests.jobs.test_job_survey_live import NAME, Live, live, running  # noqa: F401 (fixtures)
from tests.kill.school import SECRETS


def as_service(live: Live) -> None:  # noqa: F811
    """A 服务号 with four mass sends a month."""
    live.account(kind="service")
    setting = live.office.setting(NAME)
    setting = replace(setting, options={**setting.options, "account": "service", "min_pieces": 1})
    live.office.school = replace(live.office.school, channels={NAME: setting})
    live.office.channels = {NAME: make(setting, SECRETS, live.clock)}


def ways(live: Live) -> list[tuple[str, str, str]]:  # noqa: F811
    """Of each push: its way as its payload has it, and its status and basis."""
    rows = {row.id: row for row in live.rows(t.pushes)}
    return [(rows[d.push_id].payload.get("mode", "mass"), d.status, d.basis) for d in live.rows(t.deliveries)]


@pytest.mark.parametrize("live", ["mass"], indirect=True)
def test_three_mass_sends_then_a_publication_and_its_own_receipt(live: Live) -> None:  # noqa: F811
    as_service(live)
    for n in range(1, 5):
        live.enter(n)
        live.send()
        live.passes(days=1)
    mass, publication = ("mass", "delivered", "群发完成"), ("publish", "delivered", "群内已发")
    assert ways(live) == [mass, mass, mass, publication]
    assert len([row for row in live.rows(t.quotas) if row.name == f"{NAME}:群发"]) == 3


@pytest.mark.parametrize("live", ["mass"], indirect=True)
def test_what_a_person_has_sent_and_the_bot_did_not_know_of_is_believed_when_the_vendor_says_so(live: Live) -> None:  # noqa: F811
    as_service(live)
    for n in range(4):
        live.person("mass", {"title": f"校园掠影之{n}"})
    live.enter(1)
    for _ in range(3):
        live.send()
    assert ways(live)[0][:2] == ("mass", "cancelled") and ways(live)[1][:2] == ("publish", "delivered")
    assert len(ways(live)) == 2
