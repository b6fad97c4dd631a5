"""Looking for our message in a group's history: found, surely absent, or not to be known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from channels.onebot.history import PAGES, Message, search

ME, MARK, SINCE = "10001", "【公开#0F3A9C】", 1000.0


def said(seq: int, time: float | None, text: str = "大家好", who: int = 20002) -> dict[str, Any]:
    segments = [{"type": "image", "data": {"file": "x"}}, {"type": "text", "data": {"text": text}}]
    return {"message_id": seq * 7, "message_seq": seq, "time": time, "sender": {"user_id": who}, "message": segments}


def ours(seq: int, time: float = SINCE + 1) -> dict[str, Any]:
    return said(seq, time, f"通知\n{MARK}", int(ME))


class Group:
    """A group's history, read in pages that end with the message asked for."""

    def __init__(self, messages: Sequence[Message], page: int = 3) -> None:
        self.messages = messages
        self.page = page
        self.calls = 0

    def read(self, cursor: object) -> Sequence[Message]:
        self.calls += 1
        end = next((n for n, m in enumerate(self.messages, 1) if m["message_seq"] == cursor), len(self.messages))
        return self.messages[max(0, end - self.page) : end]

    def search(self) -> tuple[Message | None, bool]:
        return search(self.read, ours={ME}, mark=MARK, since=SINCE)


def test_our_message_is_found_on_a_later_page() -> None:
    group = Group([said(1, 900), ours(2), *(said(n, SINCE + n) for n in range(3, 12))])
    found, _ = group.search()
    assert found is not None
    assert found["message_id"] == 14


def test_absent_is_certain_once_a_message_from_before_was_seen() -> None:
    assert Group([said(1, 900), *(said(n, SINCE + n) for n in range(2, 12))]).search() == (None, True)


def test_absent_is_certain_at_the_beginning_of_the_group() -> None:
    assert Group([said(n, SINCE + n) for n in range(1, 12)]).search() == (None, True)


def test_an_empty_history_proves_nothing() -> None:
    assert Group([]).search() == (None, False)


def test_a_history_that_cannot_be_paged_proves_nothing() -> None:
    newest = [said(n, SINCE + n) for n in range(5, 8)]
    assert search(lambda cursor: newest, ours={ME}, mark=MARK, since=SINCE) == (None, False)


def test_a_history_without_times_proves_nothing() -> None:
    newest = [said(n, None) for n in range(5, 8)]
    assert search(lambda cursor: newest, ours={ME}, mark=MARK, since=SINCE) == (None, False)


def test_paging_ends_some_time() -> None:
    group = Group([said(n, SINCE + n) for n in range(1, 1000)])
    assert group.search() == (None, False)
    assert group.calls == PAGES


def test_the_mark_in_somebody_elses_message_is_not_ours() -> None:
    quoted = said(3, SINCE + 1, f"收到 {MARK}")
    assert Group([said(1, 900), quoted]).search() == (None, True)


def test_our_message_is_found_whatever_the_clocks_say() -> None:
    found, _ = Group([said(1, 900), ours(2, SINCE - 1)]).search()
    assert found is not None


def test_ids_may_be_text_and_a_message_may_be_a_string() -> None:
    message = {"message_id": "9", "time": SINCE, "user_id": ME, "message": f"通知 {MARK}"}
    found, _ = search(lambda cursor: [message], ours={ME}, mark=MARK, since=SINCE)
    assert found is message


@given(before=st.integers(0, 5), after=st.integers(0, 60), at=st.integers(0, 60), page=st.integers(2, 20))
def test_ours_is_found_wherever_it_stands_and_never_called_absent(before: int, after: int, at: int, page: int) -> None:
    times = [900.0] * before + [SINCE + 2] * after
    messages = [said(n, time) for n, time in enumerate(times, 1)]
    messages.insert(min(len(messages), before + at), ours(999))
    found, complete = Group(messages, page).search()
    assert (found is not None and found["message_seq"] == 999) or not complete
