"""The seam between the bot and the vendors: what a channel must be able to do, and how it says what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Protocol, runtime_checkable

from rules.bundle import Bundle
from rules.finding import Finding as Finding
from rules.outcome import Outcome
from rules.planner import Thrift
from rules.routing import Target
from rules.states import Basis

Clock = Callable[[], datetime]


@dataclass(frozen=True, kw_only=True)
class Rate:
    """An allowance: `most` calls per `per`, counted for each address, each push or the whole channel.

    `per` is a timedelta (sliding), or "day" or "month" of Asia/Shanghai. A day's or month's allowance is used once by
    a push, however often it is tried, and given back when the vendor refuses it. With `of` "delivery" it is the whole
    channel's, used up by each address of a push, and by as much as the payload's "segments" say (no such entry: 1).
    A push whose payload names the allowance under "spares" (with the reason why) goes another way and takes nothing.
    """

    name: str
    most: int
    per: timedelta | str
    of: str = "address"  # or "channel" or "delivery"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a channel can carry and what it can tell afterwards."""

    #: Pieces (条次) one push carries at most.
    pieces: int
    #: Bytes of the text, as the vendor counts them; None: counted in characters by the channel itself.
    bytes: int | None
    #: Addresses one call takes.
    addresses: int = 1
    rates: tuple[Rate, ...] = ()
    #: Who can read it whatever the target; None: only the target.
    exposure: str | None = None
    #: True if an uncertain send can be cleared up without a person.
    resolvable: bool = False
    #: True if more news follows an ACCEPTED.
    receipts: bool = False
    #: How long after a send the vendor takes it back; None: never.
    recall: timedelta | None = None
    #: True if one piece of a push can be taken back and the others stay.
    recalls_pieces: bool = False
    #: The column of a list of persons (名单) that holds this channel's addresses; empty: its targets are no lists.
    person: str = ""
    #: True if `prepare` calls the vendor; its answer is then stored before the send.
    prepares: bool = False
    #: Parallel calls.
    senders: int = 8
    #: How the rates of the whole channel that count by day or month are spent (rules/planner); None: they are not scarce.
    thrift: Thrift | None = None
    way: str = "推送"  # what a push is called there
    #: Where a person sees whether a push has arrived; {target}, {time}, {mark} and {title} are filled in.
    look: str = "打开“{target}”，看 {time} 之后有没有末尾带标记{mark}的这一条"


@dataclass(frozen=True, kw_only=True)
class Content:
    """A bundle as a channel will show it: the readable text, and the body for the vendor without any secret."""

    text: str
    payload: Mapping[str, Any]
    bytes: int
    shortened: bool = False


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """Content with the vendor's handles (media, draft)."""

    payload: Mapping[str, Any]
    handles: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Sent:
    """The vendor's answer for one address: a yes, or a no that does not concern the other addresses of the call."""

    address: str
    outcome: Outcome
    vendor_id: str = ""
    code: str = ""
    basis: Basis | None = None
    reason: str = ""
    #: The raw answer, without token or key.
    raw: str = ""
    #: What the vendor said beside its yes and must not be forgotten (msg_data_id).
    evidence: Mapping[str, Any] = field(default_factory=dict)
    #: With a no that may become a yes (THROTTLED, UNAVAILABLE): how long to wait.
    retry_after: timedelta | None = None


