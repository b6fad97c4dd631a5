"""An account with few sends: what is spared one goes the other way, and its payload says so, as a real channel's does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from channels.base import Content, Rate
from rules.bundle import Bundle
from rules.planner import Thrift
from rules.routing import Target
from store import tables as t
from tests.jobs.bench import ACCOUNT, Bench, Recorder

MONTHLY = Rate(name="群发", most=4, per="month", of="channel")
DAILY = Rate(name="群发", most=1, per="day", of="channel")


class Sparing(Recorder):
    """One whose mass sends are counted."""

    def render(self, bundle: Bundle, target: Target) -> Content:
        made = super().render(bundle, target)
        spares = {rate.name: bundle.spared for rate in self.limits.rates}
        return replace(made, payload={**made.payload, "spares": spares}) if bundle.spared else made


def use_account(bench: Bench, *rates: Rate, **thrift: Any) -> Recorder:
    """Put it in place of the school's account."""
    return bench.use(Sparing, ACCOUNT, exposure="社会", rates=rates, thrift=Thrift(**thrift), way="群发")


def pushed(bench: Bench) -> list[tuple[tuple[str, ...], str]]:
    """The account's pushes that left: titles in their order, and why no send was spent on it."""
    rows = {row.push_key: row.payload for row in bench.rows(t.pushes)}
    calls = [call for call in bench.vendor.calls if call.channel == ACCOUNT]
    return [(call.titles, "；".join(set(rows[call.key].get("spares", {}).values()))) for call in calls]
