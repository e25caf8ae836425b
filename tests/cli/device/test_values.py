"""Values by their format; what is not what it claims to be stays text."""

from __future__ import annotations

import base64
import hashlib

import pytest

from mdmcore.cli.device.values import format_of, typed_value, value_text
from mdmcore.inspector.masking import Mask

MASK = Mask()
B64 = base64.b64encode
PICTURE = b"\x00\xff\x01"


@pytest.mark.parametrize(
    ("format", "value", "expected", "text"),
    [
        ("int", "42", 42, "42"),
        ("int", " -7 ", -7, "-7"),
        ("int", "0x2A", "0x2A", "0x2A"),
        ("int", "9" * 40, "9" * 40, "9" * 40),
        ("float", "1.5", 1.5, "1.5"),
        ("float", "nan", "nan", "nan"),
        ("bool", "True", True, "true"),
        ("bool", "FALSE", False, "false"),
        ("bool", "1", "1", "1"),
        ("node", "A/B%20C", ["A", "B C"], "A, B C"),
        ("node", "", [], "(no children)"),
        ("chr", "42", "42", "42"),
        ("chr", "", "", ""),
        ("xml", "<a/>", "<a/>", "<a/>"),
        ("b64", "%%", "%%", "%%"),
        (
            "b64",
            B64(b"hello").decode(),
            {"bytes": 5, "sha256": hashlib.sha256(b"hello").hexdigest(), "text": "hello"},
            '"hello" (5 bytes)',
        ),
        (
            "bin",
            B64(PICTURE).decode(),
            {"bytes": 3, "sha256": hashlib.sha256(PICTURE).hexdigest()},
            f"3 bytes, sha256 {hashlib.sha256(PICTURE).hexdigest()}",
        ),
        ("int", None, None, "-"),
    ],
)
def test_a_value_is_what_its_format_says(
    format: str, value: str | None, expected: object, text: str
) -> None:
    found = typed_value("./X", value, format, MASK)
    assert found == expected
    assert type(found) is type(expected)
    assert value_text(found) == text


def test_the_catalogue_knows_a_format_that_the_device_does_not_tell() -> None:
    assert format_of("./DevDetail/LrgObj", "") == "bool"
    assert format_of("./DevDetail/LrgObj", "chr") == "chr"
    assert format_of("./Nobody/Knows", "") == "chr"
    assert typed_value("./DevDetail/LrgObj", "true", "", MASK) is True


@pytest.mark.parametrize(
    "uri", ["./Vendor/MSFT/RemoteLock/NewPINValue", "./Vendor/MSFT/ActiveSync/Accounts/A/Password"]
)
def test_secrets_are_masked_unless_asked_for(uri: str) -> None:
    assert typed_value(uri, "1234", "int", MASK) == "***"
    assert typed_value(uri, "1234", "chr", Mask(show_secrets=True)) == "1234"
