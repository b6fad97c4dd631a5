"""Trouble met on purpose: each strikes the first push it fits, on or after its day, and the end table shows how it ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import select

from channels.onebot.places import place_of
from demo.furnish import BOT_ID
from demo.persons import CADRES, FRESHMEN, NO_SUCH, mailbox
from demo.stage import APP_ID, Stage
from rules.dates import day_of
from rules.outcome import WORDS
from rules.states import TAKEN, Status, result_of
from store import tables as t


@dataclass
class Trouble:
    """One fault: when, for whom, and how the sandbox is told."""

    day: date
    name: str
    channel: str
    target: str
    #: Returns the persons whom this push then cannot reach, where they are known only now.
    strike: Callable[[Stage, str], tuple[str, ...] | None]
    #: Undo it after so long (a muted group).
    lasts: timedelta | None = None
    lift: Callable[[Stage, str], object] | None = None
    #: Persons whom this push cannot reach: they must end 失败, and everybody else must get it.
    fails: tuple[str, ...] = ()
    push_id: int | None = None
    struck_on: date | None = None
    lifted: bool = False

    def over(self, today: date) -> bool:
        """True once it has lasted long enough and is not lifted yet."""
        started, lasts = self.struck_on, self.lasts
        return started is not None and lasts is not None and not self.lifted and today >= started + lasts


@dataclass
class Ended:
    """How a trouble ended: the push's result, how many got it (人次) and how many did not."""

    day: str
    name: str
    push_id: int | None
    status: str
    got: int
    failed: int
    #: True if exactly those got it who could.
    solved: bool
    steps: tuple[str, ...] = field(default_factory=tuple)


def _fault(call: str, kind: str, **more: Any) -> Callable[[Stage, str], None]:
    def strike(stage: Stage, target: str) -> None:
        group = place_of(stage.office.school.targets[target].address).group
        match = {"group_id": group} if call.startswith("onebot") else {}
        stage.sandbox.admin("faults", call=call, kind=kind, times=1, match=match, **more)

    return strike


def _expire_tokens(stage: Stage, _target: str) -> None:
    stage.sandbox.admin("expire_tokens", appid=APP_ID)


def _spend(stage: Stage, target: str) -> None:
    key = stage.secrets[stage.office.school.targets[target].address]
    stage.sandbox.admin("spend", robot=key, n=20)


def _mute(muted: bool) -> Callable[[Stage, str], None]:
    def change(stage: Stage, target: str) -> None:
        stage.sandbox.admin("group", group_id=stage.office.school.targets[target].address, muted=muted)

    return change


def _online(online: bool) -> Callable[[Stage, str], None]:
    """The QQ account that usually sends is logged out, and logged in again."""

    def change(stage: Stage, _target: str) -> None:
        stage.sandbox.admin("bot", self_id=BOT_ID, online=online)

    return change


def _lose(call: str) -> Callable[[Stage, str], None]:
    """The vendor executes the call and the connection breaks; its receipts come late too, so that only a query tells."""

    def strike(stage: Stage, _target: str) -> None:
        late = {"call": f"{call.split('.')[0]}.callback", "kind": "callback_late", "seconds": 1800}
        stage.sandbox.admin("faults", faults=[{"call": call, "kind": "after"}, late])

    return strike


def _expire_app_tokens(stage: Stage, _target: str) -> None:
    stage.sandbox.admin("wecom_expire_tokens", corpid=stage.secrets["WECOM_CORP_ID"], agentid=_agent(stage))


def _leave(userid: str) -> Callable[[Stage, str], None]:
    """A member leaves between the plan and the call: the push still names them."""

    def strike(stage: Stage, _target: str) -> None:
        corp = {"corpid": stage.secrets["WECOM_CORP_ID"], "members": [{"userid": userid, "gone": True}]}
        stage.sandbox.admin("setup", corps=[corp])

    return strike


def _agent(stage: Stage) -> str:
    return stage.secrets["WECOM_APP_AGENT_ID"]


def _fate(number: str, fate: str) -> Callable[[Stage, str], None]:
    def change(stage: Stage, _target: str) -> None:
        stage.sandbox.admin("setup", sms_numbers=[{"number": number, "fate": fate}])

    return change


