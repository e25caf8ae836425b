"""Pseudonyms keep the shape of what they replace, and are the same for the same value."""

from __future__ import annotations

import hmac
import ipaddress
import re
import string
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.base64_text import decode_base64, encode_base64
from mdmcore.capture.redact import pseudonyms
from mdmcore.capture.redact.kinds import ValueKind
from mdmcore.capture.redact.pseudonyms import Pseudonyms, is_luhn

MAKE = Pseudonyms(b"k" * 32)
OTHER = Pseudonyms(b"o" * 32)
TEXTS = st.text(min_size=1, max_size=40)
DIGITS = st.text(string.digits, min_size=15, max_size=15)


def _sort(one: str) -> str:
    if one.isdigit() and one.isascii():
        return "digit"
    if one.isalpha():
        width = len(one.encode("utf-8", "surrogatepass"))
        return f"letter of {width} bytes"
    return one


@given(TEXTS)
def test_each_character_stays_of_its_sort(text: str) -> None:
    new = MAKE.shaped(ValueKind.SECRET, text)
    assert len(new) == len(text)
    for old, one in zip(text, new, strict=True):
        if old <= "\uffff":
            assert _sort(one) == _sort(old)
        if old.isascii() and old.isalpha():
            assert one.isupper() == old.isupper()


@given(st.text(string.ascii_letters + string.digits, min_size=6, max_size=30))
def test_a_pseudonym_is_another_and_always_the_same(text: str) -> None:
    new = MAKE.shaped(ValueKind.SECRET, text)
    assert new.lower() != text.lower()
    assert MAKE.shaped(ValueKind.SECRET, text) == new
    assert Pseudonyms(b"k" * 32).shaped(ValueKind.SECRET, text) == new


def test_it_hangs_on_key_and_kind() -> None:
    value = "a value of some length"
    made = {
        MAKE.shaped(ValueKind.SECRET, value),
        OTHER.shaped(ValueKind.SECRET, value),
        MAKE.shaped(ValueKind.TOKEN, value),
    }
    assert len(made) == 3


@pytest.mark.parametrize("kind", [ValueKind.USER, ValueKind.DEVICE])
@given(st.text(string.ascii_letters, min_size=1, max_size=20))
def test_case_follows_where_it_does_not_count(kind: ValueKind, text: str) -> None:
    assert MAKE.shaped(kind, text).lower() == MAKE.shaped(kind, text.lower())
    assert MAKE.shaped(kind, text.upper()) == MAKE.shaped(kind, text).upper()


@given(DIGITS)
def test_the_check_digit_of_an_imei_stays_right_or_wrong(text: str) -> None:
    new = MAKE.imei(text)
    assert re.fullmatch(r"\d{15}", new)
    assert is_luhn(new) == is_luhn(text)


def test_a_right_imei_is_one() -> None:
    assert is_luhn("490154203237518")  # 3GPP TS 23.003 annex B has the rule
    assert is_luhn(MAKE.imei("490154203237518"))


@given(st.binary(min_size=1, max_size=40))
def test_a_nonce_keeps_its_length_and_whether_it_is_text(data: bytes) -> None:
    new = MAKE.nonce(data)
    assert len(new) == len(data)
    for codec in ("ascii", "utf-8"):
        assert _reads(new, codec) == _reads(data, codec) or not data.decode("latin-1").isprintable()


def _reads(data: bytes, codec: str) -> bool:
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


@given(st.binary(min_size=12, max_size=20))
def test_a_nonce_in_base64_twice_is_that_of_the_nonce(data: bytes) -> None:
    packed = encode_base64(data)
    assert decode_base64(MAKE.nonce(packed.encode()).decode()) == MAKE.nonce(data)


@given(st.ip_addresses())
def test_addresses_become_such_for_documentation(address: object) -> None:
    new = ipaddress.ip_address(MAKE.address(str(address)))
    old = ipaddress.ip_address(str(address))
    if old.is_loopback or old.is_unspecified or old.is_multicast:
        assert new == old
    elif old.version == 6:
        assert new in ipaddress.ip_network("2001:db8::/32")
    else:
        networks = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15")
        assert any(new in ipaddress.ip_network(one) for one in networks)


def test_no_two_addresses_become_one() -> None:
    make = Pseudonyms(b"k" * 32)
    addresses = [f"10.1.{high}.{low}" for high in range(3) for low in range(1, 251)]
    assert len({make.address(one) for one in addresses}) == len(addresses)


def test_a_device_keeps_its_prefix_and_its_hex() -> None:
    assert re.fullmatch(r"IMEI:\d{15}", MAKE.identifier(ValueKind.DEVICE, "IMEI:123456789012345"))
    assert re.fullmatch(r"[0-9A-F]{16}", MAKE.identifier(ValueKind.DEVICE, "ABCDEF0123456789"))


def test_a_name_keeps_words_that_tell_nothing() -> None:
    new = MAKE.name("Contoso Root CA")
    assert re.fullmatch(r"[A-Z][a-z]{6} Root CA", new)
    assert "Contoso" not in new
    assert MAKE.name("Microsoft Root Certificate Authority") == (
        "Microsoft Root Certificate Authority"
    )


def test_a_long_value_is_read_a_bounded_number_of_times(monkeypatch: pytest.MonkeyPatch) -> None:
    read = 0

    def digest(key: bytes, message: bytes, name: str) -> bytes:
        nonlocal read
        read += len(message)
        return hmac.digest(key, message, name)

    monkeypatch.setattr(pseudonyms, "hmac", SimpleNamespace(digest=digest))
    MAKE.shaped(ValueKind.SECRET, "x1" * 10_000)
    assert read < 10 * 20_000
