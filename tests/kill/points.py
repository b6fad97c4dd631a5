"""Where a process is killed: around every commit and every call of the send path, and once more while it recovers.

A point is named after the function that writes, or the path that is called. `test_kill.py` holds this table against
what an undisturbed life passes, so that a new commit or a new call cannot be left out.
"""

from __future__ import annotations

from tests.kill.school import WAYS

GROUPS = ("wecom_bot", "onebot")
#: Each of the three groups has a push and a call of its own; an item is routed in a commit of its own.
TIMES = {"plan._push_what_fits": 3, "webhook/send": 3, "onebot/send_group_msg": 3}

_BEFORE_SEND = ("watch.watch", "scan.look_through", "route.route", "plan._push_what_fits", "claim.claim")
_RECEIPT = ("app._store", "settle.settle_resolution", "track._apply_one")
_COVER = ("stable_token", "material/add_material")

COMMITS: dict[str, tuple[str, ...]] = {
    "wecom_bot": (*_BEFORE_SEND, "settle.settle_call"),
    "onebot": (*_BEFORE_SEND, "settle.settle_call"),
    "draft": (*_BEFORE_SEND, "deliver._prepared", "settle.settle_call", "settle.settle_resolution"),
    "publish": (*_BEFORE_SEND, "deliver._prepared", "settle.settle_call", *_RECEIPT),
    "mass": (*_BEFORE_SEND, "deliver._prepared", "settle.settle_call", *_RECEIPT),
}
CALLS: dict[str, tuple[str, ...]] = {
    "wecom_bot": ("webhook/send",),
    "onebot": ("onebot/get_login_info", "onebot/send_group_msg"),
    "draft": (*_COVER, "draft/add", "draft/get"),
    "publish": (*_COVER, "draft/add", "freepublish/submit"),
    "mass": (*_COVER, "draft/add", "message/mass/sendall"),
}


def around(where: str, kind: str) -> tuple[str, str]:
    """Both sides of a commit or a call."""
    return f"{where}: before {kind}", f"{where}: after {kind}"


def named(way: str) -> set[str]:
    """Every point of the table, as an undisturbed life passes it."""
    commits = {point for where in COMMITS[way] for point in around(where, "commit")}
    return commits | {point for where in CALLS[way] for point in around(where, "call")}


def once() -> list[tuple[str, str, int]]:
    """(way, point, how many times it is passed before it kills): at the first and at the last time."""
    found = []
    for way in WAYS:
        for point in sorted(named(way)):
            where = point.split(":")[0]
            if where in _COVER and way != "draft":
                continue  # the same calls in every mode, before anything is stored
            times = TIMES.get(where, 1) if way in GROUPS else 1
            found += [(way, point, nth) for nth in sorted({1, times})]
    return found


#: What a process that takes over commits and calls, besides the above, to find out what the dead one has done.
FINDING_OUT: dict[str, tuple[str, ...]] = {
    "wecom_bot": (*around("settle.settle_lost", "commit"), *around("sweep._first", "commit")),
    "onebot": (
        *around("settle.settle_lost", "commit"),
        *around("onebot/get_group_msg_history", "call"),
        *around("settle.settle_resolution", "commit"),
    ),
    "draft": (
        *around("settle.settle_lost", "commit"),
        *around("draft/batchget", "call"),
        *around("settle.settle_resolution", "commit"),
    ),
    "publish": (
        *around("settle.settle_lost", "commit"),
        *around("freepublish/batchget", "call"),
        *around("settle.settle_resolution", "commit"),
    ),
    "mass": (
        *around("settle.settle_lost", "commit"),
        *around("settle.settle_resolution", "commit"),
        *around("message/mass/sendall", "call"),
        *around("settle.settle_call", "commit"),
    ),
}


def twice() -> list[tuple[str, str, str]]:
    """(way, first point, second point): dead after the call or before it, then dead again while finding out which."""
    found = []
    for way in WAYS.values():
        before, after = around(way.send, "call")
        found += [(way.name, after, second) for second in FINDING_OUT[way.name]]
        found += [(way.name, before, FINDING_OUT[way.name][n]) for n in (1, -1)]
    return found
