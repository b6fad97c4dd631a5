"""`bot.py evidence`: what proves an item's publication, the same bytes for the same state, and no person's number in it."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import update

from desk import evidence as desk
from rules.states import Status
from store import facts, recalls, receipts
from store import tables as t
from store.db import Db
from tests import factory as f

NOON = f.moment("2020-10-01")
PHONE = "13800000000"


def an_item(db: Db) -> int:
    with db.write() as conn:
        item_id = f.add_item(conn, NOON)
        f.decide(conn, item_id, NOON, Q01="+按路由", G01="-超出范围")
        push = f.push(conn, "Q01", [f.place(conn, item_id, "Q01", NOON)], NOON, addresses=[PHONE])
        f.settle(conn, [push], NOON, Status.DELIVERED, reason=f"已发给 {PHONE}")
        conn.execute(update(t.outcomes).values(raw=f'{{"to": "{PHONE}"}}'))
        conn.execute(update(t.deliveries).values(vendor_id="v1"))
        word = {"kind": "message_sent", "dedup": "一", "vendor_id": "v1", "raw": f"{PHONE} 收到"}
        receipts.add(conn, "onebot", [word], NOON)
        f.measure(conn, "Q01", "阅读", 12, NOON, basis="平台统计", push_id=push)
        facts.record_act(conn, person="王老师", act="紧急", subject=f"条目 {item_id}", reason=f"{PHONE} 来电", now=NOON)
        [standing] = recalls.of_item(conn, item_id)
        order = {"kind": "撤回", "status": "queued", "reason": f"{PHONE} 要求", "person": "王老师"}
        number = recalls.add(conn, standing, **order, now=NOON)
        assert number is not None
        recalls.put_off(conn, number, NOON, "稍后再试", tried=True, raw=f'{{"to": "{PHONE}"}}')
    return item_id


def test_a_pack_holds_the_text_as_sent_and_its_sums_are_right(db: Db, tmp_path: Path) -> None:
    item_id = an_item(db)
    desk.write(db, str(item_id), tmp_path / "凭证.zip")
    with zipfile.ZipFile(tmp_path / "凭证.zip") as pack:
        files = {name: pack.read(name) for name in pack.namelist()}
    sums = dict(reversed(line.split("  ")) for line in files.pop(desk.SUMS).decode().splitlines())
    assert sums == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    push = json.loads(files["pushes.json"])[0]
    assert files[f"推送/{push['id']}.txt"].decode() == push["text"]
    assert [len(json.loads(files[f"{name}.json"])) for name in ("outcomes", "receipts", "reach", "acts", "recalls")] == [1] * 5
    assert json.loads(files["item.json"])["reviews"][0]["reviewer"] == f.REVIEWER
    assert not [name for name, content in files.items() if PHONE in content.decode()]


def test_the_same_state_gives_the_same_bytes_and_another_one_others(db: Db, tmp_path: Path) -> None:
    item_id = an_item(db)
    for name in ("一.zip", "二.zip"):
        desk.write(db, str(item_id), tmp_path / name)
    assert (tmp_path / "一.zip").read_bytes() == (tmp_path / "二.zip").read_bytes()
    with db.write() as conn:
        conn.execute(update(t.outcomes).values(code="1"))
    desk.write(db, str(item_id), tmp_path / "三.zip")
    assert (tmp_path / "三.zip").read_bytes() != (tmp_path / "一.zip").read_bytes()


def test_the_chain_is_told_in_the_order_of_time(sqlite_db: Db, capsys: pytest.CaptureFixture[str]) -> None:
    desk.trace(sqlite_db, str(an_item(sqlite_db)))
    out = capsys.readouterr().out
    words = ("登记第 1 版", "可以公开", "目标 Q01：推送", "条次 ", "推送 ", "尝试 ", "结果 ", "回执 ", "王老师 紧急", "撤回指令 ", "触达：")
    places = [out.index(word) for word in words]
    assert places == sorted(places) and PHONE not in out and "目标 G01：不推送，超出范围" in out
    assert "：平台关于推送 " in out and "message_sent" not in out


def test_what_was_held_back_names_nobody_in_its_pack(db: Db, tmp_path: Path) -> None:
    with db.write() as conn:
        item_id = f.add_item(conn, NOON, title="名单", summary=f"张三，110101199003070118，电话{PHONE}")
    desk.write(db, str(item_id), tmp_path / "凭证.zip")
    with zipfile.ZipFile(tmp_path / "凭证.zip") as pack:
        whole = "".join(pack.read(name).decode() for name in pack.namelist())
    assert "110101199003070118" not in whole and PHONE not in whole and "张三" in whole
