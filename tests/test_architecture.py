"""The house's arrows, clocks, vendor names and sizes, read from the code itself."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from channels import REGISTRY as CHANNELS
from sources import REGISTRY as SOURCES

ROOT = Path(__file__).resolve().parent.parent

#: What each room may import besides itself and packages from outside.
BELOW = {
    "rules": set(),
    "config": {"rules"},
    "store": {"rules"},
    "sources": {"rules"},
    "channels": {"rules"},
    "jobs": {"rules", "config", "store", "sources", "channels"},
    "web": {"rules", "config", "store", "sources", "channels", "jobs"},
    "demo": {"rules", "config", "store", "sources", "channels", "jobs", "web"},
    "desk": {"rules", "config", "store", "sources", "channels", "jobs", "web", "demo"},
    "bot": {"rules", "config", "store", "sources", "channels", "jobs", "web", "demo", "desk"},
    "sandbox": set(),
}
ROOMS = tuple(room for room in BELOW if room != "bot")
OURS = {*BELOW, "tests", "bench"}

#: The one place below the desk that needs the machine's own clock, and why.
OWN_CLOCK = {("sources/folder.py", "time.time")}  # a file's time of change is told by the machine's clock, not the office's

VENDORS = re.compile(r"we_?chat|we_?com(?![a-z])|weixin|one_?bot|napcat|(?<![a-z])qq(?![a-z])|aliyun|tencent|阿里云|腾讯|企业微信|公众号|微信", re.IGNORECASE)


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def files(*rooms: str) -> list[Path]:
    """Their code; a frozen migration is written by Alembic, once."""
    found = [p for room in rooms for p in sorted((ROOT / room).rglob("*.py")) if "versions" not in p.parts]
    return [*found, ROOT / "bot.py"] if "bot" in rooms else found


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[str]:
    """Every module a file imports, late ones and those named in a string included."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module if node.level == 0 and node.module else room_of(path)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            yield from (str(a.value) for a in node.args[:1] if isinstance(a, ast.Constant))


@pytest.mark.parametrize("room", BELOW)
def test_arrows_point_down_only(room: str) -> None:
    up = [
        f"{name(path)} → {module}"
        for path in files(room)
        for module in imports(path)
        if (top := module.split(".")[0]) in OURS and top != room and top not in BELOW[room]
    ]
    assert up == []


def test_no_room_is_left_out_of_the_arrows() -> None:
    folders = {p.parent.name for p in ROOT.glob("*/*.py")} | {p.stem for p in ROOT.glob("*.py")}
    assert folders - {"tests", "bench"} <= set(BELOW)


def test_what_is_imported_on_first_use_lies_in_its_own_room() -> None:
    assert all(where.startswith("channels.") for where in CHANNELS.values())
    assert all(where.startswith("sources.") for where in SOURCES.values())


def test_rules_need_nothing_but_the_standard_library() -> None:
    outside = {m.split(".")[0] for path in files("rules") for m in imports(path)} - set(sys.stdlib_module_names)
    assert outside == {"rules"}


def test_rules_import_no_database_no_http_and_no_clock() -> None:
    acting = {"sqlite3", "socket", "http", "urllib", "threading", "subprocess", "os", "time", "random", "logging"}
    assert not {m.split(".")[0] for path in files("rules") for m in imports(path)} & acting


def test_a_vendor_imports_no_other_vendor() -> None:
    homes = {where.split(":")[0] for where in CHANNELS.values()}
    for path in files("channels"):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        own = {home for home in homes if module == home or module.startswith(f"{home}.")}  # a vendor may have two channels
        others = [m for m in imports(path) for home in homes - own if m == home or m.startswith(f"{home}.")]
        assert others == [], name(path)


@pytest.mark.parametrize("room", ["rules", "jobs", "store", "sources", "channels", "web"])
def test_nobody_below_the_desk_reads_the_real_clock(room: str) -> None:
    clocks = re.compile(r"(^|\.)(datetime\.(now|today|utcnow)|date\.today|time\.time(_ns)?)$")
    read = {
        (name(path), ast.unparse(node))
        for path in files(room)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and clocks.search(ast.unparse(node))
    }
    assert read - OWN_CLOCK == set()


@pytest.mark.parametrize("room", ["rules", "jobs", "store", "web"])
def test_no_vendor_is_named_outside_its_own_file(room: str) -> None:
    named = [
        f"{name(path)}:{number}: {line.strip()}"
        for path in files(room)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if VENDORS.search(line)
    ]
    assert named == []


@pytest.mark.parametrize("room", ["bot", "desk"])
def test_the_front_door_names_vendors_in_words_for_people_only(room: str) -> None:
    """Docstrings are the help a person reads; names and values are code, and know no vendor."""
    named = []
    for path in files(room):
        module = tree(path)
        words = _docstrings(module)
        for node in ast.walk(module):
            text = _code_word(node)
            if text and id(node) not in words and VENDORS.search(text):
                named.append(f"{name(path)}:{getattr(node, 'lineno', 0)}: {text[:60]}")
    assert named == []


def _docstrings(module: ast.Module) -> set[int]:
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        id(node.body[0].value)
        for node in ast.walk(module)
        if isinstance(node, holders) and node.body and isinstance(node.body[0], ast.Expr)
    }


def _code_word(node: ast.AST) -> str:
    """A name, or a string that is a code word: Chinese sentences are for people."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value if node.value.isascii() else ""
    for attribute in ("id", "attr", "arg", "name"):
        found = getattr(node, attribute, None)
        if isinstance(found, str):
            return found
    return ""


@pytest.mark.parametrize("room", ["sources", "config"])
def test_sources_and_settings_know_no_vendor(room: str) -> None:
    assert [name(path) for path in files(room) if VENDORS.search(path.read_text(encoding="utf-8"))] == []


def test_what_the_channels_share_names_none_of_them() -> None:
    shared = [path for path in (ROOT / "channels").glob("*.py") if path.stem in ("base", "http", "words")]
    assert len(shared) == 3
    assert [name(path) for path in shared if VENDORS.search(path.read_text(encoding="utf-8"))] == []


def test_no_file_is_longer_than_400_lines() -> None:
    """But the page of tables and the front door, which are read from top to bottom."""
    rest = [path for path in files(*BELOW) if name(path) not in ("store/tables.py", "bot.py")]
    long = {name(p): n for p in rest if (n := len(p.read_text(encoding="utf-8").splitlines())) > 400}
    assert long == {}


def test_no_function_is_longer_than_60_lines() -> None:
    long = {
        f"{name(path)}:{node.name}": size
        for path in files(*BELOW)
        for node in ast.walk(tree(path))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (size := (node.end_lineno or 0) - node.lineno + 1) > 60
    }
    assert long == {}


def test_no_post_is_retried_by_a_library() -> None:
    """A repeated POST may be a second message in a group: nobody mounts retries."""
    risky = re.compile(r"\bRetry\(|max_retries\s*=\s*[1-9]|auto_retry\s*=\s*True")
    assert [name(p) for p in files("channels", "jobs", "web", "demo") if risky.search(p.read_text(encoding="utf-8"))] == []
