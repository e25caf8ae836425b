"""The layers of base64 around a renewal token."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.errors import Asn1Error
from mdmcore.pki.renewal import build_renewal_request, peel_renewal_token
from tests.support.certificates import build_authority, forge_certificate
from tests.support.certification_requests import build_request
from tests.support.keys import load_key, spki

DER = build_renewal_request(
    build_request(),
    certificate=forge_certificate(spki("device"), authority=build_authority()),
    private_key=load_key("device"),
)


@pytest.mark.parametrize("layers", [0, 1, 2])
@pytest.mark.parametrize("wrap", [base64.b64encode, base64.encodebytes])
def test_base64_is_taken_off(layers: int, wrap) -> None:
    token = DER
    for _ in range(layers):
        token = wrap(token)
    signed, found = peel_renewal_token(token)
    assert (signed.der, found) == (DER, layers)
    if layers:
        assert peel_renewal_token(token.decode())[1] == layers


def test_more_layers_are_not_taken_off() -> None:
    token = DER
    for _ in range(3):
        token = base64.b64encode(token)
    with pytest.raises(Asn1Error, match="behind 2 layers of base64"):
        peel_renewal_token(token)


@pytest.mark.parametrize("token", ["", "not base64!", "AAAA", "ÿ", b"\xff\xfe"])
def test_what_is_no_token_is_told(token: str | bytes) -> None:
    with pytest.raises(Asn1Error, match="no renewal token"):
        peel_renewal_token(token)


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_any_input_is_answered(token: str | bytes) -> None:
    with pytest.raises(Asn1Error):
        peel_renewal_token(token)
