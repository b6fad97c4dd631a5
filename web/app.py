"""The web side: the vendors' callbacks, checked, stored raw and answered; short links; and /healthz."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

from flask import Blueprint, Flask, Response, abort, current_app, jsonify, request
from flask.json.provider import DefaultJSONProvider

from channels.base import Calls, Clock, Receipt
from store import receipts
from store.db import Db
from web import links

MOST_BYTES = 1024 * 1024
#: What of a call's headers a channel gets to see, as entries of its query.
HEADERS = ("x-signature", "x-self-id")

log = logging.getLogger("web")
pages = Blueprint("pages", __name__)


def create_app(db: Db, doors: Mapping[str, Calls], clock: Clock, health: Callable[[], Mapping[str, Any]]) -> Flask:
    """The app; `doors` are the channels that vendors call, by name. What a receipt means is the jobs' business."""
    app = Flask("web", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.extensions["xxgk"] = _Parts(db, doors, clock, health)
    cast(DefaultJSONProvider, app.json).ensure_ascii = False
    app.extensions["xxgk_clicks"] = links.Clicks(db, clock)
    app.register_blueprint(pages)
    app.register_blueprint(links.pages)
    return app


@dataclass(frozen=True)
class _Parts:
    db: Db
    doors: Mapping[str, Calls]
    clock: Clock
    health: Callable[[], Mapping[str, Any]]


def _parts() -> _Parts:
    parts: _Parts = current_app.extensions["xxgk"]
    return parts


@pages.route("/callbacks/<name>", methods=["GET", "POST"])
def callback(name: str) -> Response:
    """A vendor's call: checked, stored, then answered; a vendor that gets no answer calls again."""
    parts = _parts()
    door = parts.doors.get(name)
    if door is None:
        abort(404)
    body = request.get_data(cache=False)
    try:
        answer, found = door.door(request.method, request.args.to_dict() | _signed_with(), body)
        if found:
            _store(parts, name, found)
    except PermissionError as error:
        log.warning("回调没有通过校验：%s", error, extra={"action": "callback_refused", "channel": name})
        return _text("forbidden", 403)
    except Exception as error:  # an address or a key may stand in its text, so only its kind is told
        kind = type(error).__name__
        log.error("回调出错：%s", kind, extra={"action": "callback_failed", "channel": name})
        return _text("error", 500)
    return _text(answer, 200)


def _signed_with() -> dict[str, str]:
    """The headers that vendors sign with; one in the address counts for nothing."""
    return {name: request.headers.get(name, "") for name in HEADERS}


@pages.get("/healthz")
def healthz() -> Response:
    """200 while the bot can do its work, with what waits for a person in `reason`; 503 if it cannot."""
    try:
        said = dict(_parts().health())
    except Exception as error:  # an address or a password may stand in its text
        kind = type(error).__name__
        log.error("健康检查出错：%s", kind, extra={"action": "health_failed"})
        said = {"ok": False, "reason": f"数据库读不到，或程序出错（{kind}）。请看 var/log/ 下当天的日志"}
    response = jsonify(said)
    response.status_code = 200 if said.get("ok") else 503
    return response


def _store(parts: _Parts, name: str, found: Sequence[Receipt]) -> None:
    """What is for a channel the school does not use is none of ours: another system of the school shares the account."""
    found = [each for each in found if each.channel in ("", *parts.doors)]
    if not found:
        return
    with parts.db.write() as conn:
        new = receipts.add(conn, name, [asdict(receipt) for receipt in found], parts.clock())
    action = "receipt_stored" if new else "receipt_repeated"
    kinds = "、".join(sorted({receipt.kind for receipt in found}))
    log.info("收到回执 %s：%d 份新的，共 %d 份", kinds, new, len(found), extra={"action": action, "channel": name})


def _text(body: str, status: int) -> Response:
    """Plain text, so that an echoed string is never read as a page."""
    response = Response(body, status=status, mimetype="text/plain")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
