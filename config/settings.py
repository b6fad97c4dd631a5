"""school.toml, targets.csv, the taxonomies and .env, checked together: all problems at once, each with key and fix."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from config import places
from config.calendars import CalendarPart, read_calendar
from config.names import wrong_names
from config.safety import away, reminders_away, short_links_away
from config.tables import Listed, Wrong, decode, read_register, read_taxonomy
from rules.audience import Audiences
from rules.backlog import Policy
from rules.columns import ALIASES, PASSED_OVER
from rules.dates import Window, parse_time
from rules.item import MAY_OPEN, Review, Taxonomy
from rules.place import BY_HAND, WEBSITE
from rules.reminders import ALARM_URL
from rules.routing import Route, Target
from rules.school import FOLDERS, ChannelSetting, Column, Lessons, School
from rules.workdays import Calendar

#: Whoever looks less often than once a week does not watch.
RARELY = timedelta(days=7)
#: Kinds of channels that have no vendor's address.
WITHOUT_ADDRESS = (BY_HAND, WEBSITE, ALARM_URL)


class ConfigError(Exception):
    """Everything wrong with the settings, one line each: where, what, and the fix; `settings` is what could be read."""

    def __init__(self, lines: Iterable[str], settings: Settings | None = None) -> None:
        self.lines = tuple(lines)
        self.settings = settings
        super().__init__("\n".join(self.lines))


@dataclass(frozen=True)
class Settings:
    """A school's settings, ready for use."""

    school: School
    #: The variables of .env and the process; secrets are read from here by name.
    env: Mapping[str, str]
    database_url: str
    #: True only with XXGK_LIVE=1: sends may leave this machine.
    live: bool
    web_host: str
    web_port: int


def _every(text: object) -> object:
    found = re.fullmatch(r"(\d{1,9})\s*(s|m|h|秒|分钟|小时)", str(text))
    if not found:
        raise ValueError("间隔应写成 10m、1h 或 10分钟")
    unit = {"s": 1, "秒": 1, "m": 60, "分钟": 60, "h": 3600, "小时": 3600}[found[2]]
    every = timedelta(seconds=int(found[1]) * unit)
    if not timedelta(0) < every <= RARELY:
        raise ValueError("间隔应大于 0，不超过 168h，如 10m")
    return every


def _address(text: str) -> str:
    try:
        _ = urlsplit(text).port
    except ValueError:  # a secret may stand in it: it is not repeated
        raise ValueError("地址格式有误，应写成 http://主机:端口/路径，样例见 config/school.toml") from None
    return text


def _window(text: object) -> object:
    opens, _, closes = str(text).partition("-")
    window = Window(parse_time(opens), parse_time(closes))
    if window.closes <= window.opens:
        raise ValueError(f"时间段“{text}”的结束应晚于开始，如 8:00-20:00")
    return window


def _column_name(name: str) -> str:
    if name not in (*ALIASES, PASSED_OVER):
        raise ValueError(f"没有“{name}”这一列。可写：{'、'.join(ALIASES)}，或“{PASSED_OVER}”")
    return name


