"""Who lives in the sandbox: official accounts, robots, companies, QQ bots, groups, SMS and mail accounts, web pages, as `setup` has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, TypeVar

from sandbox.state import Doc, State

ACCOUNT_KINDS = ("personal", "unverified", "subscription", "service", "test")
CALLBACK_MODES = ("clear", "compat", "safe")
ROLES = ("member", "admin", "owner")
DIALECTS = ("spec", "napcat")
SMS_VENDORS = ("aliyun", "tencent")
SMS_KINDS = ("notice", "code")
# What becomes of a message to a number; `timeout` is a vendor's answer that does not say whether it went (it did).
FATES = ("delivered", "failed", "off", "blacklisted", "never", "timeout")
# What becomes of a letter to a mailbox; `grey` is asked to come again in a minute, `strict` refuses the letter itself.
MAIL_FATES = ("taken", "unknown", "closed", "full", "over_quota", "grey", "strict")


@dataclass
class Account:
    """An official account and how strictly its vendor treats it."""

    appid: str
    secret: str = ""
    token: str = ""
    aes_key: str = ""
    original_id: str = "gh_sandbox"
    name: str = ""
    kind: str = "subscription"
    callback_url: str | None = None
    callback_mode: str = "clear"
    callback_order: str = "after"
    fans: int = 0
    refusing: int = 0
    ip_allow: list[str] | None = None
    protect: bool = False
    job_delay: float = 60.0
    tags: list[Doc] = field(default_factory=list)
    limits: dict[str, int] = field(default_factory=dict)
    secret_frozen: bool = False
    banned: bool = False
    stats_delay: bool = False
    stats_named: bool = False
    old_stats: str = "open"
    mass_in_batchget: bool = False
    templates: list[Doc] = field(default_factory=list)
    blacklist: list[str] = field(default_factory=list)
    notice_fates: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        one_of("kind", self.kind, ACCOUNT_KINDS)
        one_of("callback_mode", self.callback_mode, CALLBACK_MODES)
        one_of("callback_order", self.callback_order, ("after", "before"))
        one_of("old_stats", self.old_stats, ("open", "empty", "error"))
        if self.callback_mode != "clear" and len(self.aes_key) != 43:
            raise ValueError(
                f"account {self.appid}: aes_key must be 43 characters for callback_mode {self.callback_mode}"
            )


@dataclass
class Robot:
    """A WeCom group robot; `members` is what the group's people count says."""

    key: str
    name: str = ""
    members: int = 0


@dataclass
class Corp:
    """A WeCom company; its members are in a table of their own, because there may be thousands.

    `accounts` is how many members it has bought room for; 0 stands for as many as there are.
    """

    corpid: str
    name: str = ""
    accounts: int = 0
    departments: list[Doc] = field(default_factory=list)
    tags: list[Doc] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not any(int(department["id"]) == 1 for department in self.departments):
            self.departments = [{"id": 1, "name": self.name, "parentid": 0}, *self.departments]


@dataclass
class App:
    """A WeCom app: its own secret, whom it sees, where it is called back.

    `sync` makes it the contacts-sync secret, `concurrent` is how many of its calls may be under way at once.
    """

    key: str
    corpid: str
    agentid: int
    secret: str = ""
    name: str = ""
    scope: Doc = field(default_factory=lambda: {"departments": [1]})
    callback_url: str | None = None
    token: str = ""
    aes_key: str = ""
    ip_allow: list[str] | None = None
    concurrent: int | None = None
    day_limit: int | None = None
    disabled: bool = False
    sync: bool = False

    def __post_init__(self) -> None:
        self.agentid = int(self.agentid)
        if unknown := set(self.scope) - {"users", "departments", "tags"}:
            raise ValueError(f"app {self.key}: a scope has users, departments, tags, not {sorted(unknown)}")
        if self.callback_url and len(self.aes_key) != 43:
            raise ValueError(f"app {self.key}: aes_key must be 43 characters for a callback_url")


@dataclass
class Bot:
    """A QQ bot behind a OneBot 11 door."""

    self_id: str
    token: str = ""
    secret: str | None = None
    event_url: str | None = None
    nickname: str = "信息公开"
    dialect: str = "spec"
    online: bool = True
    report_self: bool = False
    friends: list[str] = field(default_factory=list)
    # Actions this build does not have, and whether it writes ids as text.
    lacks: list[str] = field(default_factory=list)
    text_ids: bool = False
    at_all_left: int = 20

    def __post_init__(self) -> None:
        self.self_id = str(self.self_id)
        one_of("dialect", self.dialect, DIALECTS)


@dataclass(frozen=True)
class Seat:
    """How one bot sits in a QQ group."""

    role: str
    muted: bool
    joined: bool

    def __post_init__(self) -> None:
        one_of("role", self.role, ROLES)


@dataclass
class Group:
    """A QQ group; `seats` names, by self_id, the bots that sit in it otherwise than the rest."""

    group_id: str
    name: str = ""
    members: int = 0
    role: str = "member"
    muted: bool = False
    all_muted: bool = False
    joined: bool = True
    at_all_left: int = 10
    seats: dict[str, Doc] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.group_id = str(self.group_id)
        for self_id in ("", *self.seats):
            self.seat(self_id)

    def seat(self, self_id: str) -> Seat:
        """How a bot sits in the group."""
        usual: Doc = {"role": self.role, "muted": self.muted, "joined": self.joined}
        return Seat(**(usual | self.seats.get(self_id, {})))


