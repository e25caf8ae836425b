"""What takes the place of a value: made from it with a key, of the same shape.

``HMAC-SHA256(key, kind || normalised value)`` drives each choice, never a bare digest: an IMEI or a
digest of one can be guessed. The same value has the same pseudonym wherever it stands; values of
kinds that compare without case have one whose case follows the original's.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
from collections.abc import Callable

from mdmcore.base64_text import decode_base64, encode_base64
from mdmcore.capture.redact.kinds import CASE_BLIND, ValueKind, is_public_word

MIN_KEY_BYTES = 16

_LOWER = "abcdefghijklmnopqrstuvwxyz"
_HEX = "0123456789abcdef"
_LATIN_LOWER = "àâçèéêëîïôùûüöä"
_CYRILLIC = "абвгдежзиклмнопрстуфхцчшэюя"
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]{12,}")
_HEX_WORD = re.compile(r"(?=.*[0-9])[0-9A-Fa-f]{4,}")
_WORD = re.compile(r"[^\W_]+")
_PREFIX = re.compile(r"[A-Za-z]{2,8}:(?=.)")
_SHORTEST_BASE64_NONCE = 12
_TRIES = 64
_NETWORKS = tuple(
    ipaddress.IPv4Network(text)
    for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15")
)
_DOCUMENTATION_V6 = int(ipaddress.IPv6Address("2001:db8::"))


class _Choices:
    """A row of numbers that looks random and follows from a seed."""

    def __init__(self, key: bytes, seed: bytes) -> None:
        self._key = key
        # A value may be long: it is read once, not once for each block.
        self._seed = hmac.digest(key, seed, "sha256")
        self._block = 0
        self._left = b""

    def below(self, limit: int) -> int:
        """The next number, 0 to before ``limit`` (at most some thousand)."""
        return int.from_bytes(self.octets(4)) % limit

    def of(self, alphabet: str) -> str:
        """The next character."""
        return alphabet[self.below(len(alphabet))]

    def octets(self, count: int) -> bytes:
        """The next bytes."""
        parts, ready = [self._left], len(self._left)
        while ready < count:
            parts.append(hmac.digest(self._key, self._seed + self._block.to_bytes(4), "sha256"))
            ready += len(parts[-1])
            self._block += 1
        ahead = b"".join(parts)
        self._left = ahead[count:]
        return ahead[:count]


class Pseudonyms:
    """Makes pseudonyms with one key, a secret of at least ``MIN_KEY_BYTES`` bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._addresses: dict[str, str] = {}
        self._given: set[str] = set()

    def tag(self, kind: str, data: bytes, digits: int = 8) -> str:
        """Some hex digits that name the data under the key."""
        return self._choices(kind, data).octets((digits + 1) // 2).hex()[:digits]

    def octets(self, kind: ValueKind, data: bytes) -> bytes:
        """Bytes of the same number, looking random."""
        return self._choices(kind, data).octets(len(data))

    def shaped(self, kind: ValueKind, value: str) -> str:
        """A text of the same length, each character of the same sort as the original's."""
        normal = value.lower() if kind in CASE_BLIND else value
        # The case of what compares without it must not tell where letters change places.
        for attempt in range(_TRIES):
            new = _shaped(value, self._choices(kind, normal.encode("utf-8", "replace"), attempt))
            if new.lower() != value.lower() or not any(map(str.isalnum, value)):
                return new
        return value

    def hexadecimal(self, kind: ValueKind, value: str) -> str:
        """Hex digits in the place of hex digits, whatever stands between them."""
        normal = "".join(filter(str.isalnum, value)).lower()
        choices = self._choices(kind, normal.encode())
        upper = value == value.upper()
        return "".join(
            (choices.of(_HEX).upper() if upper else choices.of(_HEX)) if one.isalnum() else one
            for one in value
        )

    def identifier(self, kind: ValueKind, value: str) -> str:
        """A device's name for itself: a prefix as in ``IMEI:`` stays, hex digits stay such."""
        prefix = _PREFIX.match(value)
        start = prefix.end() if prefix is not None else 0
        body = value[start:]
        if _HEXADECIMAL.fullmatch(body) and not body.isdigit():
            return value[:start] + self.hexadecimal(kind, body)
        return value[:start] + self.shaped(kind, body)

    def imei(self, value: str) -> str:
        """Digits whose last one checks if the original's does, and does not if that does not."""
        new = self.shaped(ValueKind.IMEI, value)
        right = luhn_digit(new[:-1])
        if is_luhn(value):
            return new[:-1] + right
        return new if new[-1] != right else new[:-1] + str((int(right) + 1) % 10)

    def name(self, value: str, known: Callable[[str], str | None] = lambda word: None) -> str:
        """A name, word by word; words that tell nothing of anybody stay. ``known`` may have the
        pseudonym of a word that is a value of its own."""

        def word(found: re.Match[str]) -> str:
            text = found[0]
            if is_public_word(text):
                return text
            given = known(text)
            if given is not None:
                return given
            if _HEX_WORD.fullmatch(text):
                return self.hexadecimal(ValueKind.NAME, text)
            return self.shaped(ValueKind.NAME, text)

        return _WORD.sub(word, value)

    def address(self, value: str) -> str:
        """An address out of those kept for documentation; loopback and none stay."""
        try:
            parsed = ipaddress.ip_address(value)
        except ValueError:
            return value
        if parsed.is_loopback or parsed.is_unspecified or parsed.is_multicast:
            return value
        normal = str(parsed)
        if normal not in self._addresses:
            self._addresses[normal] = self._free_address(parsed)
        return self._addresses[normal]

    def _free_address(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
        choices = self._choices(ValueKind.ADDRESS, address.packed)
        if address.version == 6:
            tail = int.from_bytes(choices.octets(8))
            return str(ipaddress.IPv6Address(_DOCUMENTATION_V6 + tail))
        for network in _NETWORKS:
            start = choices.below(network.num_addresses)
            for step in range(min(network.num_addresses, 1024)):
                found = str(network[(start + step) % network.num_addresses])
                if found not in self._given and not found.endswith((".0", ".255")):
                    self._given.add(found)
                    return found
        return str(_NETWORKS[0][1])

    def nonce(self, data: bytes) -> bytes:
        """A nonce: text stays text, what is no UTF-8 stays none, base64 in it stays base64."""
        text = _ascii(data)
        if text is not None:
            inner = decode_base64(text) if len(text) >= _SHORTEST_BASE64_NONCE else None
            if inner is not None and encode_base64(inner) == text:
                return encode_base64(self.nonce(inner)).encode("ascii")
            return self.shaped(ValueKind.NONCE, text).encode("ascii")
        was_text = _is_utf8(data)
        new = data
        for attempt in range(_TRIES):
            choices = self._choices(ValueKind.NONCE, data, attempt)
            new = bytes(_byte_like(one, choices) for one in data)
            if _is_utf8(new) == was_text and _ascii(new) is None:
                break
        return new

    def _choices(self, kind: str, data: bytes, attempt: int = 0) -> _Choices:
        return _Choices(self._key, kind.encode() + b"\0" + bytes((attempt,)) + data)


def is_luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of those before it (ISO/IEC 7812-1)."""
    return digits.isdigit() and digits.isascii() and luhn_digit(digits[:-1]) == digits[-1]


def luhn_digit(digits: str) -> str:
    """The check digit of these digits."""
    total = 0
    for number, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if number % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def _shaped(value: str, choices: _Choices) -> str:
    return "".join(_character_like(one, choices) for one in value)


def _character_like(one: str, choices: _Choices) -> str:
    if one.isascii():
        if one.isdigit():
            return choices.of("0123456789")
        if one.isalpha():
            new = choices.of(_LOWER)
            return new.upper() if one.isupper() else new
        return one
    if not one.isalpha():
        return one
    if one <= "\u00ff":
        new = choices.of(_LATIN_LOWER)
    elif one <= "\u07ff":
        new = choices.of(_CYRILLIC)
    elif one <= "\uffff":
        return chr(0x4E00 + choices.below(5000))
    else:
        return one
    return new.upper() if one.isupper() else new


def _byte_like(one: int, choices: _Choices) -> int:
    if one == 0:
        return 0
    return 0x80 + choices.below(0x80) if one >= 0x80 else 1 + choices.below(0x7F)


def _ascii(data: bytes) -> str | None:
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
