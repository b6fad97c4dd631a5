"""The school's own site as a channel: it sends nothing, and says who can read what stands there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from channels import REGISTRY, label_of, make
from channels.base import Exposes, Measures, Recalls, SendError
from channels.website import Website
from rules.bundle import Bundle, Piece
from rules.dates import Window
from rules.outcome import Outcome
from rules.routing import Target
from rules.school import ChannelSetting

PORTAL = Target(number="W01", name="门户网站", channel="website", address="https://www.x.edu.cn/", audience="社会")
INNER = Target(number="W02", name="校内网", channel="website", address="https://in.x.edu.cn/", audience="校内")


def website(**options: Any) -> Website:
    setting = ChannelSetting(name="website", label="本校网站", api_base="", window=Window(), options=options)
    found = make(setting, {}, lambda: datetime(2020, 9, 1, tzinfo=UTC))
    assert isinstance(found, Website)
    return found


def test_it_is_registered_under_its_own_name_and_can_neither_recall_nor_measure() -> None:
    assert REGISTRY["website"] and label_of("website") == "本校网站"
    assert isinstance(website(), Exposes)
    assert not isinstance(website(), (Recalls, Measures))


def test_nothing_can_ever_be_sent_to_it() -> None:
    channel = website()
    bundle = Bundle(key="k" * 32, school="示例学院", pieces=(Piece(placement=1, title="通知"),))
    for call in (
        lambda: channel.render(bundle, PORTAL),
        lambda: channel.prepare({}, "k"),
        lambda: channel.send(None, [PORTAL.address], "k"),  # type: ignore[arg-type]
    ):
        with pytest.raises(SendError) as error:
            call()
        assert error.value.outcome is Outcome.REFUSED and "网站编辑" in str(error.value)


def test_anybody_reads_a_site_unless_the_setting_says_that_only_the_campus_does() -> None:
    channel = website(campus_only=["W02"])
    assert [channel.exposure(each) for each in (PORTAL, INNER)] == ["社会", "校内"]
    assert channel.limits.exposure == "社会"
    assert (
        "任何人可见" in channel.check([PORTAL, INNER])[0].text
        and "校内网可见" in channel.check([PORTAL, INNER])[1].text
    )


def test_check_names_what_is_wrong_with_an_address_and_a_stray_number() -> None:
    wrong = Target(number="W03", name="专栏", channel="website", address="www.x.edu.cn", audience="社会")
    found = website(campus_only=["W09"]).check([PORTAL, wrong])
    assert [(each.key, each.ok) for each in found] == [
        ("targets.csv W01", True),
        ("targets.csv W03", False),
        ("channels.website.campus_only", False),
    ]


@pytest.mark.parametrize(
    "options", [{"days": 0}, {"days": "90"}, {"days": True}, {"pages": -1}, {"campus_only": "W02"}]
)
def test_a_wrong_setting_is_named(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"channels.website.{next(iter(options))}"):
        website(**options)
