"""Both vendors over real HTTP against the sandbox, which checks signatures, templates, limits and numbers by itself."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from channels import make
from channels.base import Word
from channels.sms.channel import Sms
from rules.outcome import Outcome
from rules.states import Basis
from tests.channels.samples import KEY, NOW, Ticks, bundle, piece, setting, target
from tests.channels.servers import Sandbox
from tests.channels.sms.sms_support import (
    ALIYUN,
    CALLBACK,
    NUMBERS,
    ONE,
    SECRETS,
    SIGN,
    TENCENT,
    attempt,
    failure,
    send,
)

OFF, NOBODY, NEVER, BLACK = "13800000991", "13800000992", "13800000993", "13800000994"
PATHS = {"sms_aliyun": "aliyun-sms", "sms_tencent": "tencent-sms"}
OPTIONS = {"sms_aliyun": ALIYUN, "sms_tencent": TENCENT}
CALLS = {"sms_aliyun": "aliyun.SendSms", "sms_tencent": "tencent.SendSms"}
ACCOUNTS: dict[str, dict[str, Any]] = {
    "sms_aliyun": {
        "key_id": SECRETS["ALIYUN_SMS_KEY_ID"], "secret": SECRETS["ALIYUN_SMS_KEY_SECRET"], "vendor": "aliyun",
        "templates": [{"code": ALIYUN["template"], "text": ALIYUN["text"]}],
    },
    "sms_tencent": {
        "key_id": SECRETS["TENCENT_SMS_SECRET_ID"], "secret": SECRETS["TENCENT_SMS_SECRET_KEY"], "vendor": "tencent",
        "app_id": TENCENT["app_id"], "templates": [{"code": TENCENT["template"], "text": TENCENT["text"]}],
        "limits": {"variable": 35},
    },
}  # fmt: skip
M, H = timedelta(minutes=1), timedelta(hours=1)


class Case:
    """A vendor's account in the sandbox, and our channel with a clock that goes along."""

    def __init__(self, sandbox: Sandbox, name: str) -> None:
        self.sandbox, self.name, self.clock = sandbox, name, Ticks()
        self.account()

    def account(self, **changes: Any) -> None:
        """Change the account at the vendor."""
        self.sandbox.setup(sms_accounts=[{**ACCOUNTS[self.name], "signs": [{"name": SIGN}], **changes}])

    def channel(self, **options: Any) -> Sms:
        set_as = setting(self.name, f"{self.sandbox.base}/{PATHS[self.name]}", **{**OPTIONS[self.name], **options})
        made = make(set_as, SECRETS, self.clock)
        assert isinstance(made, Sms)
        return made

    def forward(self, by: timedelta) -> None:
        self.sandbox.forward(by)
        self.clock.now += by

    def outcomes(self, numbers: list[str]) -> dict[str, Outcome]:
        return {sent.address: sent.outcome for sent in send(self.channel(), numbers)}

    def booked(self) -> Counter[str]:
        """How often the vendor itself holds to have sent to each number."""
        return Counter(line["number"] for line in self.sandbox.books()["sms"])


@pytest.fixture(params=sorted(PATHS))
def case(sandbox: Sandbox, request: pytest.FixtureRequest) -> Case:
    return Case(sandbox, request.param)


@pytest.fixture
def aliyun_case(sandbox: Sandbox) -> Case:
    return Case(sandbox, "sms_aliyun")


@pytest.fixture
def tencent_case(sandbox: Sandbox) -> Case:
    return Case(sandbox, "sms_tencent")


def test_the_vendor_writes_the_very_text_and_segments_that_we_logged(case: Case) -> None:
    long = bundle(piece(title="关于" + "进一步加强和规范学校信息公开工作" * 2, department="党委办公室学校办公室"))
    for of, segments in ((bundle(), 1), (long, 2)):
        shown = case.channel().render(of, target(case.name, "LIST_A"))
        send(case.channel(), [ONE], of)
        booked = case.sandbox.books()["sms"][-1]
        assert (booked["text"], booked["segments"]) == (shown.text, segments)
        assert shown.payload["segments"] == segments
        assert (booked["ref"], booked["number"]) == (KEY, ONE)
        case.forward(M)
    assert case.sandbox.flags() == []


def test_a_call_as_full_as_the_vendor_allows_is_taken(case: Case) -> None:
    many = [f"1380001{n:04d}" for n in range(case.channel().limits.addresses)]
    assert set(case.outcomes(many).values()) == {Outcome.ACCEPTED}
    assert case.booked() == Counter(many)


