"""Rules on removing the enrolment (enrollment.md 13)."""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.unenroll_exec import unenroll_items


@rule("unenroll-data-missing", kinds={Kind.SYNCML})
def data_missing(scene: Scene) -> Iterator[Hit]:
    """The Exec on DMClient Unenroll has no Data, so a phone ignores it and stays enrolled. Send
    the PROVIDER-ID of the enrolment as Data, with Format chr."""
    for item in unenroll_items(scene.decoded.response_syncml):
        if not (item.data or item.data_xml or "").strip():
            yield scene.hit(
                "the Exec on Unenroll has no Data",
                part="response",
                xpath=item.place,
                evidence=(item.target or "").strip(),
            )
