"""The signature of a message in its header, against signatures that openssl makes and verifies."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.errors import Asn1Error
from mdmcore.http import Headers
from mdmcore.pki.authority import certificate_pem
from mdmcore.pki.certificate import parse_certificate
from mdmcore.syncml.message_signature import (
    SIGNATURE_HEADER,
    read_signature,
    sign_body,
    signature_header,
    signature_problem,
)
from tests.support.certificates import NOW, build_authority, forge_certificate
from tests.support.keys import key_path, load_key, spki
from tests.support.openssl import openssl, openssl_output

AUTHORITY = build_authority()
LEAF = forge_certificate(spki("device"), authority=AUTHORITY)
OTHER = forge_certificate(spki("device2"), authority=AUTHORITY, serial=1001)
HOLDER = parse_certificate(LEAF)
BODY = b'<?xml version="1.0"?>\r\n<SyncML xmlns="SYNCML:SYNCML1.2"/>\r\n'


def by_openssl(folder: Path, *options: str, certificate: bytes = LEAF, key: str = "device") -> str:
    (folder / "leaf.pem").write_bytes(certificate_pem(certificate))
    der = openssl_output(
        *("cms", "-sign", "-binary", "-outform", "DER", "-signer", str(folder / "leaf.pem")),
        *("-inkey", str(key_path(key)), *options),
        data=BODY,
    )
    return base64.b64encode(der).decode()


def ours(body: bytes = BODY, *, certificate: bytes = LEAF, key: str = "device") -> str:
    return sign_body(body, certificate=certificate, private_key=load_key(key), signing_time=NOW)


def test_our_signature_is_one_line_that_openssl_believes(tmp_path: Path) -> None:
    text = ours()
    assert not set(text) & set(" \r\n\t")
    (tmp_path / "root.pem").write_bytes(certificate_pem(AUTHORITY.certificate))
    (tmp_path / "body").write_bytes(BODY)
    verified = openssl(
        *("cms", "-verify", "-binary", "-inform", "DER", "-content", str(tmp_path / "body")),
        *("-CAfile", str(tmp_path / "root.pem"), "-purpose", "any"),
        *("-attime", str(int(NOW.timestamp()))),
        data=base64.b64decode(text),
    )
    assert verified.returncode == 0, verified.stderr
    assert verified.stdout == BODY
    assert signature_problem(text, BODY, holders=(HOLDER,)) is None


@pytest.mark.parametrize(
    "options",
    [(), ("-md", "sha384"), ("-md", "sha512"), ("-noattr",), ("-keyid",), ("-nocerts",)],
    ids=" ".join,
)
def test_what_openssl_signs_is_believed(options: tuple[str, ...], tmp_path: Path) -> None:
    text = by_openssl(tmp_path, *options)
    assert signature_problem(text, BODY, holders=(HOLDER,)) is None
    assert signature_problem(text, BODY + b" ", holders=(HOLDER,)) is not None


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("-md", "sha1"), "the digest is SHA-1, not SHA-2"),
        (("-nodetach",), "the CMS is not detached, it has content of its own"),
    ],
)
def test_what_is_no_such_signature_is_told(
    options: tuple[str, ...], problem: str, tmp_path: Path
) -> None:
    assert signature_problem(by_openssl(tmp_path, *options), BODY, holders=(HOLDER,)) == problem


def test_two_signers_are_one_too_many(tmp_path: Path) -> None:
    (tmp_path / "other.pem").write_bytes(certificate_pem(OTHER))
    text = by_openssl(
        tmp_path, "-signer", str(tmp_path / "other.pem"), "-inkey", str(key_path("device2"))
    )
    problem = signature_problem(text, BODY, holders=(HOLDER, parse_certificate(OTHER)))
    assert problem == "2 signers, one is expected"


def test_any_changed_byte_is_noticed() -> None:
    text = ours()
    for position in range(0, len(BODY), 7):
        changed = bytearray(BODY)
        changed[position] ^= 1
        problem = signature_problem(text, bytes(changed), holders=(HOLDER,))
        assert problem == "the content is not what was signed"


def test_the_signer_must_hold_one_of_the_certificates() -> None:
    foreign = ours(certificate=OTHER, key="device2")
    wanted = "the signer's certificate is not that of the enrolment"
    assert signature_problem(foreign, BODY, holders=(HOLDER,)) == wanted
    assert signature_problem(foreign, BODY, holders=(HOLDER, parse_certificate(OTHER))) is None
    assert signature_problem(foreign, BODY, holders=()) == wanted
    assert signature_problem(foreign, BODY) is None


def test_a_certificate_with_the_same_name_and_number_is_not_enough() -> None:
    """Issuer and serial are those of the enrolment, the key is the forger's."""
    forged = forge_certificate(spki("device2"), authority=AUTHORITY)
    text = ours(certificate=forged, key="device2")
    assert signature_problem(text, BODY, holders=(HOLDER,)) is not None


def test_a_missing_certificate_can_only_be_the_holders(tmp_path: Path) -> None:
    text = by_openssl(tmp_path, "-nocerts")
    assert signature_problem(text, BODY) == "the signer's certificate is not in the message"


@pytest.mark.parametrize("name", ["MS-Signature", "ms-signature", "MDM-Signature"])
def test_the_header_goes_by_either_name(name: str) -> None:
    assert signature_header(Headers([("Accept", "x"), (name, "AAAA")])) == "AAAA"


def test_two_headers_are_none_that_can_be_believed() -> None:
    text = ours()
    headers = Headers([(SIGNATURE_HEADER, text), ("MDM-Signature", text)])
    joined = signature_header(headers)
    assert joined is not None
    assert signature_problem(joined, BODY) == "no signature can be read: the header is not base64"
    assert signature_header(Headers()) is None


@pytest.mark.parametrize("text", ["", "nonsense!", "AAAA", base64.b64encode(LEAF).decode()])
def test_what_is_no_cms_is_an_error(text: str) -> None:
    with pytest.raises(Asn1Error):
        read_signature(text)


def test_an_endless_header_is_not_read() -> None:
    with pytest.raises(Asn1Error, match="more than 131072"):
        read_signature("A" * 200_000)


@given(st.text(max_size=200))
def test_any_text_is_judged(text: str) -> None:
    assert signature_problem(text, BODY) is not None


@given(st.data())
def test_a_damaged_signature_never_breaks_anything(data: st.DataObject) -> None:
    der = bytearray(base64.b64decode(ours()))
    der[data.draw(st.integers(0, len(der) - 1))] ^= data.draw(st.integers(1, 255))
    signature_problem(base64.b64encode(der).decode(), BODY, holders=(HOLDER,))
