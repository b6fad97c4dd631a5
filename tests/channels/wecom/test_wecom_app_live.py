"""The app over real HTTP against the sandbox: what its members have got in the end is what counts."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from channels.base import Receipt, SendError, Sent
from channels.wecom.app import WecomApp
from rules.outcome import Outcome
from tests.channels.samples import BUNDLES, KEY, NOW, Ticks, bundle, target
from tests.channels.servers import Sandbox
from tests.channels.wecom.wecom_support import AES_KEY, CORP, SECRET, SECRETS, TARGET, app, attempt

CALL = "wecom.message.send"
FORMS: list[dict[str, Any]] = [{}, {"format": "markdown"}, {"format": "text"}, {"ack": True}]


class Company:
    """A college in the sandbox, the bot's clock, and the address it is called back at."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.base = f"{sandbox.base}/wecom"
        self.clock = Ticks()
        self.receipts: list[Receipt] = []
        self.channel: WecomApp = app(self.base, self.clock)

    def set_up(self, **fields: Any) -> None:
        given = {"corpid": CORP, "agentid": 1000002, "secret": SECRET, "name": "信息公开"}
        given |= {"token": SECRETS["WECOM_APP_TOKEN"], "aes_key": AES_KEY}
        self.sandbox.setup(apps=[given | fields])

    def forward(self, **by: float) -> None:
        self.clock.forward(**by)
        self.sandbox.forward(timedelta(**by))

    def messages(self) -> list[Any]:
        return list(self.sandbox.books()["wecom_messages"])

    def got(self, name: str = "wecom_people") -> list[str]:
        books = self.sandbox.admin("books?vendor=wecom_app")
        return [line["userid"] for line in books[name] if "chatid" not in line]


@pytest.fixture
def company(sandbox: Sandbox) -> Company:
    """Five persons: 张三 in 教务处, 李四 in 信息系, 王五 and 赵六 below it (赵六 without a licence), 院长 at the top."""
    departments = [{"id": 1, "name": "学院", "parentid": 0}, {"id": 2, "name": "教务处", "parentid": 1}]
    departments += [{"id": 3, "name": "信息系", "parentid": 1}, {"id": 4, "name": "软件教研室", "parentid": 3}]
    members = [
        {"userid": "ZhangSan", "name": "张三", "departments": [2]},
        {"userid": "lisi", "name": "李四", "departments": [3]},
        {"userid": "wangwu", "name": "王五", "departments": [4]},
        {"userid": "zhaoliu", "name": "赵六", "departments": [4], "licensed": False},
        {"userid": "boss", "name": "院长", "departments": [1]},
    ]
    tags = [{"id": 7, "name": "中层", "users": ["ZhangSan", "boss"], "departments": [4]}]
    corp = {"corpid": CORP, "name": "示例学院", "departments": departments, "members": members, "tags": tags}
    sandbox.setup(corps=[corp])
    made = Company(sandbox)
    made.set_up(callback_url="http://127.0.0.1:1/")
    return made


def send(
    company: Company, addresses: Sequence[str], key: str = KEY, name: str = "single", **options: Any
) -> list[Sent]:
    channel = app(company.base, company.clock, **options) if options else company.channel
    of = bundle(*BUNDLES[name].pieces, key=key)
    content = channel.render(of, TARGET)
    return channel.send(channel.prepare(content.payload, key), addresses, key)


def failure(company: Company, addresses: Sequence[str]) -> SendError:
    with pytest.raises(SendError) as caught:
        send(company, addresses)
    return caught.value


def to(address: str) -> Any:
    return target("wecom_app", address)


@pytest.mark.parametrize("options", FORMS, ids=["textcard", "markdown", "text", "template_card"])
@pytest.mark.parametrize("name", BUNDLES)
def test_every_kind_of_bundle_is_taken_whole_and_without_an_oddity(
    company: Company, name: str, options: dict[str, Any]
) -> None:
    if len(BUNDLES[name].pieces) > app("x", **options).limits.pieces:
        options = {"format": "text"}
    (sent,) = send(company, ["lisi"], name=name, **options)
    assert sent.outcome is Outcome.ACCEPTED
    assert company.got() == ["lisi"]
    assert company.sandbox.flags() == []


@pytest.mark.parametrize(
    ("address", "persons"),
    [
        ("部门:3", ["lisi", "wangwu", "zhaoliu"]),
        ("部门:2|4", ["ZhangSan", "wangwu", "zhaoliu"]),
        ("标签:7", ["ZhangSan", "boss", "wangwu", "zhaoliu"]),
        ("用户:lisi|boss", ["boss", "lisi"]),
    ],
)
def test_a_target_is_its_persons_and_each_is_told_of_apart(company: Company, address: str, persons: list[str]) -> None:
    people = company.channel.expand(to(address))
    assert list(people) == persons
    outcomes = {each.address: each.outcome for each in send(company, people)}
    refused = {address for address, outcome in outcomes.items() if outcome is Outcome.REFUSED}
    assert refused == {"zhaoliu"} & set(persons)
    assert sorted(company.got()) == sorted(set(persons) - refused)
    (sample,) = company.channel.measure(to(address))
    assert sample.value == len(persons)


