"""Changes of a text of any sort: URLs, tokens, values that are known, what looks like one.

Escapes (percent, XML) are looked through, as often as there are any, and stay as they are written.
"""

from __future__ import annotations

import re

from mdmcore.capture.redact import patterns, urls, values
from mdmcore.capture.redact.edits import (
    PERCENT,
    XML_TEXT,
    Edit,
    EscapedText,
    Gathered,
    apply_edits,
)
from mdmcore.capture.redact.hosts import HOST, is_public
from mdmcore.capture.redact.kinds import ValueKind
from mdmcore.capture.redact.pem import pem_replaced
from mdmcore.capture.redact.pseudonyms import is_luhn
from mdmcore.capture.redact.run import Run
from mdmcore.capture.redact.web_token import jwt_replaced

_ESCAPINGS = (XML_TEXT, PERCENT)
_SHORTEST = 4
_MAX_LAYERS = 4


def edits(run: Run, text: str, *, layer: int = 0) -> list[Edit]:
    """What to change in the text."""
    if len(text) < _SHORTEST:
        return []
    found = Gathered()
    _armoured(run, text, found)
    for url in patterns.URL.finditer(text):
        if found.is_free(*url.span()):
            for edit in urls.edits(run, url[0]):
                moved = edit.moved(url.start())
                found.add(moved.start, moved.end, moved.new, moved.kind)
            found.hold(*url.span())
    if layer < _MAX_LAYERS and any(one.pattern.search(text) for one in _ESCAPINGS):
        _between(run, text, found, layer)
    else:
        _plain(run, text, found)
    return found.edits


def _between(run: Run, text: str, found: Gathered, layer: int) -> None:
    """The escaped text around what is done already."""
    for start, end in list(found.gaps(0, len(text))):
        _escaped(run, text[start:end], start, found, layer)


def _escaped(run: Run, text: str, start: int, found: Gathered, layer: int) -> None:
    escaping = next((one for one in _ESCAPINGS if one.pattern.search(text)), None)
    if escaping is None:
        for edit in edits(run, text, layer=_MAX_LAYERS):
            moved = edit.moved(start)
            found.add(moved.start, moved.end, moved.new, moved.kind)
        return
    escaped = EscapedText(text, escaping)
    changes = edits(run, escaped.plain, layer=layer + 1)
    if changes:
        new = escaped.with_edits(changes)
        found.add(start, start + len(text), new, changes[0].kind)


def _armoured(run: Run, text: str, found: Gathered) -> None:
    if "-----BEGIN " in text:
        for block in patterns.PEM.finditer(text):
            new = pem_replaced(run, block[1], block[2])
            found.add(*block.span(2), new, ValueKind.PRIVATE_KEY)
            found.hold(*block.span())
    if "eyJ" in text:
        for token in patterns.JWT.finditer(text):
            new_token = jwt_replaced(run, token[0])
            if new_token is not None:
                found.add(*token.span(), new_token, ValueKind.TOKEN)


def _plain(run: Run, text: str, found: Gathered) -> None:
    """The text holds no escapes."""
    if "@" in text:
        for mail in patterns.EMAIL.finditer(text):
            if found.is_free(*mail.span()):
                found.add(*mail.span(), values.email(run, mail[0]), ValueKind.EMAIL)
    if not run.is_learning:
        _hosts(run, text, found)
        for start, end, kind in list(run.known.find(text)):
            if found.is_free(start, end):
                found.add(start, end, run.value(kind, text[start:end]), kind)
    _packed(run, text, found)
    for guid in patterns.GUID.finditer(text):
        if guid[0].lower() in run.kept_guids:
            found.hold(*guid.span())
        elif not run.is_learning and found.is_free(*guid.span()):
            run.tally.count(ValueKind.GUID)
            run.known.replaced(ValueKind.GUID, guid[0])
            new = run.pseudonyms.hexadecimal(ValueKind.GUID, guid[0])
            found.add(*guid.span(), new, ValueKind.GUID)
    if not run.is_learning:
        _by_look(run, text, found)


