"""The sandbox's mail server, driven by the standard library's smtplib: what it takes, what it refuses, what it books."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest
import requests

import sandbox
from sandbox.faults import parse_fault

USER, PASSWORD = "xxgk@example.edu.cn", "secret"
ONE, TWO = "t001@example.edu.cn", "t002@example.edu.cn"


def letter(**headers: str | None) -> EmailMessage:
    usual: dict[str, str | None] = {
        "From": f"信息公开 <{USER}>", "To": ONE, "Subject": "关于公示", "Date": "Tue, 01 Sep 2020 08:00:00 +0800",
        "Message-ID": "<1.a@example.edu.cn>",
    }  # fmt: skip
    made = EmailMessage(policy=policy.SMTP)
    for name, value in (usual | headers).items():
        if value is not None:
            made[name] = value
    made.set_content("正文\n", cte="base64")
    return made


@pytest.fixture
def post(box):
    box.admin("setup", mail_accounts=[{"user": USER, "password": PASSWORD, "senders": [USER]}])
    return box


@pytest.fixture
def line(post) -> Iterator[smtplib.SMTP]:
    with open_line(post) as smtp:
        smtp.login(USER, PASSWORD)
        yield smtp


def open_line(box) -> smtplib.SMTP:
    address = requests.get(f"{box.base}/__sandbox__/healthz", timeout=10).json()["smtp"]
    return smtplib.SMTP("127.0.0.1", urlsplit(address).port, "example.edu.cn", timeout=10)


def refusal(line: smtplib.SMTP, raw: bytes, to: list[str] | None = None, **more) -> tuple[int, str]:
    try:
        line.sendmail(USER, to or [ONE], raw, **more)
    except smtplib.SMTPDataError as error:
        return error.smtp_code, error.smtp_error.decode()
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        return code, text.decode()
    except smtplib.SMTPSenderRefused as error:
        return error.smtp_code, error.smtp_error.decode()
    raise AssertionError("taken")


def raw_data(line: smtplib.SMTP, raw: bytes) -> tuple[int, bytes]:
    """The bytes as they are, which smtplib's own sendmail would mend."""
    line.mail(USER)
    line.rcpt(ONE)
    line.docmd("DATA")
    line.sock.sendall(raw + b"\r\n.\r\n")
    return line.getreply()


def booked(box) -> list[dict]:
    return box.books(vendor="mail")["mail"]


def test_a_letter_is_booked_for_each_person_as_a_reader_sees_it(line, post):
    line.send_message(letter(), to_addrs=[ONE, TWO])
    first, second = booked(post)
    assert (first["rcpt"], second["rcpt"]) == (ONE, TWO)
    assert (first["subject"], first["text"].strip(), first["user"], first["return_path"]) == (
        "关于公示",
        "正文",
        USER,
        USER,
    )
    assert (first["sender"], first["visible"], first["message_id"]) == (
        f"信息公开 <{USER}>",
        [ONE],
        "<1.a@example.edu.cn>",
    )
    assert first["queued_as"] == second["queued_as"]
    assert "1 only outside" in post.books()["flags"][0]["text"]


def test_nobody_sends_without_a_login_or_as_somebody_else(post):
    with open_line(post) as smtp:
        assert refusal(smtp, letter().as_bytes())[0] == 530
        with pytest.raises(smtplib.SMTPAuthenticationError) as error:
            smtp.login(USER, "wrong")
        assert (error.value.smtp_code, error.value.smtp_error[:5]) == (535, b"5.7.8")
    with open_line(post) as smtp:
        smtp.login(USER, PASSWORD)
        with pytest.raises(smtplib.SMTPSenderRefused) as refused:
            smtp.sendmail("other@example.edu.cn", [ONE], letter().as_bytes())
        assert refused.value.smtp_code == 553
    assert booked(post) == []


def test_a_server_without_a_login_takes_from_anybody_if_it_is_set_up_so(box):
    box.admin("setup", mail_accounts=[{"user": ""}])
    with open_line(box) as smtp:
        smtp.send_message(letter())
    assert len(booked(box)) == 1


