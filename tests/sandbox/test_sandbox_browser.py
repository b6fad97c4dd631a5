"""The phone page in a real browser: what was said is shown, and nothing that was said is run."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="没有安装 chromium，跳过真实浏览器测试")
QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars "
    "--disable-background-networking --disable-component-update --disable-sync"
)
HOSTILE = "通知<script>document.title='闯入'</script><img src=x onerror=\"document.title='闯入'\">"


def browse(tmp_path: Path, *args: str) -> str:
    command = [CHROMIUM or "", *QUIET.split(), f"--user-data-dir={tmp_path / 'profile'}", *args]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def test_a_browser_shows_what_a_group_was_told_and_runs_none_of_it(groups, tmp_path):
    groups.post(HOSTILE)
    seen = browse(tmp_path, "--dump-dom", f"{groups.base}/?chat=qq-555")
    assert "演练环境：以下内容未发送给任何真实的人" in seen
    assert "通知&lt;script&gt;" in seen
    assert "<title>闯入</title>" not in seen


def test_the_page_can_be_looked_at_on_a_phone(groups, tmp_path):
    groups.post("2020级新生报到须知")
    picture = tmp_path / "phone.png"
    browse(tmp_path, "--window-size=500,800", f"--screenshot={picture}", f"{groups.base}/?chat=qq-555")
    raw = picture.read_bytes()
    assert struct.unpack(">II", raw[16:24]) == (500, 800)
    assert len(raw) > 5_000  # a blank page packs into far less
