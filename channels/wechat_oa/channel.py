"""The official account as the jobs see it; what each mode does is in its own file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
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
    Survey,
    Word,
)
from channels.wechat_oa import articles, checkup, codes, words
from channels.wechat_oa.account import Account, ask_again
from channels.wechat_oa.client import Client
from channels.wechat_oa.door import Door
from channels.wechat_oa.mass import Massing
from channels.wechat_oa.modes import Drafting, Publishing, Way
from channels.wechat_oa.options import MASS_SEND, Mode, Options
from channels.wechat_oa.survey import survey
from rules.audience import PUBLIC
from rules.bundle import Bundle
from rules.outcome import NOT_SENT, Outcome
from rules.routing import Target
from rules.school import ChannelSetting


class WechatOA:
    """One official account. Whatever its tag says, an article can be read by anyone: its exposure is 社会."""

    name: ClassVar[str] = "wechat_oa"
    label: ClassVar[str] = "微信公众号"

    def __init__(self, setting: ChannelSetting, secrets: Mapping[str, str], clock: Clock) -> None:
        self.options = Options.of(setting)
        app_id = secrets.get("WECHAT_APP_ID", "")
        client = Client(
            setting.api_base, app_id, secrets.get("WECHAT_APP_SECRET", ""), clock, service=self.options.service
        )
        self._secrets = secrets
        self._account = Account(client, self.options, clock)
        aes_keys = [secrets.get(key, "") for key in ("WECHAT_AES_KEY", "WECHAT_AES_KEY_PREVIOUS")]
        self._door = Door(app_id, secrets.get("WECHAT_TOKEN", ""), aes_keys, clock, safe_only=self.options.safe_only)
        self._ways: dict[Mode, Way] = {
            Mode.DRAFT: Drafting(self._account),
            Mode.PUBLISH: Publishing(self._account),
            Mode.MASS: Massing(self._account),
        }
        self.follow_after = timedelta(minutes=10)
        self.follow_until = timedelta(days=30 if self.options.mode is Mode.DRAFT else 3)

    @property
    def limits(self) -> Limits:
        return Limits(
            pieces=articles.MOST_ARTICLES,
            bytes=None,
            rates=_rates(self.options),
            thrift=self.options.thrift if self.options.mode is Mode.MASS else None,
            way=self.options.mode.label,
            exposure=PUBLIC,
            resolvable=True,
            receipts=True,
            recall=timedelta.max,
            recalls_pieces=True,
            prepares=True,
            senders=1,
            look="到公众平台后台的“发表记录”和“草稿箱”，看 {time} 之后有没有“{title}”这一篇",
        )

    def render(self, bundle: Bundle, target: Target) -> Content:
        return articles.render(bundle, self.options)

    def prepare(self, content: Mapping[str, Any], key: str) -> Prepared:
        return self._way_of(content).prepare(content, key)

    def send(self, prepared: Prepared, addresses: Sequence[str], key: str) -> list[Sent]:
        """An account is one address: its followers are the platform's business."""
        [address] = addresses
        return [self._way_of(prepared.payload).send(prepared, address, key)]

    def resolve(self, attempt: Attempt) -> Resolution:
        return _patiently(self._way(attempt).resolve, attempt)

    def follow(self, attempt: Attempt) -> Resolution:
        return _patiently(self._way(attempt).follow, attempt)

    def retract(self, attempt: Attempt, piece: int = 0) -> Sent:
        """Take an accepted push or one article of it back; raises SendError with what a person can do instead."""
        return self._way(attempt).retract(attempt, piece)

    def missing(self, targets: Sequence[Target]) -> list[Finding]:
        """The account's id and secret, and the callback's token where a mode waits for its result."""
        return checkup.missing(self._account, self._secrets)

    def check(self, targets: Sequence[Target]) -> list[Finding]:
        return list(checkup.findings(self._account, self._secrets))

    def door(self, method: str, query: Mapping[str, str], body: bytes) -> tuple[str, Sequence[Receipt]]:
        return self._door.open(method, query, body)

    def word(self, receipt: Receipt, received_at: datetime) -> Word | None:
        return words.word_of(receipt, received_at)

    def measure(self, target: Target) -> list[Sample]:
        """How many follow the account, or carry its tag; nothing if the account may not ask."""
        try:
            count = self._followers()
        except SendError as error:
            if error.outcome is Outcome.MISCONFIGURED:
                return []
            raise
        return [Sample(metric="关注", value=count, basis="平台统计", true_at=self._account.clock())]

    def survey(self, since: date, days: Sequence[date]) -> Survey:
        """What stands on the account, whoever sent it, and its readers by publishing day."""
        return survey(self._account, since, days)

    def _followers(self) -> int:
        client, tag_id = self._account.client, self.options.tag_id
        if tag_id is None:
            return int(client.user.get_followers().get("total", 0))
        counts = {tag.get("id"): int(tag.get("count", 0)) for tag in client.tag.get()}
        if tag_id not in counts:
            raise codes.refusal({"errcode": 40152}, self._account.clock())
        return counts[tag_id]

    def _way_of(self, payload: Mapping[str, Any]) -> Way:
        """The account's mode; in a mass account what is spared a mass send is published. A draft account only drafts."""
        mode = payload.get("mode", Mode.MASS) if self.options.mode is Mode.MASS else self.options.mode
        return self._ways[Mode(mode)]

    def _way(self, attempt: Attempt) -> Way:
        """The mode the push was sent in, whatever is set today."""
        known = attempt.evidence.get("mode") or attempt.handles.get("mode") or attempt.payload.get("mode")
        mode = known or self.options.mode
        return self._ways[Mode(mode)]


def _rates(options: Options) -> tuple[Rate, ...]:
    if options.mode is not Mode.MASS:
        return ()
    if options.service:
        return (Rate(name=MASS_SEND, most=4, per="month", of="channel"),)
    return (Rate(name=MASS_SEND, most=1, per="day", of="channel"),)


def _patiently(ask: Callable[[Attempt], Resolution], attempt: Attempt) -> Resolution:
    """Ask; where the platform does not answer now, ask again later."""
    try:
        return ask(attempt)
    except SendError as error:
        wait = error.retry_after or timedelta(minutes=5)
        if error.outcome in NOT_SENT or error.outcome is Outcome.UNCERTAIN:
            return ask_again(f"暂时查不到结果：{error}", wait, error.raw)
        return Resolution(outcome=Outcome.UNCERTAIN, reason=f"查不到结果：{error}", raw=error.raw)
