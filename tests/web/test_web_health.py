"""/healthz says whether the bot is well, and no more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

Serve = Callable[..., str]


def clock() -> datetime:
    return datetime(2020, 9, 7, tzinfo=UTC)


def broken() -> dict[str, Any]:
    raise RuntimeError("postgresql://user:SECRET@host/db")


@pytest.mark.parametrize(
    ("health", "status", "said"),
    [
        (lambda: {"ok": True, "queued": 3}, 200, {"ok": True, "queued": 3}),
        (lambda: {"ok": False, "queued": 3}, 503, {"ok": False, "queued": 3}),
        (lambda: {"ok": True, "reason": "正常"}, 200, {"ok": True, "reason": "正常"}),
        (broken, 503, {"ok": False, "reason": "数据库读不到，或程序出错（RuntimeError）。请看 var/log/ 下当天的日志"}),
    ],
)
def test_healthz_answers_200_when_well_and_503_when_not(
    serve: Serve, browser: requests.Session, health: Callable[[], Any], status: int, said: Any
) -> None:
    answer = browser.get(serve({}, clock, health) + "/healthz")
    assert (answer.status_code, answer.json()) == (status, said)
    assert "\\u" not in answer.text and "SECRET" not in answer.text


def test_every_other_page_is_not_found(serve: Serve, browser: requests.Session) -> None:
    base = serve({}, clock)
    assert [browser.get(base + path).status_code for path in ("/", "/static/x", "/callbacks/")] == [404, 404, 404]
