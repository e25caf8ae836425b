"""More of the DM server by hand: chunks, unfinished packages, alerts, messages with a MAC."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

from mdmcore.http import Response
from mdmcore.phone import EnrolledPhone, SessionOutcome, run, sync
from mdmcore.syncml.model import Alert
from tests.phone.dm_script import LAST, METINF, NS, DmScript, Received, Turn, meta, reply, status
from tests.phone.renewing import enrolled_for
from tests.phone.scripted import DEVICE_ID, PROVIDER, SERVER_SECRET, with_header
from tests.support.server import FixedClock, counted_random

DMID = f"./Vendor/MSFT/DMClient/Provider/{PROVIDER}/EntDMID"
ADDRESS = f"./Vendor/MSFT/DMClient/Provider/{PROVIDER}/ManagementServiceAddress"
OK = status("SyncHdr", "0", "212")
"""The Status for the header of a message that needs no credentials any more."""


def phone_as(profile: str, **settings: object) -> EnrolledPhone:
    """A phone or PC of that generation, under the device id that the scripted server knows."""
    phone = enrolled_for(profile, device_id=DEVICE_ID).phone
    return replace(phone, settings=replace(phone.settings, **settings))  # type: ignore[arg-type]


def talk(server: DmScript, phone: EnrolledPhone, *alerts: Alert) -> SessionOutcome:
    """One session."""
    return run(sync(phone, random=counted_random(), clock=FixedClock(), alerts=alerts), server)


def alert(code: str, cmd_id: str = "70", inner: str = "") -> str:
    """An Alert."""
    return f"<Alert><CmdID>{cmd_id}</CmdID><Data>{code}</Data>{inner}</Alert>"


def write(
    uri: str,
    data: str,
    *,
    name: str = "Replace",
    cmd_id: str = "4",
    size: int | None = None,
    more: bool = False,
    no_resp: bool = False,
) -> str:
    """An Add or Replace, perhaps of a chunk."""
    info = "" if size is None else meta(Format="chr", Size=str(size))
    return (
        f"<{name}><CmdID>{cmd_id}</CmdID>{'<NoResp/>' if no_resp else ''}"
        f"<Item><Target><LocURI>{uri}</LocURI></Target>"
        f"{info}<Data>{data}</Data>{'<MoreData/>' if more else ''}</Item></{name}>"
    )


NEXT = reply(OK + alert("1222"), final="")
"""The server asks for the rest of the device's package."""


def keeps_chunk(received: Received) -> Response:
    """213 for the chunk, and the request for the next message."""
    chunk = received.root.find(f"{NS}SyncBody/{NS}Results")
    assert chunk is not None
    ref = chunk.findtext(f"{NS}CmdID") or ""
    return reply(OK + status("Results", ref, "213") + alert("1222"), final="")(received)


def following(*, asked: Turn = LAST) -> tuple[Turn, ...]:
    """The answers of a server that takes what the phone has to say, however many messages it is:
    213 or the request for more, ``asked`` when the phone asks for more, LAST at the end."""

    def turn(received: Received) -> Response:
        if is_final(received):
            return LAST(received)
        if next(received.root.iter(f"{NS}MoreData"), None) is not None:
            return keeps_chunk(received)
        return (asked if "1222" in alerts_of(received) else NEXT)(received)

    return (turn,) * 100


def results_item(received: Received) -> ElementTree.Element:
    """The item of the only Results."""
    (item,) = received.root.findall(f"{NS}SyncBody/{NS}Results/{NS}Item")
    return item


def size_of(item: ElementTree.Element) -> str | None:
    """Meta/Size of an item."""
    return item.findtext(f"{NS}Meta/{METINF}Size")


def alerts_of(received: Received) -> list[str]:
    """The codes of the phone's alerts."""
    return [one.findtext(f"{NS}Data") or "" for one in received.root.iter(f"{NS}Alert")]


def is_final(received: Received) -> bool:
    """Whether the message has Final."""
    return received.commands()[-1] == "Final"


def server_mac(nonce: bytes, body: bytes, *, user: str = PROVIDER, **changes: Any) -> str:
    """The MAC header of the server's message, written down from session.md 4.2."""
    secret = changes.get("secret", SERVER_SECRET)
    inner = base64.b64encode(hashlib.md5(f"{user}:{secret}".encode()).digest())
    content = base64.b64encode(hashlib.md5(body).digest())
    proof = hashlib.md5(b":".join((inner, nonce, content))).digest()
    return f'algorithm=MD5, username="{user}", mac={base64.b64encode(proof).decode()}'


def with_mac(turn: Turn, nonce: bytes | None = None, **changes: Any) -> Turn:
    """That answer with the header that proves it, by the nonce that the phone handed out."""

    def proven(received: Received) -> Response:
        response = turn(received)
        used = received.challenge() if nonce is None else nonce
        assert used is not None
        value = server_mac(used, response.body or b"", **changes)
        return with_header("x-syncml-hmac", value)(response)

    return proven
