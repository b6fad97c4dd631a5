"""Access tokens live, overlap and die as the vendor's do."""

from __future__ import annotations

import pytest


@pytest.fixture
def oa(box):
    box.account()
    return box


def test_stable_token_stays_the_same_until_its_last_five_minutes(oa):
    first = oa.token()
    oa.admin("clock", advance=6899)
    assert oa.token() == first


def test_stable_token_overlaps_in_the_last_five_minutes(oa):
    first = oa.token()
    oa.admin("clock", advance=6900)
    second = oa.token()
    assert second != first
    assert oa.oa("draft/count", token=first) == {"total_count": 0}
    assert oa.oa("draft/count", token=second) == {"total_count": 0}
    oa.admin("clock", advance=300)
    assert oa.oa("draft/count", token=first)["errcode"] == 42001
    assert oa.oa("draft/count", token=second) == {"total_count": 0}


def test_force_refresh_kills_the_old_token_but_not_twice_in_thirty_seconds(oa):
    first = oa.token()
    second = oa.token(force_refresh=True)
    assert second != first
    assert oa.oa("draft/count", token=first)["errcode"] == 40001
    assert oa.token(force_refresh=True) == second
    oa.admin("clock", advance=30)
    assert oa.token(force_refresh=True) != second


def test_force_refresh_works_twenty_times_a_day(oa):
    values = []
    for _ in range(22):
        values.append(oa.token(force_refresh=True))
        oa.admin("clock", advance=30)
    assert len(set(values)) == 20


def test_every_old_token_call_kills_the_one_before_after_five_minutes(oa):
    first = oa.old_token()["access_token"]
    second = oa.old_token()["access_token"]
    assert first != second
    oa.admin("clock", advance=299)
    assert oa.oa("draft/count", token=first) == {"total_count": 0}
    oa.admin("clock", advance=1)
    assert oa.oa("draft/count", token=first)["errcode"] == 40001
    assert oa.oa("draft/count", token=second) == {"total_count": 0}


def test_old_and_stable_tokens_do_not_know_each_other(oa):
    stable = oa.token()
    oa.old_token()
    oa.old_token()
    oa.admin("clock", advance=400)
    assert oa.oa("draft/count", token=stable) == {"total_count": 0}


def test_expire_tokens_makes_42001_and_stable_token_then_gives_a_new_one(oa):
    first = oa.token()
    assert oa.admin("expire_tokens", appid=oa.appid)["expired"] == 1
    assert oa.oa("draft/count", token=first)["errcode"] == 42001
    assert oa.token() != first


@pytest.mark.parametrize(
    ("more", "errcode"),
    [
        ({"appid": "wxnobody"}, 40013),
        ({"appid": "wxnobody", "grant_type": "x"}, 40013),
        ({"grant_type": "x"}, 40002),
        ({"secret": "wrong"}, 40125),
        ({"secret": ""}, 41004),
    ],
)
def test_wrong_credentials_are_refused_appid_first(oa, more, errcode):
    answer = oa.old_token(**more)
    assert answer["errcode"] == errcode
    assert " rid: " in answer["errmsg"]


def test_a_caller_outside_the_ip_list_gets_no_token(oa):
    oa.account(ip_allow=["10.0.0.1"])
    answer = oa.old_token()
    assert answer["errcode"] == 40164
    assert "127.0.0.1" in answer["errmsg"]


def test_missing_and_wrong_tokens_differ(oa):
    assert oa.oa("draft/count", token="")["errcode"] == 41001
    assert oa.oa("draft/count", token="nonsense")["errcode"] == 40001


def test_a_call_with_the_wrong_method_is_refused_before_its_token(oa):
    assert oa.oa("draft/add", token="nonsense")["errcode"] == 43002
    assert oa.oa("draft/count", {}, token="nonsense")["errcode"] == 43001


def test_token_calls_run_out_at_the_end_of_the_day_and_come_back(oa):
    oa.account(limits={"token": 3})
    for _ in range(3):
        assert "access_token" in oa.old_token()
    assert oa.old_token()["errcode"] == 45009
    oa.admin("clock", now="2020-09-01T23:59:59+08:00")
    assert oa.old_token()["errcode"] == 45009
    oa.admin("clock", now="2020-09-02T00:00:00+08:00")
    assert "access_token" in oa.old_token()