class SendError(Exception):
    """The vendor's no, or no answer, for every address of the call: what, in plain words, and what to do next."""

    def __init__(
        self,
        outcome: Outcome,
        reason: str,
        *,
        code: str = "",
        advice: str = "",
        raw: str = "",
        retry_after: timedelta | None = None,
        spent: str = "",
    ) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason
        self.code = code
        self.advice = advice
        self.raw = raw
        self.retry_after = retry_after
        self.spent = spent  # the allowance that the vendor says is used up, whoever used it

    def __str__(self) -> str:
        code = f"（{self.code}）" if self.code else ""
        return f"{self.reason}{code}" + (f"。{self.advice}" if self.advice else "")

    def to(self, address: str) -> Sent:
        """This error as the answer for one address of the call; its code is said once, by whoever shows the answer."""
        reason = "。".join(part for part in (self.reason, self.advice) if part)
        return Sent(
            address=address, outcome=self.outcome, code=self.code, reason=reason, raw=self.raw,
            retry_after=self.retry_after,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What a resolver gets to know of a call whose end is not known."""

    address: str
    push_key: str
    mark: str
    text: str
    #: When the first call that may have reached this address began: the vendors' own double checks count from there.
    begun_at: datetime
    payload: Mapping[str, Any]
    handles: Mapping[str, Any]
    evidence: Mapping[str, Any]
    vendor_id: str = ""
    #: When the call that is asked about began, if an earlier one went before it.
    last_begun_at: datetime | None = None

    @property
    def called_at(self) -> datetime:
        """When the call that is asked about began."""
        return self.last_begun_at or self.begun_at


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """What the evidence says: `outcome` ACCEPTED/DELIVERED, UNAVAILABLE (surely not sent), REFUSED, or UNCERTAIN.

    UNCERTAIN with `ask_again` is asked again after that time; without it a person decides. `resend` says that the
    same push may be sent again as it is, because the vendor itself refuses a double.
    """

    outcome: Outcome
    reason: str
    vendor_id: str = ""
    basis: Basis | None = None
    raw: str = ""
    ask_again: timedelta | None = None
    resend: bool = False
    #: A person has given it up, but whether it went out is still not known: it is never sent again by itself.
    still_unknown: bool = False
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One figure of reach: what was measured, how it is known, and when it was true."""

    metric: str  # 应达 | 提交 | 送达 | 阅读 | 点击 | 关注
    value: int
    basis: str  # 手机回执 | 平台统计 | 群成员数 | 人工填报 | 点击
    true_at: datetime


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """A vendor's later word, raw as it came, with the key by which a repeated one is known."""

    kind: str
    dedup: str
    vendor_id: str
    raw: str
    #: The channel it is for, where one door serves several channels of a vendor; empty: the door's own.
    channel: str = ""


@dataclass(frozen=True, kw_only=True)
class Word:
    """What a receipt says of a push: which one, and what became of it."""

    outcome: Outcome
    reason: str
    #: The vendor's id as stored on the delivery, or the push's key.
    vendor_id: str = ""
    push_key: str = ""
    #: The first characters of the push's key, where the vendor's word shows no more of ours than the visible mark.
    key_head: str = ""
    #: The one address it speaks of; empty: every address that has the id.
    address: str = ""
    spends: str = ""  # the allowance that what it speaks of has used, even if it is nobody's push of ours
    basis: Basis | None = None
    samples: tuple[Sample, ...] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Article:
    """One article of an account, whoever sent it, as the vendor's list shows it or its figures name it.

    One that the figures name has no `url`, perhaps no `title`, and of when it was published only the day is known.
    List and figures number an article alike if the vendor tells, else each in its own way.
    """

    #: The vendor's number of what was published together, and the article's place in it, from 1.
    article_id: str
    position: int
    title: str
    published_at: datetime
    url: str = ""
    #: Where its 原文 link leads, without our mark.
    source: str = ""
    #: The push that our mark in it names; empty: there is none.
    push_key: str = ""
    gone: bool = False  # it has been deleted at the vendor
    notified: bool = False  # the figures say that the account's followers were told of it: a mass send was used
    samples: tuple[Sample, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What an account holds. `listed`: its list was read, back to the day asked for or as far as the vendor lets us."""

    articles: tuple[Article, ...] = ()
    listed: bool = False
    #: For each publishing day whose figures were told: the days for which they are known. A day left out is not known.
    told: Mapping[date, frozenset[date]] = field(default_factory=dict)
    #: Why something is not known, in plain words.
    note: str = ""


class Channel(Protocol):
    """A way to reach people. One file a vendor; nothing above it knows a vendor's name."""

    name: ClassVar[str]
    label: ClassVar[str]

    @property
    def limits(self) -> Limits: ...

    def render(self, bundle: Bundle, target: Target) -> Content:
        """The bundle as this channel shows it: pure, cut on whole characters, links kept."""
        ...

    def prepare(self, content: Mapping[str, Any], key: str) -> Prepared:
        """Make the calls that are harmless to repeat (token, upload, draft); raises SendError."""
        ...

    def send(self, prepared: Prepared, addresses: Sequence[str], key: str) -> list[Sent]:
        """The one call that cannot be taken back; a Sent for each address, or raises SendError."""
        ...

    def missing(self, targets: Sequence[Target]) -> list[Finding]:
        """The secrets that .env lacks, in the words of `check`; asks nobody."""
        ...

    def check(self, targets: Sequence[Target]) -> list[Finding]:
        """Credentials, permissions, IP list, each target's address; sends nothing."""
        ...


@runtime_checkable
class Resolves(Protocol):
    """A channel that can find out what became of an uncertain send."""

    def resolve(self, attempt: Attempt) -> Resolution: ...


@runtime_checkable
class Follows(Protocol):
    """A channel where the vendor is asked later what became of an accepted push."""

    #: How long after acceptance to ask first, and how long at most to go on asking.
    follow_after: timedelta
    follow_until: timedelta

    def follow(self, attempt: Attempt) -> Resolution: ...


@runtime_checkable
class Calls(Protocol):
    """A channel whose vendor calls us: the door checks and stores, `word` says later what it means."""

    def door(self, method: str, query: Mapping[str, str], body: bytes) -> tuple[str, Sequence[Receipt]]:
        """Check the signature or secret; the answer for the vendor and the receipts to store. Raises PermissionError.

        `query` also holds the headers some vendors sign with, by their names in small letters (x-signature, x-self-id).
        """
        ...

    def word(self, receipt: Receipt, received_at: datetime) -> Word | Finding | None:
        """What the receipt means: for a push, or (a Finding) for the channel itself; None if it concerns neither."""
        ...


@runtime_checkable
class Pulls(Protocol):
    """A channel whose vendor keeps its receipts in a queue for us: taken out once, so they are stored before all else."""

    def pull(self) -> Sequence[Receipt]:
        """The next receipts of the queue; empty if there are none. Raises SendError."""
        ...

    def word(self, receipt: Receipt, received_at: datetime) -> Word | None:
        """What the receipt means; None if it concerns no push."""
        ...


@runtime_checkable
class Expands(Protocol):
    """A channel that can turn a target (a department, a tag) into its persons, each an address of its own (人次)."""

    def expand(self, target: Target) -> Sequence[str]:
        """The target's addresses as they are now, each once; raises SendError if the vendor does not tell."""
        ...


@runtime_checkable
class Exposes(Protocol):
    """A channel whose targets are seen by more or fewer people each: a notice board is, a meeting is not."""

    def exposure(self, target: Target) -> str | None:
        """Who can read what stands there whatever the target's audience; None: only the target."""
        ...


@runtime_checkable
class Reserves(Protocol):
    """A channel that keeps some of its targets (an announcement board) for what is urgent."""

    def urgent_only(self, target: Target) -> bool:
        """True if nothing but urgent items goes there."""
        ...


@runtime_checkable
class Stands(Protocol):
    """A channel where some of what was put there stays until a person takes it away: a board, the school's site."""

    def stands(self, target: Target) -> bool:
        """True if what is put at this target stays there by itself."""
        ...


@runtime_checkable
class Recalls(Protocol):
    """A channel that can take a push back, within `limits.recall`."""

    def retract(self, attempt: Attempt, piece: int = 0) -> Sent:
        """Take back the whole push (0) or one of its pieces (from 1): harmless to repeat. Raises SendError."""
        ...


@runtime_checkable
class Measures(Protocol):
    """A channel that can say how many people a target holds."""

    def measure(self, target: Target) -> list[Sample]: ...


@runtime_checkable
class Surveys(Protocol):
    """A channel that can say what its account holds, also what others have sent there."""

    def survey(self, since: date, days: Sequence[date]) -> Survey:
        """The articles listed since a day, and the figures of those published on these days; raises nothing of the vendor's.

        What the vendor does not tell is left out with a note: unknown is never 0.
        """
        ...
