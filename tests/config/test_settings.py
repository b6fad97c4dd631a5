"""Everything wrong with the settings is told at once, each with its key and what to do."""

from __future__ import annotations

import re
import shutil
from datetime import date, time, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from config import places
from config.settings import ConfigError, load
from config.tables import TARGET_HEADER
from rules.dates import Window
from rules.routing import aims_at

TOML = """
[school]
name = "示例职业技术学院"
confirm = true
alarm_targets = ["G09"]

[audiences]
"社会" = []
"校内" = ["社会"]
"教职工" = ["校内"]
"学生" = ["校内"]
"信息公开值班" = ["教职工"]

[[routes]]
name = "教职工事项"
audiences = ["教职工", "校内"]
target_audiences = ["教职工"]

[channels.wechat_oa]
label = "官方微信公众平台"
api_base = "http://127.0.0.1:9009/wechat"
mode = "draft"
slots = ["11:00"]

[channels.wecom_bot]
label = "教职工企业微信群"
api_base = "http://localhost:9009/wecom"

[channels.onebot]
label = "学生工作QQ群"
api_base = "http://127.0.0.1:9009/onebot/"
window = "8:00-20:00"
slots = ["12:00", "18:00"]
pushes_a_day = 3

[[watch]]
name = "信息公开登记表"
kind = "folder"
place = "var/登记表"
every = "1m"
"""
TARGETS = """编号,名称,渠道,地址,受众,人数,群主,责任部门,备案号,核对日期,类别
A01,学校官方公众号,wechat_oa,全体关注者,社会,,,党委宣传部,,,
G01,全校教职工群,wecom_bot,WECOM_ROBOT_G01,教职工,120,学校办公室主任,学校办公室,WX-2020-01,2020-09-01,
Q01,学生工作群,onebot,700000001,学生,180,学生工作处处长,学生工作处,QQ-2020-01,2020-09-01,
G09,信息公开值班群,wecom_bot,WECOM_ROBOT_G09,信息公开值班,5,,,,,
"""
NOBODY: dict[str, str] = {}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A school's settings without a mistake."""
    made = tmp_path / "config"
    shutil.copytree(places.CONFIG / "taxonomy", made / "taxonomy")
    (made / "school.toml").write_text(TOML, encoding="utf-8")
    (made / "targets.csv").write_text(TARGETS, encoding="utf-8-sig")
    return made


def change(folder: Path, old: str, new: str, file: str = "school.toml") -> None:
    text = (folder / file).read_text(encoding="utf-8-sig")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def lines(folder: Path, env: dict[str, str] = NOBODY) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as found:
        load(folder, env)
    return found.value.lines


def test_the_settings_that_come_with_the_bot_are_right_and_safe() -> None:
    found = load(env=NOBODY)
    assert not found.live
    assert found.school.confirm
    assert found.school.alarm_targets
    assert found.web_host == "127.0.0.1"
    assert found.database_url.startswith("sqlite:///")
    assert all(urlsplit(each.api_base).hostname == "127.0.0.1" for each in found.school.channels.values())


@pytest.mark.parametrize("sample", [places.CONFIG, places.HOME / places.DEMO_CONFIG])
def test_the_official_account_speaks_once_a_day_and_those_on_duty_hear_nothing_but_reminders(sample: Path) -> None:
    school = load(sample, NOBODY).school
    assert school.channels["wechat_oa"].pushes_a_day == 1
    duty = [school.targets[number] for number in school.alarm_targets]
    assert {each.channel for each in duty} - {"alarm_url"} == {"wecom_bot", "onebot"}
    assert not any(aims_at(route, target) for route in school.routes for target in duty)


