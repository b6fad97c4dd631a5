"""What a cell of an office's sheet means: text, days, lists. Pure; raises ValueError with words for the clerk."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta

from rules.item import Attachment

#: What a cell may hold once Excel or a csv reader has given it to us.
Value = object

#: Excel's own words for a formula that went wrong.
EXCEL_ERRORS = frozenset(("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"))

_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufffe\uffff\ud800-\udfff]|_x000D_"
)
_SPACES = re.compile(r"[\s\u3000\xa0]+")
_LINE_SPACES = re.compile(r"[^\S\n]+")
_SEPARATORS = re.compile(r"[、，,;；/\s\u3000]+")

_DAY = re.compile(
    r"(?P<y>\d{4})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*日?"
    r"(?:\s*\(?(?:星期|周)[一二三四五六日天]\)?)?(?:[T\s]*\d{1,2}[:时]\d{1,2}分?(?::\d{1,2}(?:\.\d+)?)?秒?)?"
)
_REST_OF_SPAN = re.compile(r"\s*(?:至|到|-|~)+\s*(?:(?P<m>\d{1,2})[-/.月]\s*)?(?P<d>\d{1,2})日?")
_EIGHT_DIGITS = re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})")
_DASHES = str.maketrans({"—": "-", "–": "-", "−": "-", "－": "-", "。": "."})
_YEARS = range(1950, 2100)
#: Day numbers as Excel counts them, from 1950 to 2099; what lies outside is a number, not a day.
_SERIALS = range(18264, 73051)
_DAY_ONE, _DAY_ONE_1904 = date(1899, 12, 30), date(1904, 1, 1)


def is_blank(value: Value) -> bool:
    """True for an empty cell and for one that holds only what nobody sees."""
    if not isinstance(value, str):
        return value is None
    bare = value.strip()
    return not bare or (not bare[0].isprintable() and not text_of(bare))


def text_of(value: Value) -> str:
    """A cell as one line of text: numbers without `.0`, control and zero-width characters gone."""
    text = _plain(value)
    if text.isprintable() and "  " not in text and "_x000D_" not in text:  # nearly every cell; sheets are read often
        return text.strip()
    return _SPACES.sub(" ", _UNSEEN.sub("", text)).strip()


def prose_of(value: Value) -> str:
    """A cell as text that may have several lines."""
    if is_blank(value):
        return ""
    text = _UNSEEN.sub("", _plain(value).replace("\r\n", "\n").replace("\r", "\n"))
    lines = (_LINE_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _plain(value: Value) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if value.time() == datetime.min.time() else "%Y-%m-%d %H:%M")
    return str(value)


def day_of_cell(value: Value, since_1904: bool = False) -> date | None:
    """The day in a cell (a date, Excel's day number, or text), None if it is blank; raises ValueError."""
    if is_blank(value):
        return None
    if isinstance(value, datetime):
        return _sane(value.date())
    if isinstance(value, date):
        return _sane(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and _SERIALS.start <= value < _SERIALS.stop:
        return _sane((_DAY_ONE_1904 if since_1904 else _DAY_ONE) + timedelta(days=int(value)))
    return _day_of_text(text_of(value))


def _day_of_text(text: str) -> date:
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES).strip()
    if re.fullmatch(r"\d{5}", plain) and int(plain) in _SERIALS:
        return _sane(_DAY_ONE + timedelta(days=int(plain)))
    found = _DAY.fullmatch(plain) or _EIGHT_DIGITS.fullmatch(plain)
    if not found:
        raise ValueError(f"“{text[:40]}”无法识别为日期")
    return _made(found, text)


def _made(found: re.Match[str], text: str) -> date:
    try:
        day = date(int(found["y"]), int(found["m"]), int(found["d"]))
    except ValueError:
        raise ValueError(f"“{text[:40]}”不是有效的日期") from None
    return _sane(day)


def _sane(day: date) -> date:
    if day.year not in _YEARS:
        raise ValueError(f"“{day}”的年份不合理，应在{_YEARS.start}年至{_YEARS.stop - 1}年之间")
    return day


def days_of_span(value: Value) -> tuple[date | None, date | None]:
    """First and last day of a span such as `2021-06-23至2021-06-27` or `2021年6月23日—27日`; raises ValueError."""
    text = unicodedata.normalize("NFKC", text_of(value)).translate(_DASHES)
    if not text:
        return None, None
    found = list(_DAY.finditer(text))
    if len(found) == 2:
        return _made(found[0], text), _made(found[1], text)
    rest = _REST_OF_SPAN.fullmatch(text[found[0].end() :]) if len(found) == 1 else None
    if not rest:
        raise ValueError(f"“{text[:40]}”无法识别为起止日期")
    first = _made(found[0], text)
    return first, _day_of_text(f"{first.year}-{rest['m'] or first.month}-{rest['d']}")


def parts_of(value: Value) -> tuple[str, ...]:
    """A list split on 、，,;；/ and blanks, each part once, in its order."""
    return tuple(dict.fromkeys(part for part in _SEPARATORS.split(text_of(value)) if part))


def numbers_of(value: Value) -> tuple[int, ...]:
    """The numbers of a list such as `9、10` or `第19项`; raises ValueError."""
    found: list[int] = []
    for part in parts_of(value):
        number = re.fullmatch(r"[第(（]?(\d{1,3})[)）]?[项条号]?", part)
        if not number:
            raise ValueError(f"“{part[:40]}”不是清单编号")
        found.append(int(number[1]))
    return tuple(dict.fromkeys(found))


_YES = frozenset(("是", "√", "✓", "✔", "1", "y", "yes", "true", "紧急", "急", "加急", "特急", "急件", "特提"))
_NO = frozenset(("", "否", "×", "✗", "0", "n", "no", "false", "普通", "一般", "平件", "平急", "不紧急", "无", "-", "/"))


def yes_of(value: Value) -> bool:
    """True for 是, √, 1, 紧急; False for blank and 否; raises ValueError for anything else."""
    word = text_of(value).lower()
    if word not in _YES | _NO:
        raise ValueError(f"“{word[:40]}”看不出是或否")
    return word in _YES


def doc_no_of(value: Value) -> str:
    """A 文号 without blanks, its year in 〔〕 as GB/T 9704 writes it, so that one document has one number."""
    text = _SPACES.sub("", text_of(value))
    return re.sub(r"[\[［(（【〔﹝](\d{4})[\]］)）】〕﹞]", r"〔\1〕", text)


def number_of(value: Value) -> str:
    """A 编号 with half-width characters and no blanks."""
    return _SPACES.sub("", unicodedata.normalize("NFKC", text_of(value)))


def url_of(value: Value) -> str:
    """An address that a reader can open; raises ValueError."""
    text = text_of(value)
    if text.lower().startswith("www."):
        text = f"http://{text}"
    if text and not re.match(r"https?://[^\s/]+\.?[^\s]*$", text, re.IGNORECASE):
        raise ValueError(f"“{text[:40]}”不是网址")
    return text


def attachments_of(value: Value) -> tuple[Attachment, ...]:
    """One attachment a line (or between ；): its name, its address, or both."""
    return tuple(_attachment(part) for part in re.split(r"[\n；;]+", prose_of(value)) if part.strip())


def _attachment(text: str) -> Attachment:
    found = re.search(r"https?://\S+", text)
    url = found[0] if found else ""
    name = text.replace(url, "").strip(" :：，,") if url else text.strip()
    return Attachment(name or url.rsplit("/", 1)[-1], url)
