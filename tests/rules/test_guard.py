"""Persons' numbers and marks of secrecy are found however they are written, and shown only masked. All numbers are synthetic."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rules.guard import Grid, Hit, Kind, Part, masked, scan
from rules.guard.checks import check_digit
from tests import spellings

BIRTHS = st.dates(date(1900, 1, 1), date(2030, 12, 31))


def identity(birth: date, serial: int) -> str:
    """A number of region 110101 that nobody was given."""
    first = f"110101{birth:%Y%m%d}{serial:03}"
    return first + check_digit(first)


IDENTITIES = st.builds(identity, BIRTHS, st.integers(0, 999))
MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)


def luhn(first: str) -> str:
    """The digits with the check digit of a card behind them."""
    total = sum(
        d - 9 if (d := int(sign) * (2 if place % 2 == 0 else 1)) > 9 else d for place, sign in enumerate(first[::-1])
    )
    return first + str(-total % 10)


CARDS = st.from_regex(r"62[0-9]{13,16}", fullmatch=True).map(luhn)


def found(text: str, consultation: bool = False) -> list[Hit]:
    return list(scan([Part("正文", text)], consultation=consultation))


def kinds(text: str, consultation: bool = False) -> set[Kind]:
    return {hit.kind for hit in found(text, consultation)}


BEFORE = [
    "",
    "身份证号：",
    "张三 ",
    "1 ",
    "（",
    "序号1，",
    "学号2020010101 ",
    "编号：",
    "2021-09-01 ",
    "13812345678 ",
    "No.",
    "https://x.cn/?id=",
    "金额 5,000 ",
]
AFTER = ["", "。", " 13812345678", "张三", " 1", "元", "x", "abc", " 2021-09-01"]


def ending_in_x(birth: date, serial: int) -> str:
    """The first 17 digits of the next such number whose last sign is an X."""
    firsts = (f"110101{birth:%Y%m%d}{(serial + more) % 1000:03}" for more in range(1000))
    return next(first for first in firsts if check_digit(first) == "X")


ENDS_IN_X = st.builds(ending_in_x, BIRTHS, st.integers(0, 999))


@pytest.mark.parametrize("spelling", spellings.IDENTITY)
@given(digits=IDENTITIES, before=st.sampled_from(BEFORE), after=st.sampled_from(AFTER))
@example(digits=identity(date(1990, 3, 7), 1), before="", after="x")
def test_no_identity_number_passes_however_and_among_whatever_it_is_written(
    spelling: str, digits: str, before: str, after: str
) -> None:
    hits = found(f"{before}{spellings.IDENTITY[spelling](digits)}{after}")
    assert Kind.ID in {hit.kind for hit in hits}
    assert all(digits not in hit.shown and digits[6:14] not in hit.shown for hit in hits)


@given(
    first=ENDS_IN_X,
    sign=st.sampled_from(["X", "x", "Ｘ", "×"]),
    after=st.sampled_from(["1", "002", "13812345678", "X", "x1", " 1", "2021-09-01", "110101199003071233"]),
)
def test_an_identity_number_that_ends_in_x_is_found_with_digits_right_behind_it(
    first: str, sign: str, after: str
) -> None:
    hits = found(f"名单{first}{sign}{after}")
    assert f"{first[:6]}********{first[14:]}X" in {hit.shown for hit in hits}


@pytest.mark.parametrize("text", ["张三 110101 1990-03-07 1233", "110101 1990.03.07 1233", "身份证号：110101 19770807 511213812345678"])
def test_an_identity_number_with_its_date_in_parts_or_a_mobile_number_behind_it_is_found(text: str) -> None:
    assert Kind.ID in kinds(text)


@given(first=ENDS_IN_X, phone=MOBILES)
def test_a_number_behind_such_a_one_is_found_too(first: str, phone: str) -> None:
    assert {hit.kind for hit in found(f"张三{first}X,{phone}")} == {Kind.ID, Kind.PHONE}
    assert masked(f"{first}X{phone}").count("*") >= 8


@given(st.text("0123456789Xx -.", max_size=60))
def test_any_row_of_digits_and_x_is_read(text: str) -> None:
    found(text)


@pytest.mark.parametrize("spelling", spellings.MOBILE)
@given(digits=MOBILES)
def test_no_mobile_number_passes_however_it_is_written(spelling: str, digits: str) -> None:
    (hit,) = found(f"张三，{spellings.MOBILE[spelling](digits)}")
    assert hit == Hit(Kind.PHONE, "正文", f"{digits[:3]}****{digits[-4:]}")


@pytest.mark.parametrize("spelling", spellings.CARD)
@given(digits=CARDS)
def test_no_card_passes_however_it_is_written(spelling: str, digits: str) -> None:
    hits = found(f"张三，{spellings.CARD[spelling](digits)}")
    assert {hit.kind for hit in hits} <= {Kind.CARD, Kind.ID}
    assert hits
    assert all(digits not in hit.shown for hit in hits)


@given(st.lists(IDENTITIES | MOBILES | CARDS, min_size=1, max_size=4), st.sampled_from([" ", "，", "\n", "、"]))
def test_a_masked_text_holds_none_of_its_numbers(numbers: list[str], between: str) -> None:
    shown = masked(between.join(f"第{place}人{number}" for place, number in enumerate(numbers)))
    assert all(number not in shown for number in numbers)


@given(IDENTITIES)
def test_the_place_of_a_hit_is_masked_too(digits: str) -> None:
    (hit,) = scan([Part(f"附件“{digits}.pdf”第1页", digits)])
    assert digits not in hit.where
    assert hit.where.startswith("附件“110101********")


@given(st.text(max_size=200))
def test_a_text_without_numbers_is_left_as_it_is(text: str) -> None:
    if not any(sign.isdigit() for sign in text):
        assert masked(text) == text
    scan([Part("正文", text), Grid("表", ((text, text), (text,)))])


def test_numbers_are_shown_by_their_ends() -> None:
    shown = {
        hit.kind: hit.shown
        for hit in found("张三110101199003071233，13812345678，6222021001122334451，110101900307123")
    }
    assert Hit(Kind.ID, "正文", "110101********1233") in found("张三110101199003071233")
    assert shown[Kind.PHONE] == "138****5678"


@pytest.mark.parametrize(
    "text",
    [
        "110101900307123",
        "110101 900307 123",
        "身份证号：110101199003071230",
        "身份证 110101-19900307-1234",
        "名单110101199003071233002",
    ],
)
def test_old_mistyped_and_run_together_identity_numbers_are_found(text: str) -> None:
    assert kinds(text) == {Kind.ID}


@pytest.mark.parametrize(
    "text",
    [
        "+86 138-1234-5678",
        "8613812345678",
        "138.1234.5678",
        "138 12345678",
        "Tel:13812345678",
        "1380-123-4567",
        "+86138 1234 5678",
        "+86138-1234-5678",
        "0086138 1234 5678",
        "+86 1381 2345 678",
        "1381 2345 678",
        "1381　2345　678",
        "1381-2345-678",
        "（+86）138 1234 5678",
        "+861381234 5678",
    ],
)
def test_mobile_numbers_are_found_as_people_space_them(text: str) -> None:
    assert kinds(f"张三 {text}") == {Kind.PHONE}
    assert kinds(f"家长手机：{text}") == {Kind.PHONE}


@pytest.mark.parametrize(
    "text",
    [
        "联系电话：13812345678", "咨询电话13812345678、13912345678", "监督电话：0595-86781234、13812345678", "联 系 人：李老师  电　话：138 1234 5678",
        "联系人：李老师\n电　　话：13812345678", "如有疑问请联系李老师（13812345678）", "招生热线 13812345678", "李老师 13812345678（咨询）",
        "举报电话：13812345678", "欢迎考生、家长来电咨询：13812345678", "联系，13812345678", "如有意向，与后勤处联系,138 1234 5678", "联系人：张老师 13812345678", "24小时服务 13812345678",
        "24小时值班：13812345678", "全天24小时服务，13812345678", "招标代理：13812345678", "招标代理：某咨询公司　李工　13812345678", "采购代理机构：13812345678", "招标人：后勤处 13812345678", "采购代理机构：某招标公司，李工，13812345678",
    ],
)  # fmt: skip
def test_an_offices_contact_passes(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "家长联系电话：13812345678",
        "学生联系方式：13812345678",
        "姓名：张三，联系电话：13812345678",
        "手机：13812345678",
        "监督电话：0595-86781234。张三 13812345678",
        "张三无法联系，13812345678",
        "张三失去联系，13812345678",
        "张三，2020级机电1班，联系，13812345678",
        "张三同学联系，13812345678",
        "20机电3班 张三 24小时服务 13812345678",
        "学号2020010101，联系，13812345678",
        "招标代理专业 李四 13812345678",
        "紧急联系，13812345678",
        "家庭联系，13812345678",
    ],
)
def test_a_persons_own_number_is_no_contact(text: str) -> None:
    assert Kind.PHONE in kinds(text)


@pytest.mark.parametrize(
    "lines",
    [
        ("姓名 专业 联系", "张三 机电 13812345678", "李四 护理 13912345678"),
        ("24小时服务岗学生名单：", "张三 13812345678", "李四 13912345678"),
        ("1.张三，机电系，13812345678", "2.李四，护理系，13912345678"),
        ("2020级3班", "张三，联系，13812345678", "李四，联系，13912345678"),
        ("学生名单", "张三 联系 13812345678", "李四 联系 13912345678"),
    ],
)
def test_a_list_of_students_with_their_numbers_is_held(lines: tuple[str, ...]) -> None:
    hits = scan(Part(f"正文第{n}段", line) for n, line in enumerate(lines, start=1))
    assert [hit.shown for hit in hits if hit.kind is Kind.PHONE] == ["138****5678", "139****5678"]


@pytest.mark.parametrize(
    "text",
    [
        "校办〔2021〕12号", "2021年9月1日至2022年8月31日", "20210901 20220831 20210910", "2021-09-01 08:00:00", "学号2020010101", "学号17040301123",
        "13800000000元", "预算12,345,678.90元", "3号楼301室", "https://www.example.edu.cn/info/1016/6222021001122334451.htm",
        "统一社会信用代码：12350000489612345X", "91350583MA31ABCD1X", "ISBN 978-7-04-012345-6", "课程编号 13812345678", "群号：138123456789", "群号 12345678901",
        "0595-86781234", "400-810-1234", "2020-2021-1", "2021 2022 2023 2024", "5600 4800 5100 5300", "0.15000000000000002", "订单号 6222021001122334451",
        "计划招生 1600 1450 150", "1990 2000 150", "86138 1234 5678", "合计 1500 1200 300", "362300 2021-09-01 1009", "362300\n2021.09.01\n1009", "张三 1500 1200 300元", "学号17040301123的同学", "文科 1381 2345 678 理科", "学号20231234的同学", "学号为20231234的学生",
    ],
)  # fmt: skip
def test_other_numbers_of_an_office_are_no_persons(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "出生日期：1990-03-07",
        "张三，男，1990年3月7日出生",
        "1990年03月07日生，",
        "出生年月：19900307",
        "生日 1990.3.7",
        "生于一九九〇年三月七日",
    ],
)
def test_a_birth_date_to_the_day_is_found(text: str) -> None:
    (hit,) = found(text)
    assert hit.kind is Kind.BIRTH
    assert "03" not in hit.shown.removeprefix("1990") and "7" not in hit.shown


@pytest.mark.parametrize(
    "text",
    [
        "张三，女，1975年3月生，中共党员",
        "出生年月：1975年3月",
        "2021年9月1日生效",
        "学校成立于1990年3月7日",
        "2021年9月1日，学生报到",
    ],
)
def test_a_month_of_birth_and_other_days_pass(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "家庭住址：福建省南安市康美镇福田村3组",
        "家庭地址 泉州市丰泽区东海街道12号",
        "户籍所在地：南安市洪濑镇东溪村",
        "南安市康美镇福田村三组12号",
        "泉州市丰泽区阳光小区3栋2单元501室",
    ],
)
def test_a_home_is_found_and_its_end_not_shown(text: str) -> None:
    (hit,) = found(text)
    assert hit.kind is Kind.ADDRESS
    assert len(hit.shown.strip("*")) <= 3


@pytest.mark.parametrize(
    "text",
    [
        "学校地址：福建省南安市康美镇霞美路1号",
        "报名地点：3号楼301室",
        "办公地址：泉州市丰泽区东海街道12号行政楼205室",
        "请如实填写家庭住址。",
        "项目地点：南安市康美镇福田小区3栋101室",
    ],
)
def test_an_offices_address_passes(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("困难等级：特别困难", Kind.HARDSHIP), ("致贫原因：因学", Kind.HARDSHIP), ("张三（建档立卡户）", Kind.HARDSHIP), ("该生家庭属低保户", Kind.HARDSHIP), ("其父早逝，母亲改嫁", Kind.HARDSHIP),
        ("因父亲身患癌症，花费巨大", Kind.ILLNESS), ("张三同学确诊白血病", Kind.ILLNESS), ("所患疾病：尿毒症", Kind.ILLNESS),
        ("张三因家庭经济困难", Kind.HARDSHIP), ("学生李四因家庭经济特别困难，申请缓缴学费", Kind.HARDSHIP), ("王小明同学家境贫寒，靠助学金生活", Kind.HARDSHIP), ("张三同学家庭经济十分困难", Kind.HARDSHIP),
        ("欧阳雪，因家庭贫困申请减免学费", Kind.HARDSHIP), ("该生家境困难", Kind.HARDSHIP), ("张三（2020级机电1班）因家庭经济困难", Kind.HARDSHIP),
    ],
)  # fmt: skip
def test_grounds_of_need_and_illness_are_found_and_not_repeated(text: str, kind: Kind) -> None:
    (hit,) = found(text)
    assert hit.kind is kind
    assert hit.shown.endswith("****")


@pytest.mark.parametrize(
    "text",
    [
        "关于做好家庭经济困难学生认定工作的通知", "学生本人或父母患有重大疾病的，可申请临时困难补助", "建档立卡家庭学生、低保家庭学生、孤儿优先",
        "困难等级：□特别困难 □困难 □一般困难", "致贫原因：________", "残疾人教育条例", "家庭经济困难学生共120人，其中特别困难30人",
        "学生因家庭经济困难无法按时缴纳学费的，可以申请缓缴", "王书记走访家庭经济困难学生", "李老师资助家庭经济困难的同学", "《关于认真做好高等学校家庭经济困难学生认定工作的指导意见》", "因家庭经济困难休学的学生复学办法",
        "本人因家庭经济困难，特申请国家助学贷款", "部分同学家庭经济困难，学校设立绿色通道", "该生家庭经济困难情况属实", "不让一名学生因家庭经济困难而失学", "确保学生不因家庭经济困难失学", "帮助同学们解决家庭经济困难", "家庭经济困难学生资助政策简介", "高等学校学生因家庭经济困难申请国家助学贷款须知", "全国学生资助管理中心", "本人填写家庭经济困难申请表",
        "张校长说，不让任何一个孩子因家庭困难失学", "向家庭经济困难学生发放助学金", "方便家庭经济困难学生", "对于家庭经济困难的新生开通绿色通道", "新生因家庭经济困难可先入学", "任何因家庭经济困难需要帮助",
    ],
)  # fmt: skip
def test_rules_and_blank_forms_about_need_pass(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("秘密★1年", Kind.CLASSIFIED), ("机密★20年", Kind.CLASSIFIED), ("绝 密", Kind.CLASSIFIED), ("机密☆长期", Kind.CLASSIFIED), ("000001\n机密★1年\n特急", Kind.CLASSIFIED),
        ("密级：秘密", Kind.CLASSIFIED), ("【机密】关于某项工作的通知", Kind.CLASSIFIED), ("（秘密）", Kind.CLASSIFIED), ("本件属机密级", Kind.CLASSIFIED), ("秘密 特急", Kind.CLASSIFIED),
        ("内部", Kind.INTERNAL), ("内部资料 注意保存", Kind.INTERNAL), ("（内部文件）", Kind.INTERNAL), ("内部使用，请勿外传", Kind.INTERNAL), ("此件不得外传。", Kind.INTERNAL),
        ("仅限校内部门内部使用，仅供内部参考", Kind.INTERNAL), ("工作秘密", Kind.INTERNAL), ("本件按工作秘密管理", Kind.INTERNAL), ("上述名单严禁对外传播", Kind.INTERNAL),
        ("此件内部使用", Kind.INTERNAL), ("此件内部使用，请勿转发。", Kind.INTERNAL), ("本资料仅供内部使用", Kind.INTERNAL), ("仅供校内参考", Kind.INTERNAL), ("（仅供校内参考）", Kind.INTERNAL),
        ("仅限校内传阅", Kind.INTERNAL), ("仅限于校内教职工传阅", Kind.INTERNAL), ("以上数据仅供校内参考，请勿转发", Kind.INTERNAL), ("学校内部资料", Kind.INTERNAL), ("【学院内部文件】", Kind.INTERNAL),
        ("本材料为学校内部资料", Kind.INTERNAL), ("内部★", Kind.INTERNAL), ("内部★1年", Kind.INTERNAL), ("★内部", Kind.INTERNAL), ("内 部 ★", Kind.INTERNAL), ("000012 内部★3年", Kind.INTERNAL),
        ("此件仅限校内使用", Kind.INTERNAL), ("校内传阅，严禁外传", Kind.INTERNAL),
        ("机密·特急", Kind.CLASSIFIED), ("秘密·加急", Kind.CLASSIFIED), ("特急·机密", Kind.CLASSIFIED), ("机密 · 特急", Kind.CLASSIFIED), ("机密（特急）", Kind.CLASSIFIED), ("【机密·特急】", Kind.CLASSIFIED),
        ("000012 秘密•加急", Kind.CLASSIFIED), ("机密·特急 关于某项工作的通知", Kind.CLASSIFIED), ("机密·特急 示范学院文件", Kind.CLASSIFIED),
        ("仅内部使用", Kind.INTERNAL), ("仅供内部使用", Kind.INTERNAL), ("仅供内部参考", Kind.INTERNAL), ("（仅内部使用）", Kind.INTERNAL), ("此件仅内部使用", Kind.INTERNAL), ("内部资料，仅内部使用", Kind.INTERNAL), ("仅限内部人员查阅", Kind.INTERNAL),
        ("此件不公开", Kind.INTERNAL), ("（此件不公开）", Kind.INTERNAL), ("（此件不予公开）。", Kind.INTERNAL), ("（不予公开）", Kind.INTERNAL), ("本文件不宜公开", Kind.INTERNAL),
        ("公开属性：不予公开", Kind.INTERNAL), ("公开属性：不公开", Kind.INTERNAL), ("信息公开选项：不予公开", Kind.INTERNAL), ("公开属性：不予公开　　示范学院办公室", Kind.INTERNAL), ("公开属性：不予公开　理由：含商业秘密", Kind.INTERNAL),
        ("公开属性：□主动公开 □依申请公开 ☑不予公开", Kind.INTERNAL), ("公开方式：主动公开（ ） 不予公开（√）", Kind.INTERNAL), ("公开方式：主动公开□ 不予公开√", Kind.INTERNAL), ("公开属性：主动公开（×） 不予公开（√）", Kind.INTERNAL),
        ("不得对外泄露", Kind.INTERNAL), ("不得对外公开", Kind.INTERNAL), ("此件不得对外泄露", Kind.INTERNAL), ("（请勿对外公开）", Kind.INTERNAL), ("本材料仅供评审使用，不得对外公开。", Kind.INTERNAL),
        ("以上名单严禁擅自对外泄露，违者追责", Kind.INTERNAL), ("上述材料未经批准不得对外公开", Kind.INTERNAL), ("内部资料，不得对外泄露", Kind.INTERNAL),
        ("示范学院章程（征求意见稿）", Kind.DRAFT), ("征求意见稿", Kind.DRAFT), ("学院章程（送审稿）", Kind.DRAFT),
    ],
)  # fmt: skip
def test_a_mark_is_found(text: str, kind: Kind) -> None:
    assert kinds(text) == {kind}


@pytest.mark.parametrize(
    "text",
    [
        "学习《中华人民共和国保守国家秘密法》", "关于印发《内部审计工作规定》的通知", "2020年度内部控制报告", "开展内部审计", "内部管理体制和机构设置", "校内部门分工", "系内部分教师",
        "不得公开国家秘密、商业秘密和工作秘密", "涉及机密信息的不予公开", "学校保密工作会议", "试题不得外传", "文件应标注“秘密★1年”字样", "《学院章程（征求意见稿）》公开征求意见",
        "面向全校征求意见", "《工作秘密管理办法》", "国家秘密的密级分为绝密、机密、秘密三级", "内部质量保证体系", "保守秘密",
        "《学校内部资料管理办法》", "关于印发学校内部资料性出版物管理办法的通知", "学校内部资料性出版物准印证", "校园网账号仅限校内使用", "停车场仅供校内师生使用", "校内参考书目", "关于仅供校内参考用书征订的通知",
        "《仅限校内传阅文件管理规定》", "2020年度学校内部控制报告", "★内部管理体制", "内部★★★评级标准", "此件公开发布", "涉及内部资料的，不予公开", "图书馆内部使用面积1200平方米", "该系统由学校内部使用，接入统一身份认证",
        "对不予公开的信息说明理由", "《机密文件管理办法》", "公开属性：主动公开", "公开属性：主动公开、依申请公开、不予公开", "公开属性：□主动公开 □依申请公开 □不予公开", "公开属性：√主动公开 □不予公开", "公开属性：主动公开（√） 不予公开（×）", "公开属性：（√）主动公开 （×）依申请公开 （×）不予公开", "公开属性：□不予公开 √主动公开",
        "公开属性：不予公开、依申请公开", "根据公开属性：不予公开的，不上网", "公开属性为不予公开的文件不得上网", "标注“此件不公开”的文件", "此件不公开的理由应当说明", "若此件不公开，应当说明理由", "不予公开", "（三）不予公开", "涉及国家秘密的，不予公开",
        "决定不予公开（1件）", "不予公开信息目录", "未经批准，不得对外公开", "涉及个人隐私的信息，不得对外公开。", "评审专家名单在结果公布前不得对外公开", "本单位工作人员不得对外泄露工作内容", "上述人员不得对外泄露。", "考生信息不得对外泄露",
        "按本文件规定，评审专家名单不得对外公开", "密级分为绝密、机密、秘密，紧急程度分为特急、加急", "机密·特急公文应当专人传递", "公文应当标注“机密·特急”", "图书馆仅内部使用面积", "特急",
        "标注“内部★”字样的文件", "《内部★资料管理规定》", "校内传阅文件应当登记",
    ],
)  # fmt: skip
def test_words_of_a_title_or_a_rule_are_no_mark(text: str) -> None:
    assert kinds(text) == set()


def test_a_word_on_the_order_of_a_list_is_no_heading_of_one() -> None:
    assert (
        scan(
            map(
                Part,
                ("第1段", "第2段", "第3段"),
                ("按学号姓名顺序排列", "联系人：张老师 13812345678", "联系人：李老师 13912345678"),
            )
        )
        == ()
    )


def test_a_draft_passes_in_its_own_consultation_and_no_other_mark_does() -> None:
    assert kinds("学院章程（征求意见稿）", consultation=True) == set()
    assert kinds("学院章程（征求意见稿）\n秘密★1年", consultation=True) == {Kind.CLASSIFIED}


def test_each_thing_is_told_once() -> None:
    assert len(scan([Part("标题", "秘密★1年"), Part("标题", "秘密★1年")])) == 1


@pytest.mark.parametrize(
    "text",
    [
        "(86)13812345678", "①13812345678", "1️⃣3812345678", "手机号13812345678。", "13812345678@139.com", "张三\t13812345678\t机电", "1 138 1234 5678 张三",
        "身份证号：110101１９９０-０３０7 1233", "张三（1990.03.07出生）", "家住南安市康美镇福田村", "密 级：秘 密", "特急 机密", "绝密级", "★秘密", "保密期限：1年", "“秘密★1年”",
        "内部资料·严禁外传", "不得转发、外传", "本文属工作秘密", "党内文件 不得公开", "征求意见稿（第二稿）", "XX章程(征求意见稿)20210901", "关于印发《学院章程（征求意见稿）》的通知",
        "张三，学号为20231234", "学号为20231234的张三同学", "学号20231234的张三", "张三（学号为：20231234）", "张三(学号20231234)因家庭经济困难", "学生张三，学籍号20231234567890",
        "张三患抑郁症", "诊断：重度抑郁", "姓名:张三\n学号:2020010101", "学号：2020010101 张三",
    ],
)  # fmt: skip
def test_less_usual_ways_are_found_too(text: str) -> None:
    assert found(text)


@pytest.mark.parametrize(
    "text",
    [
        "凡标明为绝密、机密、秘密和内部刊物的文件，不准复制、传阅", "1.绝密级：涉及国家安全的核心资料", "未经批准，不得擅自对外泄露", "请妥善保管准考证", "讨论稿经会议审议通过",
        "关于征求《学院章程（征求意见稿）》意见的通知", "会议讨论了《学院章程（征求意见稿）》", "须提供身份证复印件、残疾证复印件、低保证", "患有传染性肝炎、肺结核的考生不予录取",
        "1985年9月1日（含）以后出生", "应聘者须填写姓名、性别、出生日期、身份证号、联系电话、家庭住址", "公示中不得有家庭住址、电话号码、出生日期、银行卡号", "文件命名为“学号-姓名”",
        "账号：3500 1656 1080 5250 1234", "项目联系人：李工\n电话：13812345678", "本校地址：南安市康美镇福铁村大道300号", "运动会100米 12.35 13.01 13.22 13.45",
    ],
)  # fmt: skip
def test_what_offices_write_every_day_passes(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "甲" * 100_000,
        "《" * 100_000,
        "1 " * 8_000,
        "1" * 100_000,
        "省市县村" * 20_000,
        "内部" * 20_000,
        "公开属性：" * 20_000,
        "张三（2023010234" * 8_000,
        "张三（2023010234）" * 8_000,
        "张  " * 30_000,
        "张三 2023010234、" * 8_000,
        "2023010234 张三\n" * 8_000,
        "张三[2023010234【" * 8_000,
        "公开属性：□公开" * 10_000,
        "公开属性：" + "□主动公开☑" * 10_000,
        "公开属性：（ √" * 10_000,
        "此件仅未经" * 20_000,
        "姓名 学号 " * 5_000,
        "“" * 50_000,
        "1x" * 50_000,
        "1 x\n" * 8_000,
        "1\n" * 8_000,
    ],
)
def test_a_text_made_to_be_slow_is_not(text: str) -> None:
    begun = time.process_time()
    found(text)
    assert time.process_time() - begun < 5  # of our own, whatever else the machine does