Clock = Annotated[time, BeforeValidator(lambda text: parse_time(str(text)))]
Hours = Annotated[Any, BeforeValidator(_window)]
Every = Annotated[timedelta, BeforeValidator(_every)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _School(_Part):
    name: str
    confirm: bool = True
    take_down: bool = True
    leader: str = ""
    reviews: int = Field(default=1, ge=1, le=3)
    backlog: Literal["ask", "digest", "send"] = "ask"
    backlog_most: int = Field(default=20, ge=0, le=1000)
    alarm_targets: tuple[str, ...] = ()
    short_links: Annotated[str, AfterValidator(_address)] = ""


class _Route(_Part):
    name: str
    audiences: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    sub_items: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    target_audiences: tuple[str, ...] = ()


class _Channel(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)  # a channel's own keys become its options

    label: str
    api_base: Annotated[str, AfterValidator(_address)] = ""
    enabled: bool = True
    window: Hours = Window()
    holidays: bool = True
    vacations: bool = True
    lessons: bool = True
    slots: tuple[Clock, ...] = ()
    pushes_a_day: int | None = Field(default=2, ge=1)
    short_links: bool = True


class _Lessons(_Part):
    audience: str
    times: tuple[Hours, ...] = Field(min_length=1)


class _Review(_Part):
    reviewer: str = Field(min_length=1)
    basis: str = Field(min_length=1)


class _Watch(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)  # a kind's own keys become its options

    name: str
    kind: Literal["folder", "webplus", "vsb", "html_list", "http_json", "feed", "sql", "entry"]
    place: str
    audience: tuple[str, ...] = ()
    category: str = ""
    sub_item: str = ""
    department: str = ""
    inner_reason: str = ""
    review: _Review | None = None
    every: Every = timedelta(minutes=10)


class _File(_Part):
    school: _School
    audiences: dict[str, tuple[str, ...]]
    routes: tuple[_Route, ...] = ()
    channels: dict[str, _Channel]
    watch: tuple[_Watch, ...] = ()
    headers: dict[str, Annotated[str, AfterValidator(_column_name)]] = {}
    lessons: tuple[_Lessons, ...] = ()
    calendar: CalendarPart = CalendarPart()
    departments: dict[str, str] = {}


def load(folder: Path | None = None, env: Mapping[str, str] | None = None) -> Settings:
    """Read and check everything; raises ConfigError with all problems at once."""
    folder = folder or places.config_folder()
    env = places.environment() if env is None else env
    wrong: list[str] = []
    file = _read_toml(folder / "school.toml", wrong)
    listed = _targets(folder / "targets.csv", wrong)
    taxonomy = _taxonomy(folder, wrong)
    if file is None:
        raise ConfigError(wrong)
    targets = {each.target.number: each.target for each in listed}
    calendar = read_calendar(_own(folder, "calendar"), file.calendar, wrong)
    school = _school(file, targets, taxonomy, calendar, folder.resolve().parent)
    live = env.get("XXGK_LIVE") == "1"
    bare = [
        name
        for name, each in file.channels.items()
        if name not in WITHOUT_ADDRESS and "api_base" not in each.model_fields_set
    ]
    keys = {name: f"school.toml 的 channels.{name}.api_base：" for name in bare}
    told = tuple(line.partition("：")[0] + "：" for line in wrong)
    wrong += [f"{key}缺少这一项，请补上" for key in keys.values() if key not in told]
    wrong += [*wrong_names(listed, school, file.channels), *away(school, live, (*WITHOUT_ADDRESS, *bare))]
    wrong += short_links_away(school, live)
    wrong += [] if live else reminders_away(school, env)
    port = env.get("XXGK_WEB_PORT", "8787")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        wrong.append(f".env 的 XXGK_WEB_PORT：“{port}”应为端口号（1 到 65535），如 8787")
        port = "0"
    url, host = places.database_url(env), env.get("XXGK_WEB_HOST", "127.0.0.1")
    settings = Settings(school, env, url, live, host, int(port))
    if wrong:
        raise ConfigError(wrong, settings)
    return settings


def _read_toml(path: Path, wrong: list[str]) -> _File | None:
    try:
        text = decode(path)
        return _validated(path.name, tomllib.loads(text), wrong)
    except FileNotFoundError:
        wrong.append(f"找不到 {path.name}。请从 config/ 的样例复制一份再修改")
    except PermissionError:
        wrong.append(f"{path.name} 没有权限读取，或正被其他程序打开。请检查权限或关闭后再试")
    except UnicodeDecodeError:
        wrong.append(f"{path.name} 不是 UTF-8 文本。请在编辑器中选“另存为”，编码选 UTF-8")
    except tomllib.TOMLDecodeError as error:
        wrong.append(_where_broken(path.name, text, str(error)))
    return None


def _validated(name: str, raw: dict[str, Any], wrong: list[str]) -> _File | None:
    """The file, without what is wrong in it where that can be left out: the rest is then checked in the same run."""
    for _ in range(2):
        try:
            return _File.model_validate(raw)
        except ValidationError as error:
            told = {line.partition("：")[0] for line in wrong}
            wrong.extend(line for line in _explain(name, error) if line.partition("：")[0] not in told)
            for each in error.errors(include_url=False):
                _leave_out(raw, each["loc"], missing=each["type"] == "missing")
    return None


def _leave_out(raw: Any, spot: Sequence[Any], *, missing: bool) -> None:
    """Take the wrong value out; what is missing is written as empty."""
    *path, last = spot
    try:
        for part in path:
            raw = raw[part]
    except (KeyError, IndexError, TypeError):  # a place inside a value that has been taken out already
        return
    if isinstance(raw, dict) and missing:
        raw[last] = ""
    elif isinstance(raw, dict):
        raw.pop(last, None)


def headers_of(folder: Path) -> Mapping[str, str]:
    """The school's own headers alone, which a demonstration of its own sheets needs; none where the file is wrong."""
    file = _read_toml(folder / "school.toml", [])
    return file.headers if file else {}


_CAUSES = "常见原因：文字没有加英文双引号或引号不成对，等号写成了中文的，方括号不成对，或用了中文的逗号、引号"


def _where_broken(name: str, text: str, error: str) -> str:
    """Line, column and the line itself; the parser's own words are English, only where it stopped is of use."""
    found = re.search(r"at line (\d+), column (\d+)", error)
    lines = text.split("\n")
    row, column = (int(found[1]), int(found[2])) if found else (len(lines), len(lines[-1]) + 1)
    if not lines[row - 1].strip():  # something above was left open
        row = max((n for n, line in enumerate(lines[:row], 1) if line.strip()), default=1)
        column = len(lines[row - 1]) + 1
    return f"{name} 第{row}行第{column}列附近的格式有误：{lines[row - 1].strip()[:80]}。{_CAUSES}"


_WORDS = {
    "missing": "缺少这一项，请补上",
    "extra_forbidden": "没有这个设置项，请检查拼写",
    "string_type": "应为文字，请加引号",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "tuple_type": '应为列表，如 ["学生"]',
}


def _explain(name: str, error: ValidationError) -> list[str]:
    lines = []
    for each in error.errors(include_url=False):
        key = ".".join(str(part + 1) if isinstance(part, int) else part for part in each["loc"])
        words = _choices(each) or _WORDS.get(each["type"]) or each["msg"].removeprefix("Value error, ")
        lines.append(f"{name} 的 {key}：{words}")
    return lines


def _choices(error: ErrorDetails) -> str:
    """What may be chosen, where something else was; empty for any other error."""
    if error["type"] != "literal_error":
        return ""
    return "不支持这个取值，可用：" + "、".join(re.findall("'([^']*)'", error["ctx"]["expected"]))


def _targets(path: Path, wrong: list[str]) -> list[Listed]:
    found: list[Listed] = []
    try:
        for each in read_register(path):
            if isinstance(each, Wrong):
                wrong.append(str(each))
            else:
                found.append(each)
    except Wrong as error:
        wrong.append(str(error))
    return found


def _taxonomy(folder: Path, wrong: list[str]) -> Taxonomy:
    try:
        return read_taxonomy(_own(folder, "taxonomy"))
    except (Wrong, ValueError) as error:
        wrong.append(str(error))
        return Taxonomy((), {})


def _own(folder: Path, name: str) -> Path:
    """The school's own folder of that name, else the one that comes with the bot."""
    return own if (own := folder / name).exists() else places.CONFIG / name


def _school(file: _File, targets: dict[str, Target], taxonomy: Taxonomy, calendar: Calendar, home: Path) -> School:
    return School(
        name=file.school.name,
        confirm=file.school.confirm,
        take_down=file.school.take_down,
        leader=file.school.leader,
        reviews=file.school.reviews,
        backlog=Policy(file.school.backlog),
        backlog_most=file.school.backlog_most,
        alarm_targets=file.school.alarm_targets,
        short_links=file.school.short_links.rstrip("/"),
        audiences=Audiences(file.audiences),
        taxonomy=taxonomy,
        targets=targets,
        routes=tuple(Route(**route.model_dump()) for route in file.routes),
        channels={name: _channel(name, each) for name, each in file.channels.items() if each.enabled},
        columns=tuple(_column(each, home, file.headers) for each in file.watch),
        lessons=tuple(Lessons(each.audience, each.times) for each in file.lessons),
        calendar=calendar,
        terms=file.calendar.terms(),
        departments=file.departments,
    )


def _channel(name: str, part: _Channel) -> ChannelSetting:
    return ChannelSetting(
        name=name,
        label=part.label,
        api_base=part.api_base.rstrip("/"),
        window=part.window,
        holidays=part.holidays,
        vacations=part.vacations,
        lessons=part.lessons,
        slots=part.slots,
        pushes_a_day=None if name == BY_HAND and "pushes_a_day" not in part.model_fields_set else part.pushes_a_day,
        short_links=part.short_links,
        options=part.model_extra or {},
    )


def _column(part: _Watch, home: Path, headers: Mapping[str, str]) -> Column:
    """A folder's path is meant from the bot's own folder, wherever the command was typed."""
    review = part.review and Review(part.review.reviewer, MAY_OPEN, None, part.review.basis, "栏目审核")
    place = str(home / part.place) if part.kind in FOLDERS else part.place
    mine = part.model_dump(include=set(_Watch.model_fields))
    return Column(**{**mine, "review": review, "place": place, "headers": headers, "options": part.model_extra or {}})
