"""SCEP messages: made here and read by openssl, and the other way round."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdmcore.errors import Asn1Error
from mdmcore.pki.authority import certificate_pem
from mdmcore.pki.cms import parse_signed_data
from mdmcore.pki.scep import ScepMessage, parse_scep_message
from mdmcore.pki.scep_message import (
    certificates_only,
    open_scep_message,
    seal,
    sign_scep_message,
)
from tests.support.keys import key_path, load_key
from tests.support.openssl import openssl_output
from tests.support.server import make_authority

CONTENT = b"0\r\n\x00 a request\n"
SENT = ScepMessage(
    message_type="19",
    transaction_id="4F1C",
    pki_status=None,
    sender_nonce=bytes(range(16)),
    recipient_nonce=None,
)
RECIPIENT, SIGNER = make_authority(), make_authority(key="enterprise")


def message(attributes: ScepMessage = SENT, envelope: bytes | None = None) -> bytes:
    return sign_scep_message(
        seal(CONTENT, RECIPIENT.certificate) if envelope is None else envelope,
        attributes,
        certificate=SIGNER.certificate,
        private_key=SIGNER.private_key,
    )


def test_openssl_verifies_and_opens_it(tmp_path: Path) -> None:
    (tmp_path / "recipient.pem").write_bytes(certificate_pem(RECIPIENT.certificate))
    arguments = ("cms", "-verify", "-noverify", "-binary", "-inform", "DER")
    envelope = openssl_output(*arguments, data=message())
    opened = openssl_output(
        *("cms", "-decrypt", "-binary", "-inform", "DER"),
        *("-recip", str(tmp_path / "recipient.pem"), "-inkey", str(key_path("authority"))),
        data=envelope,
    )
    assert opened == CONTENT


def test_what_openssl_has_sealed_is_opened(tmp_path: Path) -> None:
    (tmp_path / "recipient.pem").write_bytes(certificate_pem(RECIPIENT.certificate))
    envelope = openssl_output(
        *("cms", "-encrypt", "-binary", "-outform", "DER", "-aes128"),
        str(tmp_path / "recipient.pem"),
        data=CONTENT,
    )
    opened, signer = open_scep_message(
        message(envelope=envelope),
        certificate=RECIPIENT.certificate,
        private_key=RECIPIENT.private_key,
    )
    assert opened == CONTENT
    assert signer.der == SIGNER.certificate


@pytest.mark.parametrize(
    "attributes",
    [
        SENT,
        ScepMessage(
            message_type="3",
            transaction_id="4F1C",
            pki_status="0",
            sender_nonce=b"one",
            recipient_nonce=b"two",
        ),
    ],
)
def test_attributes_are_read_as_they_were_written(attributes: ScepMessage) -> None:
    assert parse_scep_message(message(attributes)) == attributes


def test_what_is_not_for_the_recipient_stays_closed() -> None:
    with pytest.raises(Asn1Error, match="cannot be opened"):
        open_scep_message(
            message(), certificate=SIGNER.certificate, private_key=load_key("enterprise")
        )


def test_a_forged_signature_is_seen() -> None:
    der = message()
    with pytest.raises(Asn1Error, match="a SCEP message"):
        open_scep_message(
            der[:-1] + bytes([der[-1] ^ 1]),
            certificate=RECIPIENT.certificate,
            private_key=RECIPIENT.private_key,
        )


def test_certificates_alone() -> None:
    der = certificates_only((RECIPIENT.certificate, SIGNER.certificate))
    parsed = parse_signed_data(der)
    assert parsed.signers == ()
    assert {one.der for one in parsed.certificates} == {RECIPIENT.certificate, SIGNER.certificate}
