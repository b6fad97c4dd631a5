"""What a file really is, by its first bytes: the vendors do not believe file names."""

from __future__ import annotations

SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"#!AMR", "audio/amr"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
)


def mime_of(data: bytes) -> str:
    """The type of the content, or application/octet-stream."""
    for signature, mime in SIGNATURES:
        if data.startswith(signature):
            return mime
    return "video/mp4" if data[4:8] == b"ftyp" else "application/octet-stream"