@pytest.mark.parametrize(("kind", "when", "sent"), [
    ("before", "before", 0), ("after", "after", 1), ("502", "before", 0), ("502", "after", 1), ("reset", "after", 1),
    ("html", "before", 0),
])  # fmt: skip
def test_a_lost_answer_is_uncertain_and_nothing_is_sent_again(case: Case, kind: str, when: str, sent: int) -> None:
    case.sandbox.fault(CALLS[case.name], kind, when=when)
    assert failure(case.channel(), NUMBERS).outcome is Outcome.UNCERTAIN
    assert case.booked() == Counter(NUMBERS * sent)


@pytest.mark.parametrize(("change", "outcome"), [
    ({"signs": []}, Outcome.MISCONFIGURED), ({"signs": [{"name": SIGN, "approved": False}]}, Outcome.MISCONFIGURED),
    ({"templates": []}, Outcome.MISCONFIGURED), ({"secret": "other"}, Outcome.MISCONFIGURED),
    ({"balance": 0}, Outcome.MISCONFIGURED), ({"in_service": False}, Outcome.MISCONFIGURED),
    ({"permitted": False}, Outcome.MISCONFIGURED), ({"black_words": ["财务"]}, Outcome.REFUSED),
    ({"limits": {"variable": 5}}, Outcome.REFUSED),
])  # fmt: skip
def test_what_is_wrong_with_account_or_content_is_told_apart(case: Case, change: Any, outcome: Outcome) -> None:
    case.account(**change)
    error = failure(case.channel(), NUMBERS)
    assert (error.outcome, bool(error.advice)) == (outcome, True)
    assert case.booked() == Counter()


def test_a_clock_that_is_wrong_is_told(case: Case) -> None:
    case.clock.now += H
    assert "时钟" in failure(case.channel()).advice


def test_one_number_over_its_limit_does_not_hold_the_others(aliyun_case: Case) -> None:
    aliyun_case.account(limits={"day": 1})
    aliyun_case.outcomes(NUMBERS[:1])
    assert aliyun_case.outcomes(NUMBERS) == {
        n: Outcome.THROTTLED if n == NUMBERS[0] else Outcome.ACCEPTED for n in NUMBERS
    }
    assert aliyun_case.booked() == Counter(NUMBERS)


def test_each_number_hears_its_own_answer(tencent_case: Case) -> None:
    assert tencent_case.outcomes([ONE, BLACK]) == {ONE: Outcome.ACCEPTED, BLACK: Outcome.REFUSED}
    sent = {each.address: each for each in send(tencent_case.channel(), [ONE, NUMBERS[1]])}
    assert sent[ONE].outcome is Outcome.THROTTLED
    assert sent[NUMBERS[1]].outcome is Outcome.ACCEPTED
    assert sent[ONE].retry_after is not None
    tencent_case.forward(sent[ONE].retry_after)
    assert tencent_case.outcomes([ONE]) == {ONE: Outcome.ACCEPTED}


def test_a_number_whose_answer_was_a_timeout_is_uncertain_alone(tencent_case: Case) -> None:
    tencent_case.sandbox.setup(sms_numbers=[{"number": NUMBERS[1], "fate": "timeout"}])
    assert tencent_case.outcomes(NUMBERS[:2]) == {ONE: Outcome.ACCEPTED, NUMBERS[1]: Outcome.UNCERTAIN}


@pytest.mark.parametrize(("when", "outcome"), [("after", Outcome.DELIVERED), ("before", Outcome.UNAVAILABLE)])
def test_aliyuns_records_tell_whether_a_lost_call_arrived(aliyun_case: Case, when: str, outcome: Outcome) -> None:
    aliyun_case.sandbox.fault("aliyun.SendSms", "reset", when=when)
    failure(aliyun_case.channel())
    doubt = attempt(begun_at=NOW)
    aliyun_case.forward(2 * M)
    if when == "before":
        early = aliyun_case.channel().resolve(doubt)
        assert (early.outcome, early.ask_again) == (Outcome.UNCERTAIN, M)
        aliyun_case.forward(3 * M)
    assert aliyun_case.channel().resolve(doubt).outcome is outcome


