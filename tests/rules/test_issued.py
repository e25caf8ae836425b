"""Which certificates of an answer count as issued."""

from __future__ import annotations

from mdmcore.http import Exchange, Request
from mdmcore.inspector.provisioning_part import read_provisioning
from mdmcore.rules.decoded import Decoded, Kind
from mdmcore.rules.issued import issued_certificates
from mdmcore.rules.scene import Scene
from tests.support.story import authority, certificate, document


def issued(wap: bytes | None) -> list[bytes]:
    request = Request(method="POST", url="https://h.test/")
    exchange = Exchange(id="c:1", index=1, capture="c", request=request)
    part = None if wap is None else read_provisioning(wap)
    scene = Scene(exchange=exchange, decoded=Decoded(kind=Kind.RST, provisioning=part))
    return [found.der for _, found in issued_certificates(scene)]


def test_the_certificate_in_my_counts_and_a_ca_does_not() -> None:
    assert issued(document()) == [certificate()]
    assert issued(document(client=authority().certificate)) == []
    assert issued(None) == []
