"""A letter as it came over the wire: what the standards forbid in it, and what its reader sees.

RFC 5321 section 2.3.8 and 4.5.3.1.6 (lines), RFC 5322 section 3.6 (fields), RFC 6152 (8 bits), RFC 6531 (SMTPUTF8).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

from sandbox.state import Doc

LINE = 998
#: RFC 5322 section 3.6: each of these stands there exactly once; each of those at most once.
ONCE = ("Date", "From", "Message-ID")
AT_MOST_ONCE = ("Subject", "To", "Cc", "Reply-To", "Sender", "MIME-Version", "Content-Type")
MESSAGE_ID = re.compile(r"<[^<>@\s]+@[^<>@\s]+>")


@dataclass(frozen=True)
class Letter:
    """What a reader's program makes of it."""

    sender: str
    visible: tuple[str, ...]
    subject: str
    message_id: str
    date: str
    text: str
    html: str
    reply_to: str
    list_id: str
    auto_submitted: str
    size: int

    def as_doc(self) -> Doc:
        """As the books keep it."""
        return {**asdict(self), "visible": list(self.visible)}


def wrong_in(raw: bytes, *, utf8: bool, eight: bool) -> str:
    """The first thing in a letter that a strict server refuses; empty if there is none."""
    head, blank, body = raw.partition(b"\r\n\r\n")
    if re.search(rb"\r(?!\n)|(?<!\r)\n|\0", raw):
        return "bare CR, bare LF or NUL in message"
    if any(len(line) > LINE for line in raw.split(b"\r\n")):
        return f"line longer than {LINE} octets"
    if not blank:
        return "no blank line between header and body"
    if not head.isascii() and not utf8:
        return "non-ASCII header without SMTPUTF8"
    if not body.isascii() and not (eight or utf8):
        return "8-bit body without BODY=8BITMIME"
    return next(_wrong_fields(_parsed(raw)), "")


def _parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


def _wrong_fields(message: EmailMessage) -> Iterator[str]:
    for name in ONCE:
        if len(message.get_all(name, [])) != 1:
            yield f"{name} must stand there exactly once"
    for name in AT_MOST_ONCE:
        if len(message.get_all(name, [])) > 1:
            yield f"{name} stands there more than once"
    if not MESSAGE_ID.fullmatch(str(message["Message-ID"]).strip()):
        yield "Message-ID is not of the form <left@right>"
    try:
        parsedate_to_datetime(str(message["Date"]))
    except ValueError:
        yield "Date cannot be read"
    if len(message["From"].addresses) != 1 or "@" not in message["From"].addresses[0].addr_spec:
        yield "From is not one address"
    if message["To"] is None and message["Cc"] is None:
        yield "neither To nor Cc"
    for part in message.walk():
        yield from (f"defect: {type(defect).__name__}" for defect in part.defects)
        yield from (f"defect in {name}: {d}" for name, value in part.items() for d in getattr(value, "defects", ()))


def read(raw: bytes) -> Letter:
    """What a reader sees of a letter that has passed `wrong_in`."""
    message = _parsed(raw)
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    named = [each.addr_spec.lower() for name in ("To", "Cc") if message[name] for each in message[name].addresses]
    sender = message["From"].addresses[0]
    return Letter(
        sender=f"{sender.display_name} <{sender.addr_spec}>" if sender.display_name else sender.addr_spec,
        visible=tuple(named),
        subject=str(message["Subject"] or ""),
        message_id=str(message["Message-ID"]).strip(),
        date=str(message["Date"]),
        text=str(plain.get_content()) if plain else "",
        html=str(html.get_content()) if html else "",
        reply_to=str(message["Reply-To"] or ""),
        list_id=str(message["List-Id"] or ""),
        auto_submitted=str(message["Auto-Submitted"] or ""),
        size=len(raw),
    )