def test_what_is_written_arrives(folder: Path) -> None:
    school = load(folder, NOBODY).school
    groups = school.channels["onebot"]
    assert (groups.window, groups.slots) == (Window(time(8), time(20)), (time(12), time(18)))
    assert (groups.pushes_a_day, school.channels["wecom_bot"].pushes_a_day) == (3, 2)
    assert groups.api_base == "http://127.0.0.1:9009/onebot"
    assert school.channels["wechat_oa"].options == {"mode": "draft"}
    assert school.columns[0].every == timedelta(minutes=1)
    staff = school.targets["G01"]
    assert (staff.members, staff.checked_on) == (120, date(2020, 9, 1))
    assert school.audiences.inside("学生", ["校内"])


def test_all_mistakes_of_the_settings_are_told_at_once(folder: Path) -> None:
    change(folder, "confirm = true", 'confirm = "也许"')
    change(folder, 'kind = "folder"', 'kind = "网盘"')
    change(folder, 'every = "1m"', 'every = "常常"')
    change(folder, "[school]", '[school]\nnmae = "x"')
    change(folder, 'slots = ["11:00"]', 'slots = ["11点"]')
    found = lines(folder)
    for key in ("school.confirm", "watch.1.kind", "watch.1.every", "school.nmae", "slots.1"):
        assert sum(key in line for line in found) == 1, key
    assert len(found) == 5
    [kind] = [line for line in found if "watch.1.kind" in line]
    assert kind.endswith("不支持这个取值，可用：folder、webplus、vsb、html_list、http_json、feed、sql、entry")
    assert not any("input" in line.lower() or "should be" in line.lower() for line in found)


def test_names_that_point_at_nothing_are_all_told(folder: Path) -> None:
    change(folder, 'alarm_targets = ["G09"]', 'alarm_targets = ["G99"]')
    change(folder, 'target_audiences = ["教职工"]', 'target_audiences = ["家长"]')
    change(folder, 'place = "var/登记表"', 'place = "var/登记表"\naudience = ["校友"]')
    change(folder, "700000001,学生", "700000001,新生", "targets.csv")
    found = "\n".join(lines(folder))
    for words in ("没有目标 G99", "没有受众“家长”", "没有受众“校友”", "targets.csv 第4行“受众”列没有受众“新生”"):
        assert words in found


@pytest.mark.parametrize(
    ("audience", "routes", "words"),
    [
        ("教职工", "", "目标 G09 是路由“教职工事项”通向的群，故障提醒只能发给值班人员"),
        ("信息公开值班", 'targets = ["G09"]', "目标 G09 是路由“另一条”通向的群，故障提醒只能发给值班人员"),
        ("校内", "", "目标 G09 面向全校，故障提醒只能发给值班人员"),
        ("社会", "", "目标 G09 面向校外，故障提醒只能发给校内的值班群"),
    ],
)
def test_a_reminder_goes_only_to_a_group_that_no_route_reaches(
    folder: Path, audience: str, routes: str, words: str
) -> None:
    change(folder, "WECOM_ROBOT_G09,信息公开值班", f"WECOM_ROBOT_G09,{audience}", "targets.csv")
    if routes:
        change(folder, "[channels.wechat_oa]", f'[[routes]]\nname = "另一条"\n{routes}\n\n[channels.wechat_oa]')
    [line] = lines(folder)
    assert line.startswith(f"school.toml 的 school.alarm_targets：{words}。请在 targets.csv 中用一个专门的值班群")


