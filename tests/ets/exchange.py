"""Exchanges told to the inspector: raw text in both directions, right unless a test alters them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mdmcore.http import Headers, Request, Response
from mdmcore.inspector import Inspection
from tests.ets import text as t
from tests.support.story import (
    CERT_CN,
    DEVICE_ID,
    DEVICE_SECRET,
    DM_URL,
    NONCE_C2S,
    NONCE_S2C,
    PROVIDER,
    SERVER_SECRET,
    Story,
    rules_of,
)

C2S_2, C2S_3 = bytes(range(32, 48)), bytes(range(48, 64))
S2C_2, S2C_3 = bytes(range(64, 80)), bytes(range(80, 96))
PACKAGE_1 = t.package_1(DEVICE_ID)
GET = t.get("5", "./DevDetail/SwV")


def device_cred(nonce: bytes = NONCE_C2S) -> str:
    """The device's Cred."""
    return t.md5_cred(CERT_CN, DEVICE_SECRET, nonce)


def server_cred(nonce: bytes = NONCE_S2C) -> str:
    """The server's Cred."""
    return t.md5_cred(PROVIDER, SERVER_SECRET, nonce)


def asked(body: str, msg_id: str = "1", **header: Any) -> bytes:
    """A message of the device."""
    values = {"target": DM_URL, "source": DEVICE_ID, **header}
    return t.message(body, msg_id=msg_id, **values)


def told(body: str, msg_id: str = "2", **header: Any) -> bytes:
    """A message of the server."""
    return t.message(body, msg_id=msg_id, **{"target": DEVICE_ID, "source": DM_URL, **header})


FIRST = asked(PACKAGE_1, cred=device_cred(), name=CERT_CN)


def statuses(code: str = "212", ref: str = "1", *, rest: str = "200", chal: str = "") -> str:
    """The Statuses that package 1 wants."""
    return (
        t.status("1", ref, "0", "SyncHdr", code, chal)
        + t.status("2", ref, "2", "Alert", rest)
        + t.status("3", ref, "3", "Replace", rest)
    )


def accepted(body: str = "", *, nonce: bytes = C2S_2, **header: Any) -> bytes:
    """Package 2: 212 with the next nonce, the server's Cred, then ``body``."""
    given = {"cred": server_cred(), "name": PROVIDER, **header}
    return told(statuses(chal=t.chal(nonce)) + body, **given)


def package_3(body: str = "", *, nonce: bytes = S2C_2, msg_id: str = "2", ref: str = "2") -> bytes:
    """The device believes the server, and says the rest."""
    return asked(t.status("1", ref, "0", "SyncHdr", "212", t.chal(nonce)) + body, msg_id)


GOT = t.status("2", "2", "5", "Get", "200") + t.results("3", "2", "5", "./DevDetail/SwV", "8.0")


def closing(msg_id: str = "3", ref: str = "2", body: str = "", **header: Any) -> bytes:
    """The server has nothing more."""
    return told(t.status("1", ref, "0", "SyncHdr", "200") + body, msg_id, **header)


@dataclass
class Seen:
    """What the inspector finds in one life. ``profile`` decides which rules speak."""

    profile: str = "wp8"
    wap: bytes | None = None
    found: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.story = Story(self.profile)
        self.story.enrolled(self.wap)

    def sync(self, request: bytes, response: bytes | None, **how: Any) -> set[str]:
        """The rules that speak about one more exchange."""
        rules = rules_of(self.story.sync(request, response, **how).findings)
        self.found |= rules
        return rules

    def post(
        self,
        request: bytes,
        response: bytes,
        *,
        sent_as: str = t.XML_TYPE,
        answered_as: str = t.XML_TYPE,
        request_headers: tuple[tuple[str, str], ...] = (),
        response_headers: tuple[tuple[str, str], ...] = (),
    ) -> set[str]:
        """The same with media types and headers of one's own."""
        inspection: Inspection = self.story.tell(
            Request(
                method="POST",
                url=DM_URL,
                headers=Headers([("Content-Type", sent_as), *request_headers]),
                body=request,
            ),
            Response(
                status=200,
                headers=Headers([("Content-Type", answered_as), *response_headers]),
                body=response,
            ),
        )
        rules = rules_of(inspection.findings)
        self.found |= rules
        return rules

    def opened(self, body: str = GET) -> Seen:
        """The life up to a right package 2 with these commands."""
        assert self.sync(FIRST, accepted(body)) == set()
        return self


def right_session(profile: str = "wp8") -> Seen:
    """A session without a mistake: nothing may be found in it."""
    seen = Seen(profile).opened()
    assert seen.sync(package_3(GOT), closing()) == set()
    return seen
