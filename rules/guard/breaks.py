"""Numbers of persons that a line, a tab or a cell breaks: each half says nothing, both together do.

Only what is sure: identity numbers by their check digit, others where they are called by their name. Figures on
neighbouring lines or cells make up a mobile number or the start of a card all the time, an identity number hardly ever.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rules.guard.checks import is_card, is_id18
from rules.guard.numbers import BANK_LABEL, CARD_LABEL, DATED, ID_LABEL, Number
from rules.guard.pieces import Kind
from rules.guard.plain import squeezed

#: A piece of a line or cell: which of the caller's lines or cells it belongs to, and its plain text, never blank.
Fragment = tuple[int, str]

_APART = " \t\n-_·.,/|"
_GOES_ON = frozenset(f"0123456789Xx{_APART}")
#: More blanks than may stand in a number that is written on one line.
_GAP = re.compile(r"\s*\n\s*|[ \t]{4,}")
_RUN = re.compile(r"[0-9](?:[ \t\n\-_·.,/|]{0,8}[0-9Xx])*")
_GROUP = re.compile(r"[0-9]+[Xx]?|[Xx]")
_TO_NOTHING = str.maketrans("x", "X", _APART)
#: Born from 1900 on; the rest is for the check digit to say.
_LIKE_ID = re.compile(r"(?=([1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]))")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_MOBILE_LABEL = re.compile(r"(?:电话|手机)(?:号码?)?[:为是(]?$|(?:tel|phone|mobile)[:.]?$", re.IGNORECASE)
_CARD_SIZES = (16, 17, 18, 19)
#: How people group an identity number, and digits one by one.
_USUAL = frozenset({(6, 8, 4), (6, 4, 4, 4), (4, 4, 4, 4, 2), (1,) * 18})
#: Digits in one row among which chance makes no identity number; of thousands in a table of figures it makes some.
_FEW = 60


@dataclass(frozen=True)
class Broken:
    """A number found over more than one fragment, and the lines or cells it stands in, the first first.

    `usual` if its digits are grouped as people group them; `apart` if few other digits stand beside it.
    `start` and `end` count in `text`, which holds the fragments line by line.
    """

    number: Number
    places: tuple[int, ...]
    usual: bool
    apart: bool
    text: str

    @property
    def clean(self) -> bool:
        """True if nothing but the breaks sets its digits apart."""
        return all(line.isalnum() for line in self.text[self.number.start : self.number.end].split("\n"))


@dataclass(frozen=True)
class _Chain:
    """Fragments of which each ends and the next begins as a number may, one a line."""

    text: str
    starts: Sequence[int]
    places: Sequence[int]

    def places_of(self, start: int, end: int) -> tuple[int, ...]:
        """The lines or cells between two points of the text, each once."""
        first, last = bisect(self.starts, start) - 1, bisect(self.starts, end - 1)
        return tuple(dict.fromkeys(self.places[first:last]))


def fragments(texts: Iterable[tuple[int, str]]) -> Iterator[Fragment]:
    """The lines of plain texts, and what stands far apart within them; none is blank. `texts` are (place, text)."""
    for place, text in texts:
        bare = text.strip()
        if "    " in bare or not bare.isprintable():
            yield from ((place, each) for each in _GAP.split(bare) if each)
        elif bare:
            yield place, bare


def identities_over(pieces: Iterable[Fragment]) -> Iterator[Broken]:
    """The identity numbers that begin in one fragment and end in a later one, by their check digit."""
    for chain in _chains(pieces):
        for run in _RUN.finditer(chain.text):
            if "\n" in run[0]:
                yield from _identities(chain, run)


def called_over(pieces: Iterable[Fragment]) -> Iterator[Broken]:
    """The numbers that a break cuts in two right behind 身份证号, 手机, 银行卡号 or the like."""
    for chain in _chains(pieces):
        for run in _RUN.finditer(chain.text):
            if "\n" in run[0] and (number := _called(chain.text, run)):
                places = chain.places_of(number.start, number.end)
                yield Broken(number, places, usual=False, apart=True, text=chain.text)


def _chains(pieces: Iterable[Fragment]) -> Iterator[_Chain]:
    chain: list[Fragment] = []
    open_ended, last = False, (0, "")
    for piece in pieces:
        text = piece[1]
        if open_ended and text[0] in _GOES_ON:
            chain.append(last)
        elif chain:
            yield _chain([*chain, last])
            chain = []
        open_ended, last = text[-1] in _GOES_ON, piece
    if chain:
        yield _chain([*chain, last])


def _chain(pieces: list[Fragment]) -> _Chain:
    starts = [0]
    for _, text in pieces[:-1]:
        starts.append(starts[-1] + len(text) + 1)
    return _Chain("\n".join(text for _, text in pieces), starts, [place for place, _ in pieces])


def _identities(chain: _Chain, run: re.Match[str]) -> Iterator[Broken]:
    signs = run[0].translate(_TO_NOTHING)
    likely = [found for found in _LIKE_ID.finditer(signs) if is_id18(found[1])]
    if not likely:
        return
    spots = [at for at, sign in enumerate(run[0], start=run.start()) if sign not in _APART]
    for found in likely:
        start, end = spots[found.start()], spots[found.start() + 17] + 1
        written = chain.text[start:end]
        if "\n" in written and _is_whole(chain.text, start, end) and not DATED.fullmatch(written):
            shape = tuple(len(group) for group in _GROUP.findall(written))
            number = Number(Kind.ID, start, end, found[1])
            places = chain.places_of(start, end)
            yield Broken(number, places, shape in _USUAL, len(signs) <= _FEW, chain.text)


def _is_whole(text: str, start: int, end: int) -> bool:
    """True if no digit stands right before or behind; behind an X all may."""
    return not (text[start - 1 : start].isdecimal() or (text[end - 1].isdecimal() and text[end : end + 1].isdecimal()))


def _called(text: str, run: re.Match[str]) -> Number | None:
    """The number at the beginning of a run, if the word right before says what it is."""
    before = squeezed(text[max(0, run.start() - 30) : run.start()])
    groups = list(_GROUP.finditer(text, run.start(), run.end()))
    if ID_LABEL.search(before):
        return _called_identity(run, groups)
    signs = ""
    for group in groups[:6]:
        signs += group[0]
        written = text[run.start() : group.end()]
        if written.count("\n") == 1 and signs.isdecimal() and (kind := _called_kind(before, signs)):
            return Number(kind, run.start(), group.end(), signs)
    return None


def _called_identity(run: re.Match[str], groups: list[re.Match[str]]) -> Number | None:
    signs = run[0].translate(_TO_NOTHING)
    known = len(signs) in (15, 18) and signs[:-1].isdecimal() and len(groups[0][0]) >= 6
    return Number(Kind.ID, run.start(), run.end(), signs) if known else None


def _called_kind(before: str, signs: str) -> Kind | None:
    if _MOBILE.fullmatch(signs) and _MOBILE_LABEL.search(before):
        return Kind.PHONE
    if len(signs) not in _CARD_SIZES:
        return None
    named = BANK_LABEL.search(before) or (CARD_LABEL.search(before) and is_card(signs))
    return Kind.CARD if named else None
