"""Recorded answers of mail servers (Postfix, Exchange, and the hosted mail of schools), each with what it must become."""

from __future__ import annotations

from typing import Any

import pytest

from channels.base import SendError, Sent
from rules.outcome import Outcome
from tests.channels.mail.mail_support import HANG_UP, ONE, PASSWORD, PEOPLE, USER, failure, mail, running_talker, send

NO, OURS, SLOW = Outcome.REFUSED, Outcome.MISCONFIGURED, Outcome.THROTTLED
LATER, UNSURE, YES = Outcome.UNAVAILABLE, Outcome.UNCERTAIN, Outcome.ACCEPTED

#: Where it was said, the answer, the outcome for that person, its code.
PERSONAL = [
    ("RCPT", f"550 5.1.1 <{ONE}>: Recipient address rejected: User unknown in virtual mailbox table", NO, "550 5.1.1"),
    ("RCPT", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", NO, "550 5.1.10"),
    ("RCPT", f"550 Mailbox not found: {ONE}", NO, "550"),
    ("RCPT", "550 User suspended", NO, "550"),
    ("RCPT", f"554 5.7.1 <{ONE}>: Relay access denied", NO, "554 5.7.1"),
    ("RCPT", "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", NO, "553"),
    ("RCPT", f"450 4.2.0 <{ONE}>: Recipient address rejected: Greylisted, see postgrey help", LATER, "450 4.2.0"),
    ("RCPT", "451 4.7.1 Greylisting in action, please come back later", SLOW, "451 4.7.1"),
    ("RCPT", "452 4.2.2 The email account is over quota", LATER, "452 4.2.2"),
    ("RCPT", "552 5.2.2 Mailbox size limit exceeded", NO, "552 5.2.2"),
    ("RCPT", "452 4.5.3 Error: too many recipients", SLOW, "452 4.5.3"),
    ("RCPT", "421 4.7.0 Too many errors, closing", SLOW, "421 4.7.0"),
    ("RCPT", "599 something new", NO, "599"),
    ("RCPT", "499 something new", LATER, "499"),
    ("RCPT", HANG_UP, LATER, ""),
    ("RCPT", "<html>502</html>", LATER, ""),
    ("RCPT", "354 go on", LATER, ""),
    ("DATA", "554 5.5.1 Error: no valid recipients", NO, "554 5.5.1"),
    ("DATA", "451 4.3.0 Error: queue file write error", LATER, "451 4.3.0"),
    ("DATA", "250 2.0.0 Ok", LATER, ""),
    ("DATA", HANG_UP, LATER, ""),
    ("DOT", "554 5.7.1 Message rejected as spam by Content Filtering.", NO, "554 5.7.1"),
    ("DOT", "550 5.7.26 Unauthenticated email from example.edu.cn is not accepted due to domain's DMARC policy", NO, "550 5.7.26"),
    ("DOT", "552 5.3.4 Message size exceeds fixed limit", NO, "552 5.3.4"),
    ("DOT", "550 5.4.5 Daily user sending limit exceeded", SLOW, "550 5.4.5"),
    ("DOT", "451 4.3.0 Error: queue file write error", LATER, "451 4.3.0"),
    ("DOT", "452 4.3.1 Insufficient system storage", LATER, "452 4.3.1"),
    ("DOT", "421 4.3.2 Service shutting down", LATER, "421 4.3.2"),
    ("DOT", HANG_UP, UNSURE, ""),
    ("DOT", "<html>502 Bad Gateway</html>", UNSURE, ""),
    ("DOT", "354 go on", UNSURE, ""),
    ("DOT", "099 what", UNSURE, ""),
    ("DOT", "250 ok", YES, "250"),
    ("DOT", "250-first\r\n250 second", YES, "250"),
]  # fmt: skip

#: Answers that concern every letter: where, the answer, the outcome of all, the setting that is named.
COMMON = [
    ("HELLO", "554 5.7.1 Service unavailable; Client host blocked", OURS, "channels.email.api_base"),
    ("HELLO", "421 4.3.2 Too busy", LATER, ""),
    ("HELLO", "<html>400</html>", LATER, "channels.email.api_base"),
    ("HELLO", HANG_UP, LATER, "channels.email.api_base"),
    ("EHLO", "501 5.5.4 Invalid domain name", OURS, "channels.email.api_base"),
    ("EHLO", "250 no login here", OURS, "login = false"),
    ("AUTH", "535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6", OURS, "MAIL_PASSWORD"),
    ("AUTH", "535 Error: authentication failed, system busy", OURS, "授权码"),
    ("AUTH", "526 Authentication failure", OURS, "MAIL_PASSWORD"),
    ("AUTH", "454 4.7.0 Temporary authentication failure", SLOW, ""),
    ("AUTH", HANG_UP, LATER, ""),
    ("MAIL", "530 5.7.0 Must issue a STARTTLS command first", OURS, "MAIL_USER"),
    (
        "MAIL",
        "553 5.7.1 <xxgk@example.edu.cn>: Sender address rejected: not owned by user",
        OURS,
        "channels.email.from",
    ),
    ("MAIL", "501 mail from address must be same as authorization user", OURS, "channels.email.from"),
    ("MAIL", "550 5.7.60 SMTP; Client does not have permissions to send as this sender", OURS, "channels.email.from"),
    ("MAIL", "550 5.4.5 Daily sending quota exceeded", SLOW, "per_day"),
    ("MAIL", "450 4.7.1 Error: too much mail", SLOW, ""),
    ("MAIL", "552 5.3.4 Message size exceeds fixed limit", NO, ""),
    ("MAIL", "421 4.4.2 Error: timeout exceeded", LATER, ""),
    ("MAIL", HANG_UP, LATER, ""),
]


@pytest.mark.parametrize(("where", "said", "outcome", "code"), PERSONAL)
def test_what_is_said_of_one_person_and_letter(where: str, said: str, outcome: Outcome, code: str) -> None:
    with running_talker(**{where: said}) as talker:
        [sent] = send(mail(talker.address))
    assert (sent.outcome, sent.code) == (outcome, code)
    assert sent.reason
    assert len(talker.letters) == (where == "DOT")


@pytest.mark.parametrize(("where", "said", "outcome", "code"), [case for case in PERSONAL if case[2] is not UNSURE])
def test_an_answer_to_one_person_does_not_hold_the_others(where: str, said: str, outcome: Outcome, code: str) -> None:
    usual = {"RCPT": "250 2.1.5 Ok", "DATA": "354 go", "DOT": "250 2.0.0 Ok"}[where]
    with running_talker(**{where: [usual, said, usual]}) as talker:
        sent = send(mail(talker.address), PEOPLE[:3])
    first, second, third = (each.outcome for each in sent)
    assert (first, second) == (YES, outcome)
    gone = (
        said == HANG_UP
        or not said[:3].isdigit()
        or said.startswith(("421", "354"))
        or (where, said[:3]) == ("DATA", "250")
    )
    assert third is (YES if not gone else third)
    assert third in (YES, LATER)


@pytest.mark.parametrize(("where", "said", "outcome", "named"), COMMON)
def test_what_concerns_every_letter_is_the_answer_for_all_and_names_the_fix(
    where: str, said: str, outcome: Outcome, named: str
) -> None:
    with running_talker(**{where: said}) as talker:
        told = [said_of(talker.address, [person]) for person in PEOPLE[:1]] + said_of_all(talker.address)
    assert {each.outcome for each in told} == {outcome}
    assert all(named in f"{getattr(each, 'advice', '')}{each.reason}" for each in told)
    assert talker.letters == []


def said_of(address: str, people: list[str]) -> Sent | SendError:
    try:
        return send(mail(address), people)[0]
    except SendError as error:
        return error


def said_of_all(address: str) -> list[Any]:
    try:
        return list(send(mail(address), PEOPLE))
    except SendError as error:
        return [error]


def test_after_the_servers_no_to_our_sender_the_others_are_not_tried() -> None:
    with running_talker(MAIL="553 5.7.1 not owned by user") as talker:
        assert {each.outcome for each in send(mail(talker.address), PEOPLE)} == {OURS}
    assert sum(line.startswith("MAIL") for line in talker.heard) == 1


def test_an_answer_that_does_not_come_in_time_is_uncertain_for_that_letter_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("channels.mail.wire.END", 0.2)
    with running_talker(DOT=["250 Ok", "250-hold on", "250 Ok"]) as talker:  # the last line never comes
        sent = send(mail(talker.address), PEOPLE[:3])
    assert [each.outcome for each in sent] == [YES, UNSURE, LATER]
    assert len(talker.letters) == 2


def test_a_slow_server_is_left_before_the_lease_ends_and_the_rest_goes_on_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ticks = iter(range(0, 1000, 20))
    monkeypatch.setattr("channels.mail.channel.time.monotonic", lambda: next(ticks))
    with running_talker() as talker:
        sent = send(mail(talker.address), PEOPLE)
    assert [each.outcome for each in sent] == [YES, LATER, LATER, LATER, LATER]
    assert {each.retry_after.total_seconds() for each in sent[1:] if each.retry_after is not None} == {0}


def test_nobody_there_is_surely_not_sent() -> None:
    error = failure(mail("smtp://127.0.0.1:1"), PEOPLE)
    assert error.outcome is LATER and "channels.email.api_base" in error.advice


@pytest.mark.parametrize("address", [
    "", "甲", "t001", "t001@", "@example.edu.cn", "t001@example", "a b@example.edu.cn", "t001＠example.edu.cn",
    "张三@example.edu.cn", "a@example.edu.cn\r\nRCPT TO:<b@example.edu.cn>", "a@example.edu.cn>", "<a@example.edu.cn>",
    "a@example.edu.cn,b@example.edu.cn", '"a"@example.edu.cn', "a..b@example.edu.cn", "a@example..cn", "a" * 95 + "@b.cn",
])  # fmt: skip
def test_what_is_no_mailbox_never_reaches_the_server(address: str) -> None:
    with running_talker() as talker:
        assert [each.outcome for each in send(mail(talker.address), [address])] == [NO]
        assert talker.heard == []
        mixed = {each.address: each.outcome for each in send(mail(talker.address), [address, ONE])}
    assert mixed == {address: NO, ONE: YES}
    assert [line for line in talker.heard if line.startswith("RCPT")] == [f"RCPT TO:<{ONE.upper()}>"]


def test_a_bad_address_beside_a_server_that_is_away_keeps_its_own_answer() -> None:
    sent = {each.address: each.outcome for each in send(mail("smtp://127.0.0.1:1"), ["甲", ONE])}
    assert sent == {"甲": NO, ONE: LATER}


@pytest.mark.parametrize(("where", "said", "outcome", "code"), PERSONAL)
def test_no_mailbox_and_no_password_stands_in_what_is_kept_of_an_answer(
    where: str, said: str, outcome: Outcome, code: str
) -> None:
    with running_talker(**{where: said}) as talker:
        [sent] = send(mail(talker.address))
    kept = f"{sent.reason}{sent.raw}{sent.code}{sent.vendor_id}{dict(sent.evidence)}"
    assert ONE not in kept and ONE.split("@")[0] not in kept and PASSWORD not in kept


def test_a_refused_login_repeats_neither_user_nor_password() -> None:
    with running_talker(AUTH=f"535 5.7.8 {USER} {PASSWORD} wrong") as talker:
        error = failure(mail(talker.address))
    assert USER not in f"{error}{error.raw}"


def test_a_line_that_begins_with_a_dot_and_a_lone_dot_arrive_whole() -> None:
    from channels.mail.wire import begin, connect, hand_over

    with running_talker() as talker:
        line = connect(mail(talker.address).options, None)
        assert begin(line, USER) is None
        hand_over(line, ONE, b"A: b\r\n\r\n.\r\n..x\r\n.y\r\n")
        line.close()
    assert talker.letters == [b"A: b\r\n\r\n..\r\n...x\r\n..y\r\n"]
