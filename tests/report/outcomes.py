"""Outcomes of small captures, for tests of what is written from them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mitmproxy.http import HTTPFlow

from mdmcore.capture import Capture
from mdmcore.inspector import Inspector
from mdmcore.report.analysis import Analysis, SeparateAnalysis
from mdmcore.report.outcome import Outcome, outcome_of
from mdmcore.report.sieve import EVERYTHING, Sieve
from mdmcore.report.spool import ExchangeSpool
from tests.report.material import capture_of, exchange_flow

HOSTILE = '<script>alert(1)</script> @all #1 ](x) `|` ```\x1b[31m\x00 "quoted" & <b>'
"""What must not be obeyed by whatever shows it."""


@contextmanager
def outcome(
    *captures: Capture, is_separate: bool = False, sieve: Sieve = EVERYTHING
) -> Iterator[tuple[Outcome, ExchangeSpool]]:
    """The outcome of captures and their exchanges."""
    with ExchangeSpool() as spool:
        if is_separate:
            analysis: Analysis = SeparateAnalysis(
                captures,
                start=lambda number: Inspector(life_prefix=f"{number}."),
                sieve=sieve,
                spool=spool,
            )
        else:
            analysis = Analysis(captures, inspector=Inspector(), sieve=sieve, spool=spool)
        yield outcome_of(analysis.run()), spool


def hostile_flow() -> HTTPFlow:
    """A DM message whose every name is hostile, and whose answer is a mistake."""
    shown = HOSTILE.replace("\x00", "").replace("\x1b", "")
    escaped = shown.replace("&", "&amp;").replace("<", "&lt;")
    body = (
        '<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>'
        f"<SessionID>1</SessionID><MsgID>1</MsgID><Target><LocURI>{escaped}</LocURI></Target>"
        f"<Source><LocURI>{escaped}</LocURI></Source></SyncHdr><SyncBody><Alert><CmdID>1</CmdID>"
        f"<Data>{escaped}</Data></Alert><Final/></SyncBody></SyncML>"
    ).encode()
    return exchange_flow(
        "/omadm?" + "a" * 10 + "%00|`<b>",
        body=body,
        answer=b"<SyncML>" + HOSTILE.encode() + b"</SyncML>",
        content_type="application/vnd.syncml.dm+xml",
    )


def hostile_capture(folder: Path) -> Capture:
    """A capture of it, which breaks off, in a file of a hostile name."""
    name = "a`|@b #1 <i>.mitm"
    return capture_of(folder / name, hostile_flow(), exchange_flow("/next"), tail=b"4096:9:web")
