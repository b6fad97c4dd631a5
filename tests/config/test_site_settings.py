"""The school's own sites in the register, and the address of its short links."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import load
from rules.place import WEBSITE
from tests.config.test_settings import NOBODY, change, folder, lines

__all__ = ["folder"]

SITE = '[channels.website]\nlabel = "本校网站"\ndays = 60\ncampus_only = ["W02"]\n'
LIVE = {"XXGK_LIVE": "1"}


def with_sites(folder: Path, *addresses: str, more: str = "") -> None:
    change(folder, "[[watch]]", f"{SITE}{more}\n[[watch]]")
    register = folder / "targets.csv"
    rows = [f"W0{n},网站{n},website,{address},社会,,,,,,\n" for n, address in enumerate(addresses, 1)]
    register.write_text(register.read_text(encoding="utf-8-sig") + "".join(rows), encoding="utf-8")


def with_links(folder: Path, address: str) -> None:
    change(folder, "confirm = true", f'confirm = true\nshort_links = "{address}"')


def test_sites_and_columns_stand_in_the_register_and_need_no_address_of_an_api(folder: Path) -> None:
    with_sites(folder, "https://www.x.edu.cn/", "https://www.x.edu.cn/*/c21a*")
    school = load(folder, NOBODY).school
    assert school.channels[WEBSITE].options == {"days": 60, "campus_only": ["W02"]}
    assert school.targets["W02"].address == "https://www.x.edu.cn/*/c21a*"


@pytest.mark.parametrize("address", ["www.x.edu.cn", "https://u:geheim@www.x.edu.cn/", "https://www.x.edu.cn/#a"])
def test_a_wrong_address_is_told_with_its_row_and_not_repeated(folder: Path, address: str) -> None:
    with_sites(folder, address)
    [line] = lines(folder)
    assert line.startswith("targets.csv 第6行“地址”") and "geheim" not in line


def test_a_robots_address_is_still_no_address_for_a_group(folder: Path) -> None:
    change(folder, "WECOM_ROBOT_G01", "https://qyapi.example/webhook?key=geheim", "targets.csv")
    [line] = lines(folder)
    assert "机器人的网址或密钥" in line and "geheim" not in line


def test_a_site_hears_no_alarm_and_stands_in_for_nobody(folder: Path) -> None:
    with_sites(folder, "https://www.x.edu.cn/")
    change(folder, 'alarm_targets = ["G09"]', 'alarm_targets = ["G09", "W01"]')
    register = folder / "targets.csv"
    text = register.read_text(encoding="utf-8").replace("核对日期,类别\n", "核对日期,类别,备用\n")
    register.write_text(
        text.replace("全体关注者,社会,,,党委宣传部,,,", "全体关注者,社会,,,党委宣传部,,,,W01"), encoding="utf-8"
    )
    told = lines(folder)
    assert any("目标 W01 是本校网站，收不到提醒" in line for line in told)
    assert any("“备用”列目标 W01 是本校网站，不能发送" in line for line in told)


def test_there_are_no_short_links_unless_the_school_says_so(folder: Path) -> None:
    school = load(folder, NOBODY).school
    assert school.short_links == "" and all(each.short_links for each in school.channels.values())


def test_a_channel_may_keep_the_items_own_addresses(folder: Path) -> None:
    with_links(folder, "https://s.x.edu.cn/s/")
    change(folder, "pushes_a_day = 3", "pushes_a_day = 3\nshort_links = false")
    for env in (NOBODY, {}):
        school = load(folder, env).school
        assert school.short_links == "https://s.x.edu.cn/s"
        assert not school.channels["onebot"].short_links and "short_links" not in school.channels["onebot"].options


@pytest.mark.parametrize(
    ("address", "env", "told"),
    [
        ("http://s.x.edu.cn/s", NOBODY, "https://"),
        ("s.x.edu.cn/s", NOBODY, "不是完整的地址"),
        ("https://u:geheim@s.x.edu.cn/s", NOBODY, "不是完整的地址"),
        ("https://s.x.edu.cn/s?to=", NOBODY, "不是完整的地址"),
        ("javascript:alert(1)", NOBODY, "不是完整的地址"),
        ("https://s.x.edu.cn:八/s", NOBODY, "格式有误"),
        ("https://127.0.0.1/s", LIVE, "指向本机"),
        ("http://localhost:8787/s", LIVE, "指向本机"),
    ],
)
def test_a_short_link_that_nobody_outside_could_open_is_refused(
    folder: Path, address: str, env: dict[str, str], told: str
) -> None:
    with_links(folder, address)
    [line] = [each for each in lines(folder, env) if "short_links" in each]
    assert told in line and "geheim" not in line


def test_a_rehearsal_may_use_this_machine_for_its_short_links(folder: Path) -> None:
    with_links(folder, "http://127.0.0.1:8787/s")
    assert load(folder, NOBODY).school.short_links == "http://127.0.0.1:8787/s"
