"""The OneBot 11 actions a pushing bot needs, with QQ's rules about groups.

https://github.com/botuniverse/onebot-11/blob/master/api/public.md
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox import onebot_events
from sandbox.actors import Group, load
from sandbox.clock import day_of, iso
from sandbox.magic import mime_of
from sandbox.onebot_call import Door, Failed, as_id, checker, message_number
from sandbox.onebot_history import get_group_msg_history, get_msg, message_of, read_post, remember
from sandbox.onebot_text import BadMedia, BadMessage, mentions_all, picture_bytes, read_message, shown
from sandbox.state import Doc
from sandbox.texts import oddity

TEXT_CHARS = 4500
RECALL_WINDOW = 120.0


def send_group_msg(door: Door) -> Doc:
    """Post a message into a group."""
    group = load(door.world.state, Group, door.number("group_id"))
    segments = segments_of(door)
    text = shown(segments)
    if not door.bot.online:
        raise checker(-1, "网络连接异常，机器人已离线")
    if group is None or not door.seat(group).joined:
        raise checker(110, "发送失败，你已被移出该群，请重新加群。")
    seat = door.seat(group)
    if seat.muted or (group.all_muted and seat.role == "member"):
        raise checker(120, "发送失败，你已被禁言" if seat.muted else "发送失败，全员禁言中")
    if len(text) > TEXT_CHARS:
        raise checker(9, "发送失败，消息内容过长")
    if mentions_all(segments):
        call_everybody(door, group)
    if odd := oddity(text):
        door.call.flag(f"group {group.name or group.group_id}: text {odd}: {text[:60]}")
    return {"message_id": post(door, group, segments, text)}


def segments_of(door: Door) -> list[Doc]:
    """The message as segments, its pictures taken out and kept."""
    try:
        segments = read_message(door.params.get("message"), door.truth("auto_escape"))
    except BadMessage as bad:
        raise Failed(str(bad), by_caller=True) from None
    return [kept_picture(door, segment) if segment["type"] == "image" else segment for segment in segments]


def kept_picture(door: Door, segment: Doc) -> Doc:
    """A picture segment as QQ hands it out again: re-hosted, the base64 gone."""
    source = str(segment["data"].get("file", ""))
    try:
        data = picture_bytes(source)
    except BadMedia as bad:
        raise Failed(str(bad)) from None
    if data is None:
        return {"type": "image", "data": {"file": source.rpartition("/")[2], "url": source}}
    blob = door.world.state.keep_blob(data, mime_of(data))
    return {"type": "image", "data": {"file": f"{blob}.image", "url": f"{door.world.base}/blob/{blob}"}}


def at_all_left(door: Door, group: Group) -> tuple[int, int]:
    """How many times today the group may still be called as a whole, and how many times by this bot."""
    today, used = day_of(door.world.now()), door.world.state.used
    of_group = group.at_all_left - used(f"at_all:{group.group_id}", today)
    return max(0, of_group), max(0, door.bot.at_all_left - used(f"at_all_by:{door.bot.self_id}", today))


def call_everybody(door: Door, group: Group) -> None:
    """Take one of the day's @全体成员, or refuse."""
    if door.seat(group).role == "member":
        raise checker(121, "发送失败，仅群主和管理员可以@全体成员")
    if not all(at_all_left(door, group)):
        raise checker(122, "发送失败，今日@全体成员次数已用完")
    for name in (f"at_all:{group.group_id}", f"at_all_by:{door.bot.self_id}"):
        door.world.state.use(name, day_of(door.world.now()))


