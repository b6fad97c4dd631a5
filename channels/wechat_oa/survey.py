"""What the account holds, whoever sent it: its list of published articles, and the statistics of each publishing day.

developers.weixin.qq.com: 发布能力 freepublish/batchget (100 calls a day), 数据统计 datacube/getarticletotaldetail (one
publishing day a call, cumulative figures of 30 days, yesterday's from 08:00 on, msgid = msg_data_id_idx). The list shows
what was published, the statistics also what was only mass-sent. Both number an article alike where its listed address
names it (mid, idx); of an article's title the page of the statistics says nothing, although live answers carry one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from channels.base import Article, Sample, SendError, Survey
from channels.wechat_oa import address
from channels.wechat_oa.account import Account
from channels.wechat_oa.articles import unmarked
from rules.dates import at, day_of

#: A page of the list holds 20 publications; 20 pages leave most of the day's 100 calls to those who look for a push.
PAGE, MOST_PAGES = 20, 20
#: What an answer of another shape than the platform's pages show comes to.
_MALFORMED = (AttributeError, KeyError, TypeError, ValueError)
DETAIL = "datacube/getarticletotaldetail"


def survey(account: Account, since: date, days: Sequence[date]) -> Survey:
    """The list back to a day, and the figures of these publishing days; what is refused is left out, with a note."""
    listed: list[Article] = []
    counted: list[Article] = []
    told: dict[date, frozenset[date]] = {}
    notes: list[str] = []
    read = False
    try:
        if not _read_list(account, at(since, time()), listed):
            notes.append(f"已发表的文章过多，只读了最近 {PAGE * MOST_PAGES} 次发表")
        read = True
    except (SendError, *_MALFORMED) as error:
        notes.append(f"读不到已发表的文章：{_said(error)}")
    try:
        for day in days:
            _read_day(account, day, counted, told)
    except (SendError, *_MALFORMED) as error:  # the next day would be answered alike
        notes.append(f"读不到文章统计：{_said(error)}")
    return Survey(articles=(*listed, *counted), listed=read, told=told, note="；".join(notes))


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, SendError) else "平台答复缺少应有的内容"


def _read_list(account: Account, since: datetime, found: list[Article]) -> bool:
    """Newest first, until a whole page is older, as an edited one leaves its order; False if pages were left unread."""
    for page in range(MOST_PAGES):
        body = {"offset": page * PAGE, "count": PAGE, "no_content": 1}
        items = account.client.ask("freepublish/batchget", body).get("item") or []
        fresh = [item for item in items if _moment(item) >= since]
        for item in fresh:
            found += _listed(item, account.options.home)
        if len(items) < PAGE or not fresh:
            return True
    return False


def _listed(item: Mapping[str, Any], home: str) -> Iterator[Article]:
    for place, news in enumerate((item.get("content") or {}).get("news_item") or [], 1):
        source, push_key = unmarked(str(news.get("content_source_url") or ""))
        url = str(news.get("url", ""))
        number, position = address.named(url) or (str(item.get("article_id", "")), place)
        yield Article(
            article_id=number,
            position=position,
            title=str(news.get("title", "")),
            published_at=_moment(item),
            url=address.plain(url),
            source="" if source == home else source,
            push_key=push_key,
            gone=bool(news.get("is_deleted")),
        )


def _moment(item: Mapping[str, Any]) -> datetime:
    """When it was published; the list itself tells only when it was last changed."""
    content = item.get("content") or {}
    return datetime.fromtimestamp(int(content.get("create_time") or item.get("update_time") or 0), UTC)


def _read_day(account: Account, day: date, found: list[Article], told: dict[date, frozenset[date]]) -> None:
    """Nothing of a day that the platform has not finished counting."""
    answer = account.client.ask(DETAIL, {"begin_date": day.isoformat(), "end_date": day.isoformat()})
    if answer.get("is_delay"):
        return
    rows = [row for row in answer.get("list") or [] if str(row.get("msgid", "")).partition("_")[2].isdigit()]
    counted = [_counted(row, day) for row in rows]
    yesterday = day_of(account.clock()) - timedelta(days=1)
    every = {day + timedelta(days=n) for n in range((yesterday - day).days + 1)}
    known = {date.fromisoformat(str(line["stat_date"])) for row in rows for line in row.get("detail_list") or []}
    told[day] = frozenset(known if rows else every)
    found += counted


def _counted(row: Mapping[str, Any], day: date) -> Article:
    number, _, position = str(row["msgid"]).partition("_")
    samples = tuple(
        Sample(
            metric="阅读",
            value=line["read_user"],
            basis="平台统计",
            true_at=at(date.fromisoformat(str(line["stat_date"])), time(23, 59, 59)),
        )
        for line in row.get("detail_list") or []
        if isinstance(line.get("read_user"), int)
    )
    return Article(
        article_id=number,
        position=int(position),
        title=str(row.get("title", "")),
        published_at=at(day, time()),
        notified=row.get("publish_type") == 0,
        samples=samples,
    )
