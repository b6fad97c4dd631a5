"""A bench whose school also has a site with a column of its own, and a page on the campus network."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from channels.website import Website
from rules.item import Entry
from rules.place import WEBSITE
from rules.routing import Target
from tests.jobs.bench import Bench, entry, setting


def with_sites(bench: Bench, root: str = "https://www.x.edu.cn", **options: Any) -> Bench:
    """The same bench with W1 (the whole site), W2 (one column of it) and W3 (only the campus reads it)."""
    made = setting(WEBSITE, label="本校网站", options={"campus_only": ["W3"], **options})
    named = {"W1": ("门户网站", f"{root}/", "社会"), "W2": ("信息公开专栏", f"{root}/*/c21a*", "社会"),
             "W3": ("校内网", "https://in.x.edu.cn/", "校内")}  # fmt: skip
    targets = {
        number: Target(number=number, name=name, channel=WEBSITE, address=address, audience=audience)
        for number, (name, address, audience) in named.items()
    }
    school = bench.office.school
    channels = {**school.channels, WEBSITE: made}
    bench.office.school = replace(school, channels=channels, targets={**school.targets, **targets})
    bench.office.channels = {**bench.office.channels, WEBSITE: Website(made, {}, bench.clock)}
    return bench


def published(url: str, day: str | None = "2020-09-10", **over: Any) -> Entry:
    """An item with a page of its own and the day its source has published it."""
    return entry(url=url, published_on=date.fromisoformat(day) if day else None, **over)
