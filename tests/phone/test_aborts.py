"""Breaking a session off: the server's 1223 is met with silence, the user's is the last word."""

from __future__ import annotations

import pytest

from mdmcore.errors import ConfigError
from tests.phone.dm_script import (
    FIRST,
    GET_SWV,
    LAST,
    NEXT_NONCE,
    accepted,
    chal,
    digest,
    get,
    reply,
    script,
    server_cred,
    status,
)
from tests.phone.scripted import DEVICE_SECRET, DEVICE_USER, answer, settings
from tests.phone.session_script import OK, alert, alerts_of, is_final, phone_as, talk


@pytest.mark.parametrize("final", ["<Final/>", ""])
def test_a_server_that_breaks_off_hears_nothing_more(final: str) -> None:
    server = script(FIRST, reply(OK + alert("1223") + GET_SWV, final=final))
    outcome = talk(server, phone_as("wp81"))
    assert (outcome.is_aborted, outcome.is_cancelled) == (True, False)
    assert len(server.received) == 2
    assert outcome.phone.nonce_s2c == server.received[1].challenge()


def test_the_user_breaks_off() -> None:
    body = accepted() + GET_SWV + get("5", "./Nowhere")
    server = script(reply(body, cred=server_cred()), LAST)
    outcome = talk(server, phone_as("wp81", user_cancels_at=2))
    last = server.received[1]
    assert last.commands() == ["Status", "Status", "Status", "Alert", "Final"]
    assert last.statuses() == [
        ("SyncHdr", "0", "212"),
        ("Get", "4", "200"),
        ("Get", "5", "404"),
    ]
    assert alerts_of(last) == ["1223"]
    assert is_final(last)
    assert (outcome.is_cancelled, outcome.is_aborted, outcome.messages) == (True, False, 2)
    assert outcome.phone.nonce_c2s == NEXT_NONCE
    assert outcome.phone.nonce_s2c == last.challenge()


def test_what_the_server_answers_to_it_is_not_read() -> None:
    for nothing in (
        lambda _received: answer("<html/>", "text/html", 500),
        reply(OK + GET_SWV),
    ):
        server = script(FIRST, nothing)
        assert talk(server, phone_as("wp81", user_cancels_at=2)).is_cancelled
        assert len(server.received) == 2


def test_it_carries_the_credentials_that_each_message_needs() -> None:
    nonce = bytes(range(32, 48))
    server = script(
        reply(accepted("200", inner=chal(nonce)) + GET_SWV, cred=server_cred()),
        LAST,
    )
    talk(server, phone_as("wp81", user_cancels_at=2))
    assert server.received[1].cred == digest(DEVICE_USER, DEVICE_SECRET, nonce)


def test_in_the_middle_of_a_package_of_the_server() -> None:
    server = script(
        reply(accepted() + GET_SWV, cred=server_cred(), final=""),
        reply(OK + get("5", "./DevInfo/Man"), final=""),
        LAST,
    )
    talk(server, phone_as("wp81", user_cancels_at=3))
    assert alerts_of(server.received[1]) == ["1222"]
    last = server.received[2]
    assert alerts_of(last) == ["1223"]
    assert last.statuses()[1:] == [("Get", "5", "200")]
    assert is_final(last)


def test_a_session_that_is_over_before_is_not_broken_off() -> None:
    server = script(FIRST, reply(status("SyncHdr", "0", "200")))
    assert not talk(server, phone_as("wp81", user_cancels_at=9)).is_cancelled


def test_there_is_nothing_to_break_off_before_the_first_answer() -> None:
    with pytest.raises(ConfigError, match="message 2 or later"):
        settings(user_cancels_at=1)