def _packed(run: Run, text: str, found: Gathered) -> None:
    for block in patterns.BASE64.finditer(text):
        if found.is_free(*block.span()):
            new = run.packed(block[0])
            if new is not None:
                found.add(*block.span(), new, ValueKind.TOKEN)
    for digest in patterns.HEX_DIGEST.finditer(text):
        if not run.is_learning and found.is_free(*digest.span()):
            new_digest = _other_digest(run, digest[0])
            found.add(*digest.span(), new_digest, ValueKind.THUMBPRINT)
    for hexadecimal in patterns.HEX_TEXT.finditer(text):
        if not run.is_learning and found.is_free(*hexadecimal.span()):
            new_hex = _hex_text(run, hexadecimal[0])
            if new_hex is not None:
                found.add(*hexadecimal.span(), new_hex, ValueKind.NAME)


def _other_digest(run: Run, text: str) -> str:
    """The thumbprint of what took a certificate's place; other digests become others."""
    plain = re.sub(r"[ :]", "", text)
    new = run.thumbprint(bytes.fromhex(plain))
    if new is None and len(plain) > 40:
        return text  # the digest of a file, which names nobody
    run.tally.count(ValueKind.THUMBPRINT)
    if new is None:
        return run.pseudonyms.hexadecimal(ValueKind.THUMBPRINT, text)
    digits = iter(new.hex() if text != text.upper() else new.hex().upper())
    return "".join(next(digits) if one.isalnum() else one for one in text)


def _hex_text(run: Run, text: str) -> str | None:
    """A known value in hex digits, as a network's name stands in a Wi-Fi profile."""
    try:
        plain = bytes.fromhex(text).decode("utf-8")
    except UnicodeDecodeError:
        return None
    if not plain.isprintable():
        return None
    changes = [
        Edit(start=start, end=end, new=run.value(kind, plain[start:end]), kind=kind)
        for start, end, kind in run.known.find(plain)
    ]
    if not changes:
        return None
    new = apply_edits(plain, changes).encode().hex()
    return new.upper() if text == text.upper() else new


def _hosts(run: Run, text: str, found: Gathered) -> None:
    for host in HOST.finditer(text) if "." in text else ():
        if run.hosts.knows(host[0]) and not is_public(host[0]) and found.is_free(*host.span()):
            found.add(*host.span(), run.value(ValueKind.HOST, host[0]), ValueKind.HOST)


def _by_look(run: Run, text: str, found: Gathered) -> None:
    if "." in text:
        for address in patterns.PRIVATE_ADDRESS.finditer(text):
            if found.is_free(*address.span()):
                new = run.value(ValueKind.ADDRESS, address[0])
                run.tally.count(ValueKind.ADDRESS)
                found.add(*address.span(), new, ValueKind.ADDRESS)
    for number in patterns.IMEI.finditer(text):
        if is_luhn(number[0]) and found.is_free(*number.span()):
            run.tally.count(ValueKind.IMEI)
            run.known.replaced(ValueKind.IMEI, number[0])
            found.add(*number.span(), run.pseudonyms.imei(number[0]), ValueKind.IMEI)
    for kind, pattern in ((ValueKind.MAC, patterns.MAC), (ValueKind.PHONE, patterns.PHONE)):
        for match in pattern.finditer(text):
            if found.is_free(*match.span()):
                run.known.replaced(kind, match[0])
                found.add(*match.span(), run.value(kind, match[0]), kind)


def note_edits(run: Run, text: str) -> list[Edit]:
    """Changes of what a person or a program wrote about an exchange: any address is one there."""
    found = Gathered()
    for edit in edits(run, text):
        found.add(edit.start, edit.end, edit.new, edit.kind)
    if not run.is_learning:
        for pattern in (patterns.ADDRESS, patterns.ADDRESS_6):
            for match in pattern.finditer(text):
                new = run.pseudonyms.address(match[0])
                if new != match[0] and found.is_free(*match.span()):
                    run.tally.count(ValueKind.ADDRESS)
                    found.add(*match.span(), new, ValueKind.ADDRESS)
    return found.edits
