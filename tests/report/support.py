"""Small captures in memory for report tests: real inspector, hand-made exchanges."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mdmcore.capture.source import Capture, Reading
from mdmcore.http import Exchange, Headers, Request, Response
from mdmcore.inspector import Inspector
from mdmcore.report import Analysis, analyze

HUB_URL = "https://mdm.example.test/CompanyHub/hub.xap"
XAP = "application/x-silverlight-app"


def hub_exchange(
    index: int, capture: str, *headers: tuple[str, str], status: int = 206
) -> Exchange:
    """A part of a hub download; without Content-Range it is a mistake."""
    return Exchange(
        id=f"{capture}:{index}",
        index=index,
        capture=capture,
        request=Request(method="GET", url=HUB_URL, headers=Headers([("Range", "bytes=0-4")])),
        response=Response(
            status=status, headers=Headers([("Content-Type", XAP), *headers]), body=b"01234"
        ),
    )


def make_capture(
    folder: Path, name: str = "one", *, good: int = 0, bad: int = 0, broken: bool = False
) -> Capture:
    """A capture of that many right and wrong downloads; ``broken`` breaks off after them."""
    path = folder / name
    path.write_bytes(b"x")

    def read(_path: Path, reading: Reading) -> Iterator[Exchange]:
        for number in range(good + bad):
            fields = [("Content-Range", "bytes 0-4/9")] if number < good else []
            yield hub_exchange(reading.next_index(), name, *fields)
        if broken:
            reading.problem("offset 41", "cut off")

    return Capture(path, name=name, format="flows", reader=read)


def make_analysis(*captures: Capture) -> Analysis:
    """An analysis that has not run yet."""
    return analyze(captures, inspector=Inspector())