@pytest.mark.parametrize("slot", ["7:59", "20:00", "21:00"])
def test_a_slot_at_which_nothing_may_leave_is_told(folder: Path, slot: str) -> None:
    change(folder, '"18:00"]', f'"{slot}"]')
    [line] = lines(folder)
    shown = slot.rjust(5, "0")
    assert line.startswith(f"school.toml 的 channels.onebot.slots：{shown} 不在 08:00—20:00 之间，到时不能推送。请改")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('audiences = ["教职工", "校内"]', 'categories = ["学生管理中的重要事项"]', "路由“教职工事项”：没有大类“学生管理中的重要事项”"),
        ('audiences = ["教职工", "校内"]', 'sub_items = ["招生和毕业生就业"]', "路由“教职工事项”：没有小项“招生和毕业生就业”"),
        (
            'audiences = ["教职工", "校内"]',
            'categories = ["党风廉政工作事项"]\nsub_items = ["招生及毕业生就业"]',
            "路由“教职工事项”：没有小项“招生及毕业生就业”",
        ),
        ('target_audiences = ["教职工"]', "", "路由“教职工事项”：没有写推送到哪里"),
        ('every = "1m"', 'category = "学校工作重大事项"', "监看“信息公开登记表”：没有大类“学校工作重大事项”"),
        ('every = "1m"', 'sub_item = "学校新闻稿"', "监看“信息公开登记表”：没有小项“学校新闻稿”"),
    ],
)  # fmt: skip
def test_a_category_that_does_not_exist_is_told_with_what_to_do(folder: Path, old: str, new: str, words: str) -> None:
    change(folder, old, new)
    [line] = lines(folder)
    assert line.startswith(f"school.toml {words}")
    assert "taxonomy/school.csv" in line or "请填写 targets 或 target_audiences" in line


def test_a_slip_in_the_categories_of_a_target_is_told_with_what_was_meant(folder: Path) -> None:
    change(folder, "QQ-2020-01,2020-09-01,", "QQ-2020-01,2020-09-01,学生管理中的重要事项", "targets.csv")
    [line] = lines(folder)
    assert line.startswith(
        "targets.csv 第4行“类别”列没有大类“学生管理中的重要事项”。请照 taxonomy/school.csv 改写，如 学生管理工作"
    )


def test_categories_are_not_judged_by_a_taxonomy_that_could_not_be_read(folder: Path) -> None:
    change(folder, "QQ-2020-01,2020-09-01,", "QQ-2020-01,2020-09-01,学生管理工作中的重要事项", "targets.csv")
    (folder / "taxonomy" / "school.csv").unlink()
    [line] = lines(folder)
    assert "school.csv" in line and "类别" not in line


@pytest.mark.parametrize("every", ["99999999999999h", "999999999h", "0m", "169h"])
def test_an_interval_at_which_nothing_would_be_watched_is_told(folder: Path, every: str) -> None:
    change(folder, 'every = "1m"', f'every = "{every}"')
    [line] = lines(folder)
    assert line.startswith("school.toml 的 watch.1.every：间隔应")


@pytest.mark.parametrize(("every", "told"), [("59s", 1), ("1m", 0)])
def test_a_site_is_asked_at_most_once_a_minute(folder: Path, every: str, told: int) -> None:
    change(folder, 'kind = "folder"\nplace = "var/登记表"', 'kind = "webplus"\nplace = "https://www.example.edu.cn/"')
    change(folder, 'every = "1m"', f'every = "{every}"')
    found = lines(folder) if told else ()
    assert [line[:25] for line in found] == ["school.toml 监看“信息公开登记表”：e"] * told
    assert told or load(folder, NOBODY).school.columns[0].every == timedelta(minutes=1)


@pytest.mark.parametrize("place", ["http://[::1/list.htm", "www.example.edu.cn/21/list.htm"])
def test_a_site_without_an_address_is_told(folder: Path, place: str) -> None:
    change(folder, 'kind = "folder"\nplace = "var/登记表"', f'kind = "webplus"\nplace = "{place}"')
    [line] = lines(folder)
    assert "place 不是网址" in line


@pytest.mark.parametrize("place", ["http://[::1/x?key=geheim", "http://127.0.0.1:99999/geheim"])
@pytest.mark.parametrize("env", [NOBODY, {"XXGK_LIVE": "1"}])
def test_an_address_that_is_none_is_told_and_not_repeated(folder: Path, place: str, env: dict[str, str]) -> None:
    change(folder, "http://127.0.0.1:9009/onebot/", place)
    [line] = lines(folder, env)
    assert line.startswith("school.toml 的 channels.onebot.api_base：地址格式有误") and "geheim" not in line


