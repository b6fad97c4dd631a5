"""Where approved items come from: one file per kind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from typing import cast

from rules.school import Column
from sources.base import Source

#: kind -> where it is made; imported on first use.
REGISTRY: dict[str, str] = {
    "folder": "sources.folder:Folder",
    "webplus": "sources.webplus:WebPlus",
}


def make(column: Column, clock: Callable[[], datetime]) -> Source:
    """The source of a watched column; raises KeyError for a kind that is not in REGISTRY."""
    module, name = REGISTRY[column.kind].split(":")
    return cast(Source, getattr(import_module(module), name)(column, clock))
