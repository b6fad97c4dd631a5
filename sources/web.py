"""Polite reading of one web site: its own name in each request, one connection, robots.txt kept, nothing off the site.

robots.txt: RFC 9309. File names: RFC 6266 and RFC 5987.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import Message
from typing import Any
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

import requests
from urllib3.exceptions import ReadTimeoutError

from rules.addresses import sans_session
from sources.deadline import Timely
from sources.robots import Robots

AGENT = "xxgk-bot"
#: Seconds to connect, seconds between two pieces of an answer.
TIMEOUT = (5.0, 20.0)
MOST_BYTES = 5 * 1024 * 1024
#: Of an attachment.
MOST_FILE = 20 * 1024 * 1024
MOST_HOPS = 5
ROBOTS_BYTES = 20_000
ROBOTS_KEPT = timedelta(days=1)
GONE = frozenset((404, 410))
BUSY = frozenset((429, 503))
#: However long a site wants to be left alone.
LONGEST_WAIT = timedelta(hours=6)
_DEFAULT_PORTS = {"http": 80, "https": 443}
#: What a look that comes later may find gone.
_PASSING = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)
_META = re.compile(rb"<meta[^>]{0,200}charset=[\"']?\s*([\w-]{2,20})", re.IGNORECASE)


class WebError(Exception):
    """A page could not be had; says why in words for the office."""


class Unreached(WebError):
    """Nobody answered, or only to say that it cannot now (a timeout, no connection, 5xx): this may pass by itself."""


class Busy(Unreached):
    """The site asks to be left alone for a while (429, 503); `wait` is how long it wants."""

    def __init__(self, text: str, wait: timedelta) -> None:
        super().__init__(text)
        self.wait = wait


class Gone(WebError):
    """The address answers that there is nothing (404 or 410)."""


#: The host or the path of a place where one logs in.
_LOGIN = re.compile(r"(?<![a-z])(?:cas|sso|authserver|login|passport|oauth2?|idp)(?![a-z])", re.IGNORECASE)


class Elsewhere(WebError):
    """The address lies, or leads, outside the site; `asks_to_log_in`: to where one logs in."""

    def __init__(self, text: str, address: str = "") -> None:
        super().__init__(text)
        self.asks_to_log_in = bool(_LOGIN.search(address.partition("?")[0]))


class Forbidden(WebError):
    """robots.txt asks us not to read it."""


@dataclass(frozen=True)
class Page:
    """An answer of the site; `text` is None where the page has not changed since (304)."""

    url: str
    text: str | None
    etag: str = ""
    modified: str = ""


class Site:
    """One site, read over one connection; `robots` is what was kept of its robots.txt in the cursor."""

    def __init__(self, home: str, clock: Callable[[], datetime], robots: Mapping[str, Any], pause: float) -> None:
        self._home = urlsplit(home)
        self._clock = clock
        self._pause = pause
        self._asked = 0
        self.robots = dict(robots)
        self._rules: Robots | None = None
        self._session = requests.Session()
        self._session.trust_env = False
        for scheme in _DEFAULT_PORTS:
            self._session.mount(f"{scheme}://", Timely())
        self._session.headers["User-Agent"] = f"{AGENT} (+{self.root}/)"

    @property
    def root(self) -> str:
        """The site's address without a path."""
        return f"{self._home.scheme}://{self._home.netloc}"

    def close(self) -> None:
        """Give the connection back."""
        self._session.close()

    def holds(self, url: str) -> bool:
        """True if an address is http(s) on this very host; no other is ever asked."""
        try:
            parts = urlsplit(url)
            same_port = _port(parts) == _port(self._home) or {_port(parts), _port(self._home)} == {80, 443}
        except ValueError:
            return False
        plain = parts.scheme in _DEFAULT_PORTS and not parts.username and not parts.password
        return plain and same_port and parts.hostname == self._home.hostname

    def get(self, url: str, etag: str = "", modified: str = "") -> Page:
        """One page; raises WebError."""
        headers = {"If-None-Match": etag, "If-Modified-Since": modified}
        with self._follow("GET", url, {name: value for name, value in headers.items() if value}) as answer:
            if answer.status_code == 304:
                return Page(url, None, etag, modified)
            _check_status(answer)
            text = decoded(_content(answer), answer.headers.get("Content-Type", ""))
            kept = (answer.headers.get(name, "")[:200] for name in ("ETag", "Last-Modified"))
            return Page(answer.url, text, *kept)

    def content(self, url: str) -> bytes:
        """What a file of the site holds; raises WebError."""
        with self._follow("GET", url, {}) as answer:
            _check_status(answer)
            return _content(answer, MOST_FILE)

    def ask(self, method: str, url: str, form: Mapping[str, str] | None = None) -> str:
        """What a page's own script asks its site for, as text; led nowhere else. Raises WebError."""
        if not self.holds(url):
            raise Elsewhere("网页所指的地址在别的网站，未读取")
        self._check_robots(url)
        return self._answered(method, url, {}, form=form)

    def call(self, method: str, url: str, headers: Mapping[str, str], body: Mapping[str, Any] | None = None) -> str:
        """What an interface answers, as text; led nowhere else, for what it is sent is secret. Raises WebError.

        robots.txt is not asked: it speaks to crawlers that find their own way through pages. An interface is named in
        school.toml, and its owner has given an account for it.
        """
        if not self.holds(url):
            raise Elsewhere("接口的地址在别的网站，未读取")
        return self._answered(method, url, headers, body=body)

    def _answered(self, method: str, url: str, headers: Mapping[str, str], **sent: Mapping[str, Any] | None) -> str:
        with self._ask(method, url, headers, **sent) as answer:
            if answer.is_redirect:
                raise Elsewhere("网页所指的地址转到了别处，未读取")
            _check_status(answer)
            return decoded(_content(answer), answer.headers.get("Content-Type", ""))

    def filename(self, url: str) -> str:
        """The name a download gives itself, "" if it gives none; raises WebError only for what may be better later."""
        try:
            with self._follow("HEAD", url, {}) as answer:
                if answer.status_code >= 500:
                    _check_status(answer)
                return filename_of(answer.headers.get("Content-Disposition", "")) if answer.ok else ""
        except (Elsewhere, Forbidden):
            return ""

    def _follow(self, method: str, url: str, headers: Mapping[str, str], free: bool = False) -> requests.Response:
        """The first answer that is no redirect; each hop must stay on the site and, unless `free`, keep to robots.txt."""
        for _ in range(MOST_HOPS):
            if not self.holds(url):
                raise Elsewhere("页面转到了别的网站，未读取", url)
            if not free:
                self._check_robots(url)
            answer = self._ask(method, url, headers)
            if not answer.is_redirect:
                return answer
            answer.close()
            url = _whole(url, answer.headers["Location"])
        raise WebError("页面反复跳转，未读取")

    def _ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        form: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> requests.Response:
        if self._asked:
            time.sleep(self._pause)
        self._asked += 1
        try:
            return self._session.request(
                method,
                url,
                headers=headers,
                data=form,
                json=body,
                timeout=TIMEOUT,
                stream=True,
                allow_redirects=False,
            )
        except (requests.RequestException, ValueError) as error:
            kind = Unreached if isinstance(error, _PASSING) else WebError
            raise kind(f"网站连接不上（{type(error).__name__}）") from None

    def _check_robots(self, url: str) -> None:
        if self._rules is None:
            self._rules = Robots.of(self._robots_text(), AGENT)
        if not self._rules.allows(url):
            raise Forbidden(f"网站的 robots.txt 不允许读取；请网站管理员为 {AGENT} 放行")

    def _robots_text(self) -> str:
        """What robots.txt says, asked once a day; none there means all is allowed, no answer means nothing is."""
        kept, at = self.robots.get("text"), self.robots.get("at", "")
        if isinstance(kept, str) and at and self._clock() - datetime.fromisoformat(at) < ROBOTS_KEPT:
            return kept
        try:
            with self._follow("GET", f"{self.root}/robots.txt", {}, free=True) as answer:
                if answer.status_code >= 500:
                    raise Unreached("网站的 robots.txt 暂时取不到，未读取")
                content = _content(answer) if answer.ok else b""
        except Elsewhere:
            content = b""
        if len(content) > ROBOTS_BYTES:  # a line that is cut would say more than it means: /private is / then
            content = content[:ROBOTS_BYTES].rpartition(b"\n")[0]
        text = content.decode("utf-8", errors="ignore")
        self.robots = {"text": text, "at": self._clock().isoformat()}
        return text


