"""The command line speaks Chinese, its mistakes too; errors a person can mend come without a stack."""

from __future__ import annotations

import errno
import inspect
import json
import re
from pathlib import Path

import click
import pytest
import requests
from click.testing import CliRunner
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from bot import bot
from config import places
from desk import front as door
from desk.errors import explain
from tests.desk.conftest import Front, free_port

#: English that a person types or that names a thing.
NAMES = re.compile(
    r"python bot\.py[a-z -]*|bot\.py [a-z-]*( log)?|--?[a-z-]+|xlsx|zip|pdf|csv|json|excel|ctrl-c|list|send|digest|delivered|resend|drop|takedown|recalls?|done|all|x<|<=x<=|"
    r"watch|scan|route|plan|deliver|track|sweep|measure|survey|forget|audit|clock|answers|oversee|brief|seal|rollup|verify|html|htm|txt|docx|onsite|visits|clicks|'[^']*'|“[^”]*”|t08",
    re.IGNORECASE,
)


#: Where a command may be named, and how.
CODE = ("channels", "config", "demo", "desk", "jobs", "rules", "sources", "store", "web")
NAMED = re.compile(r"bot\.py (?:--demo )?([a-z][a-z-]+)")


def english(text: str) -> list[str]:
    known = sorted({name for words in pages() for name in words}, key=len, reverse=True)
    plain = re.sub("|".join(rf"(?<![\w-]){re.escape(name)}(?![\w-])" for name in known), "", text)
    return re.findall("[A-Za-z]{2,}", NAMES.sub("", plain))


def pages() -> list[list[str]]:
    """Every command, and those of a group."""
    found: list[list[str]] = [[]]
    for name, command in bot.commands.items():
        found += [[name], *([name, each] for each in getattr(command, "commands", {}))]
    return found


def test_every_help_page_is_chinese() -> None:
    for words in pages():
        found = CliRunner().invoke(bot, [*words, "--help"], prog_name="bot.py")
        assert found.exit_code == 0
        assert found.output.startswith("用法： bot.py")
        assert "选项:" in found.output and "显示本说明" in found.output
        assert english(found.output) == [], words


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["chek"], "没有命令“chek”。是不是 “check”？"),
        (["zzz"], "没有命令“zzz”。"),
        (["log", "--sinc", "1"], "没有选项“--sinc”。"),
        (["log", "--page", "0"], "0 不在范围 1 至 1000 内"),
        (["log", "--page", "x"], "“x”不是数字"),
        (["log", "--since"], "选项“--since”后面要写内容"),
        (["log", "--failed=3"], "选项“--failed”后面不写内容"),
        (["channels", "a", "b"], "多写了：a b"),
        (["log", "a"], "写得不对：“a”应为"),
        (["retract", "1"], "没有写选项“--reason”。"),
        (["backup"], "没有写“文件”。"),
        (["restore", "/no/where"], "文件“/no/where”不存在"),
        (["restore", "."], "“.”是文件夹，应为文件"),
        (["log", "--retry"], "--retry 须与 --failed 合用"),
        (["sandbox", "--port", "99999"], "99999 不在范围 0 至 65535 内"),
        (["sandbox", "--port", "-1"], "-1 不在范围 0 至 65535 内"),
        (["uncertain", "delivered", "9" * 23], f"{'9' * 23} 不在范围 1 至 "),
        (["items", "--before", "9" * 23], f"{'9' * 23} 不在范围 1 至 "),
    ],
)
def test_a_mistake_in_typing_is_told_in_chinese_with_the_way_on(words: list[str], said: str) -> None:
    found = CliRunner().invoke(bot, words, prog_name="bot.py")
    assert found.exit_code == 2
    assert said in found.output
    assert english(found.output.replace("/no/where", "")) == []


def test_click_still_speaks_the_sentences_that_are_translated() -> None:
    """A new click may word them otherwise: then they would come out in English."""
    spoken = "".join(inspect.getsource(module) for module in door.SPEAKERS)
    spoken = re.sub(r'"\s*\n\s*"', "", spoken)
    assert [each for each in door.CHINESE if f'"{each}"' not in spoken and f"'{each}'" not in spoken] == []


def test_a_bug_shows_its_stack_after_one_line_that_says_whom_to_send_it_to() -> None:
    @click.group(cls=door.Front)
    def broken() -> None: ...

    @broken.command()
    def go() -> None:
        raise KeyError("x")

    found = CliRunner().invoke(broken, ["go"])
    lines = found.output.splitlines()
    assert found.exit_code == 1
    assert "发给学校信息中心的系统管理员" in lines[0]
    assert lines[1].startswith("Traceback") and lines[-1] == "KeyError: 'x'"


