"""The second stage of a mass send: it waits, perhaps for an administrator, ends, and is called back."""

from __future__ import annotations

from sandbox import articles
from sandbox.actors import Account, load
from sandbox.clock import iso
from sandbox.state import Doc
from sandbox.wechat_call import Oa
from sandbox.wechat_callbacks import cdata, element, queue
from sandbox.wechat_fans import reach
from sandbox.wechat_publish import list_published
from sandbox.world import World

CONFIRM_WITHIN = 1800.0
CAUSE = "wechat.message.mass.sendall"


def start_mass(oa: Oa, audience: Doc, msgtype: str, content: Doc, client_id: str) -> Doc:
    """Accept a job: its draft leaves the box now, its readers hear of it later."""
    oa.run_due = oa.account.callback_order == "before"
    job = new_mass(oa.world, oa.account, audience, msgtype, content)
    job["client_id"] = client_id
    held = oa.account.protect and bool(audience.get("all"))
    job["status"] = "CONFIRMING" if held else "SENDING"
    oa.state.put("mass", oa.appid, job["msg_id"], job)
    wait = CONFIRM_WITHIN if held else (0.0 if oa.run_due else oa.account.job_delay)
    kind = "mass_silence" if held else "mass_end"
    oa.world.due.add(oa.now + wait, kind, {"appid": oa.appid, "msg_id": job["msg_id"]})
    return job


def new_mass(world: World, account: Account, audience: Doc, msgtype: str, content: Doc) -> Doc:
    """A job and the articles of its draft."""
    state = world.state
    job: Doc = {
        "appid": account.appid,
        "how": "mass",
        "at": world.now(),
        "msg_id": state.next_number(f"{account.appid}:msg_id", 1_000_000_001),
        "msg_data_id": state.next_number(f"{account.appid}:msg_data_id", 2_247_483_701),
        "audience": audience,
        "msgtype": msgtype,
        "material": content.get("media_id", ""),
        "text": content.get("text", ""),
        "blobs": content.get("blobs", []),
        "articles": [],
        "status": "SENDING",
        "verdict": "",
        "total": 0,
        "filter": 0,
        "sent": 0,
        "error": 0,
    }
    draft = state.get("draft", account.appid, job["material"]) if msgtype == "mpnews" else None
    if draft is not None:
        job["articles"] = articles.take_draft(world, account, draft, job["msg_data_id"], notified=True)
    return job


def confirm(world: World, appid: str, msg_id: object, agreed: bool) -> bool:
    """The administrator's answer to a held job; False when there is none to answer."""
    account, job = load(world.state, Account, appid), world.state.get("mass", appid, msg_id)
    if account is None or job is None or job["status"] != "CONFIRMING":
        return False
    if agreed:
        world.state.put("mass", appid, msg_id, job | {"status": "SENDING"})
        world.due.add(world.now() + account.job_delay, "mass_end", {"appid": appid, "msg_id": msg_id})
    else:
        finish(world, account, job, {"status": "err(40001)"})
    return True


def silence(world: World, entry: Doc) -> None:
    """Half an hour without the administrator's answer is a refusal."""
    account, job = load(world.state, Account, entry["appid"]), world.state.get("mass", entry["appid"], entry["msg_id"])
    if account is not None and job is not None and job["status"] == "CONFIRMING":
        with world.state.transaction():
            finish(world, account, job, {"status": "err(40002)"})


def end(world: World, entry: Doc) -> None:
    """The job has run; a planned outcome decides how it went."""
    account, job = load(world.state, Account, entry["appid"]), world.state.get("mass", entry["appid"], entry["msg_id"])
    if account is None or job is None or job["status"] != "SENDING":
        return
    with world.state.transaction():
        outcome = world.state.get("outcome", account.appid, "mass") or {}
        world.state.drop("outcome", account.appid, "mass")
        finish(world, account, job, outcome)


def finish(world: World, account: Account, job: Doc, outcome: Doc) -> None:
    """Write the result, show the articles if it is a good one, and queue the callback."""
    verdict = str(outcome.get("status", "send success"))
    good = verdict == "send success"
    if good:
        job["total"], left = reach(world.state, account, job["audience"], world.now())
        job |= {"filter": left, "sent": left, "error": 0}
        articles.set_state(world, job["articles"], "live")
        if account.mass_in_batchget and job["how"] == "mass":
            list_published(world, account.appid, job)
    else:
        articles.set_state(world, job["articles"], "failed")
    job |= {name: int(outcome[name]) for name in ("total", "filter", "sent", "error") if name in outcome}
    # One operator met DELETE with SentCount 0 after a job that "succeeded": the callback then still says so.
    job["status"] = "SEND_SUCCESS" if good else "DELETE" if verdict == "DELETE" else "SEND_FAIL"
    job |= {"verdict": "send success" if verdict == "DELETE" else verdict, "ended": world.now()}
    world.state.put("mass", account.appid, job["msg_id"], job)
    if good:
        show(world, account, job)
    queue(world, account, "MASSSENDJOBFINISH", finish_xml(world, job), CAUSE)


def show(world: World, account: Account, job: Doc) -> None:
    """Put what was sent into the followers' view of the account."""
    post = {
        "at": iso(world.now()),
        "how": job["how"],
        "articles": job["articles"],
        "text": job["text"],
        "blobs": job["blobs"],
    }
    world.state.post("wechat", account.appid, world.now(), post)


def finish_xml(world: World, job: Doc) -> str:
    """The inner part of MASSSENDJOBFINISH."""
    live = [id for id in job["articles"] if articles.get(world, id)["state"] == "live"]
    items = "".join(
        f"<item><ArticleIdx>{index}</ArticleIdx><ArticleUrl>{cdata(articles.short_url(world, id))}</ArticleUrl></item>"
        for index, id in enumerate(live, 1)
    )
    counts = (("TotalCount", "total"), ("FilterCount", "filter"), ("SentCount", "sent"), ("ErrorCount", "error"))
    return (
        element("MsgID", job["msg_id"])
        + f"<Status>{cdata(job['verdict'])}</Status>"
        + "".join(element(name, job[key]) for name, key in counts)
        + "<CopyrightCheckResult><Count>0</Count><ResultList></ResultList><CheckState>1</CheckState></CopyrightCheckResult>"
        + f"<ArticleUrlResult><Count>{len(live)}</Count><ResultList>{items}</ResultList></ArticleUrlResult>"
    )
