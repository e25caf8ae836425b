"""Packages over several messages, the device's and the server's, and asking the server to wait."""

from __future__ import annotations

import pytest

from mdmcore.http import Response
from mdmcore.phone import Refusal
from mdmcore.phone.first_package import generic_alert
from mdmcore.syncml.model import Item, Meta
from tests.phone.dm_script import (
    FIRST,
    GET_SWV,
    LAST,
    NEXT_NONCE,
    Received,
    Turn,
    accepted,
    chal,
    digest,
    get,
    reply,
    script,
    server_cred,
    status,
)
from tests.phone.scripted import DEVICE_SECRET, DEVICE_USER, assert_refusal
from tests.phone.session_script import (
    DMID,
    NEXT,
    OK,
    alert,
    alerts_of,
    following,
    is_final,
    phone_as,
    talk,
    write,
)

LIMIT = 2048
NOTES = tuple(
    generic_alert(Item(meta=Meta(format="chr", type="com.example/note"), data=letter * 600))
    for letter in "abc"
)
"""Too much for one message."""
MORE = reply(accepted() + alert("1222"), cred=server_cred(), final="")
"""The answer to the first message of a package 1 that is not finished."""


def refused(*turns: Turn, profile: str = "win10", **settings: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        talk(script(*turns), phone_as(profile, max_message_bytes=LIMIT, **settings), *NOTES)
    return caught.value


def test_package_1_over_several_messages() -> None:
    server = script(MORE, NEXT, reply(OK + GET_SWV), LAST)
    talk(server, phone_as("win10", max_message_bytes=LIMIT), *NOTES)
    first, second, third, fourth = server.received
    assert [is_final(received) for received in server.received] == [False, False, True, True]
    assert first.commands() == ["Alert", "Alert", "Alert"]
    assert second.statuses() == [("SyncHdr", "0", "212"), ("Alert", "70", "200")]
    assert second.commands() == ["Status", "Status", "Alert"]
    assert third.commands() == ["Status", "Status", "Alert", "Replace", "Final"]
    assert [received.msg_id for received in server.received] == ["1", "2", "3", "4"]
    assert fourth.statuses()[1:] == [("Get", "4", "200")]
    assert all(len(request.body or b"") <= LIMIT for request in server.requests)
    assert second.challenge() is not None


def test_a_challenge_in_the_middle_begins_package_1_again() -> None:
    asks = reply(status("SyncHdr", "0", "407", inner=chal()), final="")
    server = script(asks, MORE, NEXT, reply(OK + GET_SWV), LAST)
    phone = phone_as("win10", max_message_bytes=LIMIT, sends_cred_first=False)
    talk(server, phone, *NOTES)
    second = server.received[1]
    assert second.statuses() == [("SyncHdr", "0", "200")]
    assert alerts_of(second)[0] == "1201"
    assert second.cred == digest(DEVICE_USER, DEVICE_SECRET, NEXT_NONCE)
    assert alerts_of(server.received[2]) == ["1226"]


def test_credentials_of_a_200_go_into_each_message_of_the_package() -> None:
    nonces = [bytes([number] * 16) for number in range(3)]

    def more(number: int) -> Turn:
        body = status("SyncHdr", "0", "200", inner=chal(nonces[number])) + alert("1222")
        cred = server_cred() if number == 0 else ""
        return reply(body, cred=cred, final="")

    last = reply(status("SyncHdr", "0", "200", inner=chal(nonces[2])))
    server = script(more(0), more(1), last)
    outcome = talk(server, phone_as("win10", max_message_bytes=2500), *NOTES)
    for received, nonce in zip(server.received[1:], nonces, strict=False):
        assert received.cred == digest(DEVICE_USER, DEVICE_SECRET, nonce)
    assert outcome.phone.nonce_c2s == nonces[2]


def test_a_server_that_proves_itself_late_is_challenged_in_between() -> None:
    def proven(received: Received) -> Response:
        cred = server_cred(received.challenge() or b"")
        return reply(OK + alert("1222"), cred=cred, final="")(received)

    server = script(
        reply(accepted() + alert("1222"), final=""),
        proven,
        reply(OK + GET_SWV),
        LAST,
    )
    outcome = talk(server, phone_as("win10", max_message_bytes=2500), *NOTES)
    assert server.received[1].statuses() == [("SyncHdr", "0", "407"), ("Alert", "70", "407")]
    assert server.received[2].statuses() == [("SyncHdr", "0", "212"), ("Alert", "70", "200")]
    assert outcome.is_server_authenticated


@pytest.mark.parametrize(
    ("turn", "place", "reason"),
    [
        (reply(accepted() + alert("1222"), cred=server_cred()), "Final", "closes its package"),
        (
            reply(accepted() + GET_SWV + alert("1222"), cred=server_cred(), final=""),
            "SyncBody/Get",
            "Get comes before",
        ),
        (
            reply(accepted() + alert("1100") + alert("1222"), cred=server_cred(), final=""),
            "SyncBody/Alert",
            "Alert comes before",
        ),
        (reply(accepted(), cred=server_cred(), final=""), "SyncBody/Alert", "does not ask"),
    ],
)
def test_an_unfinished_package_must_be_asked_for_and_nothing_else(
    turn: Turn, place: str, reason: str
) -> None:
    assert_refusal(refused(turn), "management", place, reason)


def test_an_abort_ends_an_unfinished_package_too() -> None:
    server = script(reply(accepted() + alert("1223"), cred=server_cred()))
    outcome = talk(server, phone_as("win10", max_message_bytes=LIMIT), *NOTES)
    assert outcome.is_aborted
    assert len(server.received) == 1


def test_many_results_over_several_messages() -> None:
    """Statuses first, Results behind them, each answered in the message it came in."""
    gets = "".join(get(str(number), "./DevDetail/SwV") for number in range(4, 44))
    server = script(reply(accepted() + gets, cred=server_cred()), *following())
    talk(server, phone_as("win10", max_message_bytes=LIMIT))
    statuses = [one for received in server.received[1:] for one in received.statuses()]
    found = [ref for name, ref, code in statuses if (name, code) == ("Get", "200")]
    assert found == [str(number) for number in range(4, 44)]
    results = [
        (one.findtext("{*}MsgRef"), one.findtext("{*}CmdRef"))
        for received in server.received
        for one in received.root.iter("{SYNCML:SYNCML1.2}Results")
    ]
    assert results == [("2", str(number)) for number in range(4, 44)]
    assert [is_final(received) for received in server.received[1:-1]].count(True) == 0
    assert is_final(server.received[-1])
    assert all(len(request.body or b"") <= LIMIT for request in server.requests)


def test_a_package_of_the_server_over_three_messages() -> None:
    begun = reply(accepted() + write(DMID, "A"), cred=server_cred(), final="")
    more = reply(OK + write(DMID, "B"), final="")
    rest = reply(OK + get("5", DMID))
    server = script(begun, more, rest, LAST)
    talk(server, phone_as("wp81"))
    assert [alerts_of(received) for received in server.received[1:]] == [["1222"], ["1222"], []]
    assert [is_final(received) for received in server.received] == [True, False, False, True]
    assert server.received[3].results() == {DMID: "B"}


# --- asking the server to wait ------------------------------------------------------------------


def test_a_pc_asks_the_server_to_wait() -> None:
    server = script(FIRST, NEXT, NEXT, LAST)
    talk(server, phone_as("win10", pending_messages=2))
    _first, second, third, fourth = server.received
    for received in (second, third):
        assert alerts_of(received) == ["1224"]
        assert not is_final(received)
    item = second.root.find("{*}SyncBody/{*}Alert/{*}Item")
    assert item is not None
    kind = "Reversed-Domain-Name:com.microsoft.mdm.requestpending"
    assert item.findtext("{*}Meta/{syncml:metinf}Type") == kind
    assert item.findtext("{*}Data") == "1"
    assert second.statuses() == [("SyncHdr", "0", "212")]
    assert fourth.statuses() == [
        ("SyncHdr", "0", "212"),
        ("Alert", "70", "200"),
        ("Get", "4", "200"),
    ]
    # The Get is answered in the message it came in, the request in its own.
    refs = [one.findtext("{*}MsgRef") for one in fourth.root.iter("{SYNCML:SYNCML1.2}Status")]
    assert refs == ["4", "4", "2"]
    assert fourth.results() == {"./DevDetail/SwV": "10.0.26200.6584"}
    assert is_final(fourth)


def test_what_comes_while_the_device_asks_to_wait_is_answered_behind_the_rest() -> None:
    meddling = reply(OK + alert("1222") + get("5", DMID), final="")
    server = script(FIRST, meddling, LAST)
    talk(server, phone_as("win10", pending_messages=1))
    third = server.received[2]
    assert third.statuses() == [
        ("SyncHdr", "0", "212"),
        ("Get", "4", "200"),
        ("Alert", "70", "200"),
        ("Get", "5", "200"),
    ]
    refs = [one.findtext("{*}MsgRef") for one in third.root.iter("{SYNCML:SYNCML1.2}Status")]
    assert refs == ["3", "2", "3", "3"]
    assert set(third.results()) == {"./DevDetail/SwV", DMID}
    assert is_final(third)


def test_a_server_that_does_not_wait_is_refused() -> None:
    error = refused(FIRST, LAST, pending_messages=1)
    assert_refusal(error, "management", "", "package")
