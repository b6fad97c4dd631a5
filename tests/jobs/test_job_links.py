"""Short links: made with their push, the same for all its persons, and counted as clicks (点击); on all three databases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from channels.base import Content
from jobs.amend import correct, retract
from jobs.links import count_clicks, new_token
from jobs.orders import send_again
from rules.bundle import Bundle
from rules.outcome import Outcome
from rules.routing import Target
from store import links, reach
from store import tables as t
from store.marks import touch
from tests.jobs.bench import ACCOUNT, GROUPS, Bench, Recorder, entry

BASE = "https://s.x.edu.cn/s"
PAGE = "https://www.x.edu.cn/info/1/2.htm"


class Showing(Recorder):
    """A channel whose text shows each piece's address."""

    def render(self, bundle: Bundle, target: Target) -> Content:
        made = super().render(bundle, target)
        text = "\n".join(f"{piece.purpose} {piece.title} {piece.url}".strip() for piece in bundle.pieces)
        return replace(made, text=text)


def with_links(bench: Bench, base: str = BASE) -> Bench:
    for name, channel in bench.office.channels.items():
        bench.use(Showing, name, exposure=channel.limits.exposure)
    bench.office.school = replace(bench.office.school, short_links=base)
    return bench


@pytest.fixture
def linked(bench3: Bench) -> Bench:
    return with_links(bench3)


@pytest.fixture
def small(bench: Bench) -> Bench:
    return with_links(bench)


def item(n: int = 1, **over: Any) -> Any:
    return entry(**{"audience": ("学生",), "url": f"https://www.x.edu.cn/info/1/{n}.htm", "number": f"甲{n}", **over})


def click(bench: Bench, token: str, times: int = 1, *, person: bool = True) -> None:
    hour = bench.clock.now.replace(minute=0, second=0, microsecond=0)
    with bench.db.write() as conn:
        links.count(conn, {(token, person, hour): times})


def figures(bench: Bench) -> list[tuple[int, int, str]]:
    return [(row.push_id, row.value, row.basis) for row in bench.rows(t.reach) if row.metric == "点击"]


def test_each_piece_of_a_push_gets_a_link_of_its_own_in_the_same_commit(linked: Bench) -> None:
    linked.publish(item(1), item(2))
    [push] = linked.rows(t.pushes)
    made = linked.rows(t.links)
    assert {row.push_id for row in made} == {push.id} and len({row.token for row in made}) == 2
    for row in made:
        assert f"{BASE}/{row.token}" in push.text
        assert len(row.token) >= 12 and row.token.isalnum()
        assert row.url not in push.text
    assert {row.url for row in made} == {f"https://www.x.edu.cn/info/1/{n}.htm" for n in (1, 2)}
    assert {row.placement_id for row in made} == {row.id for row in linked.rows(t.placements)}


def test_another_target_gets_another_link_and_a_resend_too_but_a_second_try_the_same(linked: Bench) -> None:
    linked.vendor.says(GROUPS, Outcome.UNAVAILABLE, Outcome.REFUSED)
    linked.publish(item(audience=("校内",)))
    assert len({row.token for row in linked.rows(t.links)}) == len(linked.rows(t.pushes)) == 2
    texts = [row.text for row in linked.rows(t.pushes)]
    for _ in range(3):
        linked.deliver()
        linked.clock.forward(minutes=5)
    assert [row.text for row in linked.rows(t.pushes)] == texts
    [failed] = [row.push_id for row in linked.rows(t.deliveries) if row.status == "failed"]
    again = send_again(linked.office, failed, "张三")
    [new] = [row for row in linked.rows(t.links) if row.push_id == again]
    assert new.token not in " ".join(texts) and new.token in linked.rows(t.pushes, id=again)[0].text


def test_everybody_of_a_push_has_the_same_link(small: Bench) -> None:
    small.publish(item())
    [placed] = small.rows(t.placements)
    with small.db.write() as conn:
        conn.execute(t.deliveries.insert(), [
            {"push_id": placed.push_id, "channel": GROUPS, "address": a, "status": "queued", "reason": "", "urgent": False,
             "changed_at": small.clock.now} for a in ("甲", "乙")
        ])  # fmt: skip
        touch(conn, pushes=[placed.push_id])
    assert len(small.rows(t.links)) == 1 and len(small.rows(t.deliveries)) == 3


def test_off_by_default(bench: Bench) -> None:
    with_links(bench, base="")
    bench.publish(item())
    assert bench.rows(t.links) == [] and "https://www.x.edu.cn/info/1/1.htm" in bench.rows(t.pushes)[0].text


def test_a_channel_may_keep_the_items_own_addresses(small: Bench) -> None:
    small.set(GROUPS, short_links=False)
    small.publish(item(1), item(2, audience=("社会",)))
    [link] = small.rows(t.links)
    assert [row.channel for row in small.rows(t.pushes, id=link.push_id)] == [ACCOUNT]


