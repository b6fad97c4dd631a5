"""What every call of a WeCom app works with: the company and app behind the token, and its body read strictly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.actors import App, Corp
from sandbox.clock import day_of
from sandbox.state import Doc, State
from sandbox.wire import Call, Refused
from sandbox.world import World


@dataclass
class Work:
    """One call of an app whose token was good."""

    call: Call
    corp: Corp
    app: App
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
            try:
                parsed = self.call.json()
            except ValueError:
                parsed = None
            if not isinstance(parsed, dict):
                raise Refused(47001, "data format error. Warning: wrong json format. ")
            self._body = parsed
        return self._body

    def text(self, name: str) -> str:
        """A text field of the body, or an empty string."""
        return string(self.body(), name)

    def names(self, name: str) -> list[str]:
        """A list of texts in the body, or an empty one; numbers are read as their digits."""
        value = self.body().get(name) or []
        if not isinstance(value, list) or not all(isinstance(one, str | int) for one in value):
            raise missing(name, "should be array")
        return [str(one) for one in value]


def string(body: Doc, name: str) -> str:
    """A text field, or an empty string; anything else is not this vendor's parameter."""
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise missing(name, "should be string")
    return value or ""


def whole(body: Doc, name: str, default: int | None = None) -> int:
    """A whole number, also as digits."""
    value = body.get(name, default)
    if isinstance(value, bool) or not str(value).isdecimal():
        raise missing(name, "should be integer")
    return int(str(value))


def missing(name: str, what: str = "missing") -> Refused:
    """The vendor's general word for a parameter it cannot take."""
    return Refused(40058, f"{name} {what}. invalid Request Parameter")


Handler = Callable[[Work], Doc]


@dataclass(frozen=True)
class Api:
    """One call of the vendor; `secrets` names which may use it: an app's ("app"), the contacts one ("sync"), or both."""

    handle: Handler
    method: str = "POST"
    secrets: tuple[str, ...] = ("app",)
