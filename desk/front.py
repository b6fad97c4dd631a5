"""The command line in Chinese: click's own words, and every error a person can mend in plain lines.

click asks gettext for each of its sentences. gettext can only be given compiled files, chosen by variables that Windows
does not set; so its answer is given here, by the same sentences.
"""

from __future__ import annotations

import errno
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from types import ModuleType
from typing import Any, TextIO, cast

import click
from click import core, decorators, exceptions, formatting, parser, types

from desk.errors import BUG, explain
from desk.words import width

CHINESE = {
    # help
    "Usage:": "用法：",
    "Options": "选项",
    "Commands": "命令",
    "Show this message and exit.": "显示本说明",
    "default: {default}": "默认 {default}",
    "required": "必填",
    # mistakes
    "Error: {message}": "{message}",
    "Try '{command} {option}' for help.": "用法见  python {command} {option}",
    "Missing command.": "没有写命令。",
    "No such command {name!r}.": "没有命令“{name}”。",
    "No such option {name!r}.": "没有选项“{name}”。",
    "Did you mean {possibility}?": "是不是 {possibility}？",
    "(Did you mean one of: {possibilities}?)": "是不是其中之一：{possibilities}？",
    "Got unexpected extra argument ({args})": "多写了：{args}",
    "Got unexpected extra arguments ({args})": "多写了：{args}",
    "Missing argument": "没有写",
    "Missing option": "没有写选项",
    "Missing parameter": "没有写",
    "Missing parameter: {param_name}": "没有写 {param_name}",
    "Missing {param_type}": "没有写 {param_type}",
    "Invalid value: {message}": "写得不对：{message}",
    "Invalid value for {param_hint}: {message}": "{param_hint} 写得不对：{message}",
    "Option {name!r} requires an argument.": "选项“{name}”后面要写内容。",
    "Option {name!r} requires {nargs} arguments.": "选项“{name}”后面要写 {nargs} 项内容。",
    "Option {name!r} does not take a value.": "选项“{name}”后面不写内容。",
    "Argument {name!r} takes {nargs} values.": "“{name}”要写 {nargs} 项内容。",
    "{value!r} is not a valid {number_type}.": "“{value}”不是数字。",
    "{value} is not in the range {range}.": "{value} 不在范围 {range} 内。",
    "{value!r} is not {choice}.": "“{value}”应为 {choice}。",
    "{value!r} is not one of {choices}.": "“{value}”应为其中之一：{choices}。",
    "{name} {filename!r} does not exist.": "{name}“{filename}”不存在。",
    "{name} {filename!r} is a file.": "“{filename}”是文件，应为文件夹。",
    "{name} {filename!r} is a directory.": "“{filename}”是文件夹，应为文件。",
    "{name} {filename!r} is not readable.": "{name}“{filename}”没有权限读取。",
    "{name} {filename!r} is not writable.": "{name}“{filename}”没有权限写入。",
    "file": "文件",
    "directory": "文件夹",
    "path": "路径",
    "Aborted!": "已中断",
    "Could not open file {filename!r}: {message}": "文件“{filename}”打不开。",
}
#: What an option takes, where it does not say so itself.
KINDS = {"text": "内容", "integer": "数字", "integer range": "数字"}
#: Where click's sentences are spoken.
SPEAKERS: tuple[ModuleType, ...] = (core, decorators, exceptions, formatting, parser, types)


def chinese(sentence: str) -> str:
    """One of click's sentences in Chinese; what we have not met stays as it is."""
    return CHINESE.get(sentence, sentence)


def chinese_of(one: str, many: str, number: int) -> str:
    """The same where English counts."""
    return chinese(one if number == 1 else many)


for _speaker in SPEAKERS:
    vars(_speaker).update(_=chinese, ngettext=chinese_of)
_QUOTED = re.compile(r"'([^']*)'")


#: 99 不在范围 1<=x<=62 内: how click writes a range.
_RANGE = re.compile(r"(\d+)<=x<=(\d+)")


def _in_our_marks(said: Callable[[Any], str]) -> Callable[[Any], str]:
    """What an error says, its marks ours: click sets names, ranges and ends of sentences in those of its language."""
    return lambda error: _marked(said(error))


def _marked(text: str) -> str:
    text = _RANGE.sub(r"\1 至 \2", _QUOTED.sub(r"“\1”", text).replace("”, “", "”、“"))
    return re.sub(r"(没有写(?:选项)?) (“[^”]*”)\.", r"\1\2。", text).replace("。 是不是", "。是不是")


for _kind in (each for each in vars(exceptions).values() if isinstance(each, type) and "format_message" in vars(each)):
    setattr(_kind, "format_message", _in_our_marks(vars(_kind)["format_message"]))  # noqa: B010 - mypy knows no method of a type
vars(formatting).update(term_len=width)  # a 汉字 takes two cells


class Command(click.Command):
    """A command whose usage line and options are in Chinese."""

    def __init__(self, *args: Any, **parts: Any) -> None:
        super().__init__(*args, **{"options_metavar": "[选项]", **parts})
        for each in self.params:
            if isinstance(each, click.Option) and each.metavar is None and not each.is_flag:
                each.metavar = KINDS.get(each.type.name, each.type.name)


#: A command that a person is told to run next, unless it is one that has no demonstration to look at.
_COMMAND = re.compile(r"python bot\.py (?!--demo|demo|sandbox|check)")


def in_demo(text: str) -> str:
    """The same words, every command in them looking at the demonstration too: it is there to be copied."""
    return _COMMAND.sub("python bot.py --demo ", text)


class _InDemo:
    """A stream that passes on what is written, as `in_demo` has it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(in_demo(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def speaking_of_demo() -> Iterator[None]:
    """Until left, whatever this process prints names the commands of the demonstration."""
    out, err = cast(TextIO, _InDemo(sys.stdout)), cast(TextIO, _InDemo(sys.stderr))
    with redirect_stdout(out), redirect_stderr(err):
        yield


class Front(click.Group):
    """All commands; errors of settings, files and data in one or more plain lines, without a stack."""

    command_class = Command

    def __init__(self, *args: Any, **parts: Any) -> None:
        words = {"options_metavar": "[选项]", "subcommand_metavar": "命令 [内容]…"}
        super().__init__(*args, **{**words, **parts})

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("\n已中断", err=True)
            ctx.exit(130)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise  # click ends quietly
            for line in explain(error) or [BUG, traceback.format_exc().rstrip()]:
                click.echo(line, err=True)
            ctx.exit(1)
