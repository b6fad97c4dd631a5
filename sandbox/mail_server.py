"""The mail server's wire: aiosmtpd on loopback in a thread of its own, spoiled as the fault plan wants it.

The plan's calls: mail.CONNECT (the greeting), mail.AUTH, mail.MAIL, mail.RCPT, mail.DATA (the command, answered 354) and
mail.END (the final dot). `error` answers `errcode errmsg`, `html` and `502` answer what no mail server says.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Awaitable, Callable
from typing import Any, cast

from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.faults import Fault
from sandbox.mail import SIZE, Post
from sandbox.world import World

KINDS = frozenset({"before", "after", "slow", "reset", "html", "502", "error"})
GARBAGE = "<html><head><title>502 Bad Gateway</title></head></html>"
SHUTTING_DOWN = 421


class Door(Post):
    """The hooks, and the plan for the final dot."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """The reply to the final dot, as the plan wants it."""
        wire = cast(Wire, server)
        fault = wire.picked("mail.END", address=envelope.rcpt_tos[0].lower())
        if fault is None:
            return await super().handle_DATA(server, session, envelope)
        if fault.kind == "slow" and fault.when == "before":
            await wire.nap(fault)
        reply = await super().handle_DATA(server, session, envelope) if executed(fault) else ""
        if fault.kind != "slow":
            return wire.instead(fault)
        if fault.when == "after":
            await wire.nap(fault)
        return reply


class Wire(SMTP):
    """One connection."""

    def __init__(self, post: Post, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            post, data_size_limit=SIZE, enable_SMTPUTF8=True, hostname="mail.sandbox", ident="ESMTP", loop=loop,
            auth_require_tls=False, authenticator=post.login,
        )  # fmt: skip
        self._world = post.world
        self._greeted = False
        #: Replies that are kept back; None: they are said at once.
        self._held: list[Any] | None = None

    async def push(self, status: Any) -> None:
        """Say it; the first thing said is the greeting, which may be spoiled too."""
        if self._held is not None:
            self._held.append(status)
        elif self._greeted:
            await super().push(status)
        else:
            self._greeted = True
            await self._suffer("mail.CONNECT", lambda: self.push(status))

    async def smtp_AUTH(self, arg: str) -> None:
        """AUTH, by plan."""
        await self._suffer("mail.AUTH", lambda: super(Wire, self).smtp_AUTH(arg))

    async def smtp_MAIL(self, arg: str | None) -> None:
        """MAIL, by plan."""
        await self._suffer("mail.MAIL", lambda: super(Wire, self).smtp_MAIL(arg))

    async def smtp_RCPT(self, arg: str | None) -> None:
        """RCPT, by plan; `match` may name the address."""
        address = (arg or "").partition("<")[2].partition(">")[0].lower()
        await self._suffer("mail.RCPT", lambda: super(Wire, self).smtp_RCPT(arg), address=address)

    async def smtp_DATA(self, arg: str) -> None:
        """DATA, by plan: the command alone, for what follows it is the final dot's."""
        await self._suffer("mail.DATA", lambda: super(Wire, self).smtp_DATA(arg))

    def picked(self, name: str, **params: str) -> Fault | None:
        """Count a call and take the fault it must suffer, if any."""
        self._world.state.tally(name)
        return self._world.faults.pick((name,), params, KINDS)

    async def _suffer(self, name: str, run: Callable[[], Awaitable[None]], **params: str) -> None:
        """Run a command as the plan wants it."""
        fault = self.picked(name, **params)
        if fault is None:
            return await run()
        if fault.kind == "slow" and fault.when == "before":
            await self.nap(fault)
        held: list[Any] = []
        if executed(fault) and name != "mail.DATA":
            self._held = held
            await run()
            self._held = None
        if fault.kind != "slow":
            held = [self.instead(fault)]
        elif fault.when == "after":
            await self.nap(fault)
        for reply in held:
            await self.push(reply)
        if fault.kind == "error" and fault.errcode == SHUTTING_DOWN and self.transport is not None:
            self.transport.close()

    def instead(self, fault: Fault) -> str:
        """What is said in place of the answer; where nothing is, the connection ends."""
        if fault.kind == "error":
            return f"{fault.errcode if fault.errcode > 0 else 451} {fault.errmsg}"
        if fault.kind in ("html", "502"):
            return GARBAGE
        if self.transport is not None:
            if fault.kind == "reset":
                line = self.transport.get_extra_info("socket")
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            cast(asyncio.WriteTransport, self.transport).abort()
        raise asyncio.CancelledError  # aiosmtpd's own sign that the connection is gone

    async def nap(self, fault: Fault) -> None:
        """Keep the client waiting, in real time; ends early when the sandbox closes."""
        await asyncio.get_running_loop().run_in_executor(None, self._world.closing.wait, fault.seconds)


def executed(fault: Fault) -> bool:
    """Whether a call is carried out although its answer is spoiled."""
    return fault.kind in ("after", "slow") or fault.when == "after"


class MailServer:
    """The listening server and its thread."""

    def __init__(self, world: World, port: int) -> None:
        self._loop = asyncio.new_event_loop()
        door = Door(world)
        listening = self._loop.create_server(lambda: Wire(door, self._loop), "127.0.0.1", port)
        self._server = self._loop.run_until_complete(listening)
        self.address = f"smtp://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        self._thread = threading.Thread(target=self._loop.run_forever, name="sandbox-mail", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening and drop who is still connected."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(timeout=5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        mine = asyncio.current_task()
        tasks = [task for task in asyncio.all_tasks() if task is not mine]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._loop.shutdown_default_executor()
