"""The channel: one POST a message or an announcement, by the first account that can; the group tells what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from channels.base import (
    Attempt,
    Clock,
    Content,
    Finding,
    Limits,
    Prepared,
    Rate,
    Receipt,
    Resolution,
    Sample,
    SendError,
    Sent,
    Word,
)
from channels.onebot import checkup, everybody, evidence
from channels.onebot.answers import NO_ACTION, NO_BOARD, NO_CHIEF, number, text
from channels.onebot.client import Bot, before_sending
from channels.onebot.door import Door, word_of
from channels.onebot.evidence import vendor_id
from channels.onebot.options import Options
from channels.onebot.places import place_of
from channels.onebot.recall import take_back
from channels.onebot.relay import first_able, together
from channels.words import fitted, plain
from rules.bundle import RETRACTION, Bundle, Piece
from rules.outcome import Outcome
from rules.routing import Target
from rules.school import ChannelSetting
from rules.states import Basis
from rules.text import size

#: QQ takes some 4500 characters; longer than this nobody reads in a group.
CHARACTERS = 2000
#: An announcement pops up at everybody's: title, department and link.
BOARD_CHARACTERS = 600
#: QQ lets a member take its own message back for about two minutes, and a group's admin always: the group is asked.
RECALL = timedelta(days=3651)


class OneBot:
    """Pushes to QQ groups and their boards; a target's address is the group's number, or 公告: before it."""

    name: ClassVar[str] = "onebot"
    label: ClassVar[str] = "QQ群"

    def __init__(self, setting: ChannelSetting, secrets: Mapping[str, str], clock: Clock) -> None:
        self._options = Options.of(setting)
        self._clock = clock
        bots = self._options.bots
        self._bots = [Bot(each, secrets.get(each.token, "").strip(), self._options.timeout) for each in bots]
        self._door = Door(self._bots)

    @property
    def limits(self) -> Limits:
        """QQ documents no limit; more than some 20 groups a minute invites its risk control (风控)."""
        rate = Rate(name="每分钟", most=20, per=timedelta(seconds=60), of="channel")
        return Limits(
            pieces=8, bytes=None, rates=(rate,), resolvable=True, recall=RECALL, senders=2,
            prepares=bool(self._options.at_all),
        )  # fmt: skip

    def urgent_only(self, target: Target) -> bool:
        """True for a board that the register keeps for what is urgent."""
        return place_of(target.address).urgent_only

    def render(self, bundle: Bundle, target: Target) -> Content:
        """Plain text as an array of segments, for a string would be read for CQ codes; for a board without summaries."""
        place = place_of(target.address)
        if place.board:
            bundle = replace(bundle, pieces=tuple(map(_headline, bundle.pieces)))
        most = BOARD_CHARACTERS if place.board else CHARACTERS
        shown, shortened = fitted(bundle, plain, lambda t: len(t) <= most)
        payload: dict[str, Any] = {"message": [{"type": "text", "data": {"text": shown}}]}
        if place.board:
            payload = {"content": shown}
        elif self._options.calls_everybody(target) and everybody.is_urgent(bundle):
            payload[everybody.ASKED] = place.group
        return Content(text=shown, payload=payload, bytes=size(shown), shortened=shortened)

    def prepare(self, content: Mapping[str, Any], key: str) -> Prepared:
        """Whether the group may be called as a whole, where the school wants it: decided once for a push."""
        if everybody.ASKED not in content:
            return Prepared(payload=content)
        decided = everybody.decide(self._bots, content[everybody.ASKED])
        return Prepared(payload=content, handles={everybody.DECIDED: decided})

    def send(self, prepared: Prepared, addresses: Sequence[str], key: str) -> list[Sent]:
        """One message to one group, or one announcement on its board, by the first account that can."""
        (address,) = addresses
        send = self._announce if place_of(address).board else self._post
        return [first_able(self._bots, lambda bot: send(bot, prepared, address), self._clock)]

    def _post(self, bot: Bot, prepared: Prepared, address: str) -> Sent:
        group, message = place_of(address).group, prepared.payload["message"]
        why = ""
        with before_sending():
            me = bot.number()
            if len(self._bots) > 1:
                bot.seat_to_speak(group, self._clock())
            if everybody.ASKED in prepared.payload:
                why = everybody.why_without(bot, group, prepared.handles.get(everybody.DECIDED, {}))
                message = message if why else [everybody.SEGMENT, *message]
        answer, raw = bot.post(group, message)
        return _posted(address, vendor_id(me, text(answer.get("message_id"))), raw, why)

    def _announce(self, bot: Bot, prepared: Prepared, address: str) -> Sent:
        group = place_of(address).group
        with before_sending():
            me = bot.number()
            if not bot.seat_to_speak(group, self._clock()).chief:
                raise NO_CHIEF.error("", "")
        try:
            _, raw = bot.commit("_send_group_notice", group_id=number(group), **prepared.payload)
        except SendError as error:
            raise NO_BOARD.error(error.code, error.raw) if error.reason == NO_ACTION.reason else error from None
        return _posted(address, vendor_id(me, ""), raw, "")

    def retract(self, attempt: Attempt, piece: int = 0) -> Sent:
        """Taken back by the account that sent it, or by one that is the group's admin; raises SendError."""
        return take_back(self._bots, attempt, place_of(attempt.address))

    def resolve(self, attempt: Attempt) -> Resolution:
        """Look for the mark in the group's history or on its board, through every account that can read there."""
        return evidence.resolve(self._bots, attempt, place_of(attempt.address), self._clock())

    def measure(self, target: Target) -> list[Sample]:
        """The group's members as QQ counts them now; nothing if it does not say, and of a board; raises SendError."""
        place, failed = place_of(target.address), []
        for bot in [] if place.board else self._bots:
            try:
                info = bot.ask("get_group_info", group_id=number(place.group), no_cache=True)
            except SendError as error:
                failed.append((bot, error))
                continue
            count = info.get("member_count")
            if isinstance(count, int) and count > 0:
                return [Sample(metric="应达", value=count, basis="群成员数", true_at=self._clock())]
        if failed and len(failed) == len(self._bots):
            raise together(failed)
        return []

    def missing(self, targets: Sequence[Target]) -> list[Finding]:
        """The accounts' tokens."""
        return checkup.missing(self._bots)

    def check(self, targets: Sequence[Target]) -> list[Finding]:
        """Each account, and for each group whether one of them is in it and may do what is asked; sends nothing."""
        return checkup.check(self._bots, targets, self._options, self._clock())

    def door(self, method: str, query: Mapping[str, str], body: bytes) -> tuple[str, Sequence[Receipt]]:
        """Our own message seen in the group, and what happens to our accounts; raises PermissionError."""
        return self._door.open(method, query, body)

    def word(self, receipt: Receipt, received_at: datetime) -> Word | Finding | None:
        """What it means."""
        return word_of(receipt)


def _headline(piece: Piece) -> Piece:
    """A piece as the board shows it; a 撤回 says what it is."""
    return piece if piece.purpose == RETRACTION else replace(piece, summary="")


def _posted(address: str, id: str, raw: str, reason: str) -> Sent:
    return Sent(
        address=address, outcome=Outcome.DELIVERED, vendor_id=id, code="0", basis=Basis.POSTED, raw=raw, reason=reason
    )
