"""What becomes of one push of an item that is taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import combinations, product

import pytest

from rules.amend import Gone, Means, Way, way_back
from rules.states import Status
from tests.factory import moment

BEGUN = moment("2020-09-10", "09:00")
MINUTES = Means(recall=timedelta(minutes=2))
ARTICLES = Means(recall=timedelta.max, pieces=True, notice=False)
NEVER = Means()
OUT = Gone(statuses=frozenset({Status.DELIVERED}), begun_at=BEGUN)
SOON = BEGUN + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("over", "means", "way", "piece", "words"),
    [
        ({}, MINUTES, Way.RECALL, 0, "平台可以撤回"),
        ({"pieces": 3, "position": 2}, ARTICLES, Way.RECALL, 2, "平台可以撤回"),
        ({"pieces": 3, "position": 2}, MINUTES, Way.NOTICE, 0, "同一条消息里有 3 条信息"),
        ({"begun_at": BEGUN - timedelta(minutes=2)}, MINUTES, Way.NOTICE, 0, "超过平台允许撤回的时间"),
        ({"begun_at": BEGUN - timedelta(days=900)}, ARTICLES, Way.RECALL, 0, "平台可以撤回"),
        ({}, NEVER, Way.NOTICE, 0, "不能撤回"),
        ({}, replace(NEVER, notice=False), Way.PERSON, 0, "不能撤回"),
        ({}, replace(NEVER, obstacle="超出范围"), Way.PERSON, 0, "不能发撤回通知：超出范围"),
        ({"statuses": frozenset({Status.HANDED})}, NEVER, Way.PERSON, 0, "还在人工手中"),
        ({"statuses": frozenset({Status.HANDED})}, ARTICLES, Way.RECALL, 0, "平台可以撤回"),
        ({"statuses": frozenset({Status.UNCERTAIN})}, MINUTES, Way.WAIT, 0, "结果待定"),
        ({"statuses": frozenset({Status.SENDING})}, NEVER, Way.WAIT, 0, "结果待定"),
        ({"statuses": frozenset({Status.QUEUED}), "maybe_sent": True}, NEVER, Way.WAIT, 0, "结果待定"),
        ({"statuses": frozenset({Status.FAILED}), "maybe_sent": True}, NEVER, Way.PERSON, 0, "没有查明"),
        ({"statuses": frozenset({Status.FAILED})}, MINUTES, Way.NOTHING, 0, "没有发到这里"),
        ({"statuses": frozenset({Status.CANCELLED})}, NEVER, Way.NOTHING, 0, "没有发到这里"),
        ({"statuses": frozenset({Status.RETRACTED})}, MINUTES, Way.NOTHING, 0, "已经撤回"),
        ({"taken_back": True}, ARTICLES, Way.NOTHING, 0, "已经撤回"),
        ({"statuses": frozenset({Status.FAILED, Status.ACCEPTED})}, MINUTES, Way.RECALL, 0, "平台可以撤回"),
    ],
)
def test_each_way_back_is_taken_for_its_reason(
    over: dict[str, object], means: Means, way: Way, piece: int, words: str
) -> None:
    step = way_back(replace(OUT, **over), means, SOON)  # type: ignore[arg-type]
    assert (step.way, step.piece) == (way, piece)
    assert words in step.reason


def every() -> list[tuple[Gone, Means]]:
    """Every mixture of statuses in every push on every kind of channel."""
    mixtures = [frozenset(each) for size in range(len(Status) + 1) for each in combinations(Status, size)]
    pushes = [
        Gone(statuses=statuses, maybe_sent=maybe, begun_at=BEGUN, pieces=pieces)
        for statuses, maybe, pieces in product(mixtures, (False, True), (1, 8))
    ]
    kinds = product((None, timedelta(seconds=1), timedelta.max), (False, True), (False, True), ("", "目标已变更"))
    channels = [Means(recall=a, pieces=b, notice=c, obstacle=d) for a, b, c, d in kinds]
    return list(product(pushes, channels))


def test_nothing_follows_to_where_the_item_has_not_surely_arrived() -> None:
    arrived = {Status.ACCEPTED, Status.DELIVERED}
    for gone, means in every():
        step = way_back(gone, means, SOON)
        if step.way is Way.NOTICE:
            assert gone.statuses & arrived and means.notice and not means.obstacle
        if step.way is Way.RECALL:
            assert gone.statuses & (arrived | {Status.HANDED}) and means.recall is not None


def test_nothing_that_may_be_out_is_forgotten() -> None:
    maybe = {Status.ACCEPTED, Status.DELIVERED, Status.HANDED, Status.SENDING, Status.UNCERTAIN}
    for gone, means in every():
        if gone.statuses & maybe or (gone.maybe_sent and gone.statuses & {Status.QUEUED}):
            assert way_back(gone, means, SOON).way is not Way.NOTHING


def test_a_whole_push_is_never_taken_back_for_one_of_its_pieces() -> None:
    for gone, means in every():
        step = way_back(gone, means, SOON)
        if step.way is Way.RECALL:
            assert (step.piece == 0) == (gone.pieces == 1)
            assert gone.pieces == 1 or means.pieces
