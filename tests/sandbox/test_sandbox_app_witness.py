"""wechatpy.work, which knows nothing of this sandbox, drives it as if it were WeCom."""

from __future__ import annotations

import io

import pytest
from requests.adapters import HTTPAdapter
from wechatpy.exceptions import APILimitedException, WeChatClientException
from wechatpy.work import WeChatClient

AGENT = 1000002


class Redirect(HTTPAdapter):
    """Sends what is meant for WeCom to the sandbox instead."""

    def __init__(self, base):
        super().__init__()
        self.base = base

    def send(self, request, **kwargs):
        request.url = request.url.replace("https://qyapi.weixin.qq.com", self.base + "/wecom")
        return super().send(request, **kwargs)


@pytest.fixture
def wecom(company):
    client = WeChatClient("ww1", "s1", auto_retry=False)
    client._http.trust_env = False
    client._http.mount("https://qyapi.weixin.qq.com/", Redirect(company.base))
    yield client
    client._http.close()


def texts(company, userid="lisi"):
    return [line["text"] for line in company.people() if line["userid"] == userid]


def test_wechatpy_sends_every_type_to_members_departments_and_tags(wecom, company):
    picture = io.BytesIO(company.png)
    picture.name = "a.png"
    image = wecom.media.upload("image", picture)["media_id"]
    paper = io.BytesIO(b"%PDF-1.7 ...")
    paper.name = "a.pdf"
    file = wecom.media.upload("file", paper)["media_id"]
    answer = wecom.message.send_text(AGENT, ["lisi", "Nobody"], "文本", party_ids=["2"], tag_ids=["7"])
    assert (answer["errcode"], answer["invaliduser"]) == (0, "nobody")
    wecom.message.send_markdown(AGENT, "lisi", "**粗**")
    wecom.message.send_text_card(AGENT, "lisi", "标题", "说明", "https://x.cn")
    news = {"title": "新闻", "description": "", "url": "https://x.cn", "image": ""}
    wecom.message.send_articles(AGENT, "lisi", [news])
    page = dict.fromkeys(("author", "content_source_url", "digest"), "") | {"title": "图文", "content": "正文"}
    wecom.message.send_mp_articles(AGENT, "lisi", [page | {"thumb_media_id": image, "show_cover_pic": 0}])
    wecom.message.send_image(AGENT, "lisi", image)
    wecom.message.send_file(AGENT, "lisi", file)
    assert texts(company) == [
        "文本",
        "**粗**",
        "标题\n说明\nhttps://x.cn",
        "新闻 https://x.cn",
        "图文",
        "[图片]",
        "[文件] a.pdf",
    ]
    assert texts(company, "ZhangSan") == ["文本"]


def test_wechatpy_can_ask_for_the_duplicate_check(wecom, company):
    message = {"msgtype": "text", "text": {"content": "一次"}, "enable_duplicate_check": 1}
    first, second = (wecom.message.send(AGENT, "lisi", msg=dict(message)) for _ in range(2))
    assert (first["errcode"], second["errcode"]) == (0, 0)
    assert texts(company) == ["一次"]


def test_wechatpy_makes_a_chat_and_writes_into_it(wecom, company):
    chatid = wecom.appchat.create("c1", "教研室", "boss", ["boss", "lisi"])["chatid"]
    wecom.appchat.update(chatid, name="新名", add_user_list=["wangwu"])
    assert wecom.appchat.get(chatid)["userlist"] == ["boss", "lisi", "wangwu"]
    assert wecom.appchat.send_text(chatid, "大家好")["errcode"] == 0
    wecom.appchat.send(chatid, "markdown", content="**粗**")
    assert texts(company) == ["大家好", "**粗**"]


def test_wechatpy_reads_the_directory(wecom):
    assert [department["id"] for department in wecom.department.list()] == [1, 2, 3, 4]
    assert [department["id"] for department in wecom.department.simple_list(3)] == [3, 4]
    assert [user["name"] for user in wecom.department.get_users(3, fetch_child=1)] == ["李四", "王五", "赵六"]
    assert [user["userid"] for user in wecom.user.list(2, simple=True)] == ["ZhangSan"]
    assert wecom.tag.list()[0] == {"tagid": 7, "tagname": "中层"}
    assert wecom.tag.get_users(7)["tagname"] == "中层"


def test_wechatpy_sees_the_errors_it_expects(wecom, company):
    with pytest.raises(WeChatClientException) as refused:
        wecom.message.send_text(AGENT, "nobody", "甲")
    assert refused.value.errcode == 81013
    company.app(day_limit=0)
    with pytest.raises(APILimitedException):
        wecom.message.send_text(AGENT, "lisi", "甲")
    company.admin("wecom_expire_tokens", corpid="ww1", agentid=AGENT)
    with pytest.raises(WeChatClientException) as expired:
        wecom.tag.list()
    assert expired.value.errcode == 42001


def test_wechatpy_left_to_itself_fetches_a_new_token_when_the_old_is_taken_back(wecom, company):
    wecom.auto_retry = True
    wecom.tag.list()
    company.admin("wecom_expire_tokens", corpid="ww1", agentid=AGENT)
    assert wecom.message.send_text(AGENT, "lisi", "甲")["errcode"] == 0
    assert texts(company) == ["甲"]
