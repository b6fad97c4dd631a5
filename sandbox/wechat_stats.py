"""Reading figures, made up but steady: the same article has the same readers in every run.

https://developers.weixin.qq.com/doc/service/api/wedata/news/api_getarticletotaldetail
The page promises no more of an article than its msgid; live answers were seen with title and content_url as well
(`stats_named`). Whoever needs a title to know an article again cannot rely on one.
"""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

from sandbox import articles
from sandbox.clock import day_of, day_start
from sandbox.state import Doc
from sandbox.wechat_call import Api, Oa
from sandbox.wire import Refused

READY_AT = 8 * 3600
WINDOW_DAYS = 30
OLD_DAYS = 7


def span(oa: Oa, longest: int) -> tuple[date, date]:
    """The asked days: well formed, in order, not too many, and all before today."""
    try:
        begin, end = (date.fromisoformat(oa.text(name, 61500)) for name in ("begin_date", "end_date"))
    except ValueError:
        raise Refused(61500, "date format error") from None
    if end < begin or (end - begin).days >= longest or end.isoformat() >= oa.today:
        raise Refused(61501, "date range error")
    return begin, end


def ready(oa: Oa, end: date) -> bool:
    """Yesterday's figures come after eight; an account may be told to be late."""
    yesterday = date.fromisoformat(oa.today) - timedelta(days=1)
    early = end >= yesterday and oa.now < day_start(oa.today) + READY_AT
    return not (early or oa.account.stats_delay)


def published(oa: Oa, begin: date, end: date) -> list[Doc]:
    """The account's live or once live articles of these days, oldest first."""
    docs = [doc for doc in oa.state.page("article", "") if doc["appid"] == oa.appid and "live_at" in doc]
    return [doc for doc in docs if begin.isoformat() <= day_of(doc["live_at"]) <= end.isoformat()]


def share(doc: Doc, salt: str, low: float, high: float) -> float:
    """A steady number between two bounds for an article."""
    first = hashlib.sha256(f"{doc['msgid']}:{doc['title']}:{salt}".encode()).digest()[0]
    return low + (high - low) * first / 255


def readers(oa: Oa, doc: Doc, days: int) -> int:
    """Cumulative readers after so many days: most come at once, a message to followers is read far more."""
    final = oa.account.fans * (share(doc, "read", 0.12, 0.35) if doc["notified"] else share(doc, "read", 0.01, 0.04))
    return int(final * (1 - 0.35 ** (days + 1)))


def detail(oa: Oa, doc: Doc, born: date, day: date) -> Doc:
    """One day's line of an article's cumulative figures."""
    read = readers(oa, doc, (day - born).days)
    return {
        "stat_date": day.isoformat(),
        "read_user": read,
        "read_user_source": [{"user_count": read, "scene_desc": "全部"}],
        "share_user": int(read * share(doc, "share", 0.01, 0.05)),
        "zaikan_user": int(read * share(doc, "zaikan", 0.0, 0.02)),
        "like_user": int(read * share(doc, "like", 0.0, 0.03)),
        "comment_count": 0,
        "collection_user": int(read * share(doc, "collect", 0.0, 0.01)),
    }


def articletotaldetail(oa: Oa) -> Doc:
    """Per article of the asked day: cumulative figures for up to thirty days."""
    begin, end = span(oa, 1)
    if not ready(oa, end):
        return {"list": [], "is_delay": True}
    last = min(date.fromisoformat(oa.today) - timedelta(days=1), begin + timedelta(days=WINDOW_DAYS - 1))
    if not ready(oa, last):
        last -= timedelta(days=1)
    days = [begin + timedelta(days=n) for n in range((last - begin).days + 1)]
    rows = [
        {
            "ref_date": begin.isoformat(),
            "msgid": doc["msgid"],
            **named(oa, doc),
            "publish_type": 0 if doc["notified"] else 1,
            "detail_list": [detail(oa, doc, begin, day) for day in days],
        }
        for doc in published(oa, begin, end)
    ]
    return {"list": rows, "is_delay": False}


def named(oa: Oa, doc: Doc) -> Doc:
    """What live answers say beside the msgid."""
    if not oa.account.stats_named:
        return {}
    return {"title": doc["title"], "content_url": articles.article_url(oa.world, doc["id"], "stats")}


