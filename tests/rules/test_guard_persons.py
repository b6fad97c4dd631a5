"""A student or parent by name: 联系电话 beside one is the person's own, numbers in brackets behind some are a list of students."""

from __future__ import annotations

import pytest

from rules.guard import Hit, Kind, Part, scan


def kinds(text: str) -> set[Kind]:
    return {hit.kind for hit in scan([Part("正文", text)])}


@pytest.mark.parametrize(
    "text",
    [
        "学生张三，联系电话13812345678", "家长王某某，电话：13812345678", "家长王某某，联系电话：13812345678", "考生李四（联系电话：13812345678）", "学生张三的联系电话是13812345678",
        "学生张三　机电1班　联系电话 13812345678", "学生：欧阳雪（信息工程学院），联系方式：13812345678", "给予学生张三（男，联系电话13812345678）警告处分", "张三同学，联系电话：13812345678",
        "2020级机电1班张三，联系电话：13812345678", "申请人：张三，联系电话：13812345678", "获奖学生张三、联系方式：13812345678",
    ],
)  # fmt: skip
def test_a_contact_number_beside_a_student_or_parent_by_name_is_the_persons_own(text: str) -> None:
    assert kinds(text) == {Kind.PHONE}


@pytest.mark.parametrize(
    "text",
    [
        "联系人：张三，联系电话：13812345678", "联系人：学生张三，联系电话：13812345678", "招标代理联系人：李四，电话：13812345678", "学生处张三，联系电话：13812345678", "负责人：张三，联系电话：13812345678",
        "学生工作处，联系电话：13812345678", "学生资助中心　李老师　联系电话：13812345678", "学生马主任，联系电话：13812345678", "2020级机电1班周老师，联系电话：13812345678", "请学生联系李老师，联系电话：13812345678",
        "考生咨询，联系电话：13812345678", "考生如有疑问，联系电话：13812345678", "考生方可入场，联系电话：13812345678", "新生报到处，联系电话：13812345678", "请同学周五前到各班级登记，联系电话：13812345678", "欢迎考生、家长来电，联系电话：13812345678",
        "拟录取考生李四，如有异议请拨打监督电话13812345678", "公示学生张三，公示期5天，联系电话：13812345678", "学生张三获一等奖。联系电话：13812345678", "采购人：某学院，联系人：王工，联系电话：13812345678",
    ],
)  # fmt: skip
def test_a_contact_number_of_an_office_that_speaks_of_students_passes(text: str) -> None:
    assert kinds(text) == set()


#: What is no name, though a surname begins it: bodies, places, events, lessons.
NOBODYS = (
    "夏令营 武术队 龙舟队 马拉松 方阵 方队 温州班 武昌站 马院 石化系 石化 武术 龙舟 田赛 田径赛 夏训 夏季实践 武术社 马术社 武协会 金融社 金工组 金工实习 石化班 白求恩班 白衣天使 雷锋班 雷锋岗 高数 高数课 高考咨询 程序设计 程设"
    " 武装部 方程式车队 万圣节 万米跑 连线 温州 江苏班 江阴站 石狮站 石狮 龙岩站 龙狮队 陶艺 陶艺社 毛概课 黄梅戏 黄梅戏社 秦腔社 唐诗社 宋词社 魏碑社 汤圆节 史学社 董事会 谢师宴 贺卡 韩语角 韩语班 林学院 周末班 周刊"
    " 钱塘校区 郑州站 徐州班 苏州营 黄山团 江南社 卢家店站 马克思社 文艺部 安全 安全教育 贺卡征集 资助中心 社团·武术部"
).split()


@pytest.mark.parametrize("whose", ["学生", "新生", "考生", "毕业生", "学员", "全国优秀大学生", "应聘人员"])
def test_a_body_a_place_or_an_event_of_students_is_called_at_an_offices_number(whose: str) -> None:
    texts = [f"{whose}{each}{mark}联系电话：13812345678" for each in NOBODYS for mark in ("", "，")]
    assert [text for text in texts if kinds(text)] == []


