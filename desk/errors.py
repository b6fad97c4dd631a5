"""Errors a person can mend, in plain lines; anything else is a bug, and keeps its stack for whom it is sent to."""

from __future__ import annotations

import errno
import re
import sys
from pathlib import Path

from config import places

BUG = "程序出错，没有完成。这不是操作的问题：请把下面的内容和 var/log/ 下当天的日志发给学校信息中心的系统管理员"
URL_FIX = "应写成 sqlite:///文件、postgresql://用户:密码@主机/库 或 mysql://用户:密码@主机/库"
NO_DEMO = (
    "还没有演练数据。请先运行  python bot.py demo（用 XXGK_DATABASE_URL 演练的，数据在那个库里，查看时不加 --demo）"
)
HAN = re.compile(r"[\u4e00-\u9fff]")


class DeskError(Exception):
    """What a person asked for cannot be done; the message says why and what to do."""


def new_file(path: Path, ending: str) -> Path:
    """The path; raises DeskError if something stands there, which may be a person's work, or if it is no such file."""
    if path.suffix.lower() != ending:
        raise DeskError(f"{path} 应以 {ending} 结尾，没有写")
    if path.exists():
        raise DeskError(f"{path} 已存在，没有覆盖。请换一个文件名，或先移走原文件")
    return path


def explain(error: Exception) -> list[str] | None:
    """The lines to print, None if this is no error of settings, data, files or the database."""
    if isinstance(error, DeskError):
        return str(error).splitlines()
    config = sys.modules.get("config.settings")
    if config is not None and isinstance(error, config.ConfigError):
        return ["设置有问题，请改好后再运行：", *(f"  · {line}" for line in error.lines)]
    alchemy = sys.modules.get("sqlalchemy.exc")
    if alchemy is not None and isinstance(error, (alchemy.ArgumentError, alchemy.NoSuchModuleError)):
        return [f"XXGK_DATABASE_URL 无法识别。{URL_FIX}"]
    if alchemy is not None and isinstance(error, alchemy.DBAPIError) and not isinstance(error, alchemy.IntegrityError):
        return _database(error)
    if alchemy is not None and isinstance(error, alchemy.TimeoutError):
        return ["数据库连接用尽，没有等到空闲的连接。请稍后再试；经常出现时请联系数据库管理员"]
    if isinstance(error, ModuleNotFoundError):
        return [f"缺少 Python 软件包 {error.name}。请按 README 安装依赖，并用 .venv 中的 python 运行"]
    if isinstance(error, OSError) and error.errno != errno.EPIPE:  # the reader of our output has gone: nobody to tell
        return [_file(error)]
    return None


#: What a database says, in part, and what it means.
_SAYINGS = (
    (("unable to open database file",), "数据库文件打不开", "请检查 XXGK_DATABASE_URL 中的文件夹是否存在、是否有权限"),
    (("file is not a database", "malformed"), "数据库文件已损坏，或不是数据库", "请从最近的备份恢复：python bot.py restore 文件"),
    (("database is locked", "lock wait timeout", "deadlock"), "数据库正忙，等了很久没有轮到", "请稍后再试"),
    (("readonly", "read-only", "permission denied", "command denied"), "没有写数据库的权限", "请检查数据库文件或账号的权限"),
    (("disk is full", "no space left"), "磁盘已满", "请清理磁盘空间后再试"),
    (("password authentication", "access denied", "no password", "role "), "数据库的用户名或密码不对", "请检查 .env 中的 XXGK_DATABASE_URL"),
    (("unknown database", 'database "'), "数据库服务器上没有这个库", "请管理员先建库，或检查 XXGK_DATABASE_URL"),
    (("refused", "can't connect", "could not connect", "timeout", "timed out", "resolve", "translate host"), "连接不上数据库", "请检查数据库是否启动、XXGK_DATABASE_URL 中的主机和端口、防火墙"),
    (("server has gone away", "closed the connection", "lost connection"), "与数据库的连接断了", "请检查数据库是否在运行，再试一次"),
)  # fmt: skip


def _database(error: Exception) -> list[str]:
    text = (str(getattr(error, "orig", error)).splitlines() or [""])[0]
    low = text.lower()
    if places.of_demo() and ("no such table" in low or "unable to open" in low):
        return [NO_DEMO]
    if re.search(r"no such table|(relation|table) .*(does not|doesn't) exist", low):
        return ["数据库里还没有公开达的数据，或表还没有升级到本版本。请先运行  python bot.py once watch  或  python bot.py run"]
    if "column" in low:
        return [f"数据库的表结构与本版本不符（{text}）。请运行  python bot.py check  查看"]
    for needles, what, fix in _SAYINGS:
        if any(needle in low for needle in needles):
            return [f"{what}。{fix}"]
    return [f"数据库出错：{text}", "请检查 .env 中的 XXGK_DATABASE_URL、数据库是否启动、账号权限和磁盘空间"]


#: Errors of files by their number, and what to do.
_FILES = {
    errno.ENOSPC: ("磁盘已满", "请清理磁盘空间后再试"),
    errno.EDQUOT if hasattr(errno, "EDQUOT") else -1: ("磁盘配额已用完", "请清理空间或请管理员放宽配额"),
    errno.EROFS: ("所在的磁盘只能读", "请换一个位置"),
    errno.EIO: ("磁盘读写出错", "请检查磁盘或网络盘"),
    errno.ENAMETOOLONG: ("文件名过长", "请换一个短一些的文件名"),
    errno.EADDRINUSE: ("端口已被占用", "请换一个端口，或先停止占用它的程序"),
}
_KINDS: tuple[tuple[type[OSError], str, str], ...] = (
    (PermissionError, "没有权限，或文件正被其他程序（如 Excel、WPS）打开", "请关闭它或检查权限后再试"),
    (FileNotFoundError, "文件或文件夹不存在", "请先建立文件夹，或换一个位置"),
    (FileExistsError, "同名的文件已存在", "请换一个文件名"),
    (IsADirectoryError, "这是文件夹，不是文件", "请写上文件名"),
    (NotADirectoryError, "路径中有一段不是文件夹", "请检查路径"),
)


def _file(error: OSError) -> str:
    """Where it failed, why, and what to do; our own errors say it themselves."""
    if error.errno is None and HAN.search(str(error)):
        return str(error)
    if type(error).__module__.startswith("requests"):  # an address with a key may stand in its text
        return f"网络请求没有成功（{type(error).__name__}）。请检查网络和对方服务是否在运行"
    kind = next(((what, fix) for cls, what, fix in _KINDS if isinstance(error, cls)), None)
    what, fix = (
        _FILES.get(error.errno or 0)
        or kind
        or (f"读写出错（{error.errno or type(error).__name__}）", "请检查磁盘和网络")
    )
    names = [str(name) for name in (error.filename, error.filename2) if name]
    return f"{what}：{' → '.join(names)}。{fix}" if names else f"{what}。{fix}"
