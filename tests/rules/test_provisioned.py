"""Taking a provisioning document from a scene, and hits inside it."""

from __future__ import annotations

from mdmcore.http import Exchange, Request
from mdmcore.inspector.provisioning_part import read_provisioning
from mdmcore.rules.decoded import Decoded, Kind
from mdmcore.rules.provisioned import account_of, document_hit, provisioned
from mdmcore.rules.scene import Scene
from tests.support.provisioning_samples import RIGHT


def scene(wap: bytes | None) -> Scene:
    request = Request(method="POST", url="https://h.test/")
    part = None if wap is None else read_provisioning(wap)
    return Scene(
        exchange=Exchange(id="c:1", index=1, capture="c", request=request),
        decoded=Decoded(kind=Kind.RST, provisioning=part),
    )


def test_an_answer_without_a_document_has_nothing_in_it() -> None:
    part = provisioned(scene(None))
    assert (part.raw, part.document, part.certificates, part.issued) == (b"", None, (), ())
    assert account_of(scene(None)) is None


def test_a_hit_stands_in_the_document() -> None:
    hit = document_hit(scene(RIGHT["wp8"]), "said", "/x", "seen", caused_by=["wap-not-utf8"])
    assert hit.place.where == {"part": "document", "xpath": "/x"}
    assert (hit.message, hit.place.evidence, hit.caused_by) == ("said", "seen", ("wap-not-utf8",))
