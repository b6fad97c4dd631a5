"""One call, over real sockets: made once, to the address that was named, and only to whom a certificate vouches for."""

from __future__ import annotations

import contextlib
import datetime
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from channels import http
from channels.base import SendError
from rules.outcome import Outcome
from tests.channels.servers import Vendor

TIMEOUT = (2.0, 2.0)


@contextmanager
def answering(answer: bytes, tls: ssl.SSLContext | None = None) -> Iterator[tuple[str, list[bytes]]]:
    """A server that answers every connection so and hangs up; its address, and what it was sent."""
    heard: list[bytes] = []
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            with contextlib.suppress(OSError):  # nobody came, or our certificate was not liked
                connection, _ = listener.accept()
                connection.settimeout(2)
                with tls.wrap_socket(connection, server_side=True) if tls else connection as peer:
                    heard.append(peer.recv(65536))
                    peer.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http{'s' if tls else ''}://127.0.0.1:{listener.getsockname()[1]}", heard
        finally:
            time.sleep(0.1)  # for a second call, if anybody makes one
            over.set()
            thread.join()


def answer(head: str, body: bytes = b"{}", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return f"HTTP/1.1 {head}\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n".encode() + body


def test_a_redirect_is_handed_back_and_not_followed(vendor: Vendor) -> None:
    with answering(answer(f"302 Found\r\nLocation: {vendor.base}/elsewhere")) as (base, _):
        assert http.post(f"{base}/send", timeout=TIMEOUT, data=b"{}").status_code == 302
    assert vendor.asked == []


def test_a_vendors_cookie_is_not_sent_back() -> None:
    with answering(answer("200 OK\r\nSet-Cookie: a=b; Path=/")) as (base, heard):
        for _ in range(2):
            http.post(f"{base}/send", timeout=TIMEOUT, data=b"{}")
    assert b"ookie" not in heard[1]


def test_neither_a_proxy_nor_a_password_of_the_environment_is_used(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert http.post(f"{vendor.base}/send", timeout=TIMEOUT, data=b"{}").status_code == 200
    assert "Authorization" not in vendor.asked[0][1]


def test_an_answer_that_breaks_off_leaves_the_call_uncertain_and_is_not_asked_for_again() -> None:
    with answering(answer("200 OK", b'{"status"', length=500)) as (base, heard), pytest.raises(SendError) as caught:
        http.post(f"{base}/send", timeout=TIMEOUT, data=b"{}")
    assert caught.value.outcome is Outcome.UNCERTAIN
    assert len(heard) == 1


def test_a_peer_that_hangs_up_after_our_post_leaves_the_call_uncertain() -> None:
    with answering(b"") as (base, heard), pytest.raises(SendError) as caught:
        http.post(f"{base}/send", timeout=TIMEOUT, data=b"{}")
    assert caught.value.outcome is Outcome.UNCERTAIN
    assert len(heard) == 1


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/send", "127.0.0.1/send", "ftp://127.0.0.1/send", "http:///send"]
)
def test_what_could_not_be_reached_was_surely_not_sent(address: str) -> None:
    with pytest.raises(SendError) as caught:
        http.post(address, timeout=TIMEOUT, data=b"{}")
    assert caught.value.outcome is Outcome.UNAVAILABLE


def test_who_has_no_certificate_that_anybody_vouches_for_gets_nothing(tmp_path: Path) -> None:
    with answering(answer("200 OK"), tls=self_signed(tmp_path)) as (base, heard), pytest.raises(SendError) as caught:
        http.post(f"{base}/send", timeout=TIMEOUT, data=b"{}")
    assert caught.value.outcome is Outcome.UNAVAILABLE
    assert heard == []


def self_signed(folder: Path) -> ssl.SSLContext:
    """A server that vouches for itself."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem = key.private_bytes(serialization.Encoding.PEM, *plain)
    path = folder / "server.pem"
    path.write_bytes(pem + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


@pytest.mark.parametrize(
    "broken",
    [b"HTTP/1.1 502 Bad Gateway\r\n\r\n", b"\x17\x03\x03\x00\x20" + b"x" * 32, b"\x15\x03\x03\x00\x02\x02\x50"],
)
def test_a_record_that_breaks_after_our_post_leaves_the_call_uncertain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: bytes
) -> None:
    """A firewall that speaks plainly into the encrypted answer, a wrong record, a fatal alert: the vendor has our POST."""
    tls, heard = self_signed(tmp_path), threading.Event()

    def serve(listener: socket.socket) -> None:
        connection = listener.accept()[0]
        with socket.socket(fileno=os.dup(connection.fileno())) as plain, tls.wrap_socket(connection, True) as peer:
            said = b""
            while b"the notice" not in said:
                said += peer.recv(65536)
            heard.set()
            plain.sendall(broken)

    send = http.transport().send
    monkeypatch.setattr(
        http.transport(), "send", lambda call, **more: send(call, verify=str(tmp_path / "server.pem"), **more)
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        with pytest.raises(SendError) as caught:
            http.post(f"https://127.0.0.1:{listener.getsockname()[1]}/x", timeout=(5, 5), data=b"the notice")
        thread.join()
    assert heard.is_set() and caught.value.outcome is Outcome.UNCERTAIN


def test_a_secret_is_hidden_before_an_answer_is_cut() -> None:
    page = answer("502 Bad Gateway", b"x" * (http.MOST - 3) + b"the-secret-key and more")
    with answering(page) as (base, _), pytest.raises(SendError) as caught:
        http.json_of(http.post(f"{base}/x", timeout=(5, 5)), ("the-secret-key",))
    assert caught.value.raw.endswith("***") and "the" not in caught.value.raw
