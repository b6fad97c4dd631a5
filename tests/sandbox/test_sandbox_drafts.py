"""Material and drafts: what goes in, what is refused, what is left of it."""

from __future__ import annotations

import pytest


@pytest.fixture
def oa(box):
    box.account()
    return box


def test_a_draft_comes_back_as_it_was_put_in(oa):
    media_id = oa.draft(oa.article(title="学费标准", digest="摘要", content_source_url="https://x.edu.cn/1?nid=7"))
    item = oa.oa("draft/get", {"media_id": media_id})["news_item"][0]
    assert (item["title"], item["digest"], item["content_source_url"]) == (
        "学费标准",
        "摘要",
        "https://x.edu.cn/1?nid=7",
    )
    page = oa.oa("draft/batchget", {"offset": 0, "count": 20, "no_content": 1})
    assert page["total_count"] == page["item_count"] == 1
    assert "content" not in page["item"][0]["content"]["news_item"][0]
    assert oa.oa("draft/count") == {"total_count": 1}


def test_an_empty_digest_is_the_beginning_of_the_text(oa):
    media_id = oa.draft(oa.article(content="<p>" + "字" * 80 + "</p>"))
    assert oa.oa("draft/get", {"media_id": media_id})["news_item"][0]["digest"] == "字" * 54


@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({"title": "字" * 33}, 45003),
        ({"title": ""}, 45003),
        ({"author": "字" * 17}, 45110),
        ({"digest": "字" * 129}, 45004),
        ({"content": "字" * 20_000}, 45002),
        ({"content": "<script>x</script>"}, 45166),
        ({"content_source_url": "https://x.cn/" + "a" * 1024}, 45005),
        ({"content_source_url": "javascript:alert(1)"}, 40048),
        ({"thumb_media_id": "nonsense"}, 40007),
        ({"title": 7}, 47001),
        ({"need_open_comment": 5}, 40035),
        ({"pic_crop_1_1": "everything"}, 40035),
    ],
)
def test_a_bad_article_is_refused_with_its_own_code(oa, fields, errcode):
    assert oa.oa("draft/add", {"articles": [oa.article(**fields)]})["errcode"] == errcode


@pytest.mark.parametrize(
    "fields", [{"title": "字" * 32}, {"author": "字" * 16}, {"digest": "字" * 128}, {"content": "字" * 19_999}]
)
def test_an_article_at_the_very_limit_is_taken(oa, fields):
    assert "media_id" in oa.oa("draft/add", {"articles": [oa.article(**fields)]})


def test_a_draft_holds_eight_articles_and_not_nine(oa):
    article = oa.article()
    assert "media_id" in oa.oa("draft/add", {"articles": [article] * 8})
    assert oa.oa("draft/add", {"articles": [article] * 9})["errcode"] == 45008


def test_broken_bodies_are_told_apart(oa):
    assert oa.oa("draft/add", b"{not json")["errcode"] == 47001
    assert oa.oa("draft/add", b"")["errcode"] == 44002
    assert oa.oa("draft/add", [])["errcode"] == 47001
    assert oa.oa("draft/add", {"articles": []})["errcode"] == 44003


def test_scripts_and_foreign_pictures_are_taken_out_and_own_pictures_stay(oa):
    own = oa.upload("media/uploadimg", oa.png)["url"]
    content = (
        f'<p onclick="x()">正文<script>alert(1)</script><img src="{own}"><img src="https://elsewhere.cn/a.png"></p>'
    )
    media_id = oa.draft(oa.article(content=content))
    stored = oa.oa("draft/get", {"media_id": media_id})["news_item"][0]["content"]
    assert own in stored
    assert not any(word in stored for word in ("script", "elsewhere", "onclick"))
    assert "lost img, script" in oa.books()["flags"][0]["text"]


def test_a_temporary_picture_is_no_cover(oa):
    media_id = oa.upload("media/upload", oa.png, type="image")["media_id"]
    assert oa.oa("draft/add", {"articles": [oa.article(thumb_media_id=media_id)]})["errcode"] == 40007