@pytest.mark.parametrize(
    "address",
    [
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7d0c-4bc4-97a0-0ec2sifa5aaa",
        "key=693a91f6",
        "693A91F6-7d0c-4bc4-97a0-0ec2a1fa5aaa",
    ],
)
def test_a_robots_key_in_the_register_is_refused_and_never_repeated(folder: Path, address: str) -> None:
    change(folder, "WECOM_ROBOT_G01", address, "targets.csv")
    [line] = lines(folder)
    assert line.startswith("targets.csv 第3行“地址”列写的是机器人的网址或密钥") and ".env" in line
    assert "693" not in line


@pytest.mark.parametrize(
    ("old", "new", "column"), [(",180,", f",{'9' * 23},", "人数"), (",180,", ",²,", "人数"), ("01,2020-09-01", f"01,{'9' * 23}-1-1", "核对日期")]
)  # fmt: skip
def test_a_number_that_no_column_can_hold_is_told(folder: Path, old: str, new: str, column: str) -> None:
    text = (folder / "targets.csv").read_text(encoding="utf-8-sig")
    head, tail = text.split("Q01")
    (folder / "targets.csv").write_text(f"{head}Q01{tail.replace(old, new, 1)}", encoding="utf-8")
    [line] = lines(folder)
    assert line.startswith(f"targets.csv 第4行“{column}”列")


def test_a_broken_school_file_does_not_hide_a_broken_register(folder: Path) -> None:
    change(folder, "confirm = true", 'confirm = "也许"')
    change(folder, "G01,全校教职工群", ",全校教职工群", "targets.csv")
    found = "\n".join(lines(folder))
    assert "school.confirm" in found
    assert "targets.csv 第3行“编号”列未填写" in found


@pytest.mark.parametrize(
    "place",
    [
        "https://api.example.com",
        "http://10.0.0.5:3000",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@example.com/",
        "127.0.0.1:3000",
        "",
    ],
)
def test_nothing_leaves_this_machine_before_the_school_has_said_so(folder: Path, place: str) -> None:
    change(folder, "http://127.0.0.1:9009/onebot", place)
    [line] = lines(folder)
    assert "api_base 指向本机以外" in line
    assert "XXGK_LIVE=1" in line
    assert load(folder, {"XXGK_LIVE": "1"}).live
    for no in ("0", "true", "", "是"):
        assert lines(folder, {"XXGK_LIVE": no})


@pytest.mark.parametrize("place", ["http://10.0.0.5:3001", "https://qq.example.com", "http://[", "127.0.0.1:3001", ""])
def test_no_further_address_of_a_channel_leaves_this_machine_either(folder: Path, place: str) -> None:
    more = '[[channels.onebot.bots]]\nname = "{}"\napi_base = "{}"\ntoken = "ONEBOT_TOKEN_{}"\n\n'
    bots = more.format("二号", "http://127.0.0.1:3000", 2) + more.format("三号", place, 3)
    change(folder, "[[watch]]", f"{bots}[[watch]]")
    [line] = lines(folder)
    assert line.startswith("school.toml 的 channels.onebot.bots.2.api_base 指向本机以外")
    assert len(load(folder, {"XXGK_LIVE": "1"}).school.channels["onebot"].options["bots"]) == 2
    change(folder, f'"{place}"\ntoken = "ONEBOT_TOKEN_3"', '"http://localhost:3001"\ntoken = "ONEBOT_TOKEN_3"')
    assert len(load(folder, NOBODY).school.channels["onebot"].options["bots"]) == 2


def test_a_channel_that_is_switched_off_may_point_anywhere(folder: Path) -> None:
    change(folder, 'api_base = "http://127.0.0.1:9009/onebot/"', 'api_base = "https://example.com"\nenabled = false')
    assert len(load(folder, NOBODY).school.channels) == 2


def test_a_circle_of_audiences_is_told(folder: Path) -> None:
    change(folder, '"社会" = []', '"社会" = ["学生"]')
    [line] = lines(folder)
    assert "互为上级" in line


@pytest.mark.parametrize("hours", ["20:00-8:00", "8:00-8:00"])
def test_hours_in_which_nothing_could_ever_leave_are_a_mistake(folder: Path, hours: str) -> None:
    change(folder, 'window = "8:00-20:00"', f'window = "{hours}"')
    [line] = lines(folder)
    assert "window" in line