def joined(base: str, href: str) -> str:
    """The whole address of a link in a page, without the session that it was given for this visit; "" for what is none."""
    return sans_session(_whole(base, href))


def _whole(base: str, href: str) -> str:
    try:
        return urljoin(base, href.strip())
    except ValueError:
        return ""


def _port(parts: SplitResult) -> int | None:
    return parts.port or _DEFAULT_PORTS.get(parts.scheme)


def _check_status(answer: requests.Response) -> None:
    if answer.status_code in GONE:
        raise Gone(f"页面不存在（HTTP {answer.status_code}）")
    if answer.status_code in BUSY and (wait := answer.headers.get("Retry-After", "")).isdecimal():
        asked = min(timedelta(seconds=int(wait[:6])), LONGEST_WAIT)
        raise Busy(f"网站繁忙，要求稍后再读（HTTP {answer.status_code}）", asked)
    if answer.status_code != 200:
        passing = answer.status_code >= 500 or answer.status_code in BUSY
        raise (Unreached if passing else WebError)(f"网站答复异常（HTTP {answer.status_code}）")


def _content(answer: requests.Response, most: int = MOST_BYTES) -> bytes:
    """The body within the limits of size and time; raises WebError."""
    pieces: list[bytes] = []
    size = 0
    try:
        for piece in answer.iter_content(64 * 1024):
            size += len(piece)
            pieces.append(piece)
            if size > most:
                raise WebError(f"{'页面' if most == MOST_BYTES else '文件'}超过{most // 1024**2}MB，未读取")
    except requests.RequestException as error:
        if isinstance(next(iter(error.args), None), ReadTimeoutError):
            raise Unreached("网站答复过慢，未读取") from None
        kind = Unreached if isinstance(error, _PASSING) else WebError
        raise kind(f"页面没有读完（{type(error).__name__}）") from None
    return b"".join(pieces)


