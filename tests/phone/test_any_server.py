"""Whatever a server puts together of well-formed parts: an end, or a refusal that names its place.

Nothing hangs, no other error comes out, and no message exceeds its limit.
"""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mdmcore.http import Request, Response
from mdmcore.phone import EnrolledPhone, Refusal, UserAnswer
from tests.phone.dm_script import (
    DmScript,
    Received,
    Turn,
    chal,
    get,
    reply,
    server_cred,
    status,
)
from tests.phone.session_script import (
    DMID,
    alert,
    keeps_chunk,
    phone_as,
    talk,
    with_mac,
    write,
)

LIMIT = 2048
CHAL_MAC = chal().replace("syncml:auth-md5", "syncml:auth-MAC")
BIG = "x" * 5000
PARTS = [
    get("4", DMID),
    get("", "./DevInfo"),
    get("5", "./DevInfo/Man").replace("</CmdID>", "</CmdID><NoResp/>"),
    write(DMID, BIG),
    write(DMID, "abc", size=6, more=True),
    write(DMID, "def", more=True),
    write(DMID, "def"),
    write("./Nowhere", "x", name="Add"),
    alert("1222"),
    alert("1223"),
    alert("1225"),
    alert("1101", inner="<Item><Data/></Item><Item><Data>Go on?</Data></Item>"),
    "<Atomic><CmdID>30</CmdID>" + write(DMID, "A", cmd_id="31") + get("32", DMID) + "</Atomic>",
    "<Sequence><CmdID>40</CmdID>" + write(DMID, "B", size=9, more=True) + "</Sequence>",
    "<Put><CmdID>50</CmdID></Put>",
    "<Foo/>",
    status("Results", "6", "213"),
    status("Status", "1", "406"),
]


@st.composite
def turns(draw: st.DrawFn) -> Turn:
    """One answer of a server."""
    if draw(st.integers(0, 5)) == 0:
        return keeps_or_last
    code = draw(st.sampled_from(["212", "212", "212", "200", "401", "407", "500", "505"]))
    inner = draw(st.sampled_from(["", chal(), CHAL_MAC]))
    body = status("SyncHdr", "0", code, inner=inner)
    body += "".join(draw(st.lists(st.sampled_from(PARTS), max_size=3)))
    turn = reply(
        body,
        cred=draw(st.sampled_from([server_cred(), server_cred(), ""])),
        final=draw(st.sampled_from(["<Final/>", ""])),
        header=draw(st.sampled_from(["", "", "<NoResp/>"])),
    )
    if draw(st.booleans()):
        return lambda received: (
            turn(received) if received.challenge() is None else with_mac(turn)(received)
        )
    return turn


def keeps_or_last(received: Received) -> Response:
    """What the phone wants to hear."""
    if received.root.find(".//{*}Results") is not None:
        return keeps_chunk(received)
    return reply(status("SyncHdr", "0", "212") + alert("1222"), final="")(received)


class AnyServer(DmScript):
    """The answers over and over."""

    def __call__(self, request: Request) -> Response:
        limited = b"MaxMsgSize" in (request.body or b"")
        assert not limited or len(request.body or b"") <= LIMIT
        if len(self.received) >= len(self.turns):
            self._left = iter(self.turns)
        return super().__call__(request)


PHONES: list[EnrolledPhone] = [
    phone_as("wp8"),
    phone_as("win10", max_message_bytes=LIMIT, user_answer=UserAnswer()),
    phone_as("win10", max_message_bytes=LIMIT, pending_messages=1, user_cancels_at=4),
]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    given_turns=st.lists(turns(), min_size=1, max_size=5),
    phone=st.sampled_from(PHONES),
)
def test_any_server_is_survived(given_turns: list[Turn], phone: EnrolledPhone) -> None:
    server = AnyServer((*given_turns,))
    try:
        after = talk(server, phone).phone
    except Refusal as error:
        after = error.phone or phone
    assert after.sessions == 1
    assert len(server.received) <= 201
