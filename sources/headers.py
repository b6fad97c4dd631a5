"""The headers that offices write above their columns, and the names the bot knows them by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from sources.cells import Value, text_of

#: A title row, a row of who and when, a row of groups: the header stands within the first rows of a sheet.
DEEPEST = 15
FEWEST = 3
#: One column that holds both ends of a 公示.
SPAN = "公示起止"

#: name -> what offices also write. 序号 is none of them: a running number identifies nothing.
ALIASES: dict[str, str] = {
    "编号": "信息编号 报送编号 上报编号 材料编号 登记编号 登记号 条目编号 公开编号 信息登记编号 索引号 信息索引号",
    "标题": "信息标题 信息名称 名称 题名 公开事项 公开事项名称 事项名称 文件标题 文件名称 条目名称 公开信息名称 信息题名 公开标题",
    "文号": "发文字号 文件号 文件编号 发文号 文件字号 公文文号",
    "责任部门": (
        "报送部门 发布部门 部门 责任单位 报送单位 发布单位 部门名称 单位 承办部门 承办单位 主办部门 主办单位 发文部门 发文单位 制作部门"
        " 制作单位 拟稿部门 牵头部门 公开部门 责任处室 信息提供部门 来源部门 提供部门"
    ),
    "其他部门": "协办部门 协办单位 配合部门 配合单位 联合发文部门 联合发文单位 会签部门 会签单位 相关部门",
    "大类": "类别 大类名称 公开类别 信息类别 一级类别 一级分类 一级栏目 类别名称 所属类别 所属大类 公开大类 分类",
    "小项": "子类 小类 小类名称 小项名称 二级类别 二级分类 二级栏目 子项 子类别 所属小项 公开小项",
    "清单编号": "事项清单编号 清单序号 清单事项编号 清单条目 清单事项 对应清单编号 事项清单序号 对应清单",
    "公开属性": "属性 信息公开属性 公开类型",
    "受众范围": "公开范围 受众 受众对象 公开对象 面向对象 知悉范围 发布范围 推送范围",
    "校内公开理由": "理由 仅校内公开理由 校内理由 不向社会公开理由 限定范围理由 仅校内公开的理由 校内公开的理由",
    "形成日期": (
        "成文日期 制作日期 形成时间 成文时间 制作时间 印发日期 印发时间 发文日期 发文时间 生成日期 产生日期 获取日期 制作或获取日期 拟稿日期"
    ),
    "审查人": "保密审查人 审核人 审批人 保密审核人 审查人员 审核人员 审查人姓名 批准人",
    "审查结论": "审核结论 审查意见 审核意见 审批意见 保密审查结论 保密审查意见 审查结果 审核结果 保密审查结果 审批结果",
    "审查依据": "审核依据 依据 保密审查依据 审查依据条款",
    "批准日期": (
        "审核日期 审查时间 审批日期 审查日期 审核时间 审批时间 批准时间 保密审查日期 保密审查时间 审查通过日期 审核通过日期 审查通过时间"
    ),
    "公开日期": "发布日期 公开时间 发布时间 上网日期 上网时间 首次公开日期 公布日期 公布时间",
    "公示起": "公示开始 公示开始日期 公示开始时间 公示起始日期 公示起始 公示期起 公示起日 公示起始时间 公示起日期",
    "公示止": "公示结束 公示结束日期 公示结束时间 公示截止日期 公示截止 公示期止 公示止日 公示截止时间 公示止日期",
    SPAN: "公示期 公示时间 公示期限 公示起止日期 公示起止时间 公示日期",
    "截止日期": "截止时间 截止 报名截止 报名截止日期 活动截止日期 有效期至 失效日期",
    "紧急": "是否紧急 紧急程度 加急 是否加急 缓急 紧急与否",
    "链接": "网址 原文链接 链接地址 网页地址 公开链接 原文网址 原文地址 网页链接 公开网址 栏目链接 URL",
    "摘要": "内容摘要 简介 内容简介 信息摘要 主要内容 概要 内容概述 信息内容概述",
    "正文": "内容 公开内容 信息内容 全文 正文内容 具体内容",
    "备注": "说明 备注说明 附注",
    "附件": "附件名称 附件链接 附件清单 附件地址",
}

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕|〈[^〈〉]*〉|<[^<>]*>")
_NOISE = re.compile(r"[\s*＊:;,.、。?!\"'“”_\-—/|()\[\]【】〔〕★☆※●]+")


def _squeezed(text: str) -> str:
    return _NOISE.sub("", text).upper()


_NAMES = {_squeezed(word): name for name, words in ALIASES.items() for word in (name, *words.split())}


def name_of(value: Value) -> str:
    """The name of a column from what stands above it, "" if it is none of ours: `受众范围（必填）` is 受众范围."""
    text = unicodedata.normalize("NFKC", text_of(value))
    if not text or len(text) > 60:
        return ""
    return _NAMES.get(_squeezed(text)) or _NAMES.get(_squeezed(_BRACKETS.sub("", text)), "")


@dataclass(frozen=True)
class Header:
    """Where the header stands (row as Excel counts), and which column (from 0) holds what."""

    row: int
    columns: dict[str, int]
    #: Name, and the headers of the first and of the later column that both mean it.
    twice: tuple[tuple[str, str, str], ...] = field(default=())


def header_of(rows: Sequence[Sequence[Value]]) -> Header | None:
    """The first row that names a title and at least two more columns, None if there is none."""
    for number, row in enumerate(rows[:DEEPEST], start=1):
        header = _header(number, row)
        if "标题" in header.columns and len(header.columns) >= FEWEST:
            return header
    return None


def _header(number: int, row: Sequence[Value]) -> Header:
    columns: dict[str, int] = {}
    twice: list[tuple[str, str, str]] = []
    for index, value in enumerate(row):
        name = name_of(value) if isinstance(value, str) else ""
        if name in columns:
            twice.append((name, text_of(row[columns[name]]), text_of(value)))
        elif name:
            columns[name] = index
    return Header(number, columns, tuple(twice))
