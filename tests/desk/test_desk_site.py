"""Sites, visits, clicks and short links as a person meets them: why, report, log, once, check."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from desk import log, report, rounds, why
from desk.check import leads_here
from jobs.report import report as make
from jobs.site import register
from rules.dates import SchoolYear
from store import tables as t
from store.db import Db
from tests.desk.conftest import Front
from tests.jobs.bench import Bench, entry, make_bench
from tests.jobs.on_site import published, with_sites
from web.app import create_app
from web.server import running

PAGE = "https://www.x.edu.cn/info/1/2.htm"


@pytest.fixture
def bench(sqlite_db: Db) -> Iterator[Bench]:
    made = with_sites(make_bench(sqlite_db))
    yield made
    made.close()


def measured(bench: Bench, push_id: int, metric: str, value: int, basis: str, **later: float) -> None:
    true_at = bench.clock.forward(**later)
    push = bench.rows(t.pushes, id=push_id)[0]
    sample = {"channel": push.channel, "target": push.target, "push_id": push_id, "metric": metric, "value": value,
              "basis": basis, "true_at": true_at, "known_at": true_at}  # fmt: skip
    with bench.db.write() as conn:
        conn.execute(t.reach.insert().values(**sample))


def told(bench: Bench) -> str:
    story = why.tell(bench.db, bench.office.school, bench.rows(t.items)[0].id)
    assert story is not None
    return "\n".join(why.lines(story, bench.office.school))


def test_why_says_how_far_each_push_reached_where_that_is_known(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.enter(published(PAGE))
    bench.tick()
    register(bench.office)
    [site] = bench.rows(t.pushes, channel="website")
    [account] = bench.rows(t.pushes, channel="account")
    assert "触达" not in told(bench)
    measured(bench, site.id, "阅读", 120, "平台统计", days=1)
    measured(bench, site.id, "阅读", 345, "平台统计", days=6)
    measured(bench, account.id, "点击", 7, "点击")
    said = told(bench)
    assert "触达：阅读 345（平台统计，2020-09-17）" in said and "120" not in said
    assert "触达：点击 7（点击，2020-09-17）" in said
    assert "W1 门户网站（本校网站，面向社会）：不推送。本校网站不推送" in said
    assert "来源：网页登载于 2020-09-10（来源的公开日期）" in said.replace("来源，", "来源：") and "网站登载" in said
    why.show(bench.db, bench.office.school, bench.rows(t.items)[0].id, as_json=True)
    shown = json.loads(capsys.readouterr().out)
    [row] = [each["log"][0] for each in shown["targets"] if each["target"] == "W1"]
    assert row["reach"] == [
        {"metric": "阅读", "value": 345, "basis": "平台统计", "true_at": "2020-09-17T09:00:00+08:00", "pieces": 1}
    ]


def test_the_report_and_the_log_call_it_what_it_is(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.enter(published(PAGE), published("https://www.x.edu.cn/2020/0910/c21a41/page.htm"))
    register(bench.office)
    measured(bench, bench.rows(t.pushes)[0].id, "阅读", 345, "平台统计", days=1)
    made = make(bench.db, bench.office.school, SchoolYear(2020), cut_off=bench.clock.now)
    lines = list(report.lines(made))
    line = next(each for each in lines if "本校网站（网站登载）" in each)
    assert line.split()[:3] == ["本校网站（网站登载）", "2", "2"]
    assert any(each.split()[:5] == ["本校网站", "网页访问合计", "345", "次", "平台统计"] for each in lines)
    assert not any("本校网站" in each and ("群成员" in each or "送达" in each) for each in lines)
    assert made.checked
    log.show(bench.db, {}, register=lambda: bench.office.school.targets)
    assert "成功（网站登载）" in capsys.readouterr().out


def test_once_says_what_was_booked_read_and_clicked(bench: Bench) -> None:
    bench.enter(published(PAGE), entry(title="没有网页的"))
    assert list(rounds._once(bench.office, "onsite")) == ["网站登载：登记 1 条"]
    assert list(rounds._once(bench.office, "onsite")) == ["网站登载：没有新的"]
    assert list(rounds._once(bench.office, "visits")) == ["网页访问：没有新的"]
    assert list(rounds._once(bench.office, "clicks")) == ["短链接：没有新的"]
    assert {"onsite", "visits", "clicks"} <= rounds.jobs_of(replace(bench.office)).keys()


def test_check_knows_whether_the_short_links_lead_here(sqlite_db: Db) -> None:
    bench = make_bench(sqlite_db)
    with running(create_app(sqlite_db, {}, bench.clock, dict)) as base:
        assert leads_here(f"{base}/s")
        assert not leads_here(base) and not leads_here(f"{base}/healthz")
    assert not leads_here(f"{base}/s")
    bench.close()
    assert bench.rows(t.clicks) == []


def test_check_says_that_a_rehearsal_was_not_probed_and_names_the_sites(front: Front) -> None:
    settings, register = front.home / "config" / "school.toml", front.home / "config" / "targets.csv"
    text = settings.read_text(encoding="utf-8")
    text = text.replace("confirm = true", 'short_links = "https://s.x.edu.cn/s"\nconfirm = true', 1)
    settings.write_text(text + '\n[channels.website]\nlabel = "本校网站"\n', encoding="utf-8")
    rows = register.read_text(encoding="utf-8-sig")
    register.write_text(f"{rows}W01,门户网站,website,https://www.x.edu.cn/,社会,,,,,,\n", encoding="utf-8-sig")
    lines = front("check").output.splitlines()
    assert "✓ school.short_links：短链接 https://s.x.edu.cn/s/…（试运行，没有从外面试探）" in lines
    assert "✓ targets.csv W01：门户网站：https://www.x.edu.cn/ 下的网页按公开日期登记（任何人可见），不发送" in lines