@pytest.mark.parametrize("whose", ["学生", "新生", "考生", "毕业生", "学员"])
def test_names_that_look_like_words_are_names(whose: str) -> None:
    names = "张营 王会 李赛 夏雨 马超 石磊 白云 方正 江山 金星 高峰 龙飞 武松 程浩 温和 周一鸣 田野 余杰 马小龙 连杰 韩国强 韩语嫣 孔子怡 马路遥 林业强 欧阳雪".split()
    assert [name for name in names if kinds(f"{whose}{name}联系电话：13812345678") != {Kind.PHONE}] == []


@pytest.mark.parametrize(
    "text",
    [
        "联系人：软件2301班李丽 电话：13812345678", "联系人：2021级软件1班张伟，联系电话：13812345678", "学生会联系人：软件1班张伟，13812345678", "项目联系人：2022级2班王强，联系电话13812345678",
        "联系人（学生张三）：13812345678", "联系人：张三同学 13812345678", "联系人为2021级软件1班张伟，联系电话13812345678", "新生家长会联系电话：13812345678", "家长委员会联系电话：13812345678",
    ],
)  # fmt: skip
def test_a_student_given_as_the_one_to_call_passes(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "联系人：李老师，学生张三，电话13812345678", "有问题找联系人。学生张三联系电话13812345678", "2021级软件1班张伟，联系电话：13812345678", "学生张三机电1班，电话13812345678", "紧急联系人：软件1班张伟，13812345678",
    ],
)  # fmt: skip
def test_a_student_spoken_of_beside_the_one_to_call_is_held(text: str) -> None:
    assert kinds(text) == {Kind.PHONE}


@pytest.mark.parametrize(
    "text",
    [
        "张三（2023010234）、李四（2023010235）、王小明（2023010236）", "获奖名单：张三（2023010234），李四（2023010235）", "张三(20230102)、李四(20230103)", "1.张三（2023010234）\n2.李四（2023010235）",
        "张　三（2023010234） 李四 （2023010235）", "张三（机电1班，2023010234）、李四（护理2班，2023010235）", "张三（2023010234，机电1班）、逄四（2023010235，机电1班）", "机电工程系张三（2023010234）、李四（2023010235）",
        "学生（学号）：张三（170234）、李四（170235）", "以下同学请联系辅导员：张三（2023010234）、李四（2023010235）", "特此表彰张三（2023010234）和李四（2023010235）",
        "给予学生张三（2023010234）警告处分", "张三同学（2023010234）见义勇为", "学生张三（2023010234）", "学生阿依古丽·买买提（2023010234）",
    ],
)  # fmt: skip
def test_student_numbers_in_brackets_behind_names_are_a_list_of_students(text: str) -> None:
    assert kinds(text) == {Kind.ROSTER}


def test_such_a_list_over_paragraphs_is_told_once_where_it_begins() -> None:
    lines = ("获奖名单", "张三（2023010234）", "李四（2023010235）")
    assert scan(Part(f"第{n}段", line) for n, line in enumerate(lines, start=1)) == (
        Hit(Kind.ROSTER, "第2段", "学号与姓名写在一起"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "校办（2023〕12号、校办（2023）13号", "第三章(2023)、第四章（2024）", "张三（100000）、李四（200000）", "王明（50000000）、李明（60000000）", "张三（2023级）、李四（2022级）", "张三（2023010234）",
        "联系人：张老师（13812345678）、李老师（13912345678）", "王芳（86781234）、李明（86785678）", "王芳（059586781234）、李明（059586785678）", "高等数学（04010123）、大学英语（04010124）",
        "课程：毛概（2040101234）、马原（2040101235）", "张三（准考证号2023010234）、李四（准考证号2023010235）", "面试名单（准考证号）：张三（2023010234）、李四（2023010235）", "教师工号：张三（2003001234）、李四（2003001235）",
        "智慧教室建设（2023010234）、校园网改造（2023010235）", "课程思政（2023010234）、重大工程（2023010235）", "王明（教务处）、李华（学生处）", "张三（男，2003年5月）、李四（女，2004年6月）",
        "加QQ：王明（1234567890）、李华（2234567890）", "《办法》（20230101）、《规定》（20230102）", "计划（20230901）、总结（20231001）", "采购项目（2023010234567）",
    ],
)  # fmt: skip
def test_other_figures_in_brackets_are_no_list_of_students(text: str) -> None:
    assert kinds(text) == set()
