"""What a sentence says of a person: the day of birth, where the person lives, need and illness, a list of students."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from rules.guard.names import BEGINS, NAME
from rules.guard.pieces import Hit, Kind

_NUMERAL = "[0-9一二三四五六七八九十]"
#: To the day: a year and month alone are usual in 任前公示.
DAY = re.compile(
    r"(?:18|19|20)?[0-9]{2} ?[-年./] ?(?:0?[1-9]|1[0-2]) ?[-月./] ?(?:3[01]|[12][0-9]|0?[1-9])(?![0-9])|(?<![0-9])(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])"
    r"(?:0[1-9]|[12][0-9]|3[01])(?![0-9])|[〇零一二三四五六七八九]{4}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日"
)
_BORN_BEFORE = re.compile(r"(?:出 ?生 ?(?:日 ?期|年 ?月 ?日?|时 ?间|于)?|生 ?日|(?<![发产])生于) ?[:为是]? ?$")
_BORN_AFTER = re.compile(r" ?日? ?,? ?(?:出 ?)?生(?![活产效态源])")
_HOME = re.compile(
    r"(?:(?:家 ?庭 ?(?:详细|现|常)?(?:住 ?址|地 ?址)|户籍(?:所在地|地址|地)|户口所在地|(?:现|常|居)?住 ?址|现居住地|居住地址?)"
    r"(?:[:为是 ]{1,3}|(?=(?!的|所属)[\u4e00-\u9fff]{2,4}(?:省|市|县|自治区)))|家住|现住)(?P<home>[^,。;:、\n]{5,60})"
)
_MAY_BE_HOME, _MAY_DWELL = re.compile("[住址户]"), re.compile("[组号队社室户单]")
_PLACE = re.compile(rf"[省市县区旗镇乡村路街巷弄栋幢]|{_NUMERAL} ?[号组室]")
_DWELLING = re.compile(
    rf"[\u4e00-\u9fff]{{2,8}}[县区市镇乡][^,。;、\n]{{0,20}}(?:村[^,。;、\n]{{0,8}}?{_NUMERAL}+ ?(?:组|号|队|社)"
    rf"|(?:小区|花园|家园|公寓|苑|新村|社区|里弄)[^,。;、\n]{{0,12}}{_NUMERAL}+ ?(?:室|户|单元))"
)
_NOT_A_HOME = re.compile(r"校|学院|大学|办公|项目|工程|采购|施工|招标|投标|地点|单位地址|公司|基地")
_FIELD = re.compile(
    r"(?:困难|贫困)(?P<need>等级|原因|类型|类别|程度|情况说明)?[:]|致贫原因[:]|(?P<ill>所患疾病|患病情况|病情|病史|残疾类别|残疾等级|残疾证号|(?:医院)?诊断(?:结果)?)[:]"
)
_KIN = "父亲?|母亲?|父母(?:双方)?|爸爸|妈妈|爷爷|奶奶|祖父母?|祖母|外公|外婆|哥哥|姐姐|弟弟|妹妹|本人|该生|该同学|其(?:父|母)|家中(?:有)?[^,。;]{0,4}"
_SICK = r"(?:身?患(?:有|上)?(?!者)|罹患|确诊|查出|因病|病重|瘫痪|残疾(?!人?证|学)|丧失劳动|精神(?:病|障碍|分裂)|癌|尿毒症|白血病)"
_ILL = re.compile(
    rf"(?:(?:{_KIN})[^,。;、]{{0,8}}|同学(?!们)[^,。;、]{{0,8}}){_SICK}|学生[\u4e00-\u9fff]{{0,3}}(?:身患|罹患|确诊)"
    r"|(?:患有?|患上|确诊为?)[^,。;、:]{0,6}(?:癌|瘤|白血病|尿毒症|抑郁|精神分裂|艾滋|肝炎|结核|肾衰|心脏病)"
)
_NEED = re.compile(
    rf"(?:{_KIN})[^,。;]{{0,8}}(?:去世|早逝|病故|离异|下岗|失业(?!保险|人员)|双亡)|(?:该生|本人|其|同学|我)家(?:庭|里)?[^,。;]{{0,8}}"
    r"(?:低保|建档立卡|特困|贫困户|脱贫户|负债|欠债|(?:特别|十分|非常)困难)|(?:该生|本人)(?:系|属|为|是)[^,。;]{0,6}(?:孤儿|低保|建档立卡|特困|单亲|残疾)"
)
#: Need told of somebody by name; of a name alone only with its 因, 王老师 also visits families in need. 本人 is in blank forms.
_POOR = re.compile(
    rf"(?:{BEGINS}{NAME}(?:同学)?(?:\([^()]{{0,40}}\))?,?(?:因|由于)|{BEGINS}{NAME}同学(?:\([^()]{{0,40}}\))?,?|该生|学号[0-9]{{6,}}\)?,?(?:因|由于)?)"
    r"其?(?:家庭|家境|家里|家中)(?:经济|生活)?(?:条件|情况|状况)?(?:较为|比较|特别|十分|非常|极其|特殊|很|较)?(?:困难|贫困|贫寒|拮据)"
    r"(?!学?生|认定|申请[表书人]|家庭|资助|群体|补助|程度|等级|情况|属实|的)"
)
#: A rule says who may apply; it says nothing of anybody.
_RULE = re.compile(r"或|可以?申请|条件|之一|情形|如有|若|凡|者|的[,、:)]|的$|是否|患[^,。]{0,20}的|预防|防治|规定")
_CLAUSES = re.compile(r"[。;\n]")
_STATE = r"(?:原?建档立卡户?|低保户?|特困(?:供养)?|孤儿|单亲(?:家庭)?|残疾|脱贫户|(?:特别|特殊|一般)困难)"
#: A name of two to four signs with a state in brackets behind it.
_STATED = re.compile(
    rf"(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{{2,4}}(?<!学生|家庭|对象|人员|类型|等级|子女|情况|认定)\({_STATE}\)"
)
_EMPTY = re.compile(r"\s*(?:[_□○.…(/-]|无|没有|$)")
#: ● is plain as ·, which also stands between the parts of a name.
_TICKED = re.compile("[☑✓√■]|(?<![\u4e00-\u9fff])·")
_ONE = re.compile(
    r"[\u4e00-\u9fff·]{2,4}[,、 ]*\(?学号[: ]*[0-9]{6,}|学号[: ]*[0-9]{6,}[,;、 ]*姓名[: ]*[\u4e00-\u9fff]{2,}|学号[: ]*[0-9]{6,}[ ,、]*(?!的)[\u4e00-\u9fff]{2,3}(?![\u4e00-\u9fff])|姓名[: ]*[\u4e00-\u9fff·]{2,6}[^。]{0,20}学号[: ]*[0-9]{6,}"
)
#: The same with 为 between, or the number first.
_OTHER_ONE = re.compile(
    rf"{BEGINS}{NAME}(?:同学)?[,、 ]*\(?学(?:籍)?号 ?(?:为|是)?[: ]*[A-Z]{{0,2}}[0-9]{{6,}}"
    rf"|学(?:籍)?号(?:为|是)?[: ]*[0-9]{{6,}}的?(?:学生|同学)?{NAME}(?=同学|[,。;、)因 ]|$)"
)
_BOTH = re.compile(r"(?!.*(?:按|排列|排序|命名|填写|注明))(?=[^,。、;]*学号)(?=[^,。、;]*姓名)[^,。、;:]{4,30}")
_NUMBER = re.compile(r"[0-9]{6,14}")


def in_prose(where: str, text: str) -> Iterator[Hit]:
    """What the sentences of a plain text say of persons; nothing found is shown unmasked."""
    for day in DAY.finditer(text) if "生" in text else ():
        if _BORN_BEFORE.search(text, max(0, day.start() - 20), day.start()) or _BORN_AFTER.match(text, day.end()):
            yield Hit(Kind.BIRTH, where, masked_day(day[0]))
    told = list(_HOME.finditer(text)) if _MAY_BE_HOME.search(text) else []
    for home in told:
        if is_home(home["home"]):
            yield Hit(Kind.ADDRESS, where, masked_home(home["home"]))
    if not told and _MAY_DWELL.search(text):
        yield from (
            Hit(Kind.ADDRESS, where, masked_home(home[0])) for home in _DWELLING.finditer(text) if _lives(text, home)
        )
    yield from _grounds(where, text)
    if ("学号" in text or "学籍号" in text) and (_ONE.search(text) or _OTHER_ONE.search(text)):
        yield Hit(Kind.ROSTER, where, "学号与姓名写在一起")


def is_home(text: str) -> bool:
    """True for a place written out: two of 省, 市, 县, 路, 号 and the like."""
    return len(_PLACE.findall(text)) >= 2 and not _NOT_A_HOME.search(text)


def masked_home(text: str) -> str:
    """Its first three signs, at most a third of it."""
    bare = text.strip()
    return f"{bare[: min(3, len(bare) // 3)]}******"


def masked_day(text: str) -> str:
    """Its year, if it is written with four digits; never month or day."""
    year = re.match(r"(?:18|19|20)[0-9]{2}", text)
    return f"{year[0]}-**-**" if year else "****-**-**"


def _lives(text: str, home: re.Match[str]) -> bool:
    return not _NOT_A_HOME.search(text, max(0, home.start() - 20), home.end())


def _grounds(where: str, text: str) -> Iterator[Hit]:
    for field in _FIELD.finditer(text):
        said = text[field.end() : field.end() + 40].split("\n")[0]
        if not _EMPTY.match(said) or _TICKED.search(said):
            yield Hit(Kind.ILLNESS if field["ill"] else Kind.HARDSHIP, where, f"{field[0]}****")
    if stated := _STATED.search(text) if "(" in text else None:
        yield Hit(Kind.HARDSHIP, where, f"{stated[0][0]}****")
    for clause in _CLAUSES.split(text):
        yield from _said(where, clause)


def _said(where: str, clause: str) -> Iterator[Hit]:
    poor = _POOR.search(clause) if "困难" in clause or "贫" in clause or "拮" in clause else None
    for kind, found in ((Kind.ILLNESS, _ILL.search(clause)), (Kind.HARDSHIP, _NEED.search(clause) or poor)):
        if found and not _RULE.search(clause):
            yield Hit(kind, where, f"{found[0][0]}****")


def rosters(lines: Sequence[tuple[str, str]]) -> Iterator[Hit]:
    """Lists of student numbers and names in running text, as a .pdf or a text file holds a table; one hit a list.

    `lines` are (where, plain text). A list has 学号 and 姓名 as words of their own, and two numbers alike below them.
    """
    words = [(where, word) for where, text in lines for word in text.split()]
    places = [n for n, (_, word) in enumerate(words) if word in ("学号", "姓名") or _BOTH.fullmatch(word)]
    heads = {n for n, m in pairwise(places) if m - n <= 8 and words[n][1] != words[m][1]}
    heads |= {n for n in places if len(words[n][1]) > 2}
    for head in sorted(heads):
        numbers = [(where, word) for where, word in words[head : head + 60] if _NUMBER.fullmatch(word)]
        if numbers and max(Counter(len(word) for _, word in numbers).values()) >= 2:
            yield Hit(Kind.ROSTER, numbers[0][0], "学号与姓名同列")
