"""The school's settings for a vendor of short messages, checked when the bot starts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from channels.sms.text import TAKES, VARIABLE, Template, Variable
from rules.school import ChannelSetting


@dataclass(frozen=True, kw_only=True)
class Options:
    """One account as the school has set it."""

    #: The template's code at the vendor.
    code: str
    template: Template
    #: Segments (计费条数) a month; None: as many as the account holds.
    budget: int | None
    #: The vendor's own keys: application, region, whether receipts are fetched.
    app_id: str = ""
    region: str = ""
    pull: bool = False

    @classmethod
    def of(cls, setting: ChannelSetting, holes: re.Pattern[str], *needed: str) -> Options:
        """The options of a setting; `needed` are further keys that must be there. Raises ValueError with key and fix."""
        given, where = setting.options, f"channels.{setting.name}"
        for key in ("sign", "template", "text", *needed):
            if not str(given.get(key, "")).strip():
                raise ValueError(f"{where}.{key} 没有填写，请照短信控制台中审核通过的签名和模板填写")
        try:
            variables = {str(name): _variable(each) for name, each in _table(given).items()}
            template = Template(sign=_sign(given), text=str(given["text"]), holes=holes, variables=variables)
        except ValueError as error:
            raise ValueError(f"{where}.{error}") from None
        return cls(
            code=str(given["template"]).strip(),
            template=template,
            budget=_budget(given, where),
            app_id=str(given.get("app_id", "")).strip(),
            region=str(given.get("region", "ap-guangzhou")).strip(),
            pull=given.get("pull") is True,
        )


def _sign(given: Mapping[str, Any]) -> str:
    """The signature without its brackets, in case they were copied along."""
    return str(given["sign"]).strip().strip("【】")


def _table(given: Mapping[str, Any]) -> Mapping[str, Any]:
    found = given.get("variables", {})
    if not isinstance(found, Mapping):
        raise ValueError('variables 应写成 { title = "标题" } 这样的表')
    return found


def _variable(given: object) -> Variable:
    """`"标题"`, or `{ takes = "标题", most = 20 }`."""
    takes, most = (given.get("takes"), given.get("most", VARIABLE)) if isinstance(given, Mapping) else (given, VARIABLE)
    if takes not in TAKES:
        raise ValueError(f"variables 中没有“{takes}”，请填写其中之一：{'、'.join(TAKES)}")
    if isinstance(most, bool) or not isinstance(most, int) or most < 1:
        raise ValueError("variables 中的 most 应为字数，如 20")
    return Variable(takes, most)


def _budget(given: Mapping[str, Any], where: str) -> int | None:
    budget = given.get("budget")
    if budget is not None and (isinstance(budget, bool) or not isinstance(budget, int) or budget < 1):
        raise ValueError(f"{where}.budget 应为每月最多的计费条数，如 20000")
    return budget
