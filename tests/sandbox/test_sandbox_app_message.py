"""Messages of a WeCom app: who gets them, who is told of, who is passed over in silence."""

from __future__ import annotations

import time

import pytest
import requests

from sandbox import wecom_inbox


def got(company, **match):
    lines = company.people()
    return [line["userid"] for line in lines if all(line.get(key) == value for key, value in match.items())]


def test_a_message_reaches_each_person_and_the_answer_names_the_unlicensed(company):
    answer = company.tell("放假通知")
    assert answer == {"errcode": 0, "errmsg": "ok", "unlicenseduser": "zhaoliu", "msgid": answer["msgid"]}
    assert got(company) == ["boss", "lisi", "wangwu", "ZhangSan"]
    line = company.people()[3]
    assert line == {
        "userid": "ZhangSan",
        "corpid": "ww1",
        "at": "2020-09-01T08:00:00+08:00",
        "agentid": 1000002,
        "msgid": answer["msgid"],
        "msgtype": "text",
        "text": "放假通知",
    }


def test_a_department_stands_for_those_below_it_and_nobody_gets_a_message_twice(company):
    answer = company.tell(touser="wangwu|WANGWU", toparty="3 | 4", totag="7")
    assert "invaliduser" not in answer
    assert got(company) == ["boss", "lisi", "wangwu", "ZhangSan"]


def test_what_is_no_good_is_named_in_lower_case_and_the_rest_is_sent(company):
    answer = company.tell(touser="ZhangSan|Nobody|GONE", toparty="2|99", totag="7|8|55")
    assert answer["errcode"] == 0
    assert (answer["invaliduser"], answer["invalidparty"], answer["invalidtag"]) == ("nobody|gone", "99", "8|55")
    assert got(company) == ["boss", "ZhangSan"]


def test_with_everybody_addressed_departments_and_tags_are_not_looked_at(company):
    assert "invalidparty" not in company.tell(touser="@all", toparty="99", totag="55")


def test_an_address_with_nothing_good_in_it_is_refused(company):
    answer = company.tell(touser="nobody", toparty="99", totag="55")
    assert answer["errcode"] == 81013
    assert answer["invaliduser"] == "nobody"
    assert company.people() == []


def test_an_unlicensed_member_alone_is_no_error_and_gets_nothing(company):
    answer = company.tell(touser="ZhaoLiu")
    assert (answer["errcode"], answer["unlicenseduser"]) == (0, "zhaoliu")
    assert company.people() == []


def test_an_app_sees_only_its_own_part_of_the_company(company):
    company.app(scope={"departments": [3], "users": ["boss"]})
    answer = company.tell(touser="ZhangSan|lisi", toparty="2", totag="7")
    assert (answer["invaliduser"], answer["invalidparty"]) == ("zhangsan", "2")
    assert got(company) == ["boss", "lisi"]
    company.tell("给所有看得见的人")
    assert got(company, text="给所有看得见的人") == ["boss", "lisi", "wangwu"]


def test_a_scope_may_be_a_tag(company):
    company.app(scope={"tags": [7]})
    company.tell()
    assert got(company) == ["boss", "ZhangSan"]


def test_who_has_left_is_invalid_from_then_on(company):
    company.admin("setup", corps=[{"corpid": "ww1", "members": [{"userid": "lisi", "gone": True}]}])
    assert company.tell(touser="lisi|boss")["invaliduser"] == "lisi"


@pytest.mark.parametrize(
    ("more", "errcode"),
    [
        ({"touser": "", "toparty": "", "totag": ""}, 82001),
        ({"touser": "|".join(f"u{n}" for n in range(1001))}, 40032),
        ({"touser": "", "toparty": "|".join(str(n) for n in range(101))}, 82002),
        ({"touser": "", "totag": "|".join(str(n) for n in range(101))}, 82003),
        ({"touser": ["boss"]}, 40058),
        ({"agentid": 1000003}, 301002),
        ({"agentid": "x"}, 40056),
        ({"agentid": None}, 41011),
        ({"msgtype": "poem"}, 40008),
        ({"msgtype": ["text"]}, 40008),
        ({"text": {"content": ""}}, 44004),
        ({"text": "通知"}, 44004),
        ({"text": {"content": 7}}, 40058),
        ({"msgtype": "markdown", "markdown": {"content": "字" * 683}}, 45002),
        ({"msgtype": "textcard", "textcard": {"description": "d", "url": "https://x.cn"}}, 41016),
        ({"msgtype": "textcard", "textcard": {"title": "t", "url": "https://x.cn"}}, 41033),
        ({"msgtype": "textcard", "textcard": {"title": "t", "description": "d"}}, 41010),
        ({"msgtype": "textcard", "textcard": {"title": "t", "description": "d", "url": "x.cn"}}, 45034),
        (
            {
                "msgtype": "textcard",
                "textcard": {"title": "t", "description": "d", "url": "https://x.cn/" + "a" * 2048},
            },
            40039,
        ),
        ({"msgtype": "news", "news": {"articles": []}}, 44003),
        ({"msgtype": "news", "news": {"articles": [{"title": "t", "url": "https://x.cn"}] * 9}}, 45008),
        ({"msgtype": "file", "file": {}}, 41006),
        ({"msgtype": "file", "file": {"media_id": "nonsense"}}, 40007),
        (
            {"msgtype": "mpnews", "mpnews": {"articles": [{"title": "t", "content": "c", "thumb_media_id": "x"}]}},
            40007,
        ),
        ({"enable_duplicate_check": 1, "duplicate_check_interval": 14_401}, 40058),
    ],
)
def test_a_bad_message_is_refused_with_its_own_code_and_reaches_nobody(company, more, errcode):
    assert company.tell(**more)["errcode"] == errcode
    assert company.people() == []