@dataclass(frozen=True)
class SmsSign:
    """An SMS signature, which the vendor puts before the text in 【】."""

    name: str
    approved: bool = True


@dataclass(frozen=True)
class SmsTemplate:
    """An SMS template with ${name} (Aliyun) or {1} (Tencent); `types` names a variable's attribute where it has one."""

    code: str
    text: str
    kind: str = "notice"
    approved: bool = True
    types: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        one_of("kind", self.kind, SMS_KINDS)


@dataclass
class SmsAccount:
    """A key of an SMS vendor; `balance` is what is left of its package, in segments."""

    key_id: str
    secret: str = ""
    vendor: str = "aliyun"
    app_id: str = ""
    balance: int = 1_000_000
    signs: list[Doc] = field(default_factory=list)
    templates: list[Doc] = field(default_factory=list)
    callback_url: str | None = None
    receipt_delay: float = 10.0
    query_delay: float = 0.0
    limits: dict[str, int] = field(default_factory=dict)
    whitelist: list[str] = field(default_factory=list)
    black_words: list[str] = field(default_factory=list)
    ip_allow: list[str] | None = None
    permitted: bool = True
    in_service: bool = True
    pull: bool = True
    session_in_receipts: bool = False

    def __post_init__(self) -> None:
        one_of("vendor", self.vendor, SMS_VENDORS)
        for raw in self.signs:
            SmsSign(**raw)
        for raw in self.templates:
            SmsTemplate(**raw)

    def sign(self, name: str) -> SmsSign | None:
        """The approved signature of that name, or None."""
        return next((s for s in (SmsSign(**raw) for raw in self.signs) if s.name == name and s.approved), None)

    def template(self, code: str) -> SmsTemplate | None:
        """The approved template with that code, or None."""
        return next((t for t in (SmsTemplate(**raw) for raw in self.templates) if t.code == code and t.approved), None)


@dataclass
class SmsNumber:
    """A mobile number (invented, eleven digits) whose messages have a fate other than what its ending says."""

    number: str
    fate: str = "delivered"
    code: str = ""

    def __post_init__(self) -> None:
        self.number = str(self.number)
        one_of("fate", self.fate, FATES)


@dataclass
class MailAccount:
    """A login of the mail server and the addresses it may send as; the one with no name serves who does not log in."""

    user: str
    password: str = ""
    senders: list[str] = field(default_factory=list)
    limits: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.senders = [sender.lower() for sender in self.senders]


@dataclass
class Mailbox:
    """A mailbox whose letters have a fate other than what its address says."""

    address: str
    fate: str = "taken"

    def __post_init__(self) -> None:
        self.address = self.address.lower()
        one_of("fate", self.fate, MAIL_FATES)


@dataclass
class Page:
    """An article of the school's own web site."""

    path: str
    title: str = ""


Actor = TypeVar("Actor", Account, Robot, Corp, App, Bot, Group, SmsAccount, SmsNumber, MailAccount, Mailbox, Page)

# The kind of document and its key field, by class.
PLACES: dict[type, tuple[str, str]] = {
    Account: ("account", "appid"),
    Robot: ("robot", "key"),
    Corp: ("corp", "corpid"),
    App: ("app", "key"),
    Bot: ("bot", "self_id"),
    Group: ("group", "group_id"),
    SmsAccount: ("sms_account", "key_id"),
    SmsNumber: ("sms_number", "number"),
    MailAccount: ("mail_account", "user"),
    Mailbox: ("mailbox", "address"),
    Page: ("page", "path"),
}


def one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    """Refuse a value outside the list, naming the field."""
    if value not in allowed:
        raise ValueError(f"{name} is one of {', '.join(allowed)}, not {value!r}")


def load(state: State, cls: type[Actor], key: object) -> Actor | None:
    """The actor with this key, or None."""
    doc = state.get(PLACES[cls][0], "", key)
    return cls(**doc) if doc is not None else None


def load_all(state: State, cls: type[Actor]) -> list[Actor]:
    """All actors of a class, in the order they were set up."""
    return [cls(**doc) for doc in state.page(PLACES[cls][0], "")]


def save(state: State, actor: Any) -> None:
    """Store an actor."""
    kind, key = PLACES[type(actor)]
    state.put(kind, "", getattr(actor, key), asdict(actor))


def upsert(state: State, cls: type[Actor], raw: Mapping[str, Any]) -> Actor:
    """Create an actor, or change only the named fields of one that exists; a misspelt field is refused."""
    kind, key = PLACES[cls]
    known = {f.name for f in fields(cls)}
    if unknown := set(raw) - known:
        raise ValueError(f"unknown {kind} fields: {sorted(unknown)}; known: {sorted(known)}")
    if raw.get(key) is None or (raw[key] == "" and cls is not MailAccount):
        raise ValueError(f"a {kind} needs {key!r}")
    old = state.get(kind, "", raw[key]) or {}
    actor = cls(**{**old, **raw})
    save(state, actor)
    return actor
