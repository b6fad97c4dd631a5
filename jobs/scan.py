"""Scan: the guard reads every new version, title, text and attachments, before anything of it is planned.

What it finds holds the item until a person releases it or a new version takes its place. 保守国家秘密法实施条例 第四十二条;
教财厅函〔2017〕28号.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from jobs.office import Office
from rules.due import asks_for_opinions
from rules.guard import Part, Piece, is_only_pictures, masked, scan
from rules.item import Attachment
from rules.naming import named
from rules.twins import Titled, twin_of
from sources import make
from sources.base import Opens, Source, Unread
from sources.contents import Unreadable, marked_up, pieces_of
from store import facts, scans
from store.scans import Found, Unscanned

#: Versions read in one run; the rest follow in the next.
MOST = 100
#: An attachment that could not be had is asked for again so much later.
AGAIN = timedelta(minutes=30)
#: So far back another source's items are looked through.
BACK = timedelta(days=400)
UNREAD = "附件没有读到"
#: A tag or an entity: such a text is a page's.
_MARKED = re.compile(r"<|&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});")


@dataclass
class Scanned:
    """What one run came to, in versions: looked at, and held by what was found."""

    scanned: int = 0
    guarded: int = 0


def look_through(office: Office, now: datetime) -> Scanned:
    """Look at every version that waits for it; what is found is told once and stays until a person releases it."""
    done, places = Scanned(), dict[str, Source]()
    with office.db.read() as conn:
        waiting = scans.unscanned(conn, now - AGAIN, MOST)
        known = scans.titled(conn, now - BACK) if waiting else []
    for each in waiting:
        found, again = _found(office, each, places)
        found += _twins(known, each)
        with office.db.write() as conn:
            scans.keep(conn, each.version_id, found, now, again=again)
            subject = f"检查:{each.item_id}"
            if found:
                text = f"{named(each.item_id, masked(each.texts['标题']))}暂停推送，{scans.reason_of(found)}。{MEND}"
                facts.raise_alarm(conn, subject, text, now)
            else:
                facts.clear_alarm(conn, subject, now)
        done.scanned += 1
        done.guarded += bool(found)
    return done


#: What a person does about it.
MEND = "请修改后重新提交；确需公开的，核对后放行：python bot.py guard"


def _found(office: Office, version: Unscanned, places: dict[str, Source]) -> tuple[list[Found], bool]:
    """Everything found in a version, and whether an attachment should be asked for again."""
    pieces: list[Piece] = [*_texts(version)]
    unread, again = list[Found](), False
    for attachment in version.attachments:
        where = f"附件“{attachment.name}”"
        try:
            pieces += pieces_of(attachment.name, _content(office, version, attachment, places))
        except Unreadable as error:
            unread.append(Found("无法检查", where, str(error)))
        except Unread as error:
            unread.append(Found(UNREAD, where, str(error)))
            again = True
    words = (piece.text for piece in _texts(version, but="标题") if isinstance(piece, Part))
    if is_only_pictures(version.texts.values(), words):
        unread.append(Found("无法检查", "正文", "正文只有图片，读不出文字，请人工核对"))
    hits = scan(pieces, consultation=asks_for_opinions(version.texts["标题"], version.ends_on))
    return [*(Found(each.kind, each.where, each.shown) for each in hits), *unread], again


def _twins(known: Sequence[Titled], version: Unscanned) -> list[Found]:
    """Another source's item that may be this one: a person says."""
    mine = next((each for each in known if each.item_id == version.item_id), None)
    twin = twin_of(mine, known) if mine is not None else None
    if twin is None:
        return []
    text = f"与“{twin.watch}”的条目 {twin.item_id} 相同；是同一条的，运行 python bot.py cancel {version.item_id}"
    return [Found("可能重复", "标题", text)]


def _texts(version: Unscanned, but: str = "") -> Iterator[Piece]:
    """Title and texts, line by line; a page's text by its paragraphs and tables."""
    for where, text in version.texts.items():
        if where == but:
            continue
        if _MARKED.search(text):
            yield from marked_up(where, text)
        else:
            yield from (Part(where, line) for line in text.splitlines() if line.strip())


def _content(office: Office, version: Unscanned, attachment: Attachment, places: dict[str, Source]) -> bytes:
    """What the attachment holds; raises Unread."""
    column = next((each for each in office.school.columns if each.name == version.watch), None)
    if column is None:
        raise Unread(f"监看“{version.watch}”已不在 school.toml 中")
    try:
        source = places.get(column.name) or places.setdefault(column.name, make(column, office.clock, office.env))
    except (KeyError, ValueError):
        raise Unread(f"监看“{version.watch}”的设置有误，见  python bot.py check") from None
    if not isinstance(source, Opens):
        raise Unread("这一类监看不能读取附件，请人工核对附件")
    return source.open(version.place, attachment)