def test_a_thousand_persons_are_one_message(company: Company) -> None:
    crowd = [{"userid": f"u{n:04}", "departments": [2]} for n in range(999)]
    company.sandbox.setup(corps=[{"corpid": CORP, "members": crowd}])
    people = company.channel.expand(to("部门:2"))
    assert len(people) == 1000
    assert {each.outcome for each in send(company, people)} == {Outcome.ACCEPTED}
    (message,) = company.messages()
    assert (message["addressed"], message["received"]) == (1000, 1000)


def test_a_stranger_and_whoever_the_app_does_not_see_are_refused_and_the_others_get_it(company: Company) -> None:
    company.set_up(scope={"departments": [3]})
    sent = send(company, ["lisi", "ZhangSan", "Nobody"])
    assert [each.outcome for each in sent] == [Outcome.ACCEPTED, Outcome.REFUSED, Outcome.REFUSED]
    assert company.got() == ["lisi"]
    assert {each.outcome for each in send(company, ["Nobody"])} == {Outcome.REFUSED}


def test_a_department_outside_the_scope_is_sent_to_itself_and_the_platforms_no_is_told(company: Company) -> None:
    company.set_up(scope={"departments": [3]})
    addresses = company.channel.expand(to("部门:2"))
    assert list(addresses) == ["部门:2"]
    (sent,) = send(company, addresses)
    assert sent.outcome is Outcome.REFUSED
    assert "可见范围" in sent.reason


def test_the_contacts_secret_lists_departments_that_the_app_may_not(company: Company) -> None:
    sync = {"corpid": CORP, "agentid": 1, "secret": "contacts", "sync": True}
    company.sandbox.setup(apps=[sync])
    company.sandbox.fault("wecom.user.simplelist", "error", errcode=48002, times=2)
    secrets = {**SECRETS, "WECOM_CONTACT_SECRET": "contacts"}
    channel = app(company.base, company.clock, secrets=secrets)
    assert channel.expand(to("部门:3")) == ["lisi", "wangwu", "zhaoliu"]


@pytest.mark.parametrize("options", FORMS, ids=["textcard", "markdown", "text", "template_card"])
@pytest.mark.parametrize(("kind", "when"), [("before", "before"), ("after", "after"), ("502", "after")])
def test_a_lost_answer_is_cleared_up_by_the_same_bytes_and_nobody_gets_it_twice(
    company: Company, kind: str, when: str, options: dict[str, Any]
) -> None:
    company.sandbox.fault(CALL, kind, when=when)
    with pytest.raises(SendError) as caught:
        send(company, ["lisi", "boss"], **options)
    assert caught.value.outcome is Outcome.UNCERTAIN
    company.forward(hours=3, minutes=40)
    assert company.channel.resolve(attempt(begun_at=NOW)).resend
    sent = send(company, ["boss", "lisi"], **options)
    assert {each.outcome for each in sent} == {Outcome.ACCEPTED}
    assert sorted(company.got()) == ["boss", "lisi"]
    assert len(company.sandbox.books()["wecom_repeats"]) == (when == "after")


def test_a_card_sent_again_after_the_platform_forgot_its_bytes_is_known_by_its_task(company: Company) -> None:
    send(company, ["lisi"], ack=True)
    company.forward(hours=5)
    (again,) = send(company, ["lisi"], ack=True)
    assert (again.outcome, again.code, again.vendor_id) == (Outcome.ACCEPTED, "42014", "")
    assert company.got() == ["lisi"]


def test_nobody_is_passed_over_in_silence_at_the_houses_own_rate(company: Company) -> None:
    (rate,) = company.channel.limits.rates
    for n in range(rate.most):
        send(company, ["lisi"], key=f"{n:06x}" + "0" * 26)
    assert len(company.got()) == rate.most
    assert company.got("wecom_dropped") == []


def test_a_message_is_taken_back_within_a_day_however_often_and_not_after(company: Company) -> None:
    (sent,) = send(company, ["lisi"])
    call = attempt(vendor_id=sent.vendor_id)
    for _ in range(2):
        assert company.channel.retract(call).outcome is Outcome.DELIVERED
    assert company.messages()[0]["recalled"]
    company.forward(hours=25)
    with pytest.raises(SendError) as caught:
        company.channel.retract(call)
    assert caught.value.outcome is Outcome.REFUSED


