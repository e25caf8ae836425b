"""What takes the place of a whole value, by its look and then by its kind."""

from __future__ import annotations

from mdmcore.base64_text import decode_base64
from mdmcore.capture.redact import patterns
from mdmcore.capture.redact.edits import apply_edits
from mdmcore.capture.redact.hosts import base_domain, is_address, is_host_name, is_public
from mdmcore.capture.redact.kinds import ValueKind, is_public_word
from mdmcore.capture.redact.pseudonyms import is_luhn
from mdmcore.capture.redact.run import Run
from mdmcore.syncml.nonce import encode_nonce

_IMEI_DIGITS = 15
_PLACEHOLDERS = frozenset({"***", "(null)", "null", "none", "unknown", "n/a"})
_FIXED_FORMS = (ValueKind.SECRET, ValueKind.TOKEN)


def replaced(run: Run, kind: ValueKind, text: str) -> str:
    """The value's pseudonym; learned from, and itself, in the first pass."""
    if not any(map(str.isalnum, text)) or text.strip().lower() in _PLACEHOLDERS:
        return text
    if run.known.is_public(text):
        return text
    if kind is ValueKind.HOST:
        return _host(run, text)
    if kind is ValueKind.ADDRESS:
        return run.pseudonyms.address(text) if is_address(text) else _free(run, text)
    if kind not in _FIXED_FORMS:
        formed = _by_form(run, kind, text)
        if formed is not None:
            return formed
    if run.is_learning:
        if _pseudonym(run, kind, text) != text:
            run.known.add(kind, text)
        return text
    kind = run.known.kind_of(text) or kind
    run.tally.count(kind)
    return _pseudonym(run, kind, text)


def _by_form(run: Run, kind: ValueKind, text: str) -> str | None:
    """What is put together of other values, or has a look of its own."""
    if patterns.EMAIL.fullmatch(text):
        return email(run, text)
    if "://" in text:
        return _free(run, text)
    guid = patterns.GUID.search(text)
    if guid is not None:
        around = (text[: guid.start()], text[guid.end() :])
        if kind is not ValueKind.NAME or not any(any(map(str.isalnum, one)) for one in around):
            return _free(run, text)
        before, behind = (replaced(run, kind, one) for one in around)
        return before + _free(run, guid[0]) + behind
    pair = patterns.DOMAIN_USER.fullmatch(text)
    if pair is not None:
        domain = ValueKind.HOST if is_host_name(pair[1]) else ValueKind.NAME
        return f"{replaced(run, domain, pair[1])}\\{replaced(run, ValueKind.USER, pair[2])}"
    if kind is ValueKind.NAME and is_host_name(text):
        return _host(run, text)
    if kind in (ValueKind.USER, ValueKind.NAME) and is_public_word(text):
        return text
    return None


def _pseudonym(run: Run, kind: ValueKind, text: str) -> str:
    make = run.pseudonyms
    digits = "".join(filter(str.isdigit, text))
    if kind in (ValueKind.IMEI, ValueKind.DEVICE) and len(digits) == _IMEI_DIGITS:
        start = text.find(digits)
        if start >= 0:
            return text[:start] + make.imei(digits) + text[start + len(digits) :]
    if kind is ValueKind.DEVICE:
        return make.identifier(kind, text)
    if kind is ValueKind.MAC:
        return make.hexadecimal(kind, text)
    if kind is ValueKind.NAME:
        return make.name(text, lambda word: _known_word(run, word))
    if kind is ValueKind.USER and is_luhn(text) and len(text) == _IMEI_DIGITS:
        return make.imei(text)
    return make.shaped(kind, text)


def _known_word(run: Run, word: str) -> str | None:
    kind = run.known.kind_of(word)
    return None if kind in (None, ValueKind.NAME) else _pseudonym(run, kind, word)


def _host(run: Run, text: str) -> str:
    if run.is_learning:
        run.hosts.learn(text)
        if run.hosts.knows(text):
            run.known.add(ValueKind.HOST, text)
            run.known.add(ValueKind.HOST, base_domain(text))
        return text
    new = run.hosts.renamed(text)
    if new != text:
        run.tally.count(ValueKind.HOST)
        run.known.replaced(ValueKind.HOST, text)
    return new


def _free(run: Run, text: str) -> str:
    return apply_edits(text, run.free(text))


def nonce_text(run: Run, text: str) -> str:
    """A nonce as it is written, in base64 or not; the bytes it stands for map alike everywhere."""
    data = decode_base64(text)
    if data is None or not data:
        return replaced(run, ValueKind.NONCE, text)
    if run.is_learning:
        run.known.add(ValueKind.NONCE, text)
        return text
    run.tally.count(ValueKind.NONCE)
    return encode_nonce(run.pseudonyms.nonce(data))


def email(run: Run, text: str) -> str:
    """An e-mail address: its user and its host each by their own names."""
    local, _, host = text.rpartition("@")
    if run.is_learning:
        if not is_public(host) or not is_public_word(local):
            run.known.add(ValueKind.EMAIL, text)
        if not is_public_word(local):
            run.known.add(ValueKind.USER, local)
        run.hosts.learn(host)
        return text
    if is_public_word(local):
        new_local = local
    else:
        new_local = _pseudonym(run, run.known.kind_of(local) or ValueKind.USER, local)
    run.tally.count(ValueKind.EMAIL)
    run.known.replaced(ValueKind.EMAIL, text)
    return f"{new_local}@{run.hosts.renamed(host)}"
