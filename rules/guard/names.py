"""A person's name in running text: a usual surname and one or two signs behind it, or two parts with a dot between.

The hundred most usual surnames cover some six in seven persons; those that begin everyday words are told apart from them.
"""

from __future__ import annotations

import re

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方"
    "白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔汤庄连洪温柯施傅"
)
_DOUBLE = "欧阳|上官|司马|诸葛|司徒|东方|慕容|皇甫|令狐|尉迟|公孙"
_WORDS = (
    "高[校等中职本考年数铁级端]|任[何意务教课]|方[便面案才法向阵队式]|何[时人种处日]|万[一元人分圣能名米]|程[序度控设]|金[额融工属牌奖银课种]|余[下额票款]|许[多可]|许愿墙|田[径赛]|严[重格禁肃]|段[落]"
    "|连[续年线锁队心]|温[馨州暖]|施[工行教]|江[苏西阴浙淮]|白[天衣领皮话]|白求恩|石[家油化狮材雕]|龙[头舟狮岩船灯]|武[汉术昌警装打夷校道协]|史[料]|陆[续]|江湖|毛[利笔概]|曾[经因]|马[上拉院术球]|周[边末年期刊]"
    "|夏[令季训]|黄金|黄梅戏|安[徽]|贺[信卡词]|罗[列]|顾[问]|洪[灾水涝]|陶[艺瓷]|雷锋|秦腔|庄园|谢师|董事|付[费款]|韩语[角课]|方程式|马克思"
)
#: What a part of a school, a place or an event ends with; the second only behind two signs: 张会 is somebody, 武协会 nobody.
_NOBODYS, _NOBODYS_LONG = "队班站院系部处室馆课组场校区", "营社团会赛节操办点岗"
#: One name, without anything around it; as part of a pattern.
NAME = (
    rf"(?:(?!{_WORDS})(?:[{_SURNAMES}]|{_DOUBLE})(?:[\u4e00-\u9fff]{{2}}(?<![{_NOBODYS}{_NOBODYS_LONG}])|[\u4e00-\u9fff](?<![{_NOBODYS}]))"
    rf"|[\u4e00-\u9fff]{{2,8}}·(?:(?!联系|电话)[\u4e00-\u9fff]){{2,8}}(?<![{_NOBODYS}{_NOBODYS_LONG}]))"
)
#: Who is called so works there.
STAFF = "老师|教师|主任|书记|教授|处长|科长|院长|校长|部长|经理|同志|先生|女士|工程师"
#: A name that is none of staff, nor a day: 李老师 and 周五前 read like one.
SOMEONE = rf"(?!..?(?:{STAFF})|周[一二三四五六日][前后上下中至到起早晚]){NAME}"
#: Where a name may begin: behind no other word, or behind one that says whose it is.
BEGINS = r"(?:(?<![\u4e00-\u9fff])|(?<=学生)|(?<=同学)|(?<=[系班院级]))"

_USUAL = re.compile(SOMEONE)
_LIKE_A_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}|[\u4e00-\u9fff]{2,8}·[\u4e00-\u9fff]{2,8}|[A-Za-z .]{3,40}")
_OFFICE = re.compile(rf"(?:[处部院系室办局馆校]|公司|中心|委员会|协会|工会|团委|集团|{STAFF})$")
#: Who may apply, take part or be served, not who did.
_ANYBODY = re.compile(
    "(?:学生|师生|新生|考生|毕业生|研究生|本科生|职工|家长|人员|员工|本人|个人|法人|单位|户)$|不限|低保|特困|孤儿|单亲|残疾|困难|建档|合计|全体|同上"
)


def names_somebody(text: str) -> bool:
    """True if a plain text is a person's name or some, not an office's: what a cell holds, without what is in brackets."""
    parts = ("".join(part.split()) for part in re.split(r"[、,;/\n]", re.sub(r"\([^()]*\)", "", text)))
    return any(_is_name(part) for part in parts)


def _is_name(text: str) -> bool:
    if _OFFICE.search(text):
        return False
    return bool(_USUAL.fullmatch(text) or (_LIKE_A_NAME.fullmatch(text) and not _ANYBODY.search(text)))