@pytest.mark.parametrize("words", ["8点到20点", "8:00", "25:00-26:00"])
def test_hours_that_cannot_be_read_are_told_in_chinese(folder: Path, words: str) -> None:
    change(folder, 'window = "8:00-20:00"', f'window = "{words}"')
    [line] = lines(folder)
    assert "应写成 8:00" in line


def test_a_file_that_is_no_toml_says_where(folder: Path) -> None:
    change(folder, 'name = "示例职业技术学院"', "name = “示例职业技术学院”")
    [line] = lines(folder)
    assert "school.toml 第3行第8列附近的格式有误：name = “示例职业技术学院”。" in line
    assert "英文双引号" in line
    assert not re.search("[A-Za-z]{3,}", line.replace("school.toml", "").replace("name", ""))


@pytest.mark.parametrize(
    ("broken", "row", "shown"),
    [
        ("confirm true", 4, "confirm true"),
        ('alarm_targets = ["G09"', 5, "alarm_targets"),
        ('name = "没有引号', 3, "没有引号"),
    ],
)
def test_a_broken_line_is_named_and_shown(folder: Path, broken: str, row: int, shown: str) -> None:
    """An open bracket is noticed a line or two later: the line shown is never an empty one."""
    key = broken.split()[0]
    text = "\n".join(broken if line.startswith(key) and n < 6 else line for n, line in enumerate(TOML.split("\n")))
    (folder / "school.toml").write_text(text, encoding="utf-8")
    [line] = lines(folder)
    found = re.search(r"第(\d+)行第\d+列附近的格式有误：(.+?)。", line)
    assert found and row <= int(found[1]) <= row + 2 and found[2].strip()
    assert shown in line or int(found[1]) > row


def test_a_file_that_ends_in_the_middle_names_its_last_line(folder: Path) -> None:
    (folder / "school.toml").write_text('[school]\nname = "示例\n\n', encoding="utf-8")
    assert "school.toml 第2行" in lines(folder)[0]
    (folder / "school.toml").write_text("[school]\nalarm_targets = [\n\n", encoding="utf-8")
    assert "school.toml 第2行" in lines(folder)[0]
    assert "alarm_targets = [" in lines(folder)[0]


def test_a_channel_that_is_not_set_up_is_named_with_its_row_and_what_to_write(folder: Path) -> None:
    change(folder, "学校官方公众号,wechat_oa", "学校官方公众号,wechat", "targets.csv")
    [line] = lines(folder)
    assert (
        line
        == "targets.csv 第2行“渠道”列没有渠道“wechat”。请改为 school.toml 中已有的渠道：wechat_oa、wecom_bot、onebot"
    )


def test_a_target_of_a_channel_that_is_switched_off_is_no_mistake(folder: Path) -> None:
    change(folder, "[channels.onebot]", "[channels.onebot]\nenabled = false")
    assert "onebot" not in load(folder, NOBODY).school.channels


def test_a_missing_file_says_which(folder: Path) -> None:
    (folder / "school.toml").unlink()
    assert "找不到 school.toml" in lines(folder)[0]


def test_settings_saved_by_an_old_notepad_are_told_not_crashed_on(folder: Path) -> None:
    (folder / "school.toml").write_bytes(TOML.encode("gb18030"))
    try:
        found = load(folder, NOBODY)
    except ConfigError as error:
        assert "UTF-8" in "\n".join(error.lines)
    else:
        assert found.school.name == "示例职业技术学院"


def test_two_rows_for_one_group_are_a_mistake(folder: Path) -> None:
    """Each item would be posted there twice."""
    with (folder / "targets.csv").open("a", encoding="utf-8") as file:
        file.write("\nQ02,同一个群,onebot,700000001,学生,,,,,,\n")
    found = lines(folder)
    assert any("Q02" in line and "Q01" in line for line in found)


