"""stub"""

from __future__ import annotations

from rules.guard import Grid, Part


class Unreadable(Exception):
    pass


def pieces_of(name: str, content: bytes) -> tuple[Part | Grid, ...]:
    return (Part(name, content.decode()),)