@pytest.mark.parametrize(("word", "code"), [
    ("nobody", 550), ("closed", 550), ("full", 452), ("grey", 450), ("strict", 554),
])  # fmt: skip
def test_the_first_word_of_an_address_is_its_fate(line, post, word, code):
    assert refusal(line, letter().as_bytes(), [f"{word}.a@example.edu.cn"])[0] == code
    assert booked(post) == []


def test_a_mailbox_has_the_fate_it_was_given(line, post):
    post.admin(
        "setup", mailboxes=[{"address": "T001@example.edu.cn", "fate": "over_quota"}, {"address": "nobody@x.cn"}]
    )
    assert refusal(line, letter().as_bytes())[0] == 552
    line.send_message(letter(), to_addrs=["nobody@x.cn"])
    assert [each["rcpt"] for each in booked(post)] == ["nobody@x.cn"]


def test_a_greylisted_letter_is_taken_after_a_minute(line, post):
    to = ["grey.a@example.edu.cn"]
    assert refusal(line, letter().as_bytes(), to)[0] == 450
    post.admin("clock", advance=59)
    assert refusal(line, letter().as_bytes(), to)[0] == 450
    post.admin("clock", advance=1)
    line.send_message(letter(), to_addrs=to)
    assert len(booked(post)) == 1


@pytest.mark.parametrize(("changes", "words"), [
    ({"Date": None}, "Date"), ({"Message-ID": None}, "Message-ID"), ({"From": None}, "From"), ({"To": None}, "neither"),
    ({"Message-ID": "<noat>"}, "Message-ID"), ({"Message-ID": "a@b"}, "Message-ID"), ({"Date": "yesterday"}, "Date"),
])  # fmt: skip
def test_a_letter_without_what_every_letter_has_is_refused(line, post, changes, words):
    code, text = refusal(line, letter(**changes).as_bytes())
    assert code == 550 and words in text
    assert booked(post) == []


@pytest.mark.parametrize(("old", "new", "words"), [
    (b"\r\n\r\n", b"\n\r\n", "bare"), (b"Subject: ", b"Subject: \r", "bare"), (b"Subject: ", b"Subject: \0", "NUL"),
    (b"Subject: ", b"X: " + b"a" * 996 + b"\r\nSubject: ", "998"), (b"Subject: ", "Subject: 公示".encode(), "SMTPUTF8"),
    (b"\r\n\r\n", "\r\n\r\n公示".encode(), "8-bit"), (b"Subject: ", b"Subject: a\r\nSubject: ", "more than once"),
    (b"\r\n\r\n", b"\r\nno colon here\r\n\r\n", "defect"),
])  # fmt: skip
def test_bytes_that_the_standards_forbid_are_refused(line, post, old, new, words):
    raw = letter().as_bytes()
    assert raw_data(line, raw)[0] == 250
    code, text = raw_data(line, raw.replace(old, new, 1))
    assert code >= 500 and words in text.decode()
    assert len(booked(post)) == 1


def test_a_hundred_recipients_and_no_more(line):
    many = [f"t{n:03d}@example.edu.cn" for n in range(101)]
    refused = line.sendmail(USER, many, letter().as_bytes())
    assert [code for code, _ in refused.values()] == [452]
    assert list(refused) == many[100:]


def test_a_letter_over_the_size_is_refused_by_its_announcement_and_by_its_bytes(line, post):
    big = letter().as_bytes() + b"A" * 70 * 150_000
    assert line.mail(USER, [f"SIZE={20 * 1024 * 1024}"])[0] == 552
    line.rset()
    assert raw_data(line, b"\r\n".join([letter().as_bytes(), *[b"A" * 900] * 12_000]))[0] == 552
    assert len(big) > 10 * 1024 * 1024 and booked(post) == []


