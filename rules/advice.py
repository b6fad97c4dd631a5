"""What a person is told to do by hand where the bot stops: in one place, so that it names only commands that exist."""

from __future__ import annotations


def vanished(item_id: int, file: str) -> str:
    """An item whose row or page is gone: what waits is held, what left stays."""
    return (
        f"条目 {item_id} 已从 {file} 中消失，没有发出的已经停住，已发出的不会自动撤回。误删的，把原来那一行放回去即继续；"
        f"不再公开的，运行 python bot.py cancel {item_id} 停止推送，发到了哪里用 python bot.py why {item_id} 查看，"
        "请各渠道的管理员在平台上自行删除并留存记录"
    )


def mended(item_id: int) -> str:
    """A row beside an item whose own row is gone: the clerk says whether it is that item or another."""
    return (
        f"原来的内容用 python bot.py why {item_id} 查看。是原条目的，请先改回原来的编号、文号、标题、形成日期和责任部门"
        "（原来没有编号的，同时填上编号），保存后再改其他内容；确为新条目的，请把原来那一行放回表中，保存后这一行即登记，"
        "下一轮读取之后可再删去原来那一行"
    )


def changed(item_id: int) -> str:
    """An item that has a newer version than the one that left: nothing goes out a second time."""
    return (
        f"登记了新版本，而旧版本已经发出，不会自动再发。发到了哪里用 python bot.py why {item_id} 查看；"
        "需要更正的，请各渠道的管理员在平台上自行更正并留存记录；"
        f"还有没发出的也不再发，运行 python bot.py cancel {item_id}"
    )
