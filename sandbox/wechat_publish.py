"""Publishing to the account's page without telling followers.

https://developers.weixin.qq.com/doc/service/api/public/api_freepublish_submit
"""

from __future__ import annotations

from sandbox import articles
from sandbox.actors import Account, load
from sandbox.clock import iso
from sandbox.state import Doc
from sandbox.wechat_call import Api, Oa
from sandbox.wechat_callbacks import cdata, element, queue
from sandbox.wechat_drafts import draft_of
from sandbox.wire import Refused, hex_id
from sandbox.world import World

OK, RUNNING, FAILED, DELETED = 0, 1, 3, 5
CAUSE = "wechat.freepublish.submit"


def submit(oa: Oa) -> Doc:
    """Accept a draft for publishing; errcode 0 promises no more than that."""
    draft = draft_of(oa, oa.text("media_id", 40007))
    job = new_publish(oa.world, oa.account, draft)
    oa.run_due = oa.account.callback_order == "before"
    delay = 0.0 if oa.run_due else oa.account.job_delay
    oa.world.due.add(oa.now + delay, "publish_end", {"appid": oa.appid, "publish_id": job["publish_id"]})
    return {"errcode": 0, "errmsg": "ok", "publish_id": job["publish_id"], "msg_data_id": job["msg_data_id"]}


def new_publish(world: World, account: Account, draft: Doc, how: str = "publish") -> Doc:
    """A publish job; its draft leaves the box."""
    state = world.state
    msg_data_id = state.next_number(f"{account.appid}:msg_data_id", 2_247_483_701)
    job: Doc = {
        "appid": account.appid,
        "how": how,
        "at": world.now(),
        "publish_id": str(state.next_number(f"{account.appid}:publish_id", 2_247_483_651)),
        "msg_data_id": msg_data_id,
        "articles": articles.take_draft(world, account, draft, msg_data_id, notified=False),
        "material": draft["media_id"],
        "status": RUNNING,
        "article_id": "",
        "fail_idx": [],
    }
    state.put("publish", account.appid, job["publish_id"], job)
    return job


def end(world: World, entry: Doc) -> None:
    """The job has run; test accounts never publish anything."""
    account, job = (
        load(world.state, Account, entry["appid"]),
        world.state.get("publish", entry["appid"], entry["publish_id"]),
    )
    if account is None or job is None or job["status"] != RUNNING:
        return
    with world.state.transaction():
        outcome = world.state.get("outcome", account.appid, "publish") or {}
        world.state.drop("outcome", account.appid, "publish")
        finish(world, account, job, FAILED if account.kind == "test" else int(outcome.get("status", OK)), outcome)


def finish(world: World, account: Account, job: Doc, status: int, outcome: Doc) -> None:
    """Write the result, show the articles if it is a good one, and queue the callback."""
    job |= {"status": status, "ended": world.now()}
    if status == OK:
        list_published(world, account.appid, job)
        articles.set_state(world, job["articles"], "live")
        post = {"at": iso(world.now()), "how": job["how"], "articles": job["articles"], "text": "", "blobs": []}
        world.state.post("wechat", account.appid, world.now(), post)
    else:
        articles.set_state(world, job["articles"], "failed")
        if status in (2, 4):
            job["fail_idx"] = list(outcome.get("fail_idx", [1]))
    world.state.put("publish", account.appid, job["publish_id"], job)
    queue(world, account, "PUBLISHJOBFINISH", finish_xml(world, job), CAUSE)


def list_published(world: World, appid: str, job: Doc) -> None:
    """Give a job's articles an article_id, under which the account's page lists them."""
    job["article_id"] = hex_id(43)
    listed = {"article_id": job["article_id"], "articles": job["articles"], "update_time": int(world.now())}
    world.state.put("published", appid, job["article_id"], listed | {"publish_id": job.get("publish_id", "")})


def finish_xml(world: World, job: Doc) -> str:
    """The inner part of PUBLISHJOBFINISH, in the shape of a success or of a failure."""
    inner = element("publish_id", job["publish_id"]) + element("publish_status", job["status"])
    if job["status"] == OK:
        items = "".join(
            f"<item><idx>{index}</idx><article_url>{cdata(articles.article_url(world, id, 'event'))}</article_url></item>"
            for index, id in enumerate(job["articles"], 1)
        )
        inner += f"<article_id>{cdata(job['article_id'])}</article_id>"
        inner += f"<article_detail><count>{len(job['articles'])}</count>{items}</article_detail>"
    inner += "".join(element("fail_idx", index) for index in job["fail_idx"])
    return f"<PublishEventInfo>{inner}</PublishEventInfo>"


def get(oa: Oa) -> Doc:
    """How far a publish job is."""
    job = oa.state.get(
        "publish",
        oa.appid,
        oa.text("publish_id", 40035) if isinstance(oa.body().get("publish_id"), str) else oa.number("publish_id"),
    )
    if job is None:
        raise Refused(40035, "invalid publish_id")
    answer: Doc = {"publish_id": job["publish_id"], "publish_status": job["status"], "fail_idx": job["fail_idx"]}
    if job["status"] != OK:
        return answer
    items = [
        {"idx": index, "article_url": articles.article_url(oa.world, id, "get")}
        for index, id in enumerate(job["articles"], 1)
    ]
    return answer | {"article_id": job["article_id"], "article_detail": {"count": len(items), "item": items}}


def listed_of(oa: Oa) -> Doc:
    """What an article_id stands for."""
    doc = oa.state.get("published", oa.appid, oa.text("article_id", 53600))
    if doc is None:
        raise Refused(53600, "Article ID invalid")
    return doc


def delete(oa: Oa) -> Doc:
    """Take one article down (index from 1), or all of them (0); it cannot be undone."""
    doc = listed_of(oa)
    index = oa.number("index", 0)
    if index > len(doc["articles"]):
        raise Refused(40114, "invalid index")
    articles.set_state(oa.world, doc["articles"] if index == 0 else [doc["articles"][index - 1]], "deleted")
    job = oa.state.get("publish", oa.appid, doc["publish_id"])
    if job is not None and all(articles.get(oa.world, id)["state"] == "deleted" for id in doc["articles"]):
        oa.state.put("publish", oa.appid, job["publish_id"], job | {"status": DELETED})
    return {"errcode": 0, "errmsg": "ok"}


def getarticle(oa: Oa) -> Doc:
    """The articles under an article_id."""
    return {"news_item": [articles.news_item(oa.world, id) for id in listed_of(oa)["articles"]]}


def batchget(oa: Oa) -> Doc:
    """A page of what the account's page lists, newest first."""
    offset, count = oa.page()
    bare = oa.number("no_content", 0) == 1
    docs = oa.state.page("published", oa.appid, offset, count, newest=True)
    items = [
        {
            "article_id": doc["article_id"],
            "content": {"news_item": [articles.news_item(oa.world, id, bare) for id in doc["articles"]]},
            "update_time": doc["update_time"],
        }
        for doc in docs
    ]
    return {"total_count": oa.state.count("published", oa.appid), "item_count": len(items), "item": items}


APIS = {
    "freepublish/submit": Api(submit, right="verified", per_day=100),
    "freepublish/get": Api(get, right="verified", per_day=100),
    "freepublish/delete": Api(delete, right="verified", per_day=10),
    "freepublish/getarticle": Api(getarticle, right="verified", per_day=100),
    "freepublish/batchget": Api(batchget, right="verified", per_day=100),
}
