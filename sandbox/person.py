"""The office person who works in the WeChat console beside the bot."""

from __future__ import annotations

from sandbox import wechat_jobs, wechat_publish
from sandbox.actors import Account, load
from sandbox.clock import day_of, month_of
from sandbox.state import Doc
from sandbox.wechat_drafts import SWITCHES, TEXT_FIELDS
from sandbox.wechat_mass import ALL_PER_MONTH
from sandbox.wire import hex_id
from sandbox.world import World

EDITABLE = ("title", "author", "digest", "content", "content_source_url")


def act(world: World, order: Doc) -> Doc:
    """Send, publish, delete or edit a draft by hand, or publish or send `articles` of one's own; ValueError says in plain words why not."""
    account = load(world.state, Account, order.get("appid"))
    deeds = {"publish": publish, "mass": mass, "delete": delete, "edit": edit}
    if account is not None and order.get("do") in ("publish", "mass") and "articles" in order:
        order = order | {"draft": write(world, account, order["articles"])}
    draft = world.state.get("draft", account.appid, order.get("draft")) if account else None
    if account is None or draft is None:
        raise ValueError("草稿箱里没有这篇草稿")
    if order.get("do") not in deeds:
        raise ValueError(f"do is one of {sorted(deeds)}")
    with world.state.transaction():
        return deeds[order["do"]](world, account, draft, order)


def write(world: World, account: Account, given: list[Doc]) -> str:
    """Articles written in the console itself, where no API has seen them; returns the draft's media id."""
    if not given or any(not article.get("title") or set(article) - set(EDITABLE) for article in given):
        raise ValueError(f"each article needs a title; its fields are {EDITABLE}")
    blank = dict.fromkeys(TEXT_FIELDS, "") | dict.fromkeys(SWITCHES, 0) | {"article_type": "news"}
    media_id = hex_id(43) + "-draft"
    draft = {"media_id": media_id, "items": [blank | each for each in given], "update_time": int(world.now())}
    world.state.put("draft", account.appid, media_id, draft)
    return media_id


def publish(world: World, account: Account, draft: Doc, order: Doc) -> Doc:
    """Publish without telling followers; by hand it is done at once."""
    job = wechat_publish.new_publish(world, account, draft, how="person") | {"do": "publish"}
    wechat_publish.finish(world, account, job, wechat_publish.OK, {})
    return {"publish_id": job["publish_id"], "article_id": job["article_id"]}


def mass(world: World, account: Account, draft: Doc, order: Doc) -> Doc:
    """Send to everybody or to a tag, out of the same quota as the bot's sends."""
    audience: Doc = {"tag": int(order["tag_id"])} if "tag_id" in order else {"all": True}
    day, month = f"{account.appid}:mass", f"{account.appid}:mass_all"
    if account.kind == "subscription" and world.state.used(day, day_of(world.now())) >= account.limits.get(
        "mass_day", 1
    ):
        raise ValueError("今天的群发次数已用完")
    monthly = account.limits.get("mass_month", ALL_PER_MONTH)
    if (
        account.kind != "subscription"
        and "all" in audience
        and world.state.used(month, month_of(world.now())) >= monthly
    ):
        raise ValueError("本月的群发次数已用完")
    world.state.use(day, day_of(world.now()))
    if "all" in audience:
        world.state.use(month, month_of(world.now()))
    job = wechat_jobs.new_mass(world, account, audience, "mpnews", {"media_id": draft["media_id"]})
    job |= {"how": "person", "do": "mass"}
    # The console's one publishing flow lists what it sends on the account's page as well.
    wechat_publish.list_published(world, account.appid, job)
    wechat_jobs.finish(world, account, job, {})
    return {"msg_id": job["msg_id"], "article_id": job["article_id"]}


def delete(world: World, account: Account, draft: Doc, order: Doc) -> Doc:
    """Throw the draft away."""
    world.state.drop("draft", account.appid, draft["media_id"])
    return {}


def edit(world: World, account: Account, draft: Doc, order: Doc) -> Doc:
    """Change fields of one article of the draft."""
    index, changes = int(order.get("index", 0)), order.get("fields") or {}
    if unknown := set(changes) - set(EDITABLE):
        raise ValueError(f"cannot edit {sorted(unknown)}; editable: {EDITABLE}")
    draft["items"][index] |= changes
    world.state.put("draft", account.appid, draft["media_id"], draft | {"update_time": int(world.now())})
    return {}
