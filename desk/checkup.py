"""旧报告体检 at the command line: reads last year's report and says what does not add up."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from config.places import config_folder
from config.tables import Wrong
from config.ways import read_ways
from desk.errors import DeskError
from rules.checkup import Finding, check
from sources.contents.texts import UNKNOWN
from sources.reports import KINDS, Unreadable, paragraphs_of

#: Signs beyond which a file is no yearly report.
LONGEST = 200_000
_READ = ".docx、.txt、.csv、.pdf 或 .html"
#: What is said of an attachment, and what of a report, which is registered nowhere, and for which fewer kinds will do.
_INSTEAD = (
    (
        re.escape(UNKNOWN),
        f"内容与扩展名不符，可能已损坏，或只是改了扩展名，无法体检，请打开原件另存为 {_READ} 后重新体检",
    ),
    (r"请(?:另存为|换成) [^，。]*\.(?:xlsx|zip)[^，。]*后重新登记", f"请换成 {_READ} 的报告后重新体检"),
    ("请重新上传", "请换成有文字的报告后重新体检"),
    ("请拆分成几个较小的文件后重新登记", "请只留报告正文后重新体检"),
    ("重新登记", "重新体检"),
    ("(?<=无法|未能)检查", "体检"),
)


def run(path: Path, as_json: bool) -> int:
    """Print the findings; returns how many. Raises DeskError for a file that cannot be read."""
    lines = read(path)
    found = findings(lines)
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found], ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join([*_page(found), _count(path.name, len(list(filter(str.strip, lines))), len(found))]))
    return len(found)


def findings(lines: Sequence[str]) -> list[Finding]:
    """What is wrong with a report of these paragraphs; raises DeskError if the list of ways cannot be read."""
    try:
        return check(lines, read_ways(config_folder()))
    except Wrong as error:
        raise DeskError(str(error)) from None


def read(path: Path) -> list[str]:
    """The report's paragraphs in order; raises DeskError."""
    if path.suffix.lower() not in KINDS:
        raise DeskError(f"{path.name} 不是可以体检的文件。可用：{'、'.join(KINDS)}；.doc、.wps 请先另存为 .docx，.xlsx、.xls 另存为 .csv")
    try:
        lines = paragraphs_of(path.name, path.read_bytes())
    except Unreadable as error:
        raise DeskError(f"{path.name} 没有读取：{_why(error)}") from None
    if sum(map(len, lines)) > LONGEST:
        raise DeskError(f"{path.name} 超过{LONGEST // 10_000}万字，不像一份年度报告。请只留报告正文后再试")
    if not any(line.strip() for line in lines):
        raise DeskError(f"{path.name} 里没有文字，无法体检。请换成有文字的报告")
    return lines


def _why(error: Unreadable) -> str:
    said = str(error)
    for words, instead in _INSTEAD:
        said = re.sub(words, instead, said)
    return said


def _page(found: Sequence[Finding]) -> list[str]:
    page = []
    for number, each in enumerate(found, start=1):
        where = f"第{each.paragraph}段" if each.quoted else "全文"
        where = f"“{each.part}”{where}" if each.part and each.part != each.quoted else where
        page.append(f"{number}. {each.kind}（{where}）：应为 {each.expected}，现为 {each.found}")
        page += [f"   原文：{each.quoted}"] if each.quoted else []
        page.append(f"   → {each.fix}")
    return [*page, ""] if page else []


def _count(name: str, paragraphs: int, many: int) -> str:
    read = f"{name}：共读{paragraphs}段，"
    return (
        f"{read}发现 {many} 处"
        if many
        else f"{read}没有发现问题。体检只看合计、数目、期限、途径和应有的内容，不代替人工核稿"
    )