def test_two_watches_of_one_name_are_a_mistake(folder: Path) -> None:
    """They would share one cursor and lose each other's items."""
    with (folder / "school.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[watch]]\nname = "信息公开登记表"\nkind = "folder"\nplace = "var/别处"\n')
    assert any("信息公开登记表" in line for line in lines(folder))


@pytest.mark.parametrize("port", ["八千", "-1", "0", "65536", "８７８７"])
def test_a_port_is_a_number(folder: Path, port: str) -> None:
    [line] = lines(folder, {"XXGK_WEB_PORT": port})
    assert "XXGK_WEB_PORT" in line


# -- the register, as Excel and WPS save it


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_the_register_is_read_however_it_was_saved(folder: Path, encoding: str) -> None:
    (folder / "targets.csv").write_bytes(TARGETS.replace("\n", "\r\n").encode(encoding))
    assert load(folder, NOBODY).school.targets["G01"].name == "全校教职工群"


def test_every_wrong_row_of_the_register_is_told(folder: Path) -> None:
    rows = [
        ",无编号,onebot,1,学生,,,,,,",
        "G01,编号重复,onebot,2,学生,,,,,,",
        "Q05,人数不是数,onebot,3,学生,约200,,,,,",
        "Q06,日期不对,onebot,4,学生,,,,,去年,",
        "Q07,没有受众,onebot,5,,,,,,,",
        ",,,,,,,,,,",
    ]
    (folder / "targets.csv").write_text(TARGETS.rstrip() + "\n" + "\n".join(rows), encoding="utf-8")
    found = lines(folder)
    cells = [(6, "编号"), (7, "编号"), (8, "人数"), (9, "核对日期"), (10, "受众")]
    assert [line.split("列")[0] for line in found] == [f"targets.csv 第{row}行“{column}”" for row, column in cells]
    assert all("请" in line or "应" in line for line in found)


def test_a_missing_column_is_named(folder: Path) -> None:
    (folder / "targets.csv").write_text(TARGETS.replace("受众", "对象", 1), encoding="utf-8")
    assert any("缺少列“受众”" in line for line in lines(folder))
    assert "受众" in TARGET_HEADER


def _with_spares(folder: Path, **spares: str) -> None:
    """The register with the optional column 备用, the account's group register as another one for staff."""
    header, *body = [*TARGETS.strip().split("\n"), "G02,教工二群,onebot,700000002,教职工,,,,,,"]
    rows = [f"{line},{spares.get(line.split(',')[0], '')}" for line in body]
    (folder / "targets.csv").write_text("\n".join([f"{header},备用", *rows]), encoding="utf-8-sig")


def test_a_register_may_name_a_spare_for_a_target_and_need_not(folder: Path) -> None:
    assert {each.spare for each in load(folder, NOBODY).school.targets.values()} == {""}
    _with_spares(folder, G01="G02")
    targets = load(folder, NOBODY).school.targets
    assert (targets["G01"].spare, targets["G02"].spare) == ("G02", "")


@pytest.mark.parametrize(
    ("spare", "words"),
    [("G99", "没有目标“G99”"), ("G01", "填的是它自己"), ("Q01", "目标 Q01 的受众是“学生”，与本目标的“教职工”不同")],
)
def test_a_spare_must_be_another_target_of_the_same_audience(folder: Path, spare: str, words: str) -> None:
    _with_spares(folder, G01=spare)
    [line] = lines(folder)
    assert line.startswith("targets.csv 第3行“备用”列") and words in line


def test_a_target_may_take_several_categories(folder: Path) -> None:
    (folder / "targets.csv").write_text(
        TARGETS.rstrip()
        + "\nQ09,迎新群,onebot,9,学生,,,,,2020/9/1,党风廉政工作事项、重大经济工作事项，学校工作的重大事项\n",
        encoding="utf-8",
    )
    found = load(folder, NOBODY).school.targets["Q09"]
    assert found.categories == ("党风廉政工作事项", "重大经济工作事项", "学校工作的重大事项")
    assert found.checked_on == date(2020, 9, 1)


def test_a_wrong_taxonomy_is_told(folder: Path) -> None:
    path = folder / "taxonomy" / "school.csv"
    path.write_text(path.read_text(encoding="utf-8-sig").replace(",是", ",对", 1), encoding="utf-8")
    assert any("taxonomy/school.csv 第2行“计入”列“对”应为 是 或 否" in line for line in lines(folder))


def test_a_register_saved_as_a_workbook_is_told(folder: Path) -> None:
    (folder / "targets.csv").write_bytes(b"PK\x03\x04\xff\xff\x80\x00")
    assert any(line.startswith("targets.csv ") for line in lines(folder))


def test_the_ministrys_list_says_what_applies_and_who_answers_for_it(folder: Path) -> None:
    listed = load(folder, NOBODY).school.taxonomy.list_items
    assert (listed[15].applies, listed[15].department) == (True, "财务处")
    assert (listed[11].applies, listed[11].department) == (False, "招生就业处")
    assert sum(each.applies for each in listed.values()) == 33


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (",是,", ",对,", "taxonomy/ministry.csv 第2行“适用”列“对”应为 是 或 否"),
        ("\n2,", "\n1,", "taxonomy/ministry.csv 第3行“编号”列“1”应为不重复的整数"),
        ("\n2,", "\n二,", "taxonomy/ministry.csv 第3行“编号”列“二”应为不重复的整数"),
        (",责任部门", ",部门", "ministry.csv 第1行缺少列“责任部门”"),
    ],
)
def test_a_wrong_row_of_the_ministrys_list_is_told(folder: Path, old: str, new: str, words: str) -> None:
    change(folder, old, new, "taxonomy/ministry.csv")
    assert [line for line in lines(folder) if line.startswith(words)]


