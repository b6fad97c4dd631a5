"""The school's settings for QQ: what is written wrong is told with its key and fix, and no secret is repeated."""

from __future__ import annotations

from typing import Any

import pytest

from channels.onebot.options import FIRST, Options
from channels.onebot.places import Place, place_of
from tests.channels.samples import setting, target

SECOND = {"name": "备用账号", "api_base": "http://127.0.0.1:3001/", "token": "ONEBOT_TOKEN_2"}


def options(**given: Any) -> Options:
    return Options.of(setting("onebot", "http://127.0.0.1:3000", **given))


def test_one_address_and_one_token_are_one_account() -> None:
    (bot,) = options().bots
    assert (bot.name, bot.api_base, bot.token) == (FIRST, "http://127.0.0.1:3000", "ONEBOT_TOKEN")
    assert options().at_all is False


def test_further_accounts_stand_by_in_their_order() -> None:
    third = {"name": "三号", "api_base": "http://127.0.0.1:3002", "token": "ONEBOT_TOKEN_3"}
    names = [(bot.name, bot.api_base, bot.token) for bot in options(bots=[SECOND, third]).bots]
    assert names[1:] == [
        ("备用账号", "http://127.0.0.1:3001", "ONEBOT_TOKEN_2"),
        ("三号", "http://127.0.0.1:3002", "ONEBOT_TOKEN_3"),
    ]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"bots": "ONEBOT_TOKEN_2"}, "[[channels.onebot.bots]]"),
        ({"bots": [{"name": "二号"}]}, "缺少 api_base、token"),
        ({"bots": [{**SECOND, "tokens": "x"}]}, "没有“tokens”这一项"),
        ({"bots": [{**SECOND, "token": "9f8e7d6c5b4a"}]}, ".env 中的变量名"),
        ({"bots": [SECOND, SECOND]}, "重复"),
        ({"bots": [{**SECOND, "name": FIRST}]}, "重复"),
        ({"bots": [{**SECOND, "name": str(n), "api_base": f"http://127.0.0.1:{n}"} for n in range(4)]}, "最多 4 个"),
        ({"timeout": 5}, "channels.onebot.timeout"),
        ({"timeout": True}, "channels.onebot.timeout"),
        ({"at_all": "Q01"}, "channels.onebot.at_all"),
        ({"at_all": [1]}, "channels.onebot.at_all"),
    ],
)
def test_what_is_written_wrong_names_its_key_and_no_secret(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=r"channels\.onebot") as caught:
        options(**given)
    assert words in str(caught.value)
    assert "9f8e7d6c5b4a" not in str(caught.value)


@pytest.mark.parametrize(
    ("at_all", "calls"), [(True, True), (False, False), (["Q01"], True), (["Q02"], False), ([], False)]
)
def test_everybody_is_called_where_the_school_says(at_all: Any, calls: bool) -> None:
    assert options(at_all=at_all).calls_everybody(target("onebot", "7", number="Q01")) is calls


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("700000001", Place("700000001")),
        ("公告:700000001", Place("700000001", board=True)),
        ("公告：700000001", Place("700000001", board=True)),
        ("紧急公告: 700000001", Place("700000001", board=True, urgent_only=True)),
        ("其他:7", Place("其他:7")),
    ],
)
def test_an_address_is_a_group_or_its_board(address: str, place: Place) -> None:
    assert place_of(address) == place
