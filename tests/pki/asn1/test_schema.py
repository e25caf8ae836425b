"""pyasn1's refusals become errors of ours, with a place."""

from __future__ import annotations

import pytest
from pyasn1_modules import rfc5280

from mdmcore.errors import Asn1Error
from mdmcore.pki.asn1.der import check_der, encode_integer, encode_oid, encode_tlv
from mdmcore.pki.asn1.schema import decode_as


def test_decodes_with_the_schema() -> None:
    element = check_der(encode_tlv(0x30, encode_oid("1.2.3")))
    assert str(decode_as(element, rfc5280.AlgorithmIdentifier(), "it")["algorithm"]) == "1.2.3"


def test_wrong_type_is_an_error_at_the_element() -> None:
    data = encode_tlv(0x30, encode_integer(1), encode_tlv(0x30, encode_integer(2)))
    element = check_der(data).children()[1]
    with pytest.raises(Asn1Error, match=r"no algorithm: .*\(offset 105\)"):
        decode_as(element, rfc5280.AlgorithmIdentifier(), "algorithm", base=100)