def test_update_and_delete_change_the_box(oa):
    media_id = oa.draft()
    assert (
        oa.oa("draft/update", {"media_id": media_id, "index": 0, "articles": oa.article(title="新标题")})["errcode"]
        == 0
    )
    assert oa.oa("draft/get", {"media_id": media_id})["news_item"][0]["title"] == "新标题"
    assert oa.oa("draft/update", {"media_id": media_id, "index": 1, "articles": oa.article()})["errcode"] == 40114
    assert oa.oa("draft/delete", {"media_id": media_id})["errcode"] == 0
    assert oa.oa("draft/get", {"media_id": media_id})["errcode"] == 40007


def test_a_title_escaped_twice_is_stored_literally_and_flagged(oa):
    media_id = oa.draft(oa.article(title=r"\u4f5c\u606f"))
    assert oa.oa("draft/get", {"media_id": media_id})["news_item"][0]["title"] == r"\u4f5c\u606f"
    assert "escapes" in oa.books()["flags"][0]["text"]


@pytest.mark.parametrize(
    ("path", "kind", "size", "magic", "errcode"),
    [
        ("media/uploadimg", "", 1024 * 1024, "png", 40009),
        ("media/uploadimg", "", 100, "gif", 40005),
        ("material/add_material", "thumb", 65 * 1024, "jpeg", 40009),
        ("material/add_material", "thumb", 100, "png", 40005),
        ("material/add_material", "image", 10 * 1024 * 1024 + 1, "png", 40009),
        ("material/add_material", "sticker", 100, "png", 40004),
        ("media/upload", "voice", 100, "png", 40005),
        ("media/upload", "image", 0, "", 44001),
    ],
)
def test_uploads_are_judged_by_size_and_first_bytes(oa, path, kind, size, magic, errcode):
    start = {"png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8\xff", "gif": b"GIF89a", "": b""}[magic]
    assert oa.upload(path, start.ljust(size, b"\0"), name="a.png", type=kind)["errcode"] == errcode


def test_an_upload_without_the_media_field_is_missing(oa):
    url = f"{oa.base}/wechat/cgi-bin/media/uploadimg"
    answer = oa.http.post(
        url, params={"access_token": oa.token()}, files={"file": ("a.png", oa.png)}, timeout=10
    ).json()
    assert answer["errcode"] == 41005


def test_material_is_counted_listed_fetched_and_deleted(oa):
    media_id = oa.cover()
    assert oa.oa("material/get_materialcount")["image_count"] == 1
    listed = oa.oa("material/batchget_material", {"type": "image", "offset": 0, "count": 20})
    assert listed["item"][0]["media_id"] == media_id
    url = f"{oa.base}/wechat/cgi-bin/material/get_material"
    assert (
        oa.http.post(url, params={"access_token": oa.token()}, json={"media_id": media_id}, timeout=10).content
        == oa.png
    )
    assert oa.oa("material/del_material", {"media_id": media_id})["errcode"] == 0
    assert oa.oa("material/del_material", {"media_id": media_id})["errcode"] == 40007


def test_draft_calls_run_out_per_day_and_clear_quota_gives_them_back(oa):
    oa.account(limits={"draft.count": 2})
    assert [oa.oa("draft/count").get("errcode", 0) for _ in range(3)] == [0, 0, 45009]
    quota = oa.oa("openapi/quota/get", {"cgi_path": "/cgi-bin/draft/count"})["quota"]
    assert quota == {"daily_limit": 2, "used": 2, "remain": 0}
    assert oa.oa("clear_quota", {"appid": oa.appid})["errcode"] == 0
    assert oa.oa("draft/count") == {"total_count": 0}
    assert [oa.oa("clear_quota", {"appid": oa.appid})["errcode"] for _ in range(10)][-2:] == [0, 48006]


@pytest.mark.parametrize(
    ("kind", "path", "allowed"),
    [
        ("personal", "draft/count", True),
        ("personal", "freepublish/batchget", False),
        ("unverified", "tags/get", False),
        ("unverified", "message/mass/sendall", False),
        ("unverified", "datacube/getarticletotal", False),
        ("subscription", "freepublish/batchget", True),
        ("subscription", "message/mass/send", False),
        ("service", "message/mass/send", True),
        ("test", "tags/get", True),
    ],
)
def test_an_account_may_call_what_its_kind_may(oa, kind, path, allowed):
    oa.account(kind=kind)
    answer = oa.oa(path) if path in ("draft/count", "tags/get") else oa.oa(path, {"offset": 0, "count": 1})
    assert (answer.get("errcode") != 48001) is allowed
