"""Captures in memory for the tests of the page: a right life, a long one, a hostile one."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from mdmcore.capture.source import Capture, Reading, of_file
from mdmcore.http import Exchange, Headers, Request, Response
from mdmcore.inspector import Inspector
from mdmcore.report import Analysis, analyze
from mdmcore.report.html import HtmlWriter
from mdmcore.syncml.model import Command, Item
from tests.support.story import (
    DM_URL,
    EMAIL,
    Recorded,
    answer,
    device_cred,
    header_status,
    package,
    package1,
    server_cred,
)

SCRIPT = "</script><script>alert(1)</script>"
HOSTILE = f"{SCRIPT}\"'><img src=x onerror=alert(2)>{{{{7*7}}}}\u202egnp.exe\u2066"
UNPRINTABLE = "\0\x1b[31m\x07\udcff\r"
LONG = "W" * 400

PLANTED = "S3cr3t-planted-value"
"""A secret that may stand nowhere on a page."""


def capture_of(
    folder: Path, exchanges: Sequence[Exchange], *, name: str = "session.mitm", broken: str = ""
) -> Capture:
    """A capture of these exchanges, numbered anew; ``broken``: why it breaks off after them."""
    path = folder / "capture"
    path.write_bytes(b"x")

    def read(_file: BinaryIO, reading: Reading) -> Iterator[Exchange]:
        for each in exchanges:
            index = reading.next_index()
            yield replace(each, id=reading.exchange_id(index), index=index, capture=name)
        if broken:
            reading.problem("offset 41", broken)

    return Capture(path, name=name, format="flows", reader=of_file(read))


def analysis_of(*captures: Capture, show_secrets: bool = False) -> Analysis:
    """An analysis that has not run yet."""
    return analyze(captures, inspector=Inspector(show_secrets=show_secrets))


def page_of(*captures: Capture, show_secrets: bool = False, **limits: int) -> str:
    """The page of these captures."""
    out = io.StringIO()
    analysis = analysis_of(*captures, show_secrets=show_secrets)
    with HtmlWriter(show_secrets=show_secrets, **limits) as writer:
        for row in analysis.rows():
            writer.add(row)
        writer.finish(out, analysis)
    return out.getvalue()


def right_life(*, sessions: int = 1, hours: int = 8) -> list[Exchange]:
    """A phone that enrols and syncs; what is wrong are the nonces, which stay the same."""
    found: list[Exchange] = []
    story = Recorded("wp8", found.append)
    story.probe()
    story.enrolled()
    for number in range(1, sessions + 1):
        name = str(number)
        story.sync(
            package1(session_id=name, cred=device_cred()),
            answer("2", "200", "1", _get(), session_id=name, cred=server_cred()),
        )
        story.sync(
            package("2", header_status("200", "2"), session_id=name),
            answer("3", "200", "2", session_id=name),
        )
        story.now += timedelta(hours=hours)
    return found


def wrong_life() -> list[Exchange]:
    """A phone that gets no challenge and no answer: errors at several messages."""
    found: list[Exchange] = []
    story = Recorded("wp8", found.append)
    story.discover(relates_to=None)
    story.policies(response=b"<s:Envelope><unclosed></s:Envelope>")
    story.sync(package1(), answer("1", "200", is_proved=False))
    story.now += timedelta(hours=3)
    story.sync(package1(session_id="2"), b"")
    request = Request(method="POST", url=DM_URL, headers=_typed("application/vnd.syncml.dm+xml"))
    story.tell(request, None, error="server closed connection")
    return found


def hostile_life() -> list[Exchange]:
    """Text that wants to be more than text, wherever a capture can hold some."""
    found: list[Exchange] = []
    story = Recorded("wp8", found.append)
    story.discover(email=f"{HOSTILE}@example.test")
    replaced = Command(name="Replace", cmd_id="7", items=(_item(f"./{HOSTILE}", HOSTILE),))
    asked = package1(source=f"urn:{HOSTILE}{LONG}")
    story.sync(replace(asked, commands=(*asked.commands, replaced)), b"")
    odd = Headers([("X-Odd", HOSTILE + UNPRINTABLE), ("Content-Type", f"text/{HOSTILE}{LONG}")])
    url = f"https://mdm.example.test/{HOSTILE}{UNPRINTABLE}{LONG}?q={HOSTILE}"
    story.tell(
        Request(method=f"POST{HOSTILE}", url=url, headers=odd, body=HOSTILE.encode()),
        Response(status=500, headers=odd, body=f"<html>{HOSTILE}{LONG}".encode()),
    )
    story.tell(Request(method="GET", url=url), None, error=f"{HOSTILE}{UNPRINTABLE}")
    return found


def secret_life() -> list[Exchange]:
    """``PLANTED`` at the places where secrets stand, known and unknown."""
    found: list[Exchange] = []
    story = Recorded("wp8", found.append)
    story.enrolled(_planted_document())
    password = f"<Password>{PLANTED}</Password><!-- {PLANTED} -->".encode()
    for body in (_soap(password), _soap(f"<x><Assertion>{PLANTED}</Assertion></x>".encode())):
        story.post(f"{DM_URL}/soap?access_token={PLANTED}&x=1", body, body[:-5])
    secrets = Command(
        name="Replace",
        cmd_id="7",
        items=(
            _item("./SyncML/DMAcc/A/AppAuth/B/AAuthSecret", PLANTED),
            _item("./Vendor/MSFT/WiFi/Profile/X/WlanXml", f"<sharedKey>{PLANTED}</sharedKey>"),
            _item("./X", f"<parm name='PASSWORD' value='{PLANTED}'/>"),
        ),
    )
    story.sync(package1(), answer("1", "200", "1", secrets, is_proved=False))
    odd = Headers(
        [
            ("Authorization", f"Basic {PLANTED}"),
            ("Cookie", f"session={PLANTED}"),
            ("X-Auth-Token", PLANTED),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ]
    )
    url = f"https://user:{PLANTED}@sts.example.test/login?wresult={PLANTED}"
    story.tell(
        Request(method="POST", url=url, headers=odd, body=f"password={PLANTED}".encode()),
        Response(status=200, headers=odd, body=f"<html><input value='{PLANTED}'>".encode()),
    )
    return found


def _planted_document() -> bytes:
    from tests.support.story import account, document

    return document(dm_account=replace(account(), secret=PLANTED, server_secret=PLANTED))


def _soap(inner: bytes) -> bytes:
    return (
        b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header/><s:Body>'
        + inner
        + b"</s:Body></s:Envelope>"
    )


def _get() -> Command:
    return Command(name="Get", cmd_id="5", items=(Item(target="./DevDetail/SwV"),))


def _item(target: str, data: str) -> Item:
    return Item(target=target, data=data)


def _typed(media_type: str) -> Headers:
    return Headers([("Content-Type", media_type)])


def kinds_of(exchanges: Iterable[Exchange]) -> list[str]:
    """What each is, by the inspector."""
    inspector = Inspector()
    return [inspector.inspect(each).kind.value for each in exchanges]


__all__ = [
    "EMAIL",
    "HOSTILE",
    "LONG",
    "PLANTED",
    "SCRIPT",
    "UNPRINTABLE",
    "analysis_of",
    "capture_of",
    "hostile_life",
    "kinds_of",
    "page_of",
    "right_life",
    "secret_life",
    "wrong_life",
]
