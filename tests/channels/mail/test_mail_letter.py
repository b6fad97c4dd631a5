"""What goes on the wire: golden letters, read back by the standard library's parser."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from email import charset, message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.mail import letter
from channels.words import link
from rules.bundle import Bundle
from tests.channels.mail.mail_support import LIST, ONE, PEOPLE, SECRETS, mail
from tests.channels.samples import BUNDLES, KEY, NOW, bundle, piece

GOLDEN = Path(__file__).parent / "golden"
REMINDER = replace(
    bundle(piece(title="条目 1 发往学生群，失败：没有这个邮箱", url="", summary="", department="")),
    kind="公开达值班提醒",
)
SHOWN = {**BUNDLES, "reminder": REMINDER}


def raw(of: Bundle, to: str = ONE, key: str = KEY) -> bytes:
    channel = mail(reply_to="office@example.edu.cn", bounces="bounces@example.edu.cn")
    content = channel.render(of, LIST).payload
    number = letter.message_id(key, to, SECRETS["XXGK_SEAL_KEY"], channel.options.domain)
    return letter.written(content, channel.options, to, number, NOW)


def read(letter: bytes) -> EmailMessage:
    return message_from_bytes(letter, policy=policy.default)


def bodies(message: EmailMessage) -> tuple[str, str]:
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None and html is not None
    return plain.get_content(), html.get_content()


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_a_bundle_becomes_the_letter_that_the_golden_file_holds(name: str) -> None:
    path = GOLDEN / f"{name}.eml"
    if os.environ.get("GOLDEN") == "write":
        path.write_bytes(raw(SHOWN[name]))
    assert path.read_bytes() == raw(SHOWN[name])


def test_a_letter_is_the_same_whatever_another_package_has_set_for_the_whole_process() -> None:
    before, kept = raw(SHOWN["single"]), dict(charset.CHARSETS)
    charset.add_charset("utf-8", charset.QP, charset.QP, "utf-8")
    try:
        assert raw(SHOWN["single"]) == before
    finally:
        charset.CHARSETS.clear()
        charset.CHARSETS.update(kept)


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_any_program_reads_the_same_words_and_whole_links(name: str) -> None:
    of = SHOWN[name]
    message = read(raw(of))
    assert [defect for part in message.walk() for defect in part.defects] == []
    plain, html = bodies(message)
    assert message.get_content_type() == "multipart/alternative"
    for each in of.pieces:
        assert link(each.url) in plain
    assert len(re.findall(r'<a href="https?://', html)) == sum(bool(each.url) for each in of.pieces)
    assert of.mark in plain and of.mark in html


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_every_line_is_ascii_ends_in_crlf_and_is_short(name: str) -> None:
    written = raw(SHOWN[name])
    assert written.isascii()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", written)
    assert max(map(len, written.split(b"\r\n"))) <= 998


def test_the_headers_say_who_for_whom_and_that_a_program_wrote_it() -> None:
    message = read(raw(bundle()))
    assert {name: str(message[name]) for name in ("From", "To", "Reply-To", "List-Id", "Auto-Submitted", "Subject")} == {
        "From": "示例职业技术学院信息公开 <xxgk@example.edu.cn>", "To": ONE, "Reply-To": "office@example.edu.cn",
        "List-Id": "<xxgk.example.edu.cn>", "Auto-Submitted": "auto-generated",
        "Subject": "【信息公开】关于印发《学校财务报销管理办法（第1次修订）》的通知",
    }  # fmt: skip
    assert parsedate_to_datetime(str(message["Date"])) == NOW


def test_a_letter_holds_nothing_that_is_fetched_when_it_is_read() -> None:
    for of in SHOWN.values():
        _, html = bodies(read(raw(of)))
        assert not re.search(r"<(img|script|iframe|object|embed|link|form)\b|\bsrc=|url\(|@import", html, re.IGNORECASE)


def test_a_notice_shows_its_title_and_link_and_never_the_list() -> None:
    plain, html = bodies(read(raw(BUNDLES["notice"])))
    for shown in (plain, html):
        assert "公示" in shown and "c21a1" in shown
        assert "张某某" not in shown and "2020123456" not in shown


def test_what_a_title_tries_stays_text() -> None:
    plain, html = bodies(read(raw(BUNDLES["hostile"])))
    assert "<font" not in html and "&lt;font" in html
    assert "\u202e" not in plain + html


@pytest.mark.parametrize(
    "trick",
    ["a\r\nBcc: all@example.edu.cn", "a\nSubject: x", "a\x00b", "a\u2028b", "a\ud800b", "\r\n.\r\nMAIL FROM:<x>"],
)
def test_no_title_and_no_school_can_put_a_line_into_the_header(trick: str) -> None:
    message = read(
        raw(bundle(piece(title=trick, department=trick, url="https://www.example.edu.cn/" + trick), school=trick))
    )
    assert sorted(message.keys()) == sorted(read(raw(bundle())).keys())
    assert message["Bcc"] is None and message["To"] == ONE


def test_the_subject_is_short_and_cut_on_whole_characters() -> None:
    long = "关于进一步加强𠮷林信息公开工作的通知" * 9
    for of in (bundle(piece(title=long)), bundle(piece(title=long), piece(2), piece(3))):
        subject = str(read(raw(of))["Subject"])
        assert len(subject) <= letter.SUBJECT
        assert subject.startswith("【信息公开】关于") and "�" not in subject
    assert subject.endswith("… 等 3 条")


@given(st.text(min_size=1, max_size=80))
def test_a_subject_is_read_back_as_it_was_written(title: str) -> None:
    channel = mail()
    content = channel.render(bundle(piece(title=title)), LIST).payload
    message = read(letter.written(content, channel.options, ONE, "<a@example.edu.cn>", NOW))
    assert str(message["Subject"]) == content["subject"]


@pytest.mark.parametrize(
    "name", ["示例职业技术学院 信息公开 工作办公室（党委办公室、学校办公室合署）", "信息公开, 示例学院", "A B"]
)
def test_a_senders_name_is_read_back_as_it_was_written(name: str) -> None:
    channel = mail(**{"from": f'"{name}" <xxgk@example.edu.cn>'})
    content = channel.render(bundle(), LIST).payload
    written = letter.written(content, channel.options, ONE, "<a@example.edu.cn>", NOW)
    # Not by the new parser: it puts a blank between two encoded words of a name, against RFC 2047 section 6.2.
    sender = str(make_header(decode_header(message_from_bytes(written)["From"])))
    assert sender.replace('"', "") == f"{name} <xxgk@example.edu.cn>"


def test_the_number_of_a_letter_is_the_same_for_every_try_and_another_for_every_person_and_push() -> None:
    numbers = {str(read(raw(bundle(), to, key))["Message-ID"]) for to in PEOPLE for key in (KEY, "f" * 32)}
    assert len(numbers) == 2 * len(PEOPLE)
    assert str(read(raw(bundle()))["Message-ID"]) == str(
        read(raw(bundle(piece(title="另一件")), ONE.upper()))["Message-ID"]
    )
    assert not any(to.split("@")[0] in number for number in numbers for to in PEOPLE)


def test_without_the_schools_key_nobody_finds_the_person_behind_a_number() -> None:
    assert letter.message_id(KEY, ONE, "a", "x") != letter.message_id(KEY, ONE, "b", "x")


def test_content_says_whether_it_was_cut() -> None:
    assert not mail().render(bundle(), LIST).shortened
    long = mail().render(bundle(piece(summary="现将有关事项通知如下。" * 300)), LIST)
    assert long.shortened and long.text.count("…") == 1
