"""Numbers that an office gives to be called at: these may be public."""

from __future__ import annotations

import re

from rules.guard.names import NAME, SOMEONE, STAFF
from rules.guard.plain import squeezed

#: Who is named so is called at work: 请考生联系李老师.
_AT_WORK = rf"(?:{STAFF}|辅导员|班主任|主席|会长|负责人)"
_CONTACT = re.compile(
    rf"联系[^,。;0-9]{{0,10}}{_AT_WORK}|[与和向同跟][^,。;0-9]{{0,10}}{_AT_WORK}[^,。;0-9]{{0,4}}联系|"
    r"联系(?:电话|方式|人|手机|号码|老师|[:(])|(?:请|可)[^,。;]{0,6}联系|(?:咨询|监督|举报|投诉|受理|信访|值班|办公|服务|报修|求助|救援|应急|招生|报名)"
    r"[^。;]{0,6}(?:电话|手机|热线|方式|号码|人|[:])|热线|传真|拨打|致电|(?:[处科室办部院系]|中心)(?:联系)?(?:电话|手机)|咨询|监督"
)
#: Right before the number, and only where no student is spoken of: a list may have a column of the same name.
_CALLED = re.compile(
    r"^[(0-9.、]{0,4}联系[,:]?$|[与和向同跟][^,。;]{1,12}联系,?$|24小时[^,。;0-9]{0,6}[,:]?$"
    r"|(?:招标|采购|拍卖)(?:代理|人|单位|机构)(?:人|机构|单位|公司)?:[^。;:0-9]{0,24}$"
)
_OF_STUDENTS = re.compile(r"[0-9]级|班|同学|学生|专业|宿舍|寝室|失|无法|不")
#: A person's own number, whatever stands beside it.
_PERSONAL = re.compile(
    rf"(?:学生|考生|家长|家庭|本人|父亲|母亲|父母|监护人|申请人|获奖人|获奖者|亲属|紧急)的?(?:联系(?![^,。;0-9]{{0,10}}{_AT_WORK})|电话|手机)|"
    r"姓名|学号|身份证|考生号|准考证|家长(?!会|委员会|学校|课堂|开放日)|监护人|家庭|住址"
)
_PRIVATE = "学生|同学|考生|学员|新生|毕业生|家长|监护人|申请人|获奖人|获奖者|受助人|报名人|参赛者|应聘人员?"
#: A student or parent by name, with nothing of an office between the name and the number: 联系电话 there is the person's own.
_SOMEONES = re.compile(
    rf"(?:(?:{_PRIVATE})[:(]?{SOMEONE}|[0-9一二三四五六七八九十]班{SOMEONE}|(?<![\u4e00-\u9fff]){NAME}同学)"
    r"(?:同学)?(?=[^\u4e00-\u9fff]|的|本人|联系|电话|手机|[^,。;]{0,10}(?:[0-9一二三四五六七八九十]班|级))"
    rf"(?:(?!{STAFF}|联系人|辅导员|公示|异议|反映|咨询|监督|举报|投诉|受理|值班|热线|招生|办公|科室|请|处).){{0,40}}$"
)
#: Somebody given as the one to call, with the class or not: every student club has one.
_TO_CALL = re.compile("联系人[^,。;:]{0,4}[:(]?[^,。;:]{0,20}$")
#: Names whom to call; the number may stand on the next line or the one after it.
_NAMED = re.compile(r"联系人|联系方式|联系我们|咨询方式|咨询人")
_GIVEN = re.compile(r"1[3-9][0-9]{9}")
_OFFICES = re.compile(r"联系人?姓名|(?:欢迎|请)(?:广大)?(?:考生|家长|学生|同学|师生)(?:、?及?(?:考生|家长|学生|社会))*")
_LABEL = re.compile(r"(?:电话|手机|号码|方式|tel)[::]?$", re.IGNORECASE)
_AFTER = re.compile(r"[ (\[,]{1,3}[^()\[\]。;\n]{0,10}(?:联系|咨询|监督|举报|投诉|值班)")
_SENTENCE = re.compile(r"[。;]")


def is_contact(text: str, start: int, end: int, earlier: str = "") -> bool:
    """True if a mobile number stands beside 联系, 咨询, 监督电话 or the like; `earlier` is what stands above `text`."""
    *above, line = [_official(each) for each in f"{earlier}\n{text[max(0, start - 200) : start]}".split("\n")]
    line = _SENTENCE.split(line)[-1][-40:]
    if _PERSONAL.search(line) or _is_someones(line):
        return False
    if _CONTACT.search(line) or _AFTER.match(text, end) or _is_called(line):
        return True
    near = "".join([each for each in above if each][-2:])
    return bool(_LABEL.search(line) and _NAMED.search(near) and not _GIVEN.search(near) and not _PERSONAL.search(near))


def _is_someones(line: str) -> bool:
    someone = _SOMEONES.search(line)
    return someone is not None and not _TO_CALL.search(line, 0, someone.start())


def _is_called(line: str) -> bool:
    return bool(_CALLED.search(line)) and not _OF_STUDENTS.search(line)


def is_contact_label(label: str) -> bool:
    """True for the heading of a column, or the label beside a cell, of numbers to be called at."""
    return bool(_CONTACT.search(f"{label}:")) and not _PERSONAL.search(_official(label))


def _official(line: str) -> str:
    return _OFFICES.sub("", squeezed(line))
