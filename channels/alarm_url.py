"""提醒地址: reminders to the people on duty by any address that Apprise knows. No item ever goes through it.

https://appriseit.com. A target's address is the name of a key in .env that holds one Apprise URL:
such a URL is a secret and stands nowhere else. Apprise answers yes or no and does not say why.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

import requests

from channels.base import Clock, Content, Finding, Limits, Prepared, SendError, Sent
from channels.words import clean, heading
from rules.audience import REMINDERS_ONLY
from rules.bundle import Bundle
from rules.outcome import Outcome
from rules.reminders import ALARM_URL, HERE_ONLY, is_here
from rules.routing import Target
from rules.school import ChannelSetting
from rules.text import size

# They print addresses, which are secrets here.
logging.getLogger("apprise").disabled = True
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)

#: A reminder that did not get through is not tried again here sooner: Apprise's no may hide a yes, and nobody wants it every minute.
AGAIN = timedelta(minutes=10)


class AlarmUrl:
    """Apprise addresses, each under a name in .env."""

    name: ClassVar[str] = ALARM_URL
    label: ClassVar[str] = "提醒地址（Apprise）"

    def __init__(self, setting: ChannelSetting, secrets: Mapping[str, str], clock: Clock) -> None:
        self._secrets = secrets
        self._clock = clock
        self._failed: dict[str, datetime] = {}

    @property
    def limits(self) -> Limits:
        """The fence lets no item through, whatever its audience."""
        return Limits(pieces=8, bytes=None, exposure=REMINDERS_ONLY, senders=1)

    def render(self, bundle: Bundle, target: Target) -> Content:
        """The heading as the title, a line for each reminder."""
        tidy = clean(bundle)
        payload = {"title": heading(tidy), "body": "\n".join(piece.title for piece in tidy.pieces)}
        text = "\n".join(payload.values())
        return Content(text=text, payload=payload, bytes=size(text))

    def prepare(self, content: Mapping[str, Any], key: str) -> Prepared:
        """Nothing to prepare."""
        return Prepared(payload=content)

    def send(self, prepared: Prepared, addresses: Sequence[str], key: str) -> list[Sent]:
        """Tell each address. A no is UNAVAILABLE although it may hide a yes: a reminder is better told twice than lost."""
        return [self._tell(prepared.payload, name) for name in addresses]

    def _tell(self, content: Mapping[str, Any], name: str) -> Sent:
        service = self._service(name)
        failed = self._failed.get(name)
        if failed is not None and self._clock() - failed < AGAIN:
            raise SendError(Outcome.UNAVAILABLE, f"{name} 上次没有确认送出，稍后再试", retry_after=AGAIN)
        try:
            # Not the sender's own notify: this one also turns plain text into what the sender speaks.
            told = bool(service.notify(title=content["title"], body=content["body"], body_format="text"))
        except Exception:  # its text may hold the address
            told = False
        if not told:
            self._failed[name] = self._clock()
            raise SendError(Outcome.UNAVAILABLE, f"{name} 没有确认送出", advice=_LOOK.format(name), retry_after=AGAIN)
        self._failed.pop(name, None)
        return Sent(address=name, outcome=Outcome.ACCEPTED, reason="已提交（对方平台已接收）")

    def _service(self, name: str) -> Any:
        """Apprise with the one address under a name; raises SendError MISCONFIGURED, the address never in its words."""
        url = self._secrets.get(name, "").strip()
        if not url:
            raise _wrong(f"{name} 没有填写", f"请在 .env 中填写 {name}，值为一个 Apprise 地址")
        import apprise  # late: it is slow to load, and few commands remind anybody

        asset = apprise.AppriseAsset(
            app_id="xxgk-bot", app_url="", storage_mode="memory", async_mode=False, http_redirects=False
        )
        try:
            service = apprise.Apprise.instantiate(url, asset=asset)
        except Exception:  # its text may hold the address
            service = None
        if service is None:
            raise _wrong(
                f"{name} 不是 Apprise 认得的地址", f"请核对 .env 中的 {name}，写法见 https://appriseit.com/services/"
            )
        live = self._secrets.get("XXGK_LIVE") == "1"
        here = is_here(url) and service.host in ("127.0.0.1", "localhost") and not _by_proxy(service.host)
        if not live and not here:
            raise _wrong(f"{name} 指向本机以外", HERE_ONLY)
        alone = apprise.Apprise(asset=asset)
        alone.add(service)
        return alone

    def missing(self, targets: Sequence[Target]) -> list[Finding]:
        """The addresses that are not filled in."""
        empty = [t.address for t in targets if not self._secrets.get(t.address, "").strip()]
        fix = "请在 .env 中填写，值为一个 Apprise 地址"
        return [Finding(key=name, ok=False, text="没有填写", fix=fix) for name in empty]

    def check(self, targets: Sequence[Target]) -> list[Finding]:
        """Whether each address can be read; that it works is seen by the first reminder."""
        return self.missing(targets) or [self._finding(target) for target in targets]

    def _finding(self, target: Target) -> Finding:
        try:
            self._service(target.address)
        except SendError as error:
            return Finding(key=target.address, ok=False, text=f"{target.name}：{error.reason}", fix=error.advice)
        return Finding(key=target.address, ok=True, text=f"{target.name}：已填写（是否有效以第一次提醒为准）")


_LOOK = "Apprise 不说明原因，请核对 .env 中的 {}、网络和出网白名单"


def _wrong(reason: str, advice: str) -> SendError:
    return SendError(Outcome.MISCONFIGURED, reason, advice=advice)


def _by_proxy(host: str) -> bool:
    """True if the environment would lead a call to this machine through a proxy elsewhere."""
    return bool(requests.utils.get_environ_proxies(f"http://{host}/"))