def test_a_body_that_is_no_json_is_refused(company):
    assert company.work("message/send", b"{not json")["errcode"] == 47001


def test_text_over_2048_bytes_is_cut_in_silence_and_flagged(company):
    assert company.tell("a" + "字" * 700)["errcode"] == 0
    assert company.people()[0]["text"] == "a" + "字" * 682
    assert "cut to 2048" in company.books()["flags"][0]["text"]


def test_a_card_and_news_are_cut_where_the_vendor_cuts(company):
    card = {"title": "字" * 50, "description": "字" * 200, "url": "https://x.edu.cn/1", "btntxt": "点这里看全文"}
    assert company.tell(msgtype="textcard", textcard=card)["errcode"] == 0
    assert company.tell(msgtype="news", news={"articles": [card] * 8})["errcode"] == 0
    first, second = company.books()["wecom_messages"]
    for shown in (first["articles"][0], second["articles"][7]):
        assert (len(shown["title"]), len(shown["description"])) == (42, 170)


def test_an_article_is_kept_with_its_content_up_to_666_kilobytes(company):
    cover = company.work_upload(company.png, "image", "a.png")["media_id"]
    page = {"title": "公示", "thumb_media_id": cover, "content": "字" * (666 * 1024 // 3), "digest": "摘要"}
    assert company.tell(msgtype="mpnews", mpnews={"articles": [page]})["errcode"] == 0
    page["content"] += "字"
    assert company.tell(msgtype="mpnews", mpnews={"articles": [page]})["errcode"] == 45002
    assert company.books()["wecom_messages"][0]["pages"][0]["title"] == "公示"


def test_the_thirty_first_message_in_a_minute_is_dropped_without_a_word(company):
    answers = [company.tell(f"第{n}条", touser="lisi") for n in range(31)]
    assert {answer["errcode"] for answer in answers} == {0}
    assert company.tell("给两人", touser="lisi|boss")["errcode"] == 0
    assert len(got(company, userid="lisi")) == 30
    assert [line["text"] for line in company.people("wecom_dropped")] == ["第30条", "给两人"]
    assert got(company, text="给两人") == ["boss"]
    message = company.books()["wecom_messages"][-1]
    assert (message["addressed"], message["received"]) == (2, 1)
    company.admin("clock", advance=60)
    company.tell("又能收到", touser="lisi")
    assert got(company, text="又能收到") == ["lisi"]


def test_another_app_has_a_minute_of_its_own(company):
    company.app(agentid=1000003, secret="s2")
    for n in range(31):
        company.tell(f"第{n}条", touser="lisi")
    body = {"touser": "lisi", "agentid": 1000003, "msgtype": "text", "text": {"content": "别的应用"}}
    company.work("message/send", body, secret="s2")
    assert got(company, text="别的应用") == ["lisi"]


def test_what_is_over_the_hours_limit_is_dropped_although_no_minute_is_full(company, monkeypatch):
    monkeypatch.setitem(wecom_inbox.PER_MEMBER, "app", ((60, 30), (3600, 5)))
    for n in range(6):
        company.tell(f"第{n}条", touser="lisi")
        company.admin("clock", advance=600)
    assert [line["text"] for line in company.people("wecom_dropped")] == ["第5条"]
    company.tell("第一条已过一小时", touser="lisi")
    assert got(company, text="第一条已过一小时") == ["lisi"]


def test_a_repeat_within_the_interval_is_answered_with_0_and_delivered_to_nobody(company):
    checked = {"enable_duplicate_check": 1, "duplicate_check_interval": 600}
    first = company.tell("一次就好", **checked)
    second = company.tell("一次就好", **checked)
    assert second["errcode"] == 0
    assert second["msgid"] != first["msgid"]
    assert len(got(company)) == 4
    assert company.books()["wecom_repeats"][0]["text"] == "一次就好"
    assert company.work("message/recall", {"msgid": second["msgid"]})["errcode"] == 40058
    company.admin("clock", advance=600)
    company.tell("一次就好", **checked)
    assert len(got(company)) == 8


def test_without_the_check_or_with_another_body_a_repeat_is_delivered(company):
    company.tell("两次", touser="lisi")
    company.tell("两次", touser="lisi")
    company.tell("查重", touser="lisi", enable_duplicate_check=1)
    company.tell("查重", touser="lisi|boss", enable_duplicate_check=1)
    assert got(company, userid="lisi") == ["lisi"] * 4
    assert company.books()["wecom_repeats"] == []


def test_the_usual_interval_is_half_an_hour_and_the_order_of_keys_does_not_matter(company):
    company.tell("甲", touser="lisi", enable_duplicate_check=1)
    company.admin("clock", advance=1799)
    body = {"enable_duplicate_check": 1, "text": {"content": "甲"}, "msgtype": "text", "agentid": 1000002}
    assert company.work("message/send", body | {"touser": "lisi"})["errcode"] == 0
    assert len(company.people()) == 1


def test_an_answer_lost_after_sending_can_be_repeated_byte_for_byte(company):
    company.admin("faults", call="wecom.message.send", kind="after")
    with pytest.raises(requests.ConnectionError):
        company.tell("丢了回答", touser="lisi", enable_duplicate_check=1)
    assert company.tell("丢了回答", touser="lisi", enable_duplicate_check=1)["errcode"] == 0
    assert got(company) == ["lisi"]


def test_persons_times_messages_have_a_cap_for_the_day(company):
    company.app(day_limit=6)
    assert company.tell()["errcode"] == 0
    assert company.tell()["errcode"] == 45009
    assert company.tell(touser="lisi|boss")["errcode"] == 0
    company.admin("clock", now="2020-09-02T00:00:00+08:00")
    assert company.tell()["errcode"] == 0


def test_the_cap_is_two_hundred_for_each_account_the_company_has(company):
    company.admin("setup", corps=[{"corpid": "ww1", "accounts": 1}])
    assert {company.tell(str(n), touser="lisi")["errcode"] for n in range(200)} == {0}
    assert company.tell("多了", touser="lisi")["errcode"] == 45009


def test_a_message_is_recalled_within_a_day_by_its_own_app_only(company):
    company.app(agentid=1000003, secret="s2")
    msgid = company.tell("写错了")["msgid"]
    assert company.work("message/recall", {"msgid": msgid}, secret="s2")["errcode"] == 40058
    company.admin("clock", advance=86_400)
    assert company.work("message/recall", {"msgid": msgid})["errcode"] == 0
    assert {line["recalled"] for line in company.people()} == {"2020-09-02T08:00:00+08:00"}
    late = company.tell("太晚")["msgid"]
    company.admin("clock", advance=86_401)
    assert company.work("message/recall", {"msgid": late})["errcode"] == 40058
    assert company.work("message/recall", {"msgid": "nonsense"})["errcode"] == 40058


def test_the_days_count_does_not_show_what_was_dropped(company):
    for n in range(31):
        company.tell(str(n), touser="lisi")
    today = company.work("message/get_statistics", {"time_type": 0})["statistics"]
    assert today == [{"agentid": 1000002, "app_name": "信息公开", "count": 31}]
    company.admin("clock", advance=86_400)
    assert company.work("message/get_statistics", {"time_type": 1})["statistics"][0]["count"] == 31
    assert company.work("message/get_statistics", {})["statistics"][0]["count"] == 0
    assert company.work("message/get_statistics", {"time_type": 2})["errcode"] == 40058


def test_files_are_checked_and_live_three_days_for_the_whole_company(company):
    company.app(agentid=1000003, secret="s2")
    answer = company.work_upload(b"%PDF-1.7 ...")
    assert answer["created_at"] == "1598918400"
    body = {"touser": "lisi", "agentid": 1000003, "msgtype": "file", "file": {"media_id": answer["media_id"]}}
    assert company.work("message/send", body, secret="s2")["errcode"] == 0
    assert company.books()["wecom_messages"][0]["text"] == "[文件] 公示.pdf"
    assert company.tell(msgtype="image", image={"media_id": answer["media_id"]})["errcode"] == 40007
    company.admin("clock", advance=3 * 86_400)
    assert company.work("message/send", body, secret="s2")["errcode"] == 40007


@pytest.mark.parametrize(
    ("data", "kind", "errcode"),
    [
        (b"", "file", 44001),
        (b"12345", "file", 40006),
        (b"123456", "sticker", 40004),
        (b"GIF89a....", "image", 40123),
        (b"not a voice", "voice", 301017),
        (b"\x89PNG\r\n\x1a\n".ljust(5 * 1024 * 1024 + 1, b"\0"), "image", 40009),
        (b"x" * (20 * 1024 * 1024 + 1), "file", 45001),
    ],
)
def test_a_file_that_the_vendor_would_not_take_is_refused(company, data, kind, errcode):
    assert company.work_upload(data, kind)["errcode"] == errcode


def test_robots_and_apps_do_not_share_files(company):
    company.admin("setup", robots=[{"key": "k1"}])
    url = f"{company.base}/wecom/cgi-bin/webhook/upload_media?key=k1&type=file"
    theirs = company.http.post(url, files={"media": ("a.pdf", b"%PDF-1.7 ...")}, timeout=5).json()["media_id"]
    ours = company.work_upload(b"%PDF-1.7 ...")["media_id"]
    assert company.tell(msgtype="file", file={"media_id": theirs})["errcode"] == 40007
    assert company.robot(msgtype="file", file={"media_id": ours})["errcode"] == 40007


def test_twelve_thousand_members_are_set_up_and_reached_in_little_time(box):
    members = [{"userid": f"s{n}", "name": f"学生{n}", "departments": [2 + n % 40]} for n in range(12_000)]
    departments = [{"id": 2 + n, "name": f"班{n}", "parentid": 1} for n in range(40)]
    box.admin("setup", corps=[{"corpid": "ww1", "departments": departments, "members": members}])
    box.app()
    box.work_token()
    began = time.process_time()
    assert box.tell("给所有人")["errcode"] == 0
    assert box.tell("再来一条", touser="|".join(f"s{n}" for n in range(1000)))["errcode"] == 0
    assert time.process_time() - began < 2
    assert [message["received"] for message in box.books()["wecom_messages"]] == [12_000, 1000]
    assert len(box.people()) == 13_000


def test_a_member_and_their_messages_are_on_the_phone_page(company):
    company.tell("看手机 <b>", touser="ZhangSan")
    msgid = company.tell("要撤回的话", touser="ZhangSan")["msgid"]
    company.work("message/recall", {"msgid": msgid})
    page = company.http.get(company.base, params={"chat": "member-ww1:zhangsan"}, timeout=5).text
    assert "张三" in page
    assert "看手机 &lt;b&gt;" in page
    assert "消息已撤回" in page
    assert "要撤回的话" not in page
    assert "李四" not in page
    assert "还没有消息" in company.http.get(company.base, params={"chat": "member-ww1:lisi"}, timeout=5).text


def test_any_member_can_be_opened_on_the_phone_although_few_are_listed(box):
    members = [{"userid": f"s{n}", "name": f"学生{n}号"} for n in range(100)]
    box.admin("setup", corps=[{"corpid": "ww1", "members": members}])
    box.app()
    box.tell("人人有份")
    listed = box.http.get(box.base, timeout=5).text
    assert listed.count('class="chat member') == 12
    opened = box.http.get(box.base, params={"chat": "member-ww1:s77"}, timeout=5).text
    assert "学生77号" in opened.split('class="talk"')[1]
    assert "人人有份" in opened.split('class="talk"')[1]


def test_the_books_are_read_for_one_member_or_one_message(company):
    first = company.tell("甲")["msgid"]
    company.tell("乙", touser="lisi|boss")
    one = company.books(vendor="wecom_app", userid="LiSi")["wecom_people"]
    assert [(line["userid"], line["text"]) for line in one] == [("lisi", "甲"), ("lisi", "乙")]
    both = company.books(vendor="wecom_app", userid="lisi", msgid=first)["wecom_people"]
    assert [line["text"] for line in both] == ["甲"]
    assert company.books(vendor="wecom_app", msgid="nonsense")["wecom_people"] == []
    assert "wecom_people" not in company.books()


def test_everybody_is_a_word_of_its_own_and_needs_somebody(company):
    assert company.tell(touser="lisi|@all")["invaliduser"] == "@all"
    company.app(scope={"departments": []})
    assert company.tell(touser="@all")["errcode"] == 81013


def test_a_reset_forgets_the_company(company):
    company.tell()
    company.admin("reset")
    assert company.work_token()["errcode"] == 40013
    assert company.people() == []