def post(door: Door, group: Group, segments: list[Doc], text: str) -> int:
    """Write the message into the group; returns its message id."""
    world = door.world
    now, message_id = world.now(), message_number(world)
    seq = world.state.next_number(f"qq_seq:{group.group_id}")
    doc = {"group_id": group.group_id, "name": group.name, "at": iso(now), "message_id": message_id, "text": text}
    doc |= {"segments": segments, "user_id": door.bot.self_id, "nickname": door.bot.nickname}
    doc |= {"role": door.seat(group).role}
    remember(world, door.bot, message_id, world.state.post("qq", group.group_id, now, doc, seq=seq))
    if door.bot.report_self:
        onebot_events.emit(
            world, door.bot, message_of(doc, now, seq, message_id, door.bot) | {"post_type": "message_sent"}
        )
    return message_id


def send_private_msg(door: Door) -> Doc:
    """Write to one person, who must be a friend."""
    user_id = str(door.number("user_id"))
    segments = segments_of(door)
    if user_id not in door.bot.friends:
        raise checker(16, "发送失败，请先添加对方为好友")
    message_id, now = message_number(door.world), door.world.now()
    doc = {"user_id": user_id, "at": iso(now), "message_id": message_id, "text": shown(segments)}
    door.world.state.post("qq_private", user_id, now, doc, handle=message_id)
    return {"message_id": message_id}


def send_msg(door: Door) -> Doc:
    """Either of the two, by message_type or by what id is there."""
    kind = door.params.get("message_type") or ("group" if "group_id" in door.params else "private")
    return send_group_msg(door) if kind == "group" else send_private_msg(door)


def delete_msg(door: Door) -> None:
    """Recall a message: one's own within two minutes, anything as an administrator."""
    row = read_post(door)
    if row is None:
        raise Failed("Recall failed")
    id, chat, at, _, doc = row
    group = load(door.world.state, Group, chat)
    chief = group is not None and door.seat(group).role != "member"
    own = doc["user_id"] == door.bot.self_id
    if not chief and not (own and door.world.now() - at <= RECALL_WINDOW):
        raise Failed("Recall failed")
    door.world.state.amend_post(id, doc | {"recalled": iso(door.world.now())})
    onebot_events.recalled(door.world, door.bot, chat, door.number("message_id"), doc["user_id"])


def get_group_info(door: Door) -> Doc:
    """Name and size of a group the bot is in."""
    return group_doc(door, door.group())


def group_doc(door: Door, group: Group) -> Doc:
    """A group as the vendor describes it."""
    doc = {
        "group_id": as_id(group.group_id),
        "group_name": group.name,
        "member_count": group.members,
        "max_member_count": 500 if group.members <= 500 else 3000,
    }
    if door.bot.dialect == "napcat":
        doc |= {"group_all_shut": -1 if group.all_muted else 0, "group_remark": ""}
        if not group.members:  # NapCat leaves out what QQ has not told it
            del doc["member_count"]
    return doc


def get_group_list(door: Door) -> list[Doc]:
    """All groups the bot is in."""
    groups = [Group(**doc) for doc in door.world.state.page("group", "")]
    return [group_doc(door, group) for group in groups if door.seat(group).joined]


def get_group_member_info(door: Door) -> Doc:
    """One member; the bot itself carries its role and mute."""
    group, user_id = door.group(), str(door.number("user_id"))
    return member(door, group, user_id)


def member(door: Door, group: Group, user_id: str) -> Doc:
    """A member as the vendor describes it."""
    own = user_id == door.bot.self_id
    seat = group.seat(user_id)
    return {
        "group_id": as_id(group.group_id),
        "user_id": as_id(user_id),
        "nickname": door.bot.nickname if own else f"群成员{user_id[-4:]}",
        "card": "",
        "sex": "unknown",
        "age": 0,
        "area": "",
        "join_time": 0,
        "last_sent_time": 0,
        "level": "1",
        "role": seat.role if own else "member",
        "unfriendly": False,
        "title": "",
        "title_expire_time": 0,
        "card_changeable": False,
        "shut_up_timestamp": int(door.world.now()) + 2592000 if own and seat.muted else 0,
    }


