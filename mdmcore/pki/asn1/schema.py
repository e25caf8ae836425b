"""Decoding with the schemas of pyasn1-modules.

``decode_as`` is called on elements whose TLV structure ``der.check_der`` has seen, so pyasn1 only
judges types. Its errors become ``Asn1Error`` with the offset of the element.
"""

from __future__ import annotations

from typing import Any

from pyasn1.codec.der.decoder import decode
from pyasn1.error import PyAsn1Error

from mdmcore.errors import Asn1Error
from mdmcore.pki.asn1.der import Tlv


def decode_as(element: Tlv, spec: object, what: str, *, base: int = 0) -> Any:
    """The pyasn1 value of ``element`` read as ``spec``; ``what`` names it in errors.

    ``base`` is the offset of ``element.data`` in the input, where it is a part of one.
    """
    try:
        value, rest = decode(element.raw, asn1Spec=spec)
    except (PyAsn1Error, ValueError, IndexError, RecursionError) as error:
        reason = str(error).split("\n", 1)[0][:120]
        raise Asn1Error(f"no {what}: {reason}", offset=base + element.start) from error
    if rest:
        raise Asn1Error(f"{len(rest)} bytes behind the {what}", offset=base + element.end)
    return value
