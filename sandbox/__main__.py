"""`python -m sandbox`: serve until SIGTERM or SIGINT; the first line on stdout says where."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading

from sandbox.server import serve


def main() -> None:
    """Read the command line, serve, wait for the signal."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="本机演练环境：公众号、企业微信（群机器人与应用）、QQ（OneBot 11）、短信（阿里云、腾讯云）、邮件（SMTP）",
    )
    parser.add_argument("--port", type=int, default=0, help="端口；0 表示任选一个空闲端口")
    parser.add_argument("--smtp-port", type=int, default=0, help="邮件服务器的端口；0 表示任选一个空闲端口")
    parser.add_argument("--state", default=":memory:", metavar="FILE", help="状态文件（sqlite3）；不写则关掉就忘")
    parser.add_argument(
        "--clock", metavar="TIME", help="虚拟时钟的起点，如 2020-09-01T08:00:00+08:00；不写则用真实时间"
    )
    args = parser.parse_args()
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    with serve(args.port, args.state, args.clock, args.smtp_port) as sandbox:
        sys.stdout.write(json.dumps({"base": sandbox.base, "smtp": sandbox.smtp, "pid": os.getpid()}) + "\n")
        sys.stdout.flush()
        while not stop.wait(0.5):  # a bare wait() cannot be interrupted on Windows
            pass


if __name__ == "__main__":
    main()