def test_a_reader_that_has_gone_is_not_told_of_it() -> None:
    assert explain(BrokenPipeError(errno.EPIPE, "Broken pipe")) is None


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/a/b"), "磁盘已满：/a/b。"),
        (PermissionError(errno.EACCES, "Permission denied", "日志.csv"), "Excel、WPS"),
        (FileNotFoundError(errno.ENOENT, "No such file", "/a"), "不存在：/a。"),
        (OSError(errno.ELOOP, "Too many levels"), "读写出错"),
        (FileExistsError("b.sqlite3 已存在，没有覆盖。请换一个文件名"), "b.sqlite3 已存在，没有覆盖。请换一个文件名"),
        (requests.ConnectionError("https://x/?key=SECRET"), "网络请求没有成功"),
        (ModuleNotFoundError("No module named 'psycopg'", name="psycopg"), "缺少 Python 软件包 psycopg"),
        (OperationalError("", None, Exception("database or disk is full")), "磁盘已满"),
        (OperationalError("", None, Exception("database is locked")), "数据库正忙"),
        (OperationalError("", None, Exception('FATAL: role "a" does not exist')), "用户名或密码不对"),
        (OperationalError("", None, Exception("(1049, \"Unknown database 'x'\")")), "没有这个库"),
        (ProgrammingError("", None, Exception('relation "meta" does not exist')), "还没有公开达的数据"),
        (OperationalError("", None, Exception("no such table: meta")), "还没有公开达的数据"),
        (OperationalError("", None, Exception("no such column: x.y")), "表结构与本版本不符"),
    ],
)
def test_every_error_of_files_network_and_database_is_explained(error: Exception, said: str) -> None:
    lines = explain(error)
    assert lines is not None and said in lines[0] and len(lines) <= 2
    assert "SECRET" not in "".join(lines)


def test_a_broken_rule_of_the_store_is_a_bug_and_keeps_its_stack() -> None:
    assert explain(IntegrityError("", None, Exception("UNIQUE constraint failed"))) is None


@pytest.mark.parametrize(
    "url", ["oracle://a:b@c/d", "nonsense", "postgresql://a:b@h:port/d", "mssql+pyodbc://x", "sqlite+aiosqlite2:"]
)
def test_an_address_of_no_database_of_ours_is_told_in_one_line(front: Front, url: str) -> None:
    front.env["XXGK_DATABASE_URL"] = url
    found = front("log")
    assert found.exit_code == 1
    [line] = found.output.splitlines()
    assert line.startswith("XXGK_DATABASE_URL 无法识别")


@pytest.mark.parametrize("command", ["log", "once"])
def test_a_database_folder_that_cannot_be_made_is_told(front: Front, tmp_path: Path, command: str) -> None:
    (tmp_path / "file").touch()
    front.env["XXGK_DATABASE_URL"] = f"sqlite:///{(tmp_path / 'file' / 'x.sqlite3').as_posix()}"
    found = front(command, *(["sweep"] if command == "once" else []))
    assert found.exit_code == 1
    [line] = found.output.splitlines()
    assert "无法建立" in line and str(tmp_path / "file") in line


def test_a_log_exported_into_a_folder_that_is_not_there_is_told(front: Front) -> None:
    assert front("once", "sweep").exit_code == 0
    found = front("log", "--csv", "/no/where/log.csv")
    assert found.exit_code == 1
    assert found.output.strip() == "文件或文件夹不存在：/no/where/log.csv。请先建立文件夹，或换一个位置"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="只有 Linux 有 /dev/full")
