"""The letter: subject, plain text and HTML of a bundle, and the bytes that go to one person.

https://www.rfc-editor.org/rfc/rfc5322 by the standard library's EmailMessage, which also encodes what is not ASCII
(RFC 2047); no picture, no script, nothing that is fetched when it is read.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from email.charset import BASE64, Charset
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from html import escape
from typing import Any

from channels.mail.options import Options
from channels.words import clean, facts, heading, plain, purpose
from rules.bundle import Bundle, Piece
from rules.dates import SHANGHAI
from rules.text import cut_chars

#: Characters of the subject (a phone shows some 30), of a title and of a summary.
SUBJECT, TITLE, SUMMARY = 60, 200, 1000
FOOT = "此邮件由程序自动发出。"
_FONT = "font-family:'Microsoft YaHei','PingFang SC',sans-serif"
_SMALL = "margin:0 0 4px;font-size:13px;color:#666"


def _utf8() -> Charset:
    """UTF-8 in base64: what the standard library takes for it is a setting of the whole process, which others change."""
    found = Charset("utf-8")
    found.header_encoding = BASE64
    return found


class _Wire(EmailPolicy):
    """The standard library's policy for the wire, but for a subject that is not ASCII: its own folding may lose a blank."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name != "Subject" or str(value).isascii():
            return super().fold_binary(name, value)
        words = Header(str(value), _utf8(), header_name=name).encode(linesep=self.linesep)
        return f"{name}: {words}{self.linesep}".encode("ascii")


_WIRE = _Wire(linesep=SMTP.linesep)


def fitted(bundle: Bundle) -> tuple[Bundle, bool]:
    """The bundle as a letter shows it, and whether anything was cut; links are kept whole."""
    whole = clean(bundle)
    pieces = (replace(p, title=cut_chars(p.title, TITLE), summary=cut_chars(p.summary, SUMMARY)) for p in whole.pieces)
    cut = replace(whole, pieces=tuple(pieces))
    return cut, cut != whole


def subject(bundle: Bundle) -> str:
    """【信息公开】 and the first title; of several also how many."""
    first = purpose(bundle.pieces[0]) + bundle.pieces[0].title
    head, tail = f"【{bundle.kind}】", f" 等 {len(bundle.pieces)} 条" if len(bundle.pieces) > 1 else ""
    return head + cut_chars(first, SUBJECT - len(head) - len(tail)) + tail


def text(bundle: Bundle) -> str:
    """The plain text, its mark on the last line but one."""
    return f"{plain(bundle)}\n\n{FOOT}\n"


def html(bundle: Bundle) -> str:
    """The same for programs that show HTML."""
    pieces = "\n".join(_piece(piece) for piece in bundle.pieces)
    foot = " ".join(part for part in (bundle.mark, FOOT) if part)
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8"></head>\n'
        f'<body style="margin:16px;{_FONT};font-size:15px;line-height:1.6;color:#222">\n'
        f'<p style="{_SMALL}">{escape(heading(bundle))}</p>\n{pieces}\n'
        f'<p style="{_SMALL};border-top:1px solid #ddd;padding-top:8px">{escape(foot)}</p>\n</body></html>\n'
    )


def _piece(piece: Piece) -> str:
    title, small = escape(purpose(piece) + piece.title), escape(facts(piece))
    lines = [f'<p style="margin:16px 0 4px;font-size:17px;font-weight:bold">{title}</p>']
    lines += [f'<p style="margin:0 0 4px">{escape(piece.summary)}</p>'] if piece.summary else []
    lines += [f'<p style="{_SMALL}">{small}</p>'] if small else []
    lines += [f'<p style="margin:0 0 4px;word-break:break-all">{_link(piece.url)}</p>'] if piece.url else []
    return "\n".join(lines)


def _link(url: str) -> str:
    shown = escape(url)
    return f'<a href="{shown}">{shown}</a>' if url.startswith(("https://", "http://")) else shown


def message_id(key: str, address: str, secret: str, domain: str) -> str:
    """The same for every try of a push to a person, so that a letter sent again is known as the same one.

    The person stands in it as a keyed hash: it is kept in the log, and an address is easily guessed.
    """
    person = hmac.new(secret.encode(), f"{key}:{address.lower()}".encode(), hashlib.sha256).hexdigest()[:16]
    return f"<{key}.{person}@{domain}>"


def written(content: Mapping[str, Any], options: Options, to: str, message_id: str, now: datetime) -> bytes:
    """The letter to one person as it goes over the wire: lines end in CRLF, every byte is ASCII."""
    letter = EmailMessage(policy=_WIRE)
    letter["From"] = Address(options.name, addr_spec=options.sender)
    letter["To"] = Address(addr_spec=to)
    if options.reply_to:
        letter["Reply-To"] = Address(addr_spec=options.reply_to)
    letter["Subject"] = content["subject"]
    letter["Date"] = format_datetime(now.astimezone(SHANGHAI))
    letter["Message-ID"] = message_id
    letter["List-Id"] = f"<{options.list_id}>"
    letter["Auto-Submitted"] = "auto-generated"  # https://www.rfc-editor.org/rfc/rfc3834#section-5
    letter.set_content(content["text"], charset="utf-8", cte="base64")
    letter.add_alternative(content["html"], subtype="html", charset="utf-8", cte="base64")
    letter.set_boundary(f"=_{hashlib.sha256(message_id.encode()).hexdigest()[:32]}")
    return letter.as_bytes()