def test_the_id_of_a_double_that_was_held_back_recalls_nothing_and_says_so(company: Company) -> None:
    send(company, ["lisi"])
    (again,) = send(company, ["lisi"])
    with pytest.raises(SendError) as caught:
        company.channel.retract(attempt(vendor_id=again.vendor_id))
    assert caught.value.outcome is Outcome.REFUSED
    assert "消息编号" in caught.value.reason
    assert "recalled" not in company.messages()[0]


def test_a_token_that_the_platform_ended_early_is_fetched_anew(company: Company) -> None:
    send(company, ["lisi"])
    company.sandbox.admin("wecom_expire_tokens", {"corpid": CORP, "agentid": 1000002})
    (sent,) = send(company, ["boss"])
    assert sent.outcome is Outcome.ACCEPTED
    assert len(company.messages()) == 2


@pytest.mark.parametrize(
    ("fields", "code", "word"),
    [
        ({"secret": "another"}, "40001", "Secret"),
        ({"ip_allow": ["203.0.113.1"]}, "60020", "可信IP"),
        ({"disabled": True}, "50003", "启用"),
    ],
)
def test_what_is_wrong_with_the_app_stops_the_channel_with_the_fix(
    company: Company, fields: dict[str, Any], code: str, word: str
) -> None:
    company.set_up(**fields)
    error = failure(company, ["lisi"])
    assert (error.outcome, error.code) == (Outcome.MISCONFIGURED, code)
    assert word in error.advice
    assert company.messages() == []


def test_a_full_day_and_too_many_calls_at_once_wait(company: Company) -> None:
    company.set_up(day_limit=0)
    assert failure(company, ["lisi"]).outcome is Outcome.THROTTLED
    company.sandbox.fault(CALL, "error", errcode=45033)
    assert failure(company, ["lisi"]).retry_after == timedelta(seconds=5)


@pytest.fixture
def called_back(company: Company) -> Iterator[Company]:
    """The company with a callback address that leads to the channel's door."""

    class Handler(BaseHTTPRequestHandler):
        disable_nagle_algorithm = True  # else each answer waits 40 ms for the other side to acknowledge its head
        def do_GET(self) -> None:
            self._call("GET", b"")

        def do_POST(self) -> None:
            self._call("POST", self.rfile.read(int(self.headers["Content-Length"])))

        def log_message(self, format: str, *args: Any) -> None:
            """Keep the test's output quiet."""

        def _call(self, method: str, body: bytes) -> None:
            query = dict(parse_qsl(urlsplit(self.path).query))
            try:
                status, (text, found) = 200, company.channel.door(method, query, body)
            except PermissionError:
                status, text, found = 403, "", ()
            company.receipts += found
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

    company.channel = app(company.base, company.clock, ack=True)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        company.set_up(callback_url=f"http://127.0.0.1:{server.server_port}/callbacks/wecom_app")
        yield company
        company.set_up(callback_url="")
        server.shutdown()
        thread.join()


def press(company: Company, msgid: str, userid: str) -> None:
    who = {"corpid": CORP, "agentid": 1000002, "userid": userid}
    company.sandbox.admin("wecom_press", {**who, "msgid": msgid, "key": "ack"})


def test_the_callback_address_passes_the_platforms_own_check(called_back: Company) -> None:
    called_back.sandbox.admin("wecom_verify_url", {"corpid": CORP, "agentid": 1000002})


def test_a_press_is_one_persons_receipt_and_a_second_one_the_same(called_back: Company) -> None:
    sent = send(called_back, ["ZhangSan", "lisi"])
    assert {each.evidence["response_code"] for each in sent} != {""}
    for userid in ("ZhangSan", "zhangsan"):
        press(called_back, sent[0].vendor_id, userid)
    assert len({each.dedup for each in called_back.receipts}) == 1
    word = called_back.channel.word(called_back.receipts[0], NOW)
    assert word is not None
    assert (word.outcome, word.push_key, word.address) == (Outcome.DELIVERED, KEY, "ZhangSan")


def test_a_forged_call_gives_no_receipt_and_opening_the_app_is_none(called_back: Company) -> None:
    (sent,) = send(called_back, ["lisi"])
    called_back.sandbox.fault("wecom.callback", "callback_bad_signature")
    press(called_back, sent.vendor_id, "lisi")
    called_back.sandbox.admin("wecom_enter", {"corpid": CORP, "agentid": 1000002, "userid": "lisi"})
    assert called_back.receipts == []


def test_check_tells_each_targets_persons_and_sends_nothing(company: Company) -> None:
    targets = [target("wecom_app", a, number=f"T0{n}") for n, a in enumerate(("部门:3", "标签:7", "部门:99"))]
    found = {each.key: each for each in company.channel.check(targets)}
    assert found["WECOM_APP_SECRET"].ok
    assert "3人" in found["targets.csv T00"].text
    assert "4人" in found["targets.csv T01"].text
    assert "部门不存在" in found["targets.csv T02"].text
    assert company.messages() == []