def _block(blocked: bool) -> Callable[[Stage, str], tuple[str, ...] | None]:
    """One of the parents puts the account on their black list, and takes it off again."""

    def change(stage: Stage, target: str) -> tuple[str, ...]:
        listed = stage.office.addresses(stage.office.school.targets[target])
        who = listed[4]
        account = {"appid": stage.secrets["WECHAT_SERVICE_APP_ID"], "blacklist": [who] if blocked else []}
        stage.sandbox.admin("setup", accounts=[account])
        return (who,)

    return change


def _unknown_mailbox(stage: Stage, _target: str) -> tuple[str, ...]:
    stage.sandbox.admin("setup", mailboxes=[{"address": mailbox(CADRES[11]), "fate": "unknown"}])
    return (mailbox(CADRES[11]),)


def _known_mailbox(stage: Stage, _target: str) -> None:
    stage.sandbox.admin("setup", mailboxes=[{"address": mailbox(CADRES[11]), "fate": "taken"}])


def _leave_desk(stage: Stage, _target: str) -> None:
    """Whoever posts the notices is away for six days, longer than the deadline."""
    stage.away_until = stage.clock.now + timedelta(days=6)


def year_of_trouble(start: date) -> list[Trouble]:
    """The troubles of a school year that begins on `start`."""

    def on(months: int, day: int) -> date:
        month = start.month - 1 + months
        return date(start.year + month // 12, month % 12 + 1, day)

    qq, oa, robot = "onebot", "wechat_oa", "wecom_bot"
    return [
        Trouble(on(0, 15), "公众号令牌过期", oa, "A01", _expire_tokens),
        Trouble(on(1, 12), "群发已执行而答复丢失（重发得到 45065）", oa, "A01", _fault("wechat.message.mass.sendall", "after")),
        Trouble(on(2, 3), "机器人本分钟 20 条已被他人用完（45009）", robot, "G01", _spend),
        Trouble(on(3, 8), "QQ 群被禁言两天", qq, "Q02", _mute(True), timedelta(days=2), _mute(False)),
        Trouble(on(6, 9), "QQ 超时，消息其实已发出", qq, "Q01", _fault("onebot.send_group_msg", "onebot_timeout", delivered=True)),
        Trouble(on(7, 6), "QQ 超时，消息没有发出", qq, "Q03", _fault("onebot.send_group_msg", "onebot_timeout", delivered=False)),
        Trouble(on(2, 11), "QQ 主账号掉线一天（备用账号接着发）", qq, "Q01", _online(False), timedelta(days=1), _online(True)),
        Trouble(on(5, 1), "群公告超时，公告其实已贴出（到公告栏核实）", qq, "Q10", _fault("onebot._send_group_notice", "onebot_timeout", delivered=True)),
        *_troubles_of_persons(on),
    ]  # fmt: skip


def _troubles_of_persons(on: Callable[[int, int], date]) -> list[Trouble]:
    app, aliyun, tencent = "wecom_app", "sms_aliyun", "sms_tencent"
    chat, notice = "wecom_chat", "wechat_notice"
    off, left, opted_out = CADRES[6], "t017", FRESHMEN[8]
    return [
        Trouble(on(0, 10), "腾讯云把同一批手机回执送来两次", tencent, "D02", _fault("tencent.callback", "callback_dup")),
        Trouble(on(1, 1), "腾讯云同一次调用中有一个号码被拒（本人退订）", tencent, "D02", _fate(opted_out, "blacklisted"), fails=(opted_out,)),
        Trouble(on(2, 1), "企业微信应用令牌过期", app, "W01", _expire_app_tokens),
        Trouble(on(2, 1), "阿里云已发出而答复丢失，回执也迟到（查发送记录）", aliyun, "D01", _lose("aliyun.SendSms"), fails=(NO_SUCH,)),
        Trouble(on(2, 20), "企业微信已下发而答复丢失（原样重发，平台查重）", app, "W01", _fault("wecom.message.send", "after")),
        Trouble(on(3, 1), "一名成员在编排后离职，账号已不存在", app, "W01", _leave(left), fails=(left,)),
        Trouble(on(2, 1), "应用群聊的请求没有到达、连接中断（由人到群里看过后重发）", chat, "C01", _fault("wecom.appchat.send", "before")),
        Trouble(on(1, 10), "一位订阅的家长已把服务号拉黑", notice, "M01", _block(True), timedelta(days=1), _block(False)),
        Trouble(on(4, 1), "服务通知已受理而答复丢失（同号重发）", notice, "M01", _fault("wechat.message.template.send", "after")),
        Trouble(on(2, 1), "一个邮箱不存在", "email", "E01", _unknown_mailbox, timedelta(days=1), _known_mailbox),
        Trouble(on(2, 20), "一封邮件已被接收而答复丢失（由人核对后登记，不再发）", "email", "E01", _fault("mail.END", "after")),
        Trouble(on(3, 1), "邮件服务器要求稍后再来（灰名单）", "email", "E01", _fault("mail.RCPT", "error", errcode=450, errmsg="4.2.0 Greylisted")),
        Trouble(on(3, 1), "办理人外出，公告栏张贴逾期（每天催办，回来后补办）", "manual", "B01", _leave_desk),
        Trouble(on(3, 1), "一部手机关机（阿里云）", aliyun, "D01", _fate(off, "off"), timedelta(days=2), _fate(off, "delivered"), fails=(off, NO_SUCH)),
    ]  # fmt: skip


def strike(stage: Stage, troubles: list[Trouble]) -> None:
    """Before the send: let each trouble that is due hit a push that waits on its target; lift what has lasted long enough."""
    today = day_of(stage.clock.now)
    for each in troubles:
        if each.struck_on is None and each.day <= today:
            each.push_id = _waiting_push(stage, each, {one.push_id for one in troubles if one.push_id is not None})
            if each.push_id is not None:
                each.struck_on = today
                each.fails = each.strike(stage, each.target) or each.fails
        elif each.over(today) and each.lift is not None:
            each.lift(stage, each.target)
            each.lifted = True


def _waiting_push(stage: Stage, each: Trouble, struck: Collection[int]) -> int | None:
    """A push that no other trouble has struck: each shows its own."""
    d, u = t.deliveries.c, t.pushes.c
    query = select(d.push_id).join(t.pushes, u.id == d.push_id)
    where = (
        u.target == each.target,
        u.id.not_in(struck),
        d.status == Status.QUEUED,
        (d.not_before.is_(None)) | (d.not_before <= stage.clock.now),
    )
    with stage.office.db.read() as conn:
        return conn.scalar(query.where(*where).order_by(d.id).limit(1))


def endings(stage: Stage, troubles: list[Trouble]) -> list[Ended]:
    """How each trouble that struck has ended, by day, with every step that was written down."""
    d, o = t.deliveries.c, t.outcomes.c
    found = []
    with stage.office.db.read() as conn:
        for each in [one for one in troubles if one.struck_on is not None]:
            rows = conn.execute(select(d.address, d.status).where(d.push_id == each.push_id)).all()
            steps = conn.execute(
                select(o.said_by, o.outcome, o.reason).join(t.deliveries, d.id == o.delivery_id)
                .where(d.push_id == each.push_id).order_by(o.id)
            ).all()  # fmt: skip
            words = [f"{row.said_by}：{row.reason or WORDS.get(row.outcome, row.outcome)}" for row in steps]
            ends = {row.address: Status(row.status) for row in rows}
            found.append(_ended(each, ends, _folded(words) if len(ends) == 1 else _counted(words)))
    return sorted(found, key=lambda each: each.day)


def _ended(each: Trouble, ends: Mapping[str, Status], steps: tuple[str, ...]) -> Ended:
    got = {address for address, status in ends.items() if status in TAKEN}
    failed = {address for address, status in ends.items() if status is Status.FAILED}
    solved = failed == set(each.fails) and bool(got) and got | failed == set(ends)
    result = result_of(Counter(ends.values()))
    return Ended(str(each.struck_on), each.name, each.push_id, result, len(got), len(failed), solved, steps)


def _folded(words: list[str]) -> tuple[str, ...]:
    """The same word again and again is said once, with how often."""
    runs = [(word, len(list(same))) for word, same in groupby(words)]
    return tuple(word if n == 1 else f"{word} ×{n}" for word, n in runs)


def _counted(words: Iterable[str]) -> tuple[str, ...]:
    """What was said of many persons, each word once with how many it was said of."""
    return tuple(word if n == 1 else f"{word} ×{n}" for word, n in Counter(words).items())
