"""wechatpy, which knows nothing of this sandbox, drives it as if it were WeChat."""

from __future__ import annotations

import io

import pytest
from requests.adapters import HTTPAdapter
from wechatpy import WeChatClient
from wechatpy.exceptions import WeChatClientException


class Redirect(HTTPAdapter):
    """Sends what is meant for WeChat to the sandbox instead."""

    def __init__(self, base):
        super().__init__()
        self.base = base

    def send(self, request, **kwargs):
        request.url = request.url.replace("https://api.weixin.qq.com", self.base + "/wechat")
        return super().send(request, **kwargs)


@pytest.fixture
def wechat(box):
    box.account()
    client = WeChatClient(box.appid, "secret", auto_retry=False)
    client._http.trust_env = False
    client._http.mount("https://api.weixin.qq.com/", Redirect(box.base))
    yield client
    client._http.close()


def article(wechat, box):
    picture = io.BytesIO(box.png)
    picture.name = "cover.png"
    media_id = wechat.material.add("image", picture)["media_id"]
    return {
        "title": "收费标准公示",
        "content": "<p>正文</p>",
        "thumb_media_id": media_id,
        "author": "",
        "digest": "摘要",
        "content_source_url": "https://x.edu.cn/1",
        "need_open_comment": 0,
        "only_fans_can_comment": 0,
    }


def test_wechatpy_makes_a_draft_sends_it_and_asks_after_it(wechat, box):
    media_id = wechat.draft.add([article(wechat, box)])["media_id"]
    assert wechat.draft.get(media_id)["news_item"][0]["title"] == "收费标准公示"
    sent = wechat.message.send_mass_article(media_id, is_to_all=True, client_msg_id="w1")
    assert wechat.message.get_mass(sent["msg_id"])["msg_status"] == "SENDING"
    box.admin("clock", advance=60)
    assert wechat.message.get_mass(sent["msg_id"])["msg_status"] == "SEND_SUCCESS"
    with pytest.raises(WeChatClientException) as repeated:
        wechat.message.send_mass_article(media_id, is_to_all=True, client_msg_id="w1")
    assert repeated.value.errcode == 45065
    assert repeated.value.response.json()["msg_id"] == sent["msg_id"]


def test_wechatpy_publishes_and_reads_the_list(wechat, box):
    media_id = wechat.draft.add([article(wechat, box)])["media_id"]
    job = wechat.freepublish.submit(media_id)
    box.admin("clock", advance=60)
    done = wechat.freepublish.get(job["publish_id"])
    assert done["publish_status"] == 0
    assert wechat.freepublish.batchget(0, 20, 1)["item"][0]["article_id"] == done["article_id"]
    assert wechat.draft.count()["total_count"] == 0
    assert wechat.freepublish.getarticle(done["article_id"])["news_item"][0]["is_deleted"] is False
    assert wechat.freepublish.delete(done["article_id"], 0)["errcode"] == 0


def test_wechatpy_reads_tags_followers_and_old_figures(wechat, box):
    tag = wechat.tag.create("家长")["id"]
    fans = wechat.user.get_followers()["data"]["openid"][:3]
    wechat.tag.tag_user(tag, fans)
    assert wechat.tag.get_tag_users(tag)["data"]["openid"] == fans
    assert {row["name"] for row in wechat.tag.get()} == {"星标组", "家长"}
    wechat.message.send_mass_text("给家长的话", tag)
    box.admin("clock", advance=86_400)
    wechat.session.delete(f"{wechat.appid}_access_token")
    assert box.books()["wechat"][0]["sent"] == 3
    assert wechat.datacube.get_user_cumulate("2020-09-01", "2020-09-01")[0]["cumulate_user"] == 1000


def test_wechatpy_sees_the_errors_it_expects(wechat, box):
    with pytest.raises(WeChatClientException) as refused:
        wechat.draft.get("nonsense")
    assert refused.value.errcode == 40007
    box.admin("expire_tokens", appid=box.appid)
    with pytest.raises(WeChatClientException) as expired:
        wechat.draft.count()
    assert expired.value.errcode == 42001
