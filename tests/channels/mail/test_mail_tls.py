"""Encryption and login against aiosmtpd as it comes, with a certificate made for the test."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from rules.outcome import Outcome
from tests.channels.mail.mail_support import ONE, PASSWORD, USER, failure, mail, running_talker, send


class Inbox:
    """Keeps what comes."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, list[str], bool]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.letters.append((envelope.mail_from, envelope.rcpt_tos, session.ssl is not None))
        return "250 2.0.0 Ok"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    signed = made.add_extension(names, critical=False).sign(key, hashes.SHA256())
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    pem = serialization.Encoding.PEM
    plain = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(signed.public_bytes(pem) + plain)
    return path


def _login(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()), handled=False)


@contextmanager
def server(certificate: Path, *, at_once: bool) -> Iterator[tuple[int, Inbox]]:
    """aiosmtpd with SSL at once, or with STARTTLS; it wants encryption and a login."""
    context, inbox = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), Inbox()
    context.load_cert_chain(certificate)
    how: dict[str, Any] = {"ssl_context": context} if at_once else {"tls_context": context, "require_starttls": True}
    how |= {"auth_require_tls": not at_once, "authenticator": _login}
    with _port() as port:
        pass
    # aiosmtpd opens its own door without SSL to see whether it lives, so the check is left out for SSL at once.
    controller = Controller(inbox, hostname="127.0.0.1", port=port, ready_timeout=5, **how)
    controller.start()
    yield port, inbox
    controller.stop()


@contextmanager
def _port() -> Iterator[int]:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as free:
        yield int(free.getsockname()[1])


@pytest.mark.parametrize("at_once", [True, False])
def test_a_letter_goes_encrypted_after_a_login(certificate: Path, at_once: bool) -> None:
    with server(certificate, at_once=at_once) as (port, inbox):
        scheme, more = ("smtps", {}) if at_once else ("smtp", {"starttls": True})
        channel = mail(f"{scheme}://127.0.0.1:{port}", ca_file=str(certificate), **more)
        assert [each.outcome for each in send(channel)] == [Outcome.ACCEPTED]
        assert [finding.ok for finding in channel.check([])] == [True, True]
        assert ("SSL" if at_once else "STARTTLS") in channel.check([])[0].text
    assert [(sender, to) for sender, to, _ in inbox.letters] == [(USER, [ONE])]
    assert at_once or inbox.letters[0][2]


@pytest.mark.parametrize("at_once", [True, False])
def test_a_certificate_nobody_vouches_for_is_not_trusted_and_the_fix_is_named(certificate: Path, at_once: bool) -> None:
    with server(certificate, at_once=at_once) as (port, inbox):
        channel = mail(f"{'smtps' if at_once else 'smtp'}://127.0.0.1:{port}", starttls=not at_once)
        error = failure(channel)
        assert (error.outcome, "ca_file" in error.advice) == (Outcome.MISCONFIGURED, True)
        assert [finding.key for finding in channel.check([])] == ["channels.email.ca_file"]
    assert inbox.letters == []


def test_a_wrong_password_is_told_by_a_server_that_is_not_ours(certificate: Path) -> None:
    with server(certificate, at_once=True) as (port, _):
        secrets = {"MAIL_USER": USER, "MAIL_PASSWORD": "wrong"}
        error = failure(mail(f"smtps://127.0.0.1:{port}", secrets=secrets, ca_file=str(certificate)))
    assert (error.outcome, error.code) == (Outcome.MISCONFIGURED, "535 5.7.8")


def test_ssl_where_none_is_spoken_names_the_address() -> None:
    with running_talker() as talker:
        error = failure(mail(talker.address.replace("smtp://", "smtps://")))
    assert error.outcome is Outcome.MISCONFIGURED and "api_base" in error.advice


def test_a_server_that_offers_no_encryption_gets_neither_password_nor_letter() -> None:
    with running_talker() as talker:
        error = failure(mail(talker.address, starttls=True))
    assert error.outcome is Outcome.MISCONFIGURED and "smtps://" in error.advice
    assert not any(line.startswith(("AUTH", "MAIL")) for line in talker.heard)


def test_a_password_that_no_login_can_carry_is_told() -> None:
    with running_talker() as talker:
        error = failure(mail(talker.address, secrets={"MAIL_USER": USER, "MAIL_PASSWORD": "密码"}))
    assert error.outcome is Outcome.MISCONFIGURED and "MAIL_PASSWORD" in error.advice
