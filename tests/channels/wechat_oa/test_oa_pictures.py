"""Covers and images: real files over real HTTP, only from named hosts, each uploaded once."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest

from channels.base import SendError
from channels.wechat_oa import markup
from channels.wechat_oa.pictures import kind_of, plain_cover
from rules.outcome import Outcome
from tests.channels.wechat_oa.oa_support import KEY, TARGET, Time, Vendor, account, bundle, piece

PNG = plain_cover(4, 4)


def drafted(vendor: Vendor, clock: Time, body: str, **options: object) -> str:
    channel = account(vendor.base, clock, image_hosts=["127.0.0.1"], **options)
    content = channel.render(bundle(piece(body=body)), TARGET)
    channel.send(channel.prepare(content.payload, KEY), ["gh_sample"], KEY)
    made: str = vendor.bodies("draft/add")[-1]["articles"][0]["content"]
    return made


def test_our_own_cover_is_a_png_in_the_proportions_of_a_cover() -> None:
    image = plain_cover()
    assert kind_of(image) == ("png", "image/png")
    assert struct.unpack(">II", image[16:24]) == (900, 383)
    start = image.index(b"IDAT") + 4
    rows = zlib.decompress(image[start : start + struct.unpack(">I", image[start - 8 : start - 4])[0]])
    assert len(rows) == 383 * (1 + 900 * 3)
    assert len(image) < 64 * 1024


def test_images_are_brought_to_the_platform_each_once(vendor: Vendor, clock: Time) -> None:
    vendor.answers["/a.png"] = vendor.answers["/b.png"] = (200, PNG)
    body = f'<p>图一<img src="{vendor.base}/a.png">图二<img src="{vendor.base}/b.png"></p>'
    made = drafted(vendor, clock, body)
    assert made.count('<img src="http://mmbiz.qpic.cn/image/0">') == 2
    assert vendor.paths().count("media/uploadimg") == 1  # the same bytes at two addresses
    assert PNG in vendor.raw("media/uploadimg")
    assert b'name="media"; filename="xxgk-' in vendor.raw("media/uploadimg")


@pytest.mark.parametrize(
    "answer",
    [(404, b"no"), (200, b"<html>login</html>"), (200, PNG + b"x" * 1024 * 1024), (302, b""), (200, b"")],
)
def test_an_image_that_cannot_be_had_leaves_a_line_and_holds_nothing_up(
    vendor: Vendor, clock: Time, answer: tuple[int, bytes]
) -> None:
    vendor.answers["/a.png"] = answer
    made = drafted(vendor, clock, f'<p>图<img src="{vendor.base}/a.png"></p>')
    assert f"<p>图{markup.NO_IMAGE}</p>" in made
    assert "media/uploadimg" not in vendor.paths()


def test_an_image_that_the_platform_will_not_take_leaves_a_line(vendor: Vendor, clock: Time) -> None:
    vendor.answers["/a.png"] = (200, PNG)
    vendor.answers["media/uploadimg"] = {"errcode": 40009, "errmsg": "invalid image size"}
    assert markup.NO_IMAGE in drafted(vendor, clock, f'<p>图<img src="{vendor.base}/a.png"></p>')


def test_an_upload_without_an_answer_is_tried_again_later(vendor: Vendor, clock: Time) -> None:
    vendor.answers["/a.png"] = (200, PNG)
    vendor.answers["media/uploadimg"] = (502, b"bad gateway")
    with pytest.raises(SendError) as raised:
        drafted(vendor, clock, f'<p>图<img src="{vendor.base}/a.png"></p>')
    assert raised.value.outcome is Outcome.UNAVAILABLE


def test_the_schools_own_cover_is_used(vendor: Vendor, clock: Time, tmp_path: Path) -> None:
    cover = tmp_path / "cover.jpg"
    cover.write_bytes(b"\xff\xd8\xff\xe0 a photo")
    drafted(vendor, clock, "", cover=str(cover))
    assert b"a photo" in vendor.raw("material/add_material")
    assert b'filename="xxgk-' in vendor.raw("material/add_material")


@pytest.mark.parametrize("content", [None, b"GIF89a", b""])
def test_a_cover_that_is_no_picture_names_its_setting(
    vendor: Vendor, clock: Time, tmp_path: Path, content: bytes | None
) -> None:
    cover = tmp_path / "cover"
    if content is not None:
        cover.write_bytes(content)
    with pytest.raises(SendError, match=r"channels\.wechat_oa\.cover") as raised:
        drafted(vendor, clock, "", cover=str(cover))
    assert raised.value.outcome is Outcome.MISCONFIGURED
    found = [f.key for f in account(vendor.base, clock, cover=str(cover)).check([TARGET]) if not f.ok]
    assert found == ["channels.wechat_oa.cover"]
