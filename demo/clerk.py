"""The clerk's own sheet beside the sample's: its rows are added and mended on their day, as a person does it in Excel."""

from __future__ import annotations

import csv
from pathlib import Path

SHEET = "学校办公室补报.csv"
#: A synthetic 身份证号码: its region, 110101, stands in every example.
ID_NUMBER = "110101198503156044"
#: An invented telephone of an office, which the guard cannot tell from a person's own.
WORK_PHONE = "13800000099"
_COLUMNS = (
    "编号", "标题", "责任部门", "大类", "小项", "公开属性", "受众范围", "校内公开理由", "形成日期", "审查人", "审查结论",
    "审查依据", "批准日期", "摘要",
)  # fmt: skip
_STAFF, _STUDENTS, _SCHOOL = "涉及教职工切身利益的工作", "学生管理工作中的重要事项", "学校工作的重大事项"

HELD, RELEASED, RETURNED, URGENT, TIMED = (f"BB-2020-{n:03d}" for n in range(1, 6))
#: The rows as they are first written. Two are reviewed already; the others wait for their review in the bot's queue.
ROWS = {
    HELD: {
        "标题": "教职工节日慰问品代领办理说明", "责任部门": "人事处", "大类": _STAFF, "小项": "其他", "受众范围": "教职工",
        "形成日期": "2020-09-18", "审查人": "人事处负责人", "审查结论": "可以公开", "审查依据": "先审查后公开，逐项审查",
        "批准日期": "2020-09-21", "摘要": f"本人不能到场的可以代领，代领人身份证号{ID_NUMBER}已登记。",
    },
    RELEASED: {
        "标题": "学生公寓夜间开门办理说明", "责任部门": "学生工作处", "大类": _STUDENTS, "小项": "其他", "受众范围": "学生",
        "形成日期": "2020-09-18", "审查人": "学生工作处负责人", "审查结论": "可以公开", "审查依据": "先审查后公开，逐项审查",
        "批准日期": "2020-09-21", "摘要": f"夜间需开门的，公寓值守老师{WORK_PHONE}，全天在岗。",
    },
    RETURNED: {
        "标题": "关于调整图书馆开馆时间的通知", "责任部门": "图书馆", "大类": _SCHOOL, "小项": "部门制度、办事规则及程序",
        "受众范围": "校内", "形成日期": "2020-10-19", "摘要": "图书馆开馆时间有调整，请相互转告。",
    },
    URGENT: {
        "标题": "关于今晚学生公寓停水抢修的紧急通知", "责任部门": "后勤资产处", "大类": _STUDENTS, "小项": "其他",
        "受众范围": "学生", "形成日期": "2020-11-10", "摘要": "供水主管破裂，今晚22时至次日6时停水抢修，请提前储水。",
    },
    TIMED: {
        "标题": "关于开展冬季学生公寓用电安全检查的通知", "责任部门": "学生工作处", "大类": _STUDENTS, "小项": "其他",
        "受众范围": "学生", "形成日期": "2020-12-03", "审查人": "学生工作处负责人", "审查结论": "可以公开",
        "审查依据": "先审查后公开，逐项审查", "批准日期": "2020-12-04", "摘要": "检查于12月8日开始，请自查违规电器。",
    },
}  # fmt: skip
#: What the department writes after its item was returned.
MENDED = {"摘要": "自10月26日起，图书馆开馆时间调整为每日8:00至22:00，节假日另行通知。"}
_USUAL = {"公开属性": "主动公开", "校内公开理由": "属校内工作安排，与社会公众无直接关系"}


def write_row(folder: Path, number: str, **mended: str) -> None:
    """Write the row with this 编号, or write it anew with some cells mended; the other rows stay."""
    path = folder / SHEET
    rows = {row["编号"]: row for row in _rows(path)}
    rows[number] = {"编号": number, **_USUAL, **ROWS[number], **mended}
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, _COLUMNS)
        writer.writeheader()
        writer.writerows(rows.values())


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