def get_group_member_list(door: Door) -> list[Doc]:
    """The bot and as many made-up members as the group counts."""
    group = door.group()
    ids = [door.bot.self_id, *(str(800000000 + n) for n in range(max(0, group.members - 1)))]
    return [member(door, group, user_id) for user_id in ids]


def get_status(door: Door) -> Doc:
    """Whether QQ is connected; NapCat calls itself good in any case."""
    return {"online": door.bot.online, "good": door.bot.online or door.bot.dialect == "napcat"}


def get_version_info(door: Door) -> Doc:
    """What implementation this is."""
    name = "NapCat.Onebot" if door.bot.dialect == "napcat" else "onebot-sandbox"
    return {"app_name": name, "app_version": "1.0.0", "protocol_version": "v11"}


def get_login_info(door: Door) -> Doc:
    """Who the bot is."""
    return {"user_id": as_id(door.bot.self_id), "nickname": door.bot.nickname}


def send_group_notice(door: Door) -> None:
    """Put up a notice on the group's board, as an administrator."""
    group, content = door.group(), str(door.params.get("content") or "")
    if not content:
        raise Failed("参数 content 缺失", by_caller=True)
    if door.seat(group).role == "member":
        raise Failed("发送群公告失败: 没有权限")
    now = door.world.now()
    notice_id = f"notice{door.world.state.next_number('qq_notice'):08d}"
    doc = {"group_id": group.group_id, "name": group.name, "at": iso(now), "notice_id": notice_id, "text": content}
    door.world.state.post(
        "qq_notice", group.group_id, now, doc | {"user_id": door.bot.self_id, "nickname": door.bot.nickname}
    )


def get_group_notice(door: Door) -> list[Doc]:
    """The board, newest first."""
    rows = door.world.state.posts("qq_notice", door.group().group_id)
    return [
        {
            "notice_id": doc["notice_id"],
            "sender_id": as_id(doc["user_id"]),
            "publish_time": int(at),
            "message": {"text": doc["text"], "images": [], "image": []},
        }
        for _, _, at, _, doc in reversed(rows)
        if not doc.get("recalled")
    ]


def del_group_notice(door: Door) -> None:
    """Take a notice down."""
    group, notice_id = door.group(), str(door.params.get("notice_id") or "")
    for id, _, _, _, doc in door.world.state.posts("qq_notice", group.group_id):
        if doc["notice_id"] == notice_id and not doc.get("recalled") and door.seat(group).role != "member":
            door.world.state.amend_post(id, doc | {"recalled": iso(door.world.now())})
            return
    raise Failed("删除群公告失败")


def get_group_at_all_remain(door: Door) -> Doc:
    """What is left of today's @全体成员."""
    group = door.group()
    of_group, of_bot = at_all_left(door, group)
    return {
        "can_at_all": door.seat(group).role != "member" and of_group > 0 and of_bot > 0,
        "remain_at_all_count_for_group": of_group,
        "remain_at_all_count_for_uin": of_bot,
    }


ACTIONS: dict[str, Callable[[Door], Any]] = {
    "send_group_msg": send_group_msg,
    "send_private_msg": send_private_msg,
    "send_msg": send_msg,
    "delete_msg": delete_msg,
    "get_msg": get_msg,
    "get_group_msg_history": get_group_msg_history,
    "get_group_info": get_group_info,
    "get_group_list": get_group_list,
    "get_group_member_info": get_group_member_info,
    "get_group_member_list": get_group_member_list,
    "get_status": get_status,
    "get_version_info": get_version_info,
    "get_login_info": get_login_info,
    "get_friend_list": lambda door: [{"user_id": as_id(id), "nickname": "", "remark": ""} for id in door.bot.friends],
    "can_send_image": lambda door: {"yes": True},
    "can_send_record": lambda door: {"yes": False},
    "_send_group_notice": send_group_notice,
    "_get_group_notice": get_group_notice,
    "_del_group_notice": del_group_notice,
    "get_group_at_all_remain": get_group_at_all_remain,
}
