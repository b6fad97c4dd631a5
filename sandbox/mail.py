"""The school's mail server (RFC 5321): logins, whose letters it takes, which mailboxes there are, and the book of letters.

Addresses are invented, always. What becomes of a letter is what `setup` says of its mailbox (`mailboxes`), else what
the first word of its name says: nobody.x@… no such mailbox, closed.x@… disabled, full.x@… full, grey.x@… asked to come
again in a minute, strict.x@… refuses the letter itself; everything else is taken.
"""

from __future__ import annotations

import secrets
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from sandbox.actors import MailAccount, Mailbox, load
from sandbox.clock import day_of, iso
from sandbox.mail_letter import Letter, read, wrong_in
from sandbox.state import Doc
from sandbox.world import World

#: RFC 5321 section 4.5.3.1.8: a server must take a hundred, and this one takes no more.
RECIPIENTS = 100
SIZE = 10 * 1024 * 1024
GREY_SECONDS, SHOWN = 60.0, 5
ENDINGS = {"nobody": "unknown", "closed": "closed", "full": "full", "grey": "grey", "strict": "strict"}
#: RFC 3463: what is said of a recipient.
REFUSALS = {
    "unknown": "550 5.1.1 <{0}>: Recipient address rejected: User unknown",
    "closed": "550 5.2.1 <{0}>: mailbox disabled, not accepting messages",
    "full": "452 4.2.2 <{0}>: mailbox full",
    "over_quota": "552 5.2.2 <{0}>: mailbox over quota",
}
GREYLISTED = "450 4.2.0 <{0}>: Recipient address rejected: Greylisted, try again later"
OK = "250 2.0.0 Ok: queued as {0}"


class Post:
    """What aiosmtpd asks: its hooks return the reply."""

    def __init__(self, world: World) -> None:
        self.world = world

    def login(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        """Whether a user and password belong together; both PLAIN and LOGIN bring them here."""
        assert isinstance(data, LoginPassword)
        user = data.login.decode(errors="replace")
        account = load(self.world.state, MailAccount, user)
        good = account is not None and user != "" and account.password == data.password.decode(errors="replace")
        # `handled` False lets aiosmtpd say 535 5.7.8 itself.
        return AuthResult(success=good, handled=False, auth_data=user if good else None)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Who sends, and whether this account may send so, and so much."""
        account = self._account(session)
        if account is None:
            return self._no("mail.MAIL", "530 5.7.0 Authentication required")
        if account.senders and address.lower() not in account.senders:
            return self._no("mail.MAIL", f"553 5.7.1 <{address}>: Sender address rejected: not owned by user")
        if refusal := self._spent(account):
            return self._no("mail.MAIL", refusal)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Whether there is such a mailbox and it takes anything."""
        if len(envelope.rcpt_tos) >= RECIPIENTS:
            return self._no("mail.RCPT", "452 4.5.3 Error: too many recipients")
        fate = self._fate(address)
        if fate in REFUSALS:
            return self._no("mail.RCPT", REFUSALS[fate].format(address))
        if fate == "grey" and self._too_early(address):
            return self._no("mail.RCPT", GREYLISTED.format(address))
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Look at the letter as strictly as the standards ask, and book it for each recipient."""
        raw = bytes(envelope.original_content or b"")
        options = [option.upper() for option in envelope.mail_options]
        wrong = wrong_in(raw, utf8="SMTPUTF8" in options, eight="BODY=8BITMIME" in options)
        if wrong:
            return self._no("mail.END", f"550 5.6.0 {wrong}")
        if any(self._fate(each) == "strict" for each in envelope.rcpt_tos):
            return self._no("mail.END", "554 5.7.1 message content rejected")
        account = self._account(session)
        assert account is not None
        return OK.format(self._book(account, envelope, read(raw)))

    def _account(self, session: Session) -> MailAccount | None:
        """The account of a session; the one without a name serves those who do not log in, if it is set up."""
        return load(self.world.state, MailAccount, session.auth_data or "")

    def _fate(self, address: str) -> str:
        mailbox = load(self.world.state, Mailbox, address.lower())
        return mailbox.fate if mailbox else ENDINGS.get(address.partition(".")[0].lower(), "taken")

    def _too_early(self, address: str) -> bool:
        state, now = self.world.state, self.world.now()
        with state.transaction():
            first = state.get("mail_grey", "", address.lower()) or {"at": now}
            state.put("mail_grey", "", address.lower(), first)
        return now - float(first["at"]) < GREY_SECONDS

    def _spent(self, account: MailAccount) -> str:
        state, now, limits = self.world.state, self.world.now(), account.limits
        if "minute" in limits and state.hits_since(f"mail:{account.user}", now - 60) >= limits["minute"]:
            return "450 4.7.1 Error: too much mail from this account, try again later"
        if "day" in limits and state.used(f"mail:{account.user}", day_of(now)) >= limits["day"]:
            return "550 5.4.5 Daily sending quota exceeded"
        return ""

    def _no(self, name: str, reply: str) -> str:
        self.world.state.tally(name, reply.split()[1])
        return reply

    def _book(self, account: MailAccount, envelope: Envelope, letter: Letter) -> str:
        """One line for each recipient; returns the number under which the letter is queued."""
        state, now, queued = self.world.state, self.world.now(), secrets.token_hex(5).upper()
        with state.transaction():
            for rcpt in envelope.rcpt_tos:
                doc: Doc = {"rcpt": rcpt, "at": iso(now), "return_path": envelope.mail_from, "user": account.user}
                doc |= {"queued_as": queued, "nickname": letter.sender, **letter.as_doc()}
                state.post("mail", rcpt.lower(), now, doc)
                self._show(rcpt.lower())
            state.hit(f"mail:{account.user}", now, len(envelope.rcpt_tos))
            state.use(f"mail:{account.user}", day_of(now), len(envelope.rcpt_tos))
            unnamed = [rcpt for rcpt in envelope.rcpt_tos if rcpt.lower() not in letter.visible]
            if unnamed or len(letter.visible) > 1:
                state.flag(
                    now, "mail.END", f"{len(letter.visible)} addresses in To and Cc, {len(unnamed)} only outside"
                )
        return queued

    def _show(self, address: str) -> None:
        """The phone page shows the first few mailboxes."""
        if len(shown := shown_mailboxes(self.world)) < SHOWN and address not in shown:
            self.world.state.put("mail_shown", "", address, {"address": address})


def shown_mailboxes(world: World) -> list[str]:
    """The few mailboxes that the phone page shows, in the order they first got a letter."""
    return [doc["address"] for doc in world.state.page("mail_shown", "")]
