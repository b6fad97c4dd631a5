"""What an SMS vendor pushes to its customer's server: receipts in JSON arrays, unsigned, tried again when not taken.

https://help.aliyun.com/document_detail/101867.html
https://cloud.tencent.com/document/api/382/59178
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import requests

from sandbox.actors import SmsAccount, load
from sandbox.clock import SHANGHAI, iso
from sandbox.faults import CALLBACK_KINDS
from sandbox.sms import MINUTE, Sms
from sandbox.state import Doc
from sandbox.world import World

ANSWER_WITHIN = 5.0
PER_PUSH = 100  # Tencent's figure; Aliyun only says that there may be several
# There is no signature that could be forged.
FAULTS = CALLBACK_KINDS - {"callback_bad_signature"}
# How long each further try waits. Tencent tries twice more and does not say when.
RETRIES = {"aliyun": (MINUTE, 5 * MINUTE, 10 * MINUTE), "tencent": (MINUTE, 5 * MINUTE)}


def stamp(moment: float) -> str:
    """A moment as both vendors write it: Shanghai time without its offset."""
    return datetime.fromtimestamp(moment, SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def aliyun_record(account: SmsAccount, sms: Sms) -> Doc:
    """One receipt of Aliyun's; numbers travel as strings there."""
    return {
        "phone_number": sms.number,
        "send_time": stamp(sms.at),
        "report_time": stamp(sms.known_at or sms.at),
        "success": sms.fate == "delivered",
        "err_code": sms.code,
        "err_msg": sms.words,
        "sms_size": str(sms.segments),
        "biz_id": sms.serial,
        "out_id": sms.ref,
    }


def tencent_record(account: SmsAccount, sms: Sms) -> Doc:
    """One receipt of Tencent's; the session comes back only to customers who asked the vendor for it."""
    record: Doc = {
        "user_receive_time": stamp(sms.known_at or sms.at),
        "nationcode": "86",
        "mobile": sms.number,
        "report_status": "SUCCESS" if sms.fate in ("delivered", "timeout") else "FAIL",
        "errmsg": sms.code,
        "description": sms.words,
        "sid": sms.serial,
    }
    return record | ({"ext": sms.ref} if account.session_in_receipts else {})


RECORDS = {"aliyun": aliyun_record, "tencent": tencent_record}


def aliyun_took(answer: Any) -> bool:
    """Aliyun looks only whether `code` is a number."""
    return isinstance(answer, dict) and isinstance(answer.get("code"), int | float)


def tencent_took(answer: Any) -> bool:
    """Tencent wants `result` 0."""
    return isinstance(answer, dict) and answer.get("result") == 0


TOOK: dict[str, Callable[[Any], bool]] = {"aliyun": aliyun_took, "tencent": tencent_took}


def queue(world: World, account: SmsAccount, cause: str, messages: Sequence[Sms]) -> None:
    """Queue the receipts of one call's messages, up to a hundred in a push; each push suffers its own fault."""
    reported = [sms for sms in messages if sms.known_at is not None]
    if not account.callback_url or not reported:
        return
    for start in range(0, len(reported), PER_PUSH):
        batch = reported[start : start + PER_PUSH]
        names = (f"{account.vendor}.callback", cause)
        fault = world.faults.pick(names, {"template": batch[0].template, "ref": batch[0].ref}, FAULTS)
        kind = fault.kind if fault else ""
        if kind == "callback_never":
            continue
        at = (batch[0].known_at or 0.0) + (fault.seconds if fault and kind == "callback_late" else 0.0)
        body = json.dumps([RECORDS[account.vendor](account, sms) for sms in batch], ensure_ascii=False)
        entry = {"account": account.key_id, "records": len(batch), "try": 1, "body": body}
        for _ in range(2 if kind == "callback_dup" else 1):
            world.due.add(at, "sms_push", entry)


def deliver(world: World, entry: Doc) -> None:
    """Push once; what is not taken is queued again until the vendor gives up."""
    account = load(world.state, SmsAccount, entry["account"])
    if account is None or not account.callback_url:
        return
    taken, said = push(account.callback_url, entry["body"], TOOK[account.vendor])
    note = {"vendor": account.vendor, "at": iso(world.now()), "try": entry["try"], "records": entry["records"]}
    waits = RETRIES[account.vendor]
    with world.state.transaction():
        number = world.state.next_number("sms_push")
        world.state.put("sms_push", "", number, note | {"taken": taken, "answer": said})
        if not taken and entry["try"] <= len(waits):
            wait = waits[entry["try"] - 1]
            world.due.add(world.now() + wait, "sms_push", entry | {"try": entry["try"] + 1})


def push(url: str, body: str, took: Callable[[Any], bool]) -> tuple[bool, str]:
    """POST the body; returns whether it was taken, and what was answered."""
    try:
        with requests.Session() as session:
            session.trust_env = False
            headers = {"Content-Type": "application/json;charset=utf-8"}
            answer = session.post(url, data=body.encode(), headers=headers, timeout=ANSWER_WITHIN)
        said = answer.json() if answer.status_code == 200 else None
    except requests.JSONDecodeError:
        return False, "no JSON"
    except requests.RequestException as error:
        return False, type(error).__name__
    if answer.status_code != 200:
        return False, f"HTTP {answer.status_code}"
    return took(said), answer.text.strip()[:40]