@pytest.mark.parametrize(("session", "outcome"), [(True, Outcome.DELIVERED), (False, Outcome.UNCERTAIN)])
def test_tencents_receipts_tell_only_where_they_carry_our_key(
    tencent_case: Case, session: bool, outcome: Outcome
) -> None:
    tencent_case.account(session_in_receipts=session)
    tencent_case.sandbox.fault("tencent.SendSms", "reset", when="after")
    failure(tencent_case.channel())
    tencent_case.forward(3 * M)
    found = tencent_case.channel().resolve(attempt(begun_at=NOW))
    assert (found.outcome, found.ask_again) == (outcome, None)


def test_a_lost_call_that_tencent_knows_nothing_of_stays_in_doubt(tencent_case: Case) -> None:
    tencent_case.sandbox.fault("tencent.SendSms", "reset", when="before")
    failure(tencent_case.channel())
    tencent_case.forward(3 * M)
    found = tencent_case.channel().resolve(attempt(begun_at=NOW))
    assert (found.outcome, found.ask_again) == (Outcome.UNCERTAIN, 2 * M)


def test_following_reads_each_numbers_fate(case: Case) -> None:
    sent = {each.address: each for each in send(case.channel(), [ONE, OFF, NOBODY, NEVER])}
    case.forward(5 * M)
    found = {n: case.channel().follow(attempt(address=n, begun_at=NOW, vendor_id=s.vendor_id)) for n, s in sent.items()}
    assert {n: each.outcome for n, each in found.items()} == {
        ONE: Outcome.DELIVERED, OFF: Outcome.REFUSED, NOBODY: Outcome.REFUSED, NEVER: Outcome.UNCERTAIN,
    }  # fmt: skip
    assert found[ONE].basis is Basis.HANDSET
    assert found[NEVER].ask_again == 55 * M
    assert "未送达" in found[OFF].reason


@contextmanager
def door_of(channel: Sms, found: list[Word | None]) -> Iterator[str]:
    """Our door on a real port: the words of what is brought, and the address to bring it to."""

    class Door(BaseHTTPRequestHandler):
        disable_nagle_algorithm = True  # else each answer waits 40 ms for the other side to acknowledge its head
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                answer, receipts = channel.door("POST", dict(parse_qsl(urlsplit(self.path).query)), body)
                found.extend(channel.word(receipt, NOW) for receipt in receipts)
                status = 200
            except PermissionError:
                answer, status = "forbidden", 403
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, format: str, *args: Any) -> None:
            """Keep the test's output quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/callbacks/{channel.name}"
        server.shutdown()
        thread.join()


def test_receipts_come_in_at_the_door_for_each_number_and_the_vendor_is_content(case: Case) -> None:
    found: list[Word | None] = []
    with door_of(case.channel(), found) as url:
        case.account(callback_url=f"{url}?key={CALLBACK}")
        sent = {each.address: each for each in send(case.channel(), [ONE, OFF, NOBODY, NEVER])}
        case.forward(M)
    by = {word.address: word for word in found if word}
    assert {n: word.outcome for n, word in by.items()} == {
        ONE: Outcome.DELIVERED, OFF: Outcome.REFUSED, NOBODY: Outcome.REFUSED,
    }  # fmt: skip
    assert {word.vendor_id for word in by.values()} == {sent[n].vendor_id for n in by}
    assert [push["taken"] for push in case.sandbox.books()["sms_pushes"]] == [True]


def test_without_the_secret_no_receipt_comes_in(case: Case) -> None:
    found: list[Word | None] = []
    with door_of(case.channel(), found) as url:
        case.account(callback_url=url)
        send(case.channel())
        case.forward(M)
    assert found == []
    assert not any(push["taken"] for push in case.sandbox.books()["sms_pushes"])


def test_the_queue_gives_each_receipt_once(tencent_case: Case) -> None:
    channel: Any = tencent_case.channel(pull=True)
    (sent,) = send(channel)
    assert list(channel.pull()) == []
    tencent_case.forward(M)
    (receipt,) = channel.pull()
    assert channel.word(receipt, NOW).vendor_id == sent.vendor_id
    assert list(channel.pull()) == []


def test_check_finds_a_wrong_key_and_sends_nothing(case: Case) -> None:
    assert all(finding.ok for finding in case.channel().check([]))
    case.account(secret="other")
    (finding,) = case.channel().check([])
    assert not finding.ok
    assert finding.key in SECRETS
    assert case.booked() == Counter()