def test_a_minute_and_a_day_have_their_limits(line, post):
    post.admin("setup", mail_accounts=[{"user": USER, "limits": {"minute": 2, "day": 3}}])
    for _ in range(2):
        line.send_message(letter())
    assert refusal(line, letter().as_bytes()) == (450, "4.7.1 Error: too much mail from this account, try again later")
    post.admin("clock", advance=61)
    line.send_message(letter())
    assert refusal(line, letter().as_bytes()) == (550, "5.4.5 Daily sending quota exceeded")
    post.admin("clock", advance=86400)
    line.send_message(letter())


@pytest.mark.parametrize(("call", "kind", "when", "sent"), [
    ("mail.END", "before", "before", 0), ("mail.END", "after", "after", 1), ("mail.END", "reset", "before", 0),
    ("mail.END", "reset", "after", 1), ("mail.END", "html", "after", 1), ("mail.END", "502", "before", 0), ("mail.END", "error", "after", 1),
    ("mail.END", "error", "before", 0), ("mail.DATA", "before", "before", 0), ("mail.RCPT", "before", "before", 0),
    ("mail.RCPT", "after", "after", 0), ("mail.MAIL", "reset", "before", 0), ("mail.CONNECT", "before", "before", 0),
    ("mail.CONNECT", "html", "before", 0), ("mail.CONNECT", "error", "before", 0), ("mail.AUTH", "before", "before", 0),
])  # fmt: skip
def test_a_planned_fault_fires_once_and_the_next_letter_goes(post, call, kind, when, sent):
    post.admin("faults", call=call, kind=kind, when=when, errcode=451, errmsg="4.3.0 planned")
    with pytest.raises((smtplib.SMTPException, OSError)), open_line(post) as smtp:
        smtp.login(USER, PASSWORD)
        smtp.send_message(letter())
    assert len(booked(post)) == sent
    with open_line(post) as smtp:
        smtp.login(USER, PASSWORD)
        smtp.send_message(letter())
    assert len(booked(post)) == sent + 1


def test_a_fault_may_be_for_one_address_and_a_slow_answer_is_an_answer(line, post):
    post.admin("faults", call="mail.RCPT", kind="error", errcode=550, errmsg="5.1.1 planned", match={"address": TWO})
    post.admin("faults", call="mail.END", kind="slow", seconds=0.05, when="after")
    refused = line.sendmail(USER, [ONE, TWO], letter().as_bytes())
    assert refused == {TWO: (550, b"5.1.1 planned")}
    assert [each["rcpt"] for each in booked(post)] == [ONE]


def test_the_server_says_goodbye_in_the_middle(line, post):
    post.admin("faults", call="mail.MAIL", kind="error", errcode=421, errmsg="4.3.2 shutting down")
    with pytest.raises((smtplib.SMTPSenderRefused, smtplib.SMTPServerDisconnected)):
        line.send_message(letter())
    with pytest.raises((smtplib.SMTPServerDisconnected, OSError)):
        line.noop()


def test_whoever_is_still_connected_does_not_hold_up_the_end():
    begun = time.monotonic()
    with sandbox.serve() as running:
        smtp = smtplib.SMTP("127.0.0.1", urlsplit(running.smtp).port, "example.edu.cn", timeout=10)
        running.world.faults.add(parse_fault({"call": "mail.MAIL", "kind": "slow", "seconds": 60}))
        smtp.ehlo()
        smtp.putcmd("MAIL", f"FROM:<{USER}>")
        time.sleep(0.05)
    smtp.close()
    assert time.monotonic() - begun < 10


def test_mailboxes_and_reminders_are_on_the_phone_page(line, post):
    line.send_message(letter())
    body = {"version": "1.0", "title": "公开达值班提醒", "message": "条目 1 失败", "type": "info"}
    assert requests.post(f"{post.base}/alarm", json=body, timeout=10).status_code == 204
    assert requests.post(f"{post.base}/alarm", json={"text": "x"}, timeout=10).status_code == 400
    page = requests.get(post.base, timeout=10).text
    assert ONE in page and "条目 1 失败" in page
    assert post.books(vendor="alarm")["alarms"][0]["message"] == "条目 1 失败"
