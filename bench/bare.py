"""What plain `requests` can do: eight threads, a session each, the same body, the answer parsed and checked; no log."""

from __future__ import annotations

import json
import threading
import time

import requests

THREADS = 8
TEXT = (
    "【示例学院 信息公开】\n关于公布2021年春季学期第{n}批学生事务办理结果的通知\n"
    "现将办理结果予以公布，如有疑问请在五个工作日内向学生工作处反映。\n责任部门：学生工作处\n"
    "https://www.example.edu.cn/xxgk/{n}.htm\n【公开#{n:06X}】"
)


def body(n: int) -> bytes:
    """The n-th message, as large as ours."""
    message = [{"type": "text", "data": {"text": TEXT.format(n=n)}}]
    return json.dumps({"group_id": 700000000 + n % 50, "message": message}, ensure_ascii=False).encode()


def session() -> requests.Session:
    """A session as quick as it gets."""
    made = requests.Session()
    made.trust_env = False
    return made


def send(through: requests.Session, url: str, n: int) -> None:
    """One message; raises if it was not taken."""
    headers = {"Content-Type": "application/json", "Authorization": "Bearer bench"}
    response = through.post(url, data=body(n), headers=headers, timeout=(5, 30))
    if json.loads(response.content)["errcode"] != 0:
        raise RuntimeError(response.text)


def run(base: str, messages: int) -> float:
    """Seconds for all messages; the threads share one counter."""
    numbers, lock = iter(range(messages)), threading.Lock()

    def work() -> None:
        with session() as mine:
            while True:
                with lock:
                    n = next(numbers, None)
                if n is None:
                    return
                send(mine, f"{base}/onebot/send_group_msg", n)

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - begun
