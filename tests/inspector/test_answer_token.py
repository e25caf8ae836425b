"""What the token of an answer is, told by its bytes; broken ones are none of it."""

from __future__ import annotations

import pytest

from mdmcore.inspector.answer_token import token_form
from mdmcore.pki.authority import certificate_pem
from mdmcore.rules.decoded import TokenForm
from tests.support.renewal import renewal_pkcs7
from tests.support.story import certificate, document


@pytest.mark.parametrize(
    ("token", "form"),
    [
        (certificate(), TokenForm.CERTIFICATE),
        (b"\n" + certificate_pem(certificate()), TokenForm.CERTIFICATE),
        (renewal_pkcs7(), TokenForm.PKCS7),
        (document(), None),
        (b"", None),
        (b"-----BEGIN RSA PRIVATE KEY-----\nMAA=\n-----END RSA PRIVATE KEY-----", None),
    ],
)
def test_the_form_of_a_token(token: bytes, form: TokenForm | None) -> None:
    assert token_form(token) is form


def test_a_truncated_certificate_is_none() -> None:
    for end in range(0, len(certificate()), 9):
        assert token_form(certificate()[:end]) is None
