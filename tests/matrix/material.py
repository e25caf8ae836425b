"""What the lives of the matrix are made of: the hub, the enterprise's file, the device's keys."""

from __future__ import annotations

import itertools

from cryptography.hazmat.primitives.asymmetric import rsa

from mdmcore.enrollment.aetx import Aetx, parse_aetx, serialize_aet, serialize_aetx
from mdmcore.phone import Keyring
from mdmcore.server import Hub
from tests.support.keys import load_key

PACKAGE = bytes(range(256)) * 600
ENTERPRISE = "4000000001"


class Package:
    """The hub's file."""

    size = len(PACKAGE)
    etag = '"1"'
    media_type = "application/x-silverlight-app"

    def read(self, start: int, length: int) -> bytes:
        return PACKAGE[start : start + length]


def aetx() -> Aetx:
    """The enterprise's file, which the inspector is given, too."""
    return parse_aetx(serialize_aetx(ENTERPRISE, serialize_aet(ENTERPRISE)))


def hub() -> Hub:
    """The hub that phones are told of."""
    return Hub(
        package=Package(),
        file_name="company.xap",
        product_id="{11111111-2222-3333-4444-555555555555}",
        enterprise_id=ENTERPRISE,
        enrollment_token=aetx().enrollment_token,
    )


def fixed_keys() -> Keyring:
    """Fixed keys: the device's first, another one for renewal; a short one where that will do."""
    names = itertools.cycle(("device", "device2"))

    def make(bits: int) -> rsa.RSAPrivateKey:
        short = load_key("short")
        return short if bits <= short.key_size else load_key(next(names))

    return Keyring(make)
