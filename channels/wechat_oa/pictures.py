"""A draft's cover, and the images of its articles brought to the platform, which filters out all others."""

from __future__ import annotations

import hashlib
import struct
import time
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from channels import http
from channels.base import SendError
from channels.wechat_oa.client import Client
from channels.wechat_oa.tokens import TIMEOUT
from rules.outcome import Outcome

#: developers.weixin.qq.com, 上传图文消息内的图片 uploadimg: jpg or png below 1 MB. A cover (image) may have 10 MB.
MOST_BYTES = 1024 * 1024 - 1
COVER_BYTES = 10 * 1024 * 1024
#: One image takes no longer than this, however slowly its server drips.
_DEADLINE = 30.0

_TYPES = {b"\x89PNG\r\n\x1a\n": ("png", "image/png"), b"\xff\xd8\xff": ("jpg", "image/jpeg")}


class Pictures:
    """Uploads each image once for the life of the process, known by its sha256."""

    def __init__(self, client: Client, cover: Path | None) -> None:
        self._client = client
        self._path = cover
        self._covers: dict[str, str] = {}
        self._hosted: dict[str, str] = {}

    def cover(self, *, anew: bool = False) -> str:
        """The media id of the cover, a permanent image; `anew`: the known one was deleted on the platform."""
        image = read_cover(self._path)
        digest = hashlib.sha256(image).hexdigest()
        if anew or digest not in self._covers:
            answer = self._client.material.add("image", _part(image))
            self._covers[digest] = str(answer.get("media_id", ""))
        return self._covers[digest]

    def host(self, addresses: Iterable[str]) -> dict[str, str]:
        """Old address -> new; one that cannot be had or is not taken is left out, the article then says so."""
        found = ((address, self._host(address)) for address in dict.fromkeys(addresses))
        return {address: url for address, url in found if url}

    def _host(self, address: str) -> str:
        image = fetch(address)
        if image is None:
            return ""
        digest = hashlib.sha256(image).hexdigest()
        if digest not in self._hosted:
            try:
                self._hosted[digest] = str(self._client.media.upload_image(_part(image)))
            except SendError as error:
                if error.outcome is not Outcome.REFUSED:
                    raise
                return ""
        return self._hosted[digest]


def fetch(address: str) -> bytes | None:
    """A jpg or png of the platform's size from a host the school has named; None if it is not to be had."""
    ends = time.monotonic() + _DEADLINE
    try:
        with http.get(address, timeout=TIMEOUT, stream=True) as response:
            if response.status_code != 200:
                return None
            image = b""
            for chunk in response.iter_content(65536):
                image += chunk
                if len(image) > MOST_BYTES or time.monotonic() > ends:
                    return None
    except (SendError, OSError):  # requests' own errors are OSErrors
        return None
    return image if kind_of(image) else None


def read_cover(path: Path | None) -> bytes:
    """The school's cover, or ours; raises SendError naming the setting."""
    if path is None:
        return plain_cover()
    try:
        image = path.read_bytes()
    except OSError:
        raise _bad_cover("封面图片读不出来") from None
    if kind_of(image) is None or len(image) > COVER_BYTES:
        raise _bad_cover("封面图片应为 10 MB 以内的 png 或 jpg")
    return image


def _bad_cover(what: str) -> SendError:
    return SendError(Outcome.MISCONFIGURED, what, advice="请核对 channels.wechat_oa.cover")


def kind_of(image: bytes) -> tuple[str, str] | None:
    """File ending and media type by the first bytes, None if the platform would not take it."""
    return next((kind for magic, kind in _TYPES.items() if image.startswith(magic)), None)


def _part(image: bytes) -> tuple[str, bytes, str]:
    ending, mime = kind_of(image) or ("png", "image/png")
    return (f"xxgk-{hashlib.sha256(image).hexdigest()[:12]}.{ending}", image, mime)


def plain_cover(width: int = 900, height: int = 383) -> bytes:
    """A plain blue PNG with a lighter band, in the 2.35:1 of a cover."""
    blue, band = b"\x1f\x4e\x8c", b"\x4a\x7a\xb8"
    rows = (b"\x00" + (band if height * 4 // 5 < y < height * 17 // 20 else blue) * width for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks: Mapping[bytes, bytes] = {b"IHDR": header, b"IDAT": zlib.compress(b"".join(rows), 9), b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks.items())


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
