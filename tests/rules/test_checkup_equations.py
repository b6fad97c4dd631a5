"""Sums written with signs: in brackets behind a figure, or with 等于."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.checkup import Kind
from tests.rules.reading import found

WRONG = (
    ("共公开268条（147+19+15+18+114）。", "147＋19＋15＋18＋114＝313条", "268条"),
    ("共公开268条(147＋19＋15＋18＋114)。", "147＋19＋15＋18＋114＝313条", "268条"),
    ("共公开２６８条（１４７＋１９＋１５＋１８＋１１４）。", "147＋19＋15＋18＋114＝313条", "268条"),
    ("共公开268条（147条+19条+15条+18条+114条）。", "147＋19＋15＋18＋114＝313条", "268条"),
    ("共公开268条（147+19+15+18+114=313）。", "147＋19＋15＋18＋114＝313条", "268条"),
    ("共公开268条，即147+19+15+18+114。", "147＋19＋15＋18＋114＝313条", "268条"),
    ("共公开268条：147 + 19 + 15 + 18 + 114。", "147＋19＋15＋18＋114＝313条", "268条"),
    ("共公开147+19+15+18+114=268条。", "147＋19＋15＋18＋114＝313条", "268条"),
    ("各类信息（147＋19＋15＝182）", "147＋19＋15＝181", "182"),
    ("公开147条＋19条＋15条=180条", "147＋19＋15＝181条", "180条"),
    ("268条=147条+19条+15条", "147＋19＋15＝181条", "268条"),
    ("147+19+15，共计268条。", "147＋19＋15＝181条", "268条"),
    ("共26个小项（6+2+4+4+5）。", "6＋2＋4＋4＋5＝21小项", "26小项"),
    ("印发文件100+24=125件", "100＋24＝124件", "125件"),
    ("手册1,200+300=1,600份", "1200＋300＝1500份", "1600份"),
)
RIGHT = (
    "共公开313条（147+19+15+18+114）。",
    "共公开181条（147＋19＋15＝181）。",
    "共公开147+19+15+18+114=313条。",
    "268条=147+19+15+18+69条",
    "试点5项（1+X），开展“1+X”证书试点。",
    "公开试点方案5份（含1+X证书方案2份），另有5份（1+X证书方案2份）。",
    "公开方案8份（含英文版2份、法文版1份）。",
    "联系电话：0571-88888888+8001，0571+88888888=1，12345678+1=2。",
    "实施“1+1=3”工程，1+1=3。",
    "招生计划120条（3+1+2）。",
    "新增专业5项（3+2），高本贯通4项（5+2）。",
    "招生计划120人（16+1）。",
    "公示期2021.9.1+2022.8.31，2020+2021学年。",
    "147+19+15+其他=268条",
    "共公开268条（147+19+15等）。",
    "共公开268条（147+19+其他）。",
    "共公开268条（147条+19条，另有102条）。",
    "近268条（147+19）。",
    "http://www.example.edu.cn/?a=1+22=4",
    "100×2+30=999条，100-20+30=999条",
    "50+30=90%",
    "100+50=1.5万条",
    "满分100+20，共计3场。19+20人，共计2场。",
    "147＋19＝166＋15＝181条",
    "3.5+12=15.5",
    "信息员20+3名。",
    "20次+30人=2场",
)


def _sums(text: str) -> list[tuple[str, str]]:
    return [(each.expected, each.found) for each in found(f"二、主动公开情况\n{text}") if each.kind is Kind.SUM]


@pytest.mark.parametrize(("text", "expected", "said"), WRONG)
def test_a_written_sum_that_is_not_what_stands_beside_it_is_told_once(text: str, expected: str, said: str) -> None:
    assert _sums(text) == [(expected, said)]


@pytest.mark.parametrize("text", RIGHT)
def test_a_written_sum_that_is_right_or_a_name_with_a_plus_raises_no_alarm(text: str) -> None:
    assert _sums(text) == []


@given(st.lists(st.integers(10, 999), min_size=2, max_size=8), st.integers(-3, 3), st.sampled_from("+＋"))
def test_a_sum_in_brackets_is_told_exactly_when_it_is_not_the_figure(parts: list[int], off: int, sign: str) -> None:
    told = _sums(f"共公开{sum(parts) + off}条（{sign.join(map(str, parts))}）。")
    assert bool(told) is (off != 0)
