"""`bot.py evidence`: the proof of one item in one .zip with a list of checksums, and its chain of events as lines."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from desk.errors import DeskError, new_file
from desk.find import one_item
from desk.words import written
from jobs.evidence import as_text, gather
from rules.outcome import spoken
from rules.seal import SHORT
from store.db import Db
from store.evidence import Rows

#: No file of a pack has a time of its own: the same state gives the same bytes.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
SUMS = "SHA256SUMS.txt"


def write(db: Db, text: str, path: Path) -> None:
    """Write the pack of the item a person means; raises DeskError, OSError."""
    item_id = one_item(db, text)
    new_file(path, ".zip")
    found, head = gather(db, item_id)
    files = {name: content.encode() for name, content in _files(found, head).items()}
    files[SUMS] = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as pack:
        for name in sorted(files):
            pack.writestr(zipfile.ZipInfo(name, _NO_TIME), files[name], zipfile.ZIP_DEFLATED)
    click.echo(f"已写入 {path}：条目 {item_id} 的凭证 {len(files)} 个文件，{len(found['pushes'])} 次推送")
    click.echo(f"文件的 SHA-256：{hashlib.sha256(path.read_bytes()).hexdigest()}（请与文件分开保存，日后据此核对）")


def trace(db: Db, text: str) -> None:
    """Print what happened to an item, in the order of time."""
    found, _ = gather(db, one_item(db, text))
    for line in _chain(found):
        click.echo(line)


def _files(found: dict[str, Rows], head: str) -> dict[str, str]:
    item = {name: found[name] for name in ("items", "item_versions", "reviews", "scans", "decisions")}
    files = {"说明.txt": _about(found, head), "item.json": as_text(item)}
    for push in found["pushes"]:
        files[f"推送/{push['id']}.txt"] = push["text"]
    names = ("placements", "push_placements", "pushes", "deliveries", "attempts", "outcomes", "receipts", "reach", "acts", "recalls")
    return {**files, **{f"{name}.json": as_text(found[name]) for name in names}}


def _about(found: dict[str, Rows], head: str) -> str:
    if not found["items"]:
        raise DeskError("没有这个条目。可用  python bot.py items  查找")
    lines = [
        f"条目 {found['items'][0]['id']} {found['items'][0]['number']}：{found['items'][0]['title']}",
        "本凭证由公开达从推送日志原样取出。item.json 为各版本、审查、保密检查和路由决定；推送/ 为各次推送发出的原文；",
        "其余 .json 为条次、推送、投递、尝试、结果、回执、触达、指令和撤回。收件人的号码、账号只留末两位。",
        f"各文件的校验值见 {SUMS}。推送日志封存号：{head[:SHORT] or '尚未封存'}（核对：python bot.py log verify）。",
        "",
        "经过：",
        *_chain(found),
    ]
    return "\n".join(lines) + "\n"


def _chain(found: dict[str, Rows]) -> list[str]:
    events = sorted(_events(found), key=lambda event: event[0])
    return [f"  {written(at)} {line}" for at, line in events]


def _events(found: dict[str, Rows]) -> Iterator[tuple[datetime, str]]:
    yield from _before_it_left(found)
    push_of = {row["id"]: row for row in found["deliveries"]}
    for row in found["pushes"]:
        yield row["created_at"], f"推送 {row['id']}：{row['target']} {row['target_name']}（面向{row['audience']}）"
    for row in found["attempts"]:
        yield row["begun_at"], f"尝试 {row['id']}：推送 {row['push_id']}，{row['addresses']} 个地址"
    for row in found["outcomes"]:
        yield row["at"], _outcome(row, push_of[row["delivery_id"]])
    about = {(row["channel"], row["vendor_id"]): row["push_id"] for row in found["deliveries"]}
    for row in found["receipts"]:  # the vendor's own word for it stays in receipts.json
        yield row["received_at"], f"回执 {row['id']}：平台关于推送 {about[row['channel'], row['vendor_id']]} 的后续消息"
    yield from _orders(found)
    for row in found["reach"]:
        yield row["known_at"], f"触达：推送 {row['push_id']}，{row['metric']} {row['value']}（{row['basis']}）"


def _orders(found: dict[str, Rows]) -> Iterator[tuple[datetime, str]]:
    """What persons ordered: 紧急, 定时, 取消, 撤回, 确认 and the like, each with who and why."""
    for row in found["acts"]:
        yield row["at"], f"{row['person']} {row['act']}" + (f"：{row['reason']}" if row["reason"] else "")
    for row in found["recalls"]:
        yield row["ordered_at"], f"{row['kind']}指令 {row['id']}：推送 {row['push_id']}"
        if row["ended_at"]:
            yield row["ended_at"], f"{row['kind']}指令 {row['id']} 已办：{row['reason']}"
    for row in found["placements"]:
        if row["confirmed_at"]:
            yield row["confirmed_at"], f"条次 {row['id']}：{row['confirmed_by']} 确认"


def _before_it_left(found: dict[str, Rows]) -> Iterator[tuple[datetime, str]]:
    version = {row["id"]: row["number"] for row in found["item_versions"]}
    for row in found["item_versions"]:
        yield row["seen_at"], f"登记第 {row['number']} 版：{row['title']}"
    for row in found["reviews"]:
        yield (
            row["recorded_at"],
            f"{row['kind']}（第 {version[row['version_id']]} 版）：{row['reviewer']} {row['conclusion']}",
        )
    for row in found["scans"]:
        yield row["scanned_at"], f"保密检查（第 {version[row['version_id']]} 版）：发现 {len(row['hits'])} 处"
        if row["released_at"]:
            yield row["released_at"], f"{row['released_by']} 核对放行：{row['released_why']}"
    for row in found["decisions"]:
        yield row["decided_at"], f"目标 {row['target']}：{'推送' if row['granted'] else '不推送'}，{row['reason']}"
    for row in found["placements"]:
        yield row["created_at"], f"条次 {row['id']}：{row['purpose']}，目标 {row['target']}"


def _outcome(row: dict[str, Any], delivery: dict[str, Any]) -> str:
    said = f"结果 {row['id']}：推送 {delivery['push_id']} {delivery['address']}，{row['said_by']}，"
    return said + spoken(row["outcome"], row["said_by"]) + (f"：{row['reason']}" if row["reason"] else "")
