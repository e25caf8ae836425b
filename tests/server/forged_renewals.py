"""Renewal requests that are not what they should be, each for one reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from mdmcore.pki import cms_signing
from mdmcore.pki.asn1.der import OCTET_STRING, SEQUENCE, SET, encode_oid, encode_tlv
from mdmcore.pki.authority import certificate_pem
from mdmcore.pki.cms import CONTENT_TYPE, MESSAGE_DIGEST
from mdmcore.pki.renewal import build_renewal_request
from tests.server.renewals import Device
from tests.support.certificates import forge_certificate
from tests.support.certification_requests import build_request
from tests.support.keys import key_path, load_key, spki
from tests.support.openssl import openssl
from tests.support.server import NOW, make_authority

CSR = build_request(key="device2")
type Forger = Callable[[Device, Path, pytest.MonkeyPatch], bytes]


def good(device: Device, *_: object) -> bytes:
    return device.pkcs7()


def sha_1(device: Device, *_: object) -> bytes:
    return device.pkcs7(digest="sha1")


def by_openssl(
    device: Device, folder: Path, *_: object, options: tuple[str, ...] = ("-nodetach",)
) -> bytes:
    """As a foreign implementation makes it."""
    (folder / "leaf.pem").write_bytes(certificate_pem(device.certificate))
    (folder / "csr").write_bytes(CSR)
    done = openssl(
        *("cms", "-sign", "-binary", "-outform", "DER", "-in", str(folder / "csr")),
        *("-signer", str(folder / "leaf.pem"), "-inkey", str(key_path(device.key)), *options),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def forged_signature(device: Device, *_: object) -> bytes:
    der = device.pkcs7()
    return der[:-1] + bytes([der[-1] ^ 1])


def tampered_content(device: Device, *_: object) -> bytes:
    der = device.pkcs7()
    other = build_request(key="enterprise")
    assert len(other) == len(CSR)
    return der.replace(CSR, other)


def another_key(device: Device, *_: object) -> bytes:
    """The device's certificate, signed by somebody who has only that."""
    return build_renewal_request(
        CSR, certificate=device.certificate, private_key=load_key("enterprise")
    )


def without_content_type(device: Device, _: Path, patch: pytest.MonkeyPatch) -> bytes:
    def only_digest(digest: bytes, _time: object) -> bytes:
        value = encode_tlv(SET, encode_tlv(OCTET_STRING, digest))
        return encode_tlv(SEQUENCE, encode_oid(MESSAGE_DIGEST), value)

    patch.setattr(cms_signing, "_attributes", only_digest)
    return device.pkcs7()


def without_digest(device: Device, _: Path, patch: pytest.MonkeyPatch) -> bytes:
    def only_type(_: bytes, _time: object) -> bytes:
        value = encode_tlv(SET, encode_oid("1.2.840.113549.1.7.1"))
        return encode_tlv(SEQUENCE, encode_oid(CONTENT_TYPE), value)

    patch.setattr(cms_signing, "_attributes", only_type)
    return device.pkcs7()


def foreign_ca(device: Device, *_: object) -> bytes:
    """A CA of the same name, but another key."""
    forged = forge_certificate(spki("device"), authority=make_authority(key="enterprise"), now=NOW)
    return Device(certificate=forged).pkcs7()


def never_issued(device: Device, *_: object) -> bytes:
    """Made with the CA's key, but not by this server."""
    forged = forge_certificate(spki("device"), authority=make_authority(), now=NOW)
    return Device(certificate=forged).pkcs7()


def expired(device: Device, *_: object) -> bytes:
    forged = forge_certificate(
        spki("device"), authority=make_authority(), now=NOW - timedelta(days=366)
    )
    return Device(certificate=forged).pkcs7()


def not_yet_valid(device: Device, *_: object) -> bytes:
    forged = forge_certificate(
        spki("device"), authority=make_authority(), now=NOW + timedelta(days=1)
    )
    return Device(certificate=forged).pkcs7()


def unsigned(device: Device, folder: Path, *_: object) -> bytes:
    """Certificates only, as a CA hands them out."""
    (folder / "leaf.pem").write_bytes(certificate_pem(device.certificate))
    done = openssl(
        *("crl2pkcs7", "-nocrl", "-outform", "DER", "-certfile", str(folder / "leaf.pem"))
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def detached(device: Device, folder: Path, *_: object) -> bytes:
    return by_openssl(device, folder, options=())


def other_content(device: Device, folder: Path, *_: object) -> bytes:
    """The very CSR, but said to be something else."""
    return by_openssl(device, folder, options=("-nodetach", "-econtent_type", "1.2.3.4"))


def without_certificate(device: Device, folder: Path, *_: object) -> bytes:
    return by_openssl(device, folder, options=("-nodetach", "-nocerts"))


def csr_of_garbage(device: Device, *_: object) -> bytes:
    return build_renewal_request(
        b"no request", certificate=device.certificate, private_key=load_key(device.key)
    )