def test_the_schools_own_headers_reach_every_watch(folder: Path) -> None:
    change(folder, "[[watch]]", '[headers]\n"具体是什么" = "标题"\n"密级" = "不读取"\n\n[[watch]]')
    [column] = load(folder, NOBODY).school.columns
    assert column.headers == {"具体是什么": "标题", "密级": "不读取"}


def test_a_header_that_stands_for_no_column_is_told_with_those_there_are(folder: Path) -> None:
    change(folder, "[[watch]]", '[headers]\n"具体是什么" = "题头"\n\n[[watch]]')
    [line] = lines(folder)
    assert line.startswith("school.toml 的 headers.具体是什么：没有“题头”这一列。可写：编号、标题、文号、")
    assert line.endswith("或“不读取”")


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("\ufeffXXGK_LIVE=1\nA=来自文件\nB=\n", encoding="utf-8")
    monkeypatch.setenv("A", "来自环境")
    monkeypatch.setenv("XXGK_WEB_PORT", "")
    found = places.environment(tmp_path / ".env")
    assert (found["XXGK_LIVE"], found["A"]) == ("1", "来自环境")
    assert not {"B", "XXGK_WEB_PORT"} & set(found)


BY_HAND = """
[channels.manual]
label = "人工渠道"
days = 5
"""
PLACES = "B01,一号楼公告栏,manual,公告栏:一号楼大厅,校内,,李四,后勤处,,,\n"


def with_places(folder: Path, more: str = "") -> None:
    change(folder, "[[watch]]", f"{BY_HAND}{more}\n[[watch]]")
    register = folder / "targets.csv"
    register.write_text(register.read_text(encoding="utf-8") + PLACES, encoding="utf-8")


def test_what_a_person_does_needs_no_address_of_an_api(folder: Path) -> None:
    with_places(folder)
    found = load(folder, NOBODY).school.channels["manual"]
    assert (found.api_base, found.options, found.pushes_a_day) == ("", {"days": 5}, None)


def test_a_school_may_limit_what_it_hands_over_a_day(folder: Path) -> None:
    with_places(folder, "pushes_a_day = 4")
    assert load(folder, NOBODY).school.channels["manual"].pushes_a_day == 4


