"""Where approved items come from: one file per kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from importlib import import_module
from typing import cast

from rules.school import Column
from sources.base import Source

#: kind -> where it is made; imported on first use.
REGISTRY: dict[str, str] = {
    "folder": "sources.folder:Folder",
    "webplus": "sources.webplus:WebPlus",
    "vsb": "sources.vsb:Vsb",
    "html_list": "sources.html_list:HtmlList",
    "feed": "sources.feed:Feed",
    "sql": "sources.sql:Sql",
    "http_json": "sources.http_json:HttpJson",
    "entry": "sources.entry:Typed",
}


def make(column: Column, clock: Callable[[], datetime], env: Mapping[str, str]) -> Source:
    """The source of a watched column; `env` holds the secrets that its options name.

    Raises KeyError for a kind that is not in REGISTRY, ValueError for options that are none of this kind's.
    """
    module, name = REGISTRY[column.kind].split(":")
    return cast(Source, getattr(import_module(module), name)(column, clock, env))
