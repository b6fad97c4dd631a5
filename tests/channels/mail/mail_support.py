"""The mail channel as a school would set it, with invented mailboxes only, and a server that says what it is told to say."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from channels.base import Prepared, SendError, Sent
from channels.mail import Mail
from rules.bundle import Bundle
from tests.channels.samples import KEY, Ticks, bundle, setting, target

PEOPLE = [f"t{n:03d}@example.edu.cn" for n in range(1, 6)]
ONE = PEOPLE[0]
USER, PASSWORD = "xxgk@example.edu.cn", "test-mail-password"
SECRETS = {"MAIL_USER": USER, "MAIL_PASSWORD": PASSWORD, "XXGK_SEAL_KEY": "test-seal-key-0000000000"}
FROM = "示例职业技术学院信息公开 <xxgk@example.edu.cn>"
LIST = target("email", "名单:教职工")


def mail(base: str = "smtp://127.0.0.1:1", secrets: dict[str, str] | None = None, **options: Any) -> Mail:
    """The channel, its clock standing still."""
    given = {"from": FROM, **options}
    return Mail(setting("email", base, **given), SECRETS if secrets is None else secrets, Ticks())


def send(channel: Mail, people: list[str] | None = None, of: Bundle | None = None) -> list[Sent]:
    """Render, store and send, as the jobs do."""
    content = channel.render(of or bundle(), LIST)
    payload = json.loads(json.dumps(content.payload))
    return channel.send(Prepared(payload=payload), people or [ONE], KEY)


def failure(channel: Mail, people: list[str] | None = None) -> SendError:
    """The error of a send that fails for all."""
    try:
        sent = send(channel, people)
    except SendError as error:
        return error
    raise AssertionError(f"sent: {sent}")


#: What a server says to each command if nothing else is told; DOT is the end of the letter.
USUAL = {
    "HELLO": "220 mail.example.edu.cn ESMTP", "EHLO": "250-mail.example.edu.cn\r\n250-SIZE 10485760\r\n250 AUTH PLAIN",
    "AUTH": "235 2.7.0 Authentication successful", "MAIL": "250 2.1.0 Ok", "RCPT": "250 2.1.5 Ok",
    "DATA": "354 End data with <CR><LF>.<CR><LF>", "DOT": "250 2.0.0 Ok: queued as 4B2F1A", "RSET": "250 2.0.0 Ok",
    "QUIT": "221 2.0.0 Bye", "STARTTLS": "502 5.5.1 Not implemented",
}  # fmt: skip
#: No answer: the connection ends.
HANG_UP = ""


@dataclass
class Talker:
    """A server that answers each command as it was told, the n-th time with the n-th of several, and keeps what it heard."""

    address: str
    says: dict[str, str | list[str]] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    letters: list[bytes] = field(default_factory=list)

    def reply(self, command: str) -> str:
        """The next answer to a command; the last of several is for good."""
        told = self.says.get(command, USUAL.get(command, "500 5.5.2 Error: command not recognized"))
        if isinstance(told, list):
            return told.pop(0) if len(told) > 1 else told[0]
        return told

    def serve(self, line: socket.socket) -> None:
        """One connection."""
        with contextlib.suppress(OSError), line, line.makefile("rb") as lines:
            said = self.reply("HELLO")
            while said != HANG_UP:
                line.sendall(said.encode() + b"\r\n")
                if said.startswith("354"):
                    said = self._letter(lines)
                    continue
                got = lines.readline().decode(errors="replace").strip()
                if not got:
                    return
                self.heard.append(got.upper())
                said = self.reply(got.split()[0].upper())

    def _letter(self, lines: Any) -> str:
        letter = list[bytes]()
        while (got := lines.readline()) != b".\r\n":
            if not got:
                return HANG_UP
            letter.append(got)
        self.letters.append(b"".join(letter))
        return self.reply("DOT")


@contextlib.contextmanager
def running_talker(**says: str | list[str]) -> Iterator[Talker]:
    """A talker on loopback."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        talker = Talker(f"smtp://127.0.0.1:{door.getsockname()[1]}", dict(says))

        def run() -> None:
            while True:
                try:
                    line, _ = door.accept()
                except OSError:
                    return
                talker.serve(line)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield talker
        door.shutdown(socket.SHUT_RDWR)
    thread.join(timeout=5)