def decoded(content: bytes, content_type: str) -> str:
    """A page as text. What reads as UTF-8 is UTF-8, whatever header and meta tag say; after them comes GBK."""
    header = re.search(r"charset=[\"']?\s*([\w-]{2,20})", content_type, re.IGNORECASE)
    meta = _META.search(content[:4096])
    named = [header[1] if header else "", meta[1].decode("ascii") if meta else ""]
    charsets = ["gb18030" if name.lower() in ("gb2312", "gbk") else name for name in named if name]
    for charset in ("utf-8-sig", *charsets, "gb18030"):
        try:
            return content.decode(charset)
        except (UnicodeDecodeError, LookupError):
            continue
    return content.decode("utf-8", errors="replace")


def filename_of(disposition: str) -> str:
    """The file name in a Content-Disposition, written as RFC 5987 wants it or as old servers do."""
    extended = re.search(r"filename\*\s*=\s*([\w-]+)'[^']*'([^;]+)", disposition, re.IGNORECASE)
    if extended:
        return _bare(unquote(extended[2].strip(), encoding=_charset(extended[1]), errors="replace"))
    message = Message()
    message["Content-Disposition"] = disposition
    name = message.get_filename() or ""
    if "%" in name:
        return _bare(unquote(name))
    return _bare(_repaired(name))


def _charset(name: str) -> str:
    return "gb18030" if name.lower().startswith("gb") else "utf-8"


def _repaired(name: str) -> str:
    """Header bytes come as Latin-1; what is UTF-8 or GBK in truth is read again."""
    for charset in ("utf-8", "gb18030"):
        try:
            return name.encode("latin-1").decode(charset)
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
    return name


def _bare(name: str) -> str:
    return re.split(r"[/\\]", name.strip().strip('"'))[-1][:120]
