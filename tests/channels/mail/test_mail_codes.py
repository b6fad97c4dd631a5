"""The table of codes: each entry said once by a server, and read."""

from __future__ import annotations

import pytest

from channels.mail.codes import CODES, OURS, SIZE, Phase, error_of, words_of
from rules.outcome import Outcome


@pytest.mark.parametrize("name", sorted(CODES))
@pytest.mark.parametrize("phase", list(Phase))
def test_every_code_has_its_meaning_in_every_phase(name: str, phase: Phase) -> None:
    code = int(name) if "." not in name else 550 if name[0] == "5" else 450
    error = error_of(phase, code, f"{name} text" if "." in name else "text")
    own = CODES[name].outcome
    ours = phase in OURS and own is Outcome.REFUSED and name not in SIZE
    assert error.outcome is (Outcome.MISCONFIGURED if ours else own)
    assert error.reason and (error.advice or error.outcome in (Outcome.UNAVAILABLE, Outcome.THROTTLED))


@pytest.mark.parametrize("name", sorted(CODES))
def test_four_is_not_yet_and_five_is_no(name: str) -> None:
    soft = CODES[name].outcome in (Outcome.UNAVAILABLE, Outcome.THROTTLED)
    assert soft == (name[0] == "4") or name == "5.4.5"  # a day's quota comes back


def test_the_enhanced_code_goes_before_the_basic_one() -> None:
    assert error_of(Phase.RECIPIENT, 550, "5.2.1 disabled").reason == CODES["5.2.1"].reason
    assert error_of(Phase.RECIPIENT, 550, "no 5.2.1 here").reason == CODES["550"].reason
    assert error_of(Phase.RECIPIENT, 550, "5.99.99 new").code == "550 5.99.99"


@pytest.mark.parametrize(
    "text",
    [
        "<a.b@example.edu.cn>: no",
        "no such user (A.B@Example.edu.cn)",
        "to=a.b@example.edu.cn,x",
        "'a.b@example.edu.cn'",
    ],
)
def test_a_mailbox_in_a_servers_words_is_hidden_but_for_its_domain(text: str) -> None:
    assert "a.b" not in words_of(text).lower()
    assert "example.edu.cn" in words_of(text).lower()
    assert words_of(text.encode()) == words_of(text)
