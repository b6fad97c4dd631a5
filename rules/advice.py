"""What a person is told to do by hand where the bot stops: in one place, so that it names only commands that exist."""

from __future__ import annotations

from datetime import date

#: A running bot has read .env at its start.
RESTART = "改过 .env 的，先重新启动 bot.py run"


def vanished(item_id: int, file: str) -> str:
    """An item whose row or page is gone: what waits is held, what left stays."""
    return (
        f"条目 {item_id} 已从 {file} 中消失，没有发出的已经停住，已发出的不会自动撤回。误删的，把原来那一行放回去即继续；"
        f"不再公开的，运行 python bot.py cancel {item_id} 停止推送；发到了哪里用 python bot.py why {item_id} 查看，"
        f"已发出的也要撤回，运行 python bot.py retract {item_id} --reason 原因"
    )


def withdrawn_there(item_id: int) -> str:
    """An item that its own source says was taken back: what waits is held, what left is for a person to recall."""
    return (
        f"条目 {item_id} 已在来源系统中撤回，没有发出的已经停住，已发出的不会自动撤回。发到了哪里用 python bot.py why {item_id} "
        f"查看；已发出的也要撤回，运行 python bot.py retract {item_id} --reason 原因；来源中恢复的，自动继续"
    )


def contrary(item_id: int, first: str, second: str, said: str) -> str:
    """Two sources disagree on one item: which is right, a person says."""
    return (
        f"由“{first}”登记，而“{second}”{said}，没有发出的已经停住。请核对：以“{first}”为准的，恢复推送运行 python bot.py cancel {item_id} "
        f"--undo；以“{second}”为准的，请改正“{first}”；已经发出而须收回的，运行 python bot.py retract {item_id} --reason 原因"
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
        f"需要更正的，运行 python bot.py correct {item_id} --reason 原因；"
        f"需要收回的，运行 python bot.py retract {item_id} --reason 原因；"
        f"还有没发出的也不再发，运行 python bot.py cancel {item_id}"
    )


def term(item_id: int, last_day: date, takes_down: bool) -> str:
    """What becomes of a 公示 when its term is over."""
    stays = f"群里的消息不下架，需要收回的运行 python bot.py retract {item_id} --reason 原因"
    comes = "能单独下架文章的渠道自动撤下" if takes_down else "不自动撤下（school.toml 的 take_down = false）"
    return f"公示期至 {last_day}：期满后，{comes}；{stays}"


def enter_year(year: int) -> str:
    """What to do about a year whose 放假安排 has not been entered."""
    return f"国务院办公厅的放假通知发布后，请照上一年的样子填写 config/calendar/{year}.csv，再重新启动公开达"