def test_a_full_disk_is_told(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    assert front("once", "sweep").exit_code == 0
    monkeypatch.setattr("desk.log.new_file", lambda path, _: path)  # it stands there
    found = front("log", "--csv", "/dev/full")
    assert found.exit_code == 1 and "磁盘已满" in found.output


def test_channels_and_quota_come_up_with_the_settings_as_they_are_delivered(front: Front) -> None:
    front("once", "plan")
    for command in ("channels", "quota"):
        shown = front(command)
        assert shown.exit_code == 0, shown.output
        assert json.loads(front(command, "--json").output)[{"channels": "channels", "quota": "allowances"}[command]]
    assert "的推送计划" in front("plan").output and json.loads(front("plan", "--json").output)["leaving"] == []
    assert "没有渠道“微博”" in front("quota", "--channel", "微博").output


def test_a_spare_is_only_for_a_retry_of_what_failed(front: Front) -> None:
    refused = front("log", "--failed", "--spare")
    assert refused.exit_code == 2 and "--spare 须与 --failed --retry 合用" in refused.output
    front("once", "plan")
    assert "没有可以改发备用目标的" in front("log", "--failed", "--retry", "--spare").output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["log", "--until", "9999-12-31"], "时间“9999-12-31”应写成 2020-09-01"),
        (["log", "--since", "0001-01-01"], "时间“0001-01-01”应写成 2020-09-01"),
        (["log", "--since", "0001-01-01T00:00"], "时间“0001-01-01T00:00”应写成 2020-09-01"),
        (["report", "--year", "0000-0001"], "学年“0000-0001”应写成 2020-2021"),
        (["report", "--year", "9998-9999"], "学年“9998-9999”应写成 2020-2021"),
        (["report", "--year", "2020-2021", "--cut-off", "9999-12-31"], "截止日“9999-12-31”应写成 2021-10-29"),
        (["report", "--year", "2020-2021", "--cut-off", "2021-02-30"], "截止日：没有“2021-02-30”这一天"),
        (["report", "--year", "2020-2021", "--cut-off", "2019-01-01"], "早于这一期的第一天 2020-09-01"),
        (["cancel", "9" * 23], f"没有找到条目“{'9' * 23}”"),
        (["why", "²"], "没有找到条目“²”"),
        (["log", "--item", "9" * 23], f"没有找到条目“{'9' * 23}”"),
        (["uncertain", "delivered", "9" * 18], f"{'9' * 18}：没有结果待定的接收人"),
        (["confirm", "--only", "²"], "“²”无法识别"),
        (["confirm", "--only", "1,十二"], "“1,十二”无法识别"),
        (["confirm", "--only", "9" * 23], "无法识别"),
    ],
)
def test_what_no_calendar_and_no_database_can_hold_is_told_in_plain_words(
    front: Front, words: list[str], said: str
) -> None:
    assert front("once", "watch").exit_code == 0
    found = front(*words)
    assert found.exit_code == 1
    assert said in found.output and "程序出错" not in found.output


def test_a_log_is_written_as_one_kind_of_file_at_a_time(front: Front) -> None:
    for words in ([], ["--by", "channel"]):
        found = front("log", *words, "--json", "--csv", "x.csv")
        assert found.exit_code == 2 and "--json 与 --csv 只能写一个" in found.output


def test_the_last_years_there_are_can_be_asked_for(front: Front) -> None:
    assert front("once", "watch").exit_code == 0
    for words in (["--since", "1900-01-01"], ["--until", "2999-12-31"], ["--until", "2999-12-31T23:59"]):
        assert front("log", *words).exit_code == 0


def test_looking_for_a_demonstration_where_there_is_none_makes_no_file(
    front: Front, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XXGK_DATABASE_URL", "XXGK_CONFIG"):
        monkeypatch.setenv(name, "")  # what --demo sets is put back
    monkeypatch.setattr(places, "DEMO_FILE", tmp_path / "last" / "demo.sqlite3")
    for words in (["log"], ["items"], ["check"], ["once", "watch"]):
        found = front("--demo", *words)
        assert found.exit_code == 1 and found.output.startswith("还没有演练数据。请先运行  python bot.py demo")
    assert not (tmp_path / "last").exists()


def test_what_a_command_of_the_demonstration_says_to_run_next_looks_at_the_demonstration_too(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert front("once", "watch").exit_code == 0
    monkeypatch.setattr(places, "use_demo", lambda: None)
    for words in (["why", "没有这一条"], ["uncertain", "drop", "9"]):
        real, demo = front(*words), front("--demo", *words)
        assert "python bot.py " in real.output and "python bot.py --demo" not in real.output
        assert demo.output == real.output.replace("python bot.py ", "python bot.py --demo ")
    assert (
        door.in_demo("python bot.py sandbox、python bot.py --demo log")
        == "python bot.py sandbox、python bot.py --demo log"
    )


def test_every_command_that_is_named_anywhere_exists() -> None:
    """In the pages, in what is printed, in the words above a module."""
    root = Path(__file__).resolve().parents[2]
    files = [*root.glob("*.md"), *root.glob("docs/*.md"), *(f for d in CODE for f in (root / d).rglob("*.py"))]
    named = {word: path.name for path in files for word in NAMED.findall(path.read_text(encoding="utf-8"))}
    assert {word: where for word, where in named.items() if word not in bot.commands} == {} and len(named) > 35


def test_before_going_live_a_server_that_does_not_answer_is_the_sandbox_that_was_not_started(front: Front) -> None:
    settings, nobody = front.home / "config" / "school.toml", str(free_port())
    settings.write_text(settings.read_text(encoding="utf-8").replace(":9009", f":{nobody}"), encoding="utf-8")
    found = front("check")
    assert found.output.count(f"127.0.0.1:{nobody} 没有应答") == 3
    assert "python bot.py sandbox" in found.output and "白名单" not in found.output
