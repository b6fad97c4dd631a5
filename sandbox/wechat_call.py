"""What every official-account call works with: the account behind the token, and its body read strictly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.actors import Account
from sandbox.clock import day_of
from sandbox.state import Doc, State
from sandbox.wire import Call, Refused, Upload
from sandbox.world import World


@dataclass
class Oa:
    """One call of an account whose token was good; `run_due` asks for due entries to run before the answer."""

    call: Call
    account: Account
    run_due: bool = False
    _body: Doc | None = field(default=None, repr=False)

    @property
    def world(self) -> World:
        """The world acted on."""
        return self.call.world

    @property
    def state(self) -> State:
        """The world's state."""
        return self.call.world.state

    @property
    def appid(self) -> str:
        """The account's id, the scope of everything it owns."""
        return self.account.appid

    @property
    def now(self) -> float:
        """Seconds since 1970."""
        return self.call.world.now()

    @property
    def today(self) -> str:
        """The Shanghai day."""
        return day_of(self.now)

    def body(self) -> Doc:
        """The JSON body, which must be an object."""
        if self._body is None:
            if not self.call.body():
                raise Refused(44002, "empty post data")
            try:
                parsed = self.call.json()
            except ValueError:
                raise Refused(47001, "data format error") from None
            if not isinstance(parsed, dict):
                raise Refused(47001, "data format error")
            self._body = parsed
        return self._body

    def text(self, name: str, required: int | None = None) -> str:
        """A text field; an absent one is refused with `required` if that is given."""
        value = self.body().get(name)
        if value is None or value == "":
            if required is not None:
                raise Refused(required, f"invalid {name}")
            return ""
        if not isinstance(value, str):
            raise Refused(47001, "data format error")
        return value

    def number(self, name: str, default: int | None = None, errcode: int = 40035) -> int:
        """A whole number, also as digits; `errcode` when it is missing without a default, or no number."""
        value = self.body().get(name, default)
        if isinstance(value, bool) or value is None or not str(value).isdigit():
            raise Refused(errcode, f"invalid {name}")
        return int(value)

    def page(self) -> tuple[int, int]:
        """Offset and count (1 to 20) of a paged call."""
        offset, count = self.number("offset", 0), self.number("count", errcode=40035)
        if not 1 <= count <= 20:
            raise Refused(40035, "invalid count")
        return offset, count

    def media(self) -> Upload:
        """The multipart field `media`, which must have a file name and bytes."""
        upload = self.call.upload("media")
        if upload is None:
            raise Refused(41005, "media data missing")
        if not upload.data:
            raise Refused(44001, "empty media data")
        return upload


Handler = Callable[[Oa], Doc]


@dataclass(frozen=True)
class Api:
    """One call of the vendor: who may call it, how, how often; None for a limit means none was published."""

    handle: Handler
    method: str = "POST"
    right: str = ""
    per_day: int | None = None
    per_minute: int | None = None
    group: str = ""
