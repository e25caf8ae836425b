"""The token of a renewal, whole and broken."""

from __future__ import annotations

import base64

import pytest

from mdmcore.inspector.renewal_part import read_renewal
from mdmcore.pki.cms import CmsReason
from mdmcore.pki.renewal import build_renewal_request
from tests.support.certificates import build_authority, forge_certificate
from tests.support.certification_requests import build_request
from tests.support.keys import load_key, spki

LEAF = forge_certificate(spki("device"), authority=build_authority())
CSR = build_request()
DER = build_renewal_request(CSR, certificate=LEAF, private_key=load_key("device"))


@pytest.mark.parametrize("layers", [1, 2])
def test_the_signer_and_what_it_signed(layers: int) -> None:
    token = DER
    for _ in range(layers):
        token = base64.b64encode(token)
    part = read_renewal(token.decode())
    assert part.layers == layers
    assert part.signed is not None
    assert part.signed.content == CSR
    assert part.signer is not None
    assert part.signer.der == LEAF
    assert part.signer_problem is None


def test_a_signature_that_does_not_hold() -> None:
    part = read_renewal(base64.b64encode(DER[:-1] + bytes([DER[-1] ^ 1])).decode())
    assert part.signer_problem is not None
    assert part.signer_problem.reason is CmsReason.SIGNATURE_WRONG


def test_every_truncation_is_said_and_not_raised() -> None:
    for end in range(0, len(DER), 7):
        part = read_renewal(DER[:end])
        assert part.problem is not None or part.signer_problem is not None
        assert part.signer is None or part.problem is None
