"""What a person types, found: an item by id, 编号, 文号 or part of its title; the word of a filter by itself or its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import SequenceMatcher, get_close_matches
from typing import TYPE_CHECKING, Any

from desk.errors import DeskError
from store import items, log
from store.db import Db

if TYPE_CHECKING:
    from rules.school import School

#: What each filter asks for, as the office calls it.
WORDS = {"channel": "渠道", "target": "目标", "audience": "目标受众", "category": "大类", "department": "责任部门"}
#: So many are listed; of more, the ones that look alike.
FEW = 12


def some_items(db: Db, text: str) -> list[int]:
    """Every item that fits; raises DeskError if none does, with what looks alike."""
    with db.read() as conn:
        found = items.find(conn, text)
        names = [] if found else items.newest_names(conn)
    if not found:
        like = _sharing(text, names)
        hint = f"您要找的是不是：{'、'.join(like)}？" if like else "可用编号、文号或标题中的字查找：python bot.py items"
        raise DeskError(f"没有找到条目“{text}”。{hint}")
    return found


def one_item(db: Db, text: str) -> int:
    """The one item a person means; raises DeskError for none or several."""
    found = some_items(db, text)
    if len(found) > 1:
        raise DeskError(f"有 {len(found)} 条符合“{text}”：{'、'.join(map(str, found[:10]))}。请用其中的数字编号")
    return found[0]


def meant(db: Db, name: str, text: str, school: Callable[[], School | None]) -> str:
    """The word of a filter that a person means by itself, by its name (a channel's label) or by a part only it has.

    Raises DeskError with what there is. The settings are read only for a word that stands in no row.
    """
    with db.read() as conn:
        if log.occurs(conn, name, text):
            return text
        known = log.words_of(conn, name)
    known |= _of_school(name, school())
    whole = [word for word, label in known.items() if text in (word, label)]
    whole = whole or [word for word, label in _other_names(name).items() if text == label and word in known]
    parts = [word for word, label in known.items() if text in word or text in label]
    for found in (whole, parts):
        if len(found) == 1:
            return found[0]
    raise DeskError(f"没有{WORDS[name]}“{text}”。{_offer(text, known)}")


def _of_school(name: str, school: School | None) -> dict[str, str]:
    """The words that the settings know, with the name of each."""
    if school is None:
        return {}
    targets = school.targets.values()
    found: dict[str, dict[str, str]] = {
        "channel": {each.name: each.label for each in school.channels.values()},
        "target": {each.number: each.name for each in targets},
        "audience": dict.fromkeys((each.audience for each in targets), ""),
        "category": dict.fromkeys((each.name for each in school.taxonomy.categories), ""),
    }
    return found.get(name, {})


def _other_names(name: str) -> Mapping[str, str]:
    """What a channel is called whatever the school calls it."""
    if name != "channel":
        return {}
    from channels import REGISTRY, label_of

    return {each: label_of(each) for each in REGISTRY}


def _offer(text: str, known: Mapping[str, str]) -> str:
    shown = {f"{word}（{label}）" if label else word: (word, label) for word, label in known.items()}
    if not shown:
        return "还没有任何可选的"
    like = _alike(text, [part for pair in shown.values() for part in pair if part])
    near = [words for words, pair in shown.items() if set(pair) & set(like)]
    if near and len(shown) > FEW:
        return f"您要找的是不是：{'、'.join(near)}？"
    rest = f" 等 {len(shown)} 个" if len(shown) > FEW else ""
    return f"可用：{'、'.join([*near, *(each for each in shown if each not in near)][:FEW])}{rest}"


def _alike(text: str, names: Iterable[Any]) -> list[str]:
    return get_close_matches(text, list(dict.fromkeys(names)), n=5, cutoff=0.4)


def _sharing(text: str, names: Iterable[str], most: int = 5) -> list[str]:
    """The names that share at least half of a text in pieces of two characters or more: titles are longer than what is typed."""
    scored = []
    for name in dict.fromkeys(names):
        blocks = SequenceMatcher(None, text, name, autojunk=False).get_matching_blocks()
        scored.append((sum(block.size for block in blocks if block.size > 1), name))
    best = sorted((each for each in scored if 2 * each[0] >= len(text)), key=lambda each: -each[0])
    return [name for _score, name in best[:most]]


def settings() -> School | None:
    """The school as set up; None if the settings cannot be read, which is the business of `bot.py check`."""
    from config.settings import ConfigError, load

    try:
        return load().school
    except ConfigError:
        return None