def test_every_other_channel_needs_its_address(folder: Path) -> None:
    change(folder, 'api_base = "http://127.0.0.1:9009/onebot/"\n', "")
    assert lines(folder) == ("school.toml 的 channels.onebot.api_base：缺少这一项，请补上",)
    assert lines(folder, {"XXGK_LIVE": "1"}) == lines(folder)


def test_a_notice_board_hears_no_alarm(folder: Path) -> None:
    with_places(folder)
    change(folder, 'alarm_targets = ["G09"]', 'alarm_targets = ["G09", "B01"]')
    [line] = lines(folder)
    assert "目标 B01 靠人工张贴，收不到提醒" in line


def test_mistakes_of_every_layer_are_told_in_one_run(folder: Path) -> None:
    """A wrong window, a misspelt key, an audience nobody has set up, a port: no second run is needed to see the next one."""
    change(folder, 'window = "8:00-20:00"', 'window = "8点-20点"')
    change(folder, "confirm = true", 'confirm = "也许"')
    change(folder, 'target_audiences = ["教职工"]', 'target_audiences = ["教职员"]')
    with pytest.raises(ConfigError) as caught:
        load(folder, {"XXGK_WEB_PORT": "八千"})
    told = "\n".join(caught.value.lines)
    for words in (".window", "school.confirm", "没有受众“教职员”", "XXGK_WEB_PORT"):
        assert words in told
    assert caught.value.settings is not None


MAIL = """
[channels.email]
label = "邮件"
api_base = "smtp://127.0.0.1:9025"
from = "xxgk@example.edu.cn"
"""
REMINDER = """
[channels.alarm_url]
label = "提醒地址"
"""
PHONE = "P09,值班手机,alarm_url,ALARM_URL_DUTY,信息公开值班,,,,,,\n"


def with_reminder(folder: Path, channels: str = REMINDER) -> None:
    change(folder, 'alarm_targets = ["G09"]', 'alarm_targets = ["G09", "P09"]')
    change(folder, "\n[[watch]]", f"{channels}\n[[watch]]")
    change(folder, "G09,", PHONE + "G09,", "targets.csv")


@pytest.mark.parametrize("place", ["smtp://smtp.example.edu.cn:587", "smtps://127.0.0.1.example.edu.cn"])
def test_without_leave_no_letter_goes_to_another_machine(folder: Path, place: str) -> None:
    change(folder, "\n[[watch]]", f"{MAIL}\n[[watch]]")
    assert load(folder, NOBODY).school.channels["email"].api_base == "smtp://127.0.0.1:9025"
    change(folder, "smtp://127.0.0.1:9025", place)
    assert "channels.email.api_base 指向本机以外" in lines(folder)[0]
    assert load(folder, {"XXGK_LIVE": "1"}).live


@pytest.mark.parametrize("url", ["tgram://geheim/1", "json://example.com/geheim", "json://127.0.0.1,tgram://geheim/1"])
def test_without_leave_no_reminder_goes_to_another_machine_and_its_address_is_not_repeated(
    folder: Path, url: str
) -> None:
    with_reminder(folder)
    assert load(folder, {"ALARM_URL_DUTY": "json://127.0.0.1:9009/alarm"}).school.alarm_targets == ("G09", "P09")
    assert load(folder, NOBODY)  # that it is not filled in is told by the channel's own check
    [line] = lines(folder, {"ALARM_URL_DUTY": url})
    assert line.startswith(".env 的 ALARM_URL_DUTY：指向本机以外") and "XXGK_LIVE=1" in line
    assert "geheim" not in line and "example.com" not in line
    assert load(folder, {"ALARM_URL_DUTY": url, "XXGK_LIVE": "1"}).live


def test_a_target_that_takes_reminders_alone_and_is_not_told_any_is_named(folder: Path) -> None:
    with_reminder(folder)
    change(folder, 'alarm_targets = ["G09", "P09"]', 'alarm_targets = ["G09"]')
    [line] = lines(folder)
    assert "目标 P09" in line and "只用于提醒" in line
