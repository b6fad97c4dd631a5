"""The whole account against the sandbox, over real HTTP: what its books say in the end is what counts."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from channels.base import Attempt, Prepared, Receipt, SendError, Sent
from channels.wechat_oa import WechatOA
from channels.wechat_oa.pictures import plain_cover
from rules.bundle import push_key
from rules.outcome import Outcome
from tests.channels.wechat_oa.oa_support import KEY, NOW, SECRETS, TARGET, Time, account, attempt, bundle, piece

ROOT = Path(__file__).parents[3]
APP = SECRETS["WECHAT_APP_ID"]


class Box:
    """A running sandbox and the bot's clock, kept together."""

    def __init__(self, base: str, clock: Time, session: requests.Session) -> None:
        self.base = base
        self.clock = clock
        self._session = session

    def tell(self, name: str, **order: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._session.post(f"{self.base}/__sandbox__/{name}", json=order).json()
        assert answer["ok"], answer
        return answer

    def books(self) -> dict[str, Any]:
        found: dict[str, Any] = self._session.get(f"{self.base}/__sandbox__/books?vendor=wechat").json()
        return found

    def sends(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.books()["wechat"]
        return found

    def passes(self, **parts: float) -> None:
        self.clock.passes(**parts)
        self.tell("clock", now=self.clock().isoformat())

    def setup(self, **fields: Any) -> None:
        given = {"appid": APP, "secret": SECRETS["WECHAT_APP_SECRET"], "token": SECRETS["WECHAT_TOKEN"]}
        given |= {"aes_key": SECRETS["WECHAT_AES_KEY"], "fans": 23000, "kind": "subscription"}
        self.tell("setup", accounts=[{**given, **fields}])

    def channel(self, **options: Any) -> WechatOA:
        return account(f"{self.base}/wechat", self.clock, **options)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[str]:
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--clock", NOW.isoformat()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["base"]
        process.terminate()


@pytest.fixture
def box(sandbox: str) -> Iterator[Box]:
    with requests.Session() as session:
        session.trust_env = False
        made = Box(sandbox, Time(), session)
        made.tell("reset")
        made.setup()
        yield made


def prepared(channel: WechatOA, key: str = KEY, **parts: Any) -> Prepared:
    content = channel.render(bundle(piece(**parts), key=key), TARGET)
    return channel.prepare(content.payload, key)


def sent(channel: WechatOA, key: str = KEY, **parts: Any) -> tuple[Prepared, Sent]:
    made = prepared(channel, key, **parts)
    return made, channel.send(made, ["gh_sample"], key)[0]


def after(clock: Time, made: Prepared, said: Sent | None = None) -> Attempt:
    found = attempt(clock, made.handles, payload=made.payload)
    if said is None:
        return found
    return attempt(clock, made.handles, payload=made.payload, vendor_id=said.vendor_id, evidence=said.evidence)


def test_a_mass_send_goes_out_once_and_is_followed_to_its_end(box: Box) -> None:
    channel = box.channel(mode="mass")
    made, said = sent(channel)
    asked = after(box.clock, made, said)
    assert channel.follow(asked).outcome is Outcome.UNCERTAIN
    box.passes(minutes=10)
    assert channel.follow(asked).outcome is Outcome.DELIVERED
    [line] = box.sends()
    assert (str(line["msg_id"]), line["status"], line["total"]) == (said.vendor_id, "SEND_SUCCESS", 23000)
    assert line["client_id"] == KEY
    assert box.books()["flags"] == []


@pytest.mark.parametrize("kind", ["before", "after", "502", "reset", "html"])
def test_a_mass_send_whose_answer_was_lost_goes_out_exactly_once(box: Box, kind: str) -> None:
    channel = box.channel(mode="mass")
    made = prepared(channel)
    box.tell("faults", call="wechat.message.mass.sendall", kind=kind)
    with pytest.raises(SendError) as raised:
        channel.send(made, ["gh_sample"], KEY)
    assert raised.value.outcome is Outcome.UNCERTAIN
    asked = after(box.clock, made)
    assert not channel.resolve(asked).resend
    box.passes(seconds=66)
    assert channel.resolve(asked).resend
    [said] = channel.send(made, ["gh_sample"], KEY)
    assert said.outcome is Outcome.ACCEPTED
    [line] = box.sends()
    assert str(line["msg_id"]) == said.vendor_id


def test_a_resend_in_too_much_haste_is_slowed_down(box: Box) -> None:
    channel = box.channel(mode="mass")
    made, _said = sent(channel)
    with pytest.raises(SendError) as raised:
        channel.send(made, ["gh_sample"], KEY)
    assert (raised.value.code, raised.value.retry_after) == ("45066", timedelta(seconds=65))


def test_a_second_mass_send_of_the_day_waits_for_the_next(box: Box) -> None:
    channel = box.channel(mode="mass")
    sent(channel)
    other = push_key("GZH", [2])
    made = prepared(channel, other, title="第二篇")
    with pytest.raises(SendError) as raised:
        channel.send(made, ["gh_sample"], other)
    assert (raised.value.outcome, raised.value.retry_after) == (Outcome.THROTTLED, timedelta(hours=15))
    box.passes(hours=15)
    assert channel.send(made, ["gh_sample"], other)[0].outcome is Outcome.ACCEPTED
    assert len(box.sends()) == 2


def test_a_token_that_expires_is_replaced_without_anybody_noticing(box: Box) -> None:
    channel = box.channel(mode="mass")
    made = prepared(channel)
    box.tell("expire_tokens", appid=APP)
    assert channel.send(made, ["gh_sample"], KEY)[0].outcome is Outcome.ACCEPTED
    assert len(box.sends()) == 1


def test_a_mass_send_to_a_tag_reaches_those_who_carry_it(box: Box) -> None:
    box.setup(tags=[{"id": 101, "name": "教职工", "fans": 800}])
    channel = box.channel(mode="mass", tag_id=101)
    assert channel.measure(TARGET)[0].value == 800
    sent(channel)
    box.passes(minutes=10)
    assert box.sends()[0]["total"] == 800


def test_a_publication_is_delivered_with_the_addresses_of_its_articles(box: Box) -> None:
    channel = box.channel(mode="publish")
    made, said = sent(channel)
    box.passes(minutes=10)
    found = channel.follow(after(box.clock, made, said))
    assert found.outcome is Outcome.DELIVERED
    assert found.evidence["article_urls"] == [article["url"] for article in box.sends()[0]["articles"]]


@pytest.mark.parametrize(("kind", "executed"), [("before", False), ("after", True)])
def test_a_publication_whose_answer_was_lost_is_published_exactly_once(box: Box, kind: str, executed: bool) -> None:
    channel = box.channel(mode="publish")
    made = prepared(channel)
    box.tell("faults", call="wechat.freepublish.submit", kind=kind)
    with pytest.raises(SendError) as raised:
        channel.send(made, ["gh_sample"], KEY)
    assert raised.value.outcome is Outcome.UNCERTAIN
    asked = after(box.clock, made)
    box.passes(minutes=5)
    found = channel.resolve(asked)
    assert (found.outcome is Outcome.DELIVERED, found.resend) == (executed, not executed)
    if found.resend:
        channel.send(made, ["gh_sample"], KEY)
    assert len(box.sends()) == 1


@pytest.mark.parametrize(("kind", "outcome"), [("before", Outcome.UNAVAILABLE), ("after", Outcome.HANDED)])
def test_a_draft_whose_answer_was_lost_is_found_or_known_to_be_missing(box: Box, kind: str, outcome: Outcome) -> None:
    channel = box.channel()
    made = prepared(channel)
    box.tell("faults", call="wechat.draft.add", kind=kind)
    with pytest.raises(SendError) as raised:
        channel.send(made, ["gh_sample"], KEY)
    assert raised.value.outcome is Outcome.UNCERTAIN
    asked = after(box.clock, made)
    box.passes(minutes=2)
    found = channel.resolve(asked)
    assert found.outcome is outcome
    drafts = [draft["media_id"] for draft in box.books()["drafts"]]
    assert drafts == ([found.vendor_id] if outcome is Outcome.HANDED else [])


@pytest.mark.parametrize("deed", ["publish", "mass"])
def test_a_draft_that_a_person_sends_is_found_and_booked(box: Box, deed: str) -> None:
    channel = box.channel()
    made, said = sent(channel)
    asked = after(box.clock, made, said)
    box.passes(minutes=10)
    assert channel.follow(asked).ask_again is not None
    box.tell("person", appid=APP, do=deed, draft=said.vendor_id)
    box.passes(minutes=10)
    found = channel.follow(asked)
    assert found.outcome is Outcome.DELIVERED
    assert found.evidence["booked"] is True
    assert found.evidence["article_urls"]


def test_a_draft_that_a_person_deletes_is_never_called_sent(box: Box) -> None:
    channel = box.channel()
    made, said = sent(channel)
    box.tell("person", appid=APP, do="delete", draft=said.vendor_id)
    found = channel.follow(after(box.clock, made, said))
    assert (found.outcome, found.ask_again is not None) == (Outcome.UNCERTAIN, True)


def test_articles_with_images_tables_and_a_full_bundle_lose_nothing_on_the_way(box: Box, vendor: Any) -> None:
    vendor.answers["/a.png"] = (200, plain_cover(8, 8))
    channel = box.channel(mode="publish", image_hosts=["127.0.0.1"])
    body = (
        f'<p>图<img src="{vendor.base}/a.png"></p><table><tr><td colspan="2">甲</td></tr></table><script>x()</script>'
    )
    content = channel.render(bundle(*[piece(title=f"第{n}篇", body=body) for n in range(8)]), TARGET)
    channel.send(channel.prepare(content.payload, KEY), ["gh_sample"], KEY)
    books = box.books()
    assert len(books["wechat"][0]["articles"]) == 8
    assert books["flags"] == []  # nothing was stripped by the platform


def test_what_was_published_can_be_taken_down_again(box: Box) -> None:
    channel = box.channel(mode="publish")
    made, said = sent(channel)
    box.passes(minutes=10)
    done = channel.follow(after(box.clock, made, said))
    taken = attempt(box.clock, made.handles, vendor_id=said.vendor_id, evidence={**said.evidence, **done.evidence})
    assert channel.retract(taken).outcome is Outcome.DELIVERED
    assert {article["state"] for article in box.sends()[0]["articles"]} == {"deleted"}


TO_DRAFT = '请将 channels.wechat_oa.mode 改为“草稿”（school.toml 中写 mode = "draft"）'


@pytest.mark.parametrize(
    ("kind", "mode", "wrong"),
    [
        ("subscription", "mass", []),
        ("service", "publish", []),
        ("unverified", "draft", []),
        ("test", "mass", []),
        ("personal", "draft", []),
        ("unverified", "mass", [TO_DRAFT]),
        ("personal", "mass", [TO_DRAFT]),
        ("personal", "publish", [TO_DRAFT]),
    ],
)
def test_a_check_says_what_this_kind_of_account_may_do_and_sends_nothing(
    box: Box, kind: str, mode: str, wrong: list[str]
) -> None:
    box.setup(kind=kind)
    assert [finding.fix for finding in box.channel(mode=mode).check([TARGET]) if not finding.ok] == wrong
    assert box.sends() == []
    assert box.books()["drafts"] == []


@pytest.mark.parametrize(
    ("kind", "ladder"),
    [
        ("personal", "群发 无权限（48001） → 发布 无权限（48001） → 草稿 可用"),
        ("unverified", "群发 无权限（48001） → 发布 无权限（48001） → 草稿 可用"),
        ("subscription", "群发 可用 → 发布 可用 → 草稿 可用"),
        ("service", "群发 可用 → 发布 可用 → 草稿 可用"),
        ("test", "群发 可用 → 发布 可用 → 草稿 可用"),
    ],
)
def test_a_check_prints_the_ladder_of_what_each_kind_of_account_may_do(box: Box, kind: str, ladder: str) -> None:
    box.setup(kind=kind)
    said = [finding.text for finding in box.channel(mode="draft").check([TARGET])]
    assert f"账号能力：{ladder}。当前设置“草稿”" in said
    assert any("读不到用户标签" in text for text in said) == (kind in ("personal", "unverified"))


def test_a_check_in_mass_mode_says_that_a_test_account_cannot_be_told_from_a_real_one(box: Box) -> None:
    box.setup(kind="test")
    assert any("接口测试号除外" in finding.text for finding in box.channel(mode="mass").check([TARGET]))


class _Listener:
    """The school's callback address: hands every call to the channel's door."""

    def __init__(self) -> None:
        self.door: Callable[..., tuple[str, Sequence[Receipt]]] | None = None
        self.receipts: queue.Queue[Receipt] = queue.Queue()
        self.refused = 0

    def handler(listener) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            disable_nagle_algorithm = True  # else each answer waits 40 ms for the other side to acknowledge its head
            def do_GET(self) -> None:
                self._call("GET", b"")

            def do_POST(self) -> None:
                self._call("POST", self.rfile.read(int(self.headers["Content-Length"])))

            def log_message(self, *_: Any) -> None:
                pass

            def _call(self, method: str, body: bytes) -> None:
                assert listener.door is not None
                try:
                    text, found = listener.door(method, dict(parse_qsl(urlsplit(self.path).query)), body)
                except PermissionError:
                    listener.refused += 1
                    self.send_response(403)
                    text, found = "", ()
                else:
                    self.send_response(200)
                for receipt in found:
                    listener.receipts.put(receipt)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

        return Handler


@pytest.fixture
def listener(box: Box) -> Iterator[_Listener]:
    made = _Listener()
    server = ThreadingHTTPServer(("127.0.0.1", 0), made.handler())
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    box.setup(callback_url=f"http://127.0.0.1:{server.server_port}/callbacks/wechat_oa")
    yield made
    with suppress(Exception):
        box.setup(callback_url="")
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("callback_mode", ["clear", "compat", "safe"])
@pytest.mark.parametrize("mode", ["mass", "publish"])
def test_the_platforms_own_word_settles_a_push(box: Box, listener: _Listener, callback_mode: str, mode: str) -> None:
    box.setup(callback_mode=callback_mode)
    channel = box.channel(mode=mode)
    listener.door = channel.door
    box.tell("verify_url", appid=APP)
    _made, said = sent(channel)
    box.passes(minutes=10)
    receipt = listener.receipts.get(timeout=5)
    word = channel.word(receipt, box.clock())
    assert word is not None
    assert (word.outcome, word.vendor_id) == (Outcome.DELIVERED, said.vendor_id)
    shown = "short_url" if mode == "mass" else "url"
    assert word.evidence["article_urls"] == [article[shown] for article in box.sends()[0]["articles"]]
    figures = {sample.metric: sample.value for sample in word.samples}
    assert figures == ({"应达": 23000, "提交": 23000, "送达": 23000} if mode == "mass" else {})


def test_a_mass_send_that_the_platform_stops_is_said_in_plain_words(box: Box, listener: _Listener) -> None:
    channel = box.channel(mode="mass")
    listener.door = channel.door
    box.tell("job", appid=APP, next="mass", status="err(20001)")
    sent(channel)
    box.passes(minutes=10)
    word = channel.word(listener.receipts.get(timeout=5), box.clock())
    assert word is not None
    assert (word.outcome, word.reason) == (Outcome.REFUSED, "群发未通过：涉嫌政治敏感（err(20001)）")


def test_a_forged_call_is_refused_and_a_repeated_one_has_the_same_key(box: Box, listener: _Listener) -> None:
    box.setup(callback_mode="safe")
    channel = box.channel(mode="publish")
    listener.door = channel.door
    box.tell("faults", call="wechat.callback", kind="callback_bad_signature")
    sent(channel)
    box.passes(minutes=10)
    assert listener.refused == 1
    other = push_key("GZH", [2])
    box.tell("faults", call="wechat.callback", kind="callback_dup")
    sent(channel, other, title="第二篇")
    box.passes(minutes=10)
    assert listener.receipts.get(timeout=5).dedup == listener.receipts.get(timeout=5).dedup