@pytest.mark.parametrize("url", ["", "见附件", "ftp://x/1", "http://[", "javascript:alert(1)"])
def test_what_has_no_page_gets_no_link(small: Bench, url: str) -> None:
    small.publish(item(url=url))
    assert small.rows(t.links) == [] and len(small.rows(t.pushes)) == 1


def test_a_push_that_cannot_be_shown_leaves_no_link(small: Bench) -> None:
    small.use(Showing).room = 3
    small.publish(item())
    assert small.rows(t.pushes) == small.rows(t.links) == []


def test_a_retraction_gets_no_link_and_every_link_of_the_item_says_so(linked: Bench) -> None:
    linked.publish(item(1), item(2))
    linked.deliver()
    tokens = {row.url[-5]: row.token for row in linked.rows(t.links)}
    with linked.db.read() as conn:
        assert not any(links.find(conn, token).withdrawn for token in tokens.values())  # type: ignore[union-attr]
    [one] = [row.id for row in linked.rows(t.items) if row.number == "甲1"]
    linked.clock.forward(minutes=1)
    retract(linked.office, one, "张三", "内容有误")
    linked.plan()
    assert len(linked.rows(t.links)) == 2 and "撤回" in linked.rows(t.pushes)[-1].text
    with linked.db.read() as conn:
        found = {n: links.find(conn, token) for n, token in tokens.items()}
    assert found["1"] and found["1"].withdrawn and found["2"] and not found["2"].withdrawn


def test_where_only_a_person_can_take_it_back_the_link_says_so_at_once(small: Bench) -> None:
    small.publish(item(audience=("社会",)))
    small.deliver(ACCOUNT)
    [link] = small.rows(t.links)
    retract(small.office, small.rows(t.items)[0].id, "张三", "内容有误")
    with small.db.read() as conn:
        assert links.find(conn, link.token) == links.Found(link.url, True)


def test_a_correction_has_a_link_of_its_own_and_leaves_the_first_one_as_it_is(small: Bench) -> None:
    small.publish(item())
    small.deliver()
    small.enter(item(summary="改过的摘要"))
    small.clock.forward(hours=1)
    assert correct(small.office, small.rows(t.items)[0].id, "张三", "改错").targets
    small.plan()
    first, second = small.rows(t.links, push_id=1)[0], small.rows(t.links, push_id=2)[0]
    with small.db.read() as conn:
        assert [links.find(conn, each.token).withdrawn for each in (first, second)] == [False, False]  # type: ignore[union-attr]


def test_clicks_become_a_figure_of_their_push_when_their_number_changes(linked: Bench) -> None:
    linked.publish(item(1), item(2))
    assert count_clicks(linked.office).clicks == 0
    one, two = (row.token for row in linked.rows(t.links))
    push_id = linked.rows(t.pushes)[0].id
    click(linked, one, 3)
    click(linked, one, 2)
    click(linked, two)
    click(linked, two, 40, person=False)
    assert count_clicks(linked.office).clicks == 1
    assert count_clicks(linked.office).clicks == 0
    linked.clock.forward(hours=2)
    click(linked, two)
    click(linked, two, person=False)
    count_clicks(linked.office)
    assert figures(linked) == [(push_id, 6, "点击"), (push_id, 7, "点击")]
    with linked.db.read() as conn:
        [known] = reach.of_pushes(conn, [push_id])[push_id]
    assert (known.metric, known.value, known.true_at) == ("点击", 7, linked.clock.now)


def test_robots_alone_make_no_figure(small: Bench) -> None:
    small.publish(item())
    click(small, small.rows(t.links)[0].token, 5, person=False)
    assert count_clicks(small.office).clicks == 0 and figures(small) == []


def test_however_many_clicks_an_hour_of_a_link_is_one_row(linked: Bench) -> None:
    linked.publish(item())
    token = linked.rows(t.links)[0].token
    for _ in range(50):
        click(linked, token, 1000)
        click(linked, token, person=False)
    linked.clock.forward(hours=1)
    click(linked, token)
    assert sorted(row.n for row in linked.rows(t.clicks) if row.counted) == [1, 50_000]
    assert [row.n for row in linked.rows(t.clicks) if not row.counted] == [50]


def test_an_unknown_token_leads_nowhere(small: Bench) -> None:
    with small.db.read() as conn:
        assert links.find(conn, "nosuchtoken1") is None


def test_tokens_are_random_and_safe_in_any_text() -> None:
    tokens = {new_token() for _ in range(2000)}
    assert len(tokens) == 2000 and all(each.isascii() and each.isalnum() and len(each) == 12 for each in tokens)


def test_a_push_taken_back_by_the_vendor_is_withdrawn_too(small: Bench) -> None:
    small.publish(item())
    small.deliver()
    with small.db.write() as conn:
        conn.execute(update(t.deliveries).values(status="retracted"))
        touch(conn, pushes=[row.push_id for row in small.rows(t.deliveries)])
    with small.db.read() as conn:
        found = links.find(conn, small.rows(t.links)[0].token)
    assert found is not None and found.withdrawn
