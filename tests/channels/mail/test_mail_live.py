"""The channel against the sandbox's mail server over real SMTP: outcomes and the server's own books, side by side."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from channels.mail import Mail
from rules.outcome import Outcome
from tests.channels.mail.mail_support import ONE, PASSWORD, PEOPLE, SECRETS, USER, failure, mail, send
from tests.channels.samples import BUNDLES, bundle, target
from tests.channels.servers import Sandbox

YES, NO, LATER, UNSURE = Outcome.ACCEPTED, Outcome.REFUSED, Outcome.UNAVAILABLE, Outcome.UNCERTAIN
ACCOUNT = {"user": USER, "password": PASSWORD, "senders": [USER]}


class Case:
    """The account at the server, and our channel."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.address = str(sandbox.admin("healthz")["smtp"])
        sandbox.setup(mail_accounts=[ACCOUNT])

    def channel(self, **options: Any) -> Mail:
        return mail(self.address, **options)

    def outcomes(self, people: list[str]) -> list[Outcome]:
        by = {sent.address: sent.outcome for sent in send(self.channel(), people)}
        return [by[person] for person in people]

    def books(self) -> list[dict[str, Any]]:
        return list(self.sandbox.books()["mail"])

    def booked(self) -> Counter[str]:
        return Counter(line["rcpt"] for line in self.books())


@pytest.fixture
def case(sandbox: Sandbox) -> Case:
    return Case(sandbox)


def test_each_person_gets_a_letter_of_his_own_and_sees_nobody_else(case: Case) -> None:
    sent = send(case.channel(reply_to="office@example.edu.cn", bounces=USER), PEOPLE)
    assert [each.outcome for each in sent] == [YES] * 5
    assert {each.reason for each in sent} == {"已提交（对方邮件服务器已接收）"}
    for line, person in zip(case.books(), PEOPLE, strict=True):
        assert (line["rcpt"], line["visible"]) == (person, [person])
        assert (line["reply_to"], line["return_path"]) == ("office@example.edu.cn", USER)
        assert (line["auto_submitted"], line["list_id"]) == ("auto-generated", "<xxgk.example.edu.cn>")
    assert [each.vendor_id for each in sent] == [line["message_id"] for line in case.books()]
    assert case.sandbox.flags() == []


@pytest.mark.parametrize("name", sorted(BUNDLES))
def test_the_strict_server_takes_every_kind_of_letter_and_reads_the_text_we_log(case: Case, name: str) -> None:
    shown = case.channel().render(BUNDLES[name], target("email", "staff@example.edu.cn"))
    assert [each.outcome for each in send(case.channel(), [ONE], BUNDLES[name])] == [YES]
    [line] = case.books()
    assert line["text"].replace("\r\n", "\n") == shown.text
    assert line["html"].replace("\r\n", "\n") == shown.payload["html"]
    assert line["subject"] == shown.payload["subject"]


def test_one_connection_and_one_login_carry_a_whole_call(case: Case) -> None:
    many = [f"p{n:03d}@example.edu.cn" for n in range(case.channel().limits.addresses)]
    assert set(case.outcomes(many)) == {YES}
    calls = case.sandbox.books()["calls"]
    assert (calls["mail.CONNECT"], calls["mail.AUTH"], calls["mail.END"]) == (1, 1, len(many))


def test_half_the_recipients_are_invalid_and_the_other_half_has_its_letter(case: Case) -> None:
    good, bad = PEOPLE[:4], [f"nobody.{n}@example.edu.cn" for n in range(4)]
    mixed = [each for pair in zip(good, bad, strict=True) for each in pair]
    assert case.outcomes(mixed) == [YES, NO] * 4
    assert case.booked() == Counter(good)


def test_each_mailbox_has_its_own_answer(case: Case) -> None:
    fates = {"nobody": NO, "closed": NO, "full": LATER, "grey": LATER, "strict": NO}
    people = [f"{word}.a@example.edu.cn" for word in fates]
    assert case.outcomes([*people, ONE]) == [*fates.values(), YES]
    assert case.booked() == Counter([ONE])


def test_who_was_greylisted_gets_the_letter_at_the_next_try_under_the_same_number(case: Case) -> None:
    [first] = send(case.channel(), ["grey.a@example.edu.cn"])
    assert first.retry_after is not None
    case.sandbox.forward(first.retry_after)
    [second] = send(case.channel(), ["grey.a@example.edu.cn"])
    assert (first.outcome, second.outcome) == (LATER, YES)
    assert case.booked() == Counter(["grey.a@example.edu.cn"])


#: What is lost, when, the outcomes of three persons with the fault at the second, and how many letters were booked.
FAULTS = [
    ("mail.CONNECT", "before", "before", None, 0),
    ("mail.CONNECT", "html", "before", None, 0),
    ("mail.AUTH", "before", "before", None, 0),
    ("mail.AUTH", "after", "after", None, 0),
    ("mail.MAIL", "before", "before", [YES, LATER, LATER], 1),
    ("mail.MAIL", "reset", "after", [YES, LATER, LATER], 1),
    ("mail.MAIL", "html", "before", [YES, LATER, LATER], 1),
    ("mail.RCPT", "before", "before", [YES, LATER, LATER], 1),
    ("mail.RCPT", "after", "after", [YES, LATER, LATER], 1),
    ("mail.DATA", "before", "before", [YES, LATER, LATER], 1),
    ("mail.DATA", "html", "before", [YES, LATER, LATER], 1),
    ("mail.END", "before", "before", [YES, UNSURE, LATER], 1),
    ("mail.END", "after", "after", [YES, UNSURE, LATER], 2),
    ("mail.END", "reset", "before", [YES, UNSURE, LATER], 1),
    ("mail.END", "reset", "after", [YES, UNSURE, LATER], 2),
    ("mail.END", "html", "after", [YES, UNSURE, LATER], 2),
]