def day_figures(kind: str) -> Api:
    """`getarticleread` and `getarticleshare`: one day's figure of every article read that day, in its `detail`."""

    def handle(oa: Oa) -> Doc:
        day, _ = span(oa, 1)
        if not ready(oa, day):
            return {"list": [], "is_delay": True}
        rows = []
        for doc in published(oa, day - timedelta(days=WINDOW_DAYS - 1), day):
            born = date.fromisoformat(day_of(doc["live_at"]))
            age = (day - born).days
            figure = readers(oa, doc, age) - (readers(oa, doc, age - 1) if age else 0)
            if figure:
                rows.append(
                    {"ref_date": day.isoformat(), "msgid": doc["msgid"], **named(oa, doc), "detail": {kind: figure}}
                )
        return {"list": rows, "is_delay": False}

    return Api(handle, right="verified")


def stopped(oa: Oa) -> bool:
    """Whether the old calls give nothing any more; some answer an error (seen live), some an empty list."""
    if oa.account.old_stats == "error":
        raise Refused(47009, "this api is offline, please use the new api")
    return oa.account.old_stats == "empty"


def old_total(oa: Oa) -> Doc:
    """The old cumulative call: seven days, with the number of followers addressed."""
    if stopped(oa):
        return {"list": []}
    begin, end = span(oa, 1)
    if not ready(oa, end):
        return {"list": []}
    last = min(date.fromisoformat(oa.today) - timedelta(days=1), begin + timedelta(days=OLD_DAYS - 1))
    days = [begin + timedelta(days=n) for n in range((last - begin).days + 1)]
    rows = [
        {
            "ref_date": begin.isoformat(),
            "msgid": doc["msgid"],
            "title": doc["title"],
            "details": [old_detail(oa, doc, begin, day) for day in days],
        }
        for doc in published(oa, begin, end)
    ]
    return {"list": rows}


def old_detail(oa: Oa, doc: Doc, born: date, day: date) -> Doc:
    """One line of the old cumulative call."""
    read = readers(oa, doc, (day - born).days)
    target = max(0, oa.account.fans - oa.account.refusing) if doc["notified"] else 0
    figures = {"int_page_read_user": read, "int_page_read_count": int(read * 1.3), "share_user": int(read * 0.02)}
    return {"stat_date": day.isoformat(), "target_user": target} | figures


def old_summary(oa: Oa) -> Doc:
    """The old call for one day's reads."""
    if stopped(oa):
        return {"list": []}
    day, _ = span(oa, 1)
    docs = published(oa, day, day) if ready(oa, day) else []
    return {
        "list": [
            {
                "ref_date": day.isoformat(),
                "msgid": doc["msgid"],
                "title": doc["title"],
                "int_page_read_user": readers(oa, doc, 0),
            }
            for doc in docs
        ]
    }


def biz_summary(oa: Oa) -> Doc:
    """The account's totals for a day."""
    day, _ = span(oa, 1)
    docs = published(oa, day - timedelta(days=WINDOW_DAYS - 1), day) if ready(oa, day) else []
    total = sum(readers(oa, doc, (day - date.fromisoformat(day_of(doc["live_at"]))).days) for doc in docs)
    return {"list": [{"ref_date": day.isoformat(), "detail": {"read_user": total}}], "is_delay": not ready(oa, day)}


def user_cumulate(oa: Oa) -> Doc:
    """Followers at the end of each day."""
    begin, end = span(oa, OLD_DAYS)
    days = [begin + timedelta(days=n) for n in range((end - begin).days + 1)]
    days = [day for day in days if ready(oa, day)]
    return {"list": [{"ref_date": day.isoformat(), "user_source": 0, "cumulate_user": oa.account.fans} for day in days]}


def user_summary(oa: Oa) -> Doc:
    """Followers gained and lost each day: none, the sandbox keeps its fans."""
    begin, end = span(oa, OLD_DAYS)
    days = [begin + timedelta(days=n) for n in range((end - begin).days + 1)]
    days = [day for day in days if ready(oa, day)]
    return {"list": [{"ref_date": day.isoformat(), "user_source": 0, "new_user": 0, "cancel_user": 0} for day in days]}


APIS = {
    "datacube/getarticletotaldetail": Api(articletotaldetail, right="verified"),
    "datacube/getarticleread": day_figures("read_user"),
    "datacube/getarticleshare": day_figures("share_user"),
    "datacube/getbizsummary": Api(biz_summary, right="verified"),
    "datacube/getarticletotal": Api(old_total, right="verified"),
    "datacube/getarticlesummary": Api(old_summary, right="verified"),
    "datacube/getusercumulate": Api(user_cumulate, right="verified"),
    "datacube/getusersummary": Api(user_summary, right="verified"),
}
