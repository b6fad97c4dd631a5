"""Settings: what is accepted, and what is told of the rest, with key and fix."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.mail import Mail
from tests.channels.mail.mail_support import SECRETS, mail
from tests.channels.samples import Ticks, setting


def test_the_usual_settings() -> None:
    options = mail("smtps://smtp.example.edu.cn").options
    assert (options.host, options.port, options.ssl, options.starttls) == ("smtp.example.edu.cn", 465, True, False)
    assert (options.name, options.sender) == ("示例职业技术学院信息公开", "xxgk@example.edu.cn")
    assert (options.bounces, options.reply_to, options.list_id) == ("xxgk@example.edu.cn", "", "xxgk.example.edu.cn")


@pytest.mark.parametrize(("address", "port", "ssl", "starttls"), [
    ("smtp://smtp.example.edu.cn", 587, False, True), ("smtps://smtp.example.edu.cn:994", 994, True, False),
    ("smtp://127.0.0.1:9025", 9025, False, False),
])  # fmt: skip
def test_nothing_leaves_this_machine_unencrypted_by_itself(address: str, port: int, ssl: bool, starttls: bool) -> None:
    options = mail(address).options
    assert (options.port, options.ssl, options.starttls) == (port, ssl, starttls)


def test_the_allowances_are_the_schools() -> None:
    assert [(rate.most, rate.per, rate.of) for rate in mail().limits.rates] == [(60, timedelta(minutes=1), "delivery")]
    rates = mail(per_minute=30, per_day=500).limits.rates
    assert [(rate.most, rate.per) for rate in rates] == [(30, timedelta(minutes=1)), (500, "day")]


@pytest.mark.parametrize(("given", "key"), [
    ({"from": ""}, "from"), ({"from": "示例学院"}, "from"), ({"from": "a@b"}, "from"), ({"reply_to": "x"}, "reply_to"),
    ({"reply_to": "a@example.edu.cn\r\nBcc: b@example.edu.cn"}, "reply_to"), ({"bounces": "x"}, "bounces"),
    ({"list_id": "x y"}, "list_id"), ({"starttls": "yes"}, "starttls"), ({"login": 1}, "login"),
    ({"per_minute": 0}, "per_minute"), ({"per_day": "500"}, "per_day"), ({"per_day": True}, "per_day"),
    ({"ca_file": "/no/such.pem"}, "ca_file"),
])  # fmt: skip
def test_what_is_wrong_is_named_with_its_fix(given: dict[str, Any], key: str) -> None:
    with pytest.raises(ValueError, match=rf"^channels\.email\.{key}\b.*[应须请]"):
        mail(**given)


@pytest.mark.parametrize(
    "address", ["", "http://127.0.0.1:9009", "smtp.example.edu.cn", "smtp://", "smtp://u:p@h:25", "smtp://h/x"]
)
def test_an_address_that_is_no_mail_server_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"channels\.email\.api_base"):
        mail(address)


def test_a_password_never_goes_over_an_open_line() -> None:
    with pytest.raises(ValueError, match="明文"):
        mail("smtp://smtp.example.edu.cn", starttls=False)
    assert not mail("smtp://smtp.example.edu.cn:25", starttls=False, login=False).options.starttls


def test_a_line_break_in_the_senders_name_is_no_header() -> None:
    with pytest.raises(ValueError, match=r"channels\.email\.from"):
        mail(**{"from": '"学院\r\nBcc: x" <xxgk@example.edu.cn>'})
    assert mail(**{"from": "学院\nBcc: x <xxgk@example.edu.cn>"}).options.name == "x"


def test_the_channel_is_in_the_registry_and_asks_for_the_column_of_mailboxes(tmp_path: Path) -> None:
    from channels import label_of, make
    from config.people import People

    made = make(setting("email", "smtp://127.0.0.1:1", **{"from": "xxgk@example.edu.cn"}), SECRETS, Ticks())
    assert isinstance(made, Mail) and label_of("email") == "邮件"
    assert made.limits.exposure is None and not made.limits.resolvable and not made.limits.receipts
    (tmp_path / "教职工.csv").write_text("姓名,电子邮箱\n甲,a@example.edu.cn\n", encoding="utf-8")
    assert People(tmp_path).addresses("名单:教职工", made.limits.person) == ("a@example.edu.cn",)