@pytest.mark.parametrize(("call", "kind", "when", "outcomes", "booked"), FAULTS)
def test_a_lost_connection_is_uncertain_only_for_the_letter_that_had_been_sent_to_its_dot(
    case: Case, call: str, kind: str, when: str, outcomes: list[Outcome] | None, booked: int
) -> None:
    case.sandbox.fault(call, kind, when=when, skip=0 if outcomes is None else 1)
    people = PEOPLE[:3]
    if outcomes is None:
        assert failure(case.channel(), people).outcome is LATER
    else:
        assert case.outcomes(people) == outcomes
    assert case.booked() == Counter(people[:booked])


def test_what_surely_was_not_sent_is_sent_once_at_the_next_try_and_nobody_gets_two(case: Case) -> None:
    case.sandbox.fault("mail.MAIL", "reset", skip=2)
    first = dict(zip(PEOPLE, case.outcomes(PEOPLE), strict=True))
    again = [person for person, outcome in first.items() if outcome is LATER]
    assert len(again) == 3
    assert set(case.outcomes(again)) == {YES}
    assert case.booked() == Counter(PEOPLE)


@pytest.mark.parametrize(("call", "skip", "outcomes"), [
    ("mail.MAIL", 1, [YES, LATER, LATER]), ("mail.RCPT", 1, [YES, LATER, LATER]), ("mail.END", 1, [YES, LATER, YES]),
])  # fmt: skip
def test_a_goodbye_in_the_middle_is_no_letter_sent(case: Case, call: str, skip: int, outcomes: list[Outcome]) -> None:
    case.sandbox.fault(call, "error", errcode=421, errmsg="4.3.2 Service shutting down", skip=skip)
    assert case.outcomes(PEOPLE[:3]) == outcomes
    assert case.booked() == Counter(p for p, o in zip(PEOPLE[:3], outcomes, strict=True) if o is YES)


def test_a_letter_sent_again_after_an_uncertain_end_is_known_as_the_same_one(case: Case) -> None:
    case.sandbox.fault("mail.END", "after")
    assert case.outcomes([ONE]) == [UNSURE]
    assert case.outcomes([ONE]) == [YES]
    first, second = case.books()
    assert first["message_id"] == second["message_id"]


def test_an_account_over_its_limits_waits_and_the_others_are_not_tried(case: Case) -> None:
    case.sandbox.setup(mail_accounts=[{"user": USER, "limits": {"minute": 2}}])
    assert case.outcomes(PEOPLE) == [YES, YES, *[Outcome.THROTTLED] * 3]
    assert case.sandbox.books()["refused"]["mail.MAIL"] == {"4.7.1": 1}


@pytest.mark.parametrize(("change", "named"), [
    ({"password": "other"}, "MAIL_USER"), ({"senders": ["other@example.edu.cn"]}, "channels.email.from"),
])  # fmt: skip
def test_a_wrong_login_or_sender_is_ours_and_check_names_the_setting(case: Case, change: Any, named: str) -> None:
    case.sandbox.setup(mail_accounts=[ACCOUNT | change])
    try:
        outcomes = case.outcomes(PEOPLE)
    except Exception as error:
        outcomes = [error.outcome]  # type: ignore[attr-defined]
    assert set(outcomes) == {Outcome.MISCONFIGURED}
    wrong = [finding for finding in case.channel().check([]) if not finding.ok]
    assert [finding.key for finding in wrong] == [named]
    assert all(finding.fix for finding in wrong)
    assert case.booked() == Counter()


def test_check_finds_all_well_and_sends_nothing(case: Case) -> None:
    targets = [target("email", "名单:教职工"), target("email", "staff@example.edu.cn", number="T02")]
    findings = case.channel().check(targets)
    assert [finding.ok for finding in findings] == [True] * 4
    assert case.booked() == Counter()
    [wrong] = [each for each in case.channel().check([target("email", "全校教职工")]) if not each.ok]
    assert (wrong.key, "名单:教职工" in wrong.fix) == ("targets.csv T01", True)


def test_check_says_that_nobody_is_there() -> None:
    [finding] = mail("smtp://127.0.0.1:1").check([])
    assert (finding.key, finding.ok) == ("channels.email.api_base", False)
    assert finding.fix


def test_a_server_without_a_login_is_written_to_without_one(case: Case) -> None:
    channel = mail(case.address, secrets={}, login=False)
    assert channel.missing([]) == []
    assert [each.outcome for each in send(channel)] == [Outcome.MISCONFIGURED]  # this one wants a login
    case.sandbox.setup(mail_accounts=[{"user": ""}])
    assert [each.outcome for each in send(channel)] == [YES]


@pytest.mark.parametrize("absent", ["MAIL_USER", "MAIL_PASSWORD"])
def test_a_key_that_is_not_filled_in_is_named_and_nothing_is_asked(case: Case, absent: str) -> None:
    secrets = {name: value for name, value in SECRETS.items() if name != absent}
    channel = mail(case.address, secrets=secrets)
    assert [finding.key for finding in channel.missing([])] == [absent]
    error = failure(channel)
    assert error.outcome is Outcome.MISCONFIGURED and absent in error.advice
    assert case.sandbox.books()["calls"] == {}


def test_a_mailing_list_is_one_address(case: Case) -> None:
    assert [each.outcome for each in send(case.channel(), ["staff@example.edu.cn"], bundle())] == [YES]
    [sample] = case.channel().measure(target("email", "staff@example.edu.cn"))
    assert (sample.metric, sample.value, sample.basis) == ("应达", 286, "人工填报")
    assert case.channel().measure(target("email", "名单:教职工")) == []
