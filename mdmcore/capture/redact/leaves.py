"""What to change in a text that stands at a known place of a message."""

from __future__ import annotations

import re

from mdmcore.base64_text import decode_base64, encode_base64
from mdmcore.capture.redact import patterns, values
from mdmcore.capture.redact.edits import PERCENT, XML_TEXT, Edit, EscapedText, apply_edits
from mdmcore.capture.redact.kinds import ValueKind
from mdmcore.capture.redact.leaf import Leaf
from mdmcore.capture.redact.packed import noise
from mdmcore.capture.redact.pem import refolded
from mdmcore.capture.redact.run import Run
from mdmcore.syncml.credentials import decode_digest

_PRODUCT_NAMES = frozenset(
    [
        "productid",
        "publisherid",
        "phonepublisherid",
        "productcode",
        "upgradecode",
        "enterpriseid",
        "policyid",
        "policyoidreference",
    ]
)
_IDENTITIES = frozenset({"provider-id", "locname", "aauthname", "name"})
_BLOB = 64
"""Bytes from which on something in base64 that is not understood is replaced."""
_NETWORK = re.compile(r"/WiFi/Profile/([^/]+)/", re.IGNORECASE)
_PATHS = frozenset({"locuri", "targetref", "sourceref"})
_ESCAPED_TAG = ("&lt;", "&amp;lt;")
_NUL = "\0"
_OF_STRUCTURE = frozenset({ValueKind.TOKEN, ValueKind.PRIVATE_KEY, ValueKind.DEVICE})


def edits(run: Run, leaf: Leaf, text: str) -> list[Edit]:
    """The changes of a leaf's text; blanks around the value stay."""
    core = text.strip()
    if not core:
        return []
    start = text.find(core)
    kind = leaf.kind()
    if run.is_learning:
        _learn(run, leaf, core)
    new = _whole(run, leaf, kind, core)
    if new is None:
        return run.free(text)
    if new == core:
        return []
    return [Edit(start=start, end=start + len(core), new=new, kind=kind or ValueKind.TOKEN)]


def _learn(run: Run, leaf: Leaf, core: str) -> None:
    """What a place tells of values that stand elsewhere."""
    if leaf.name.lower() == "provider-id":
        run.known.public.add(core.lower())
    if _names_a_product(leaf):
        run.kept_guids |= {found[0].lower() for found in patterns.GUID.finditer(core)}


def _names_a_product(leaf: Leaf) -> bool:
    last = leaf.uri.rpartition("/")[2]
    return bool({leaf.name.lower(), leaf.element, last.lower()} & _PRODUCT_NAMES)


def _whole(run: Run, leaf: Leaf, kind: ValueKind | None, core: str) -> str | None:
    if leaf.is_cred:
        return _credential(run, leaf, core)
    if kind is ValueKind.NONCE:
        return values.nonce_text(run, core)
    if leaf.ends("ssid", "hex"):
        return _network_in_hex(run, core)
    if core.startswith("<") and ">" in core:
        return run.xml(core)
    if core.startswith(_ESCAPED_TAG):
        escaped = EscapedText(core, XML_TEXT)
        return escaped.with_edits(edits(run, leaf, escaped.plain))
    if kind is None or kind in _OF_STRUCTURE:
        again = run.packed(core)
        if again is not None:
            return again
    if kind is None:
        return _unnamed(run, leaf, core)
    if kind is ValueKind.TOKEN and patterns.JWT.fullmatch(core):
        return None
    if kind is ValueKind.PRIVATE_KEY:
        return _private_key(run, core)
    return run.value(kind, core)


def _with_network(run: Run, core: str) -> str | None:
    """A LocURI of a Wi-Fi profile, whose node has the name of the network, however short."""
    found = _NETWORK.search(core)
    if found is None:
        return None
    escaped = EscapedText(found[1], PERCENT)
    name = run.value(ValueKind.NAME, escaped.plain)
    end = len(escaped.plain)
    whole = Edit(start=0, end=end, new=name, kind=ValueKind.NAME)
    segment = escaped.with_edits([whole]) if name != escaped.plain else found[1]
    before, behind = core[: found.start(1)], core[found.end(1) :]
    before, behind = (apply_edits(part, run.free(part)) for part in (before, behind))
    return before + segment + behind


def _network_in_hex(run: Run, core: str) -> str:
    try:
        name = bytes.fromhex(core).decode("utf-8")
    except ValueError:
        return run.value(ValueKind.NAME, core)
    new = run.value(ValueKind.NAME, name).encode().hex()
    return new.upper() if core == core.upper() else new


def _unnamed(run: Run, leaf: Leaf, core: str) -> str | None:
    name = leaf.name.lower() or leaf.element
    if name in _PATHS:
        return _with_network(run, core)
    if name in _IDENTITIES:
        known = run.known.kind_of(core)
        if known is ValueKind.USER:
            return run.value(known, core)
    data = decode_base64(core) if len(core) > _BLOB else None
    if data is None or len(data) < _BLOB or not any(map(str.isdigit, core)):
        return None
    return _blob(run, core, data)


def _blob(run: Run, core: str, data: bytes) -> str:
    if run.is_learning:
        return core
    run.tally.count(ValueKind.TOKEN)
    return refolded(core, noise(run, data))


def _private_key(run: Run, core: str) -> str | None:
    if "-----BEGIN " in core:
        return None
    data = decode_base64(core)
    if data is None:
        return run.value(ValueKind.SECRET, core)
    if run.is_learning:
        run.known.add(ValueKind.TOKEN, core)
        return core
    run.tally.count(ValueKind.PRIVATE_KEY)
    return refolded(core, noise(run, data))


def _credential(run: Run, leaf: Leaf, core: str) -> str:
    """Basic credentials by their parts, digests by their formula; what is neither, as a secret."""
    data = decode_digest(core)
    is_basic = leaf.type.strip().lower().endswith("basic")
    if data is None:
        plain = _user_and_password(run, core) if ":" in core else None
        return plain or run.value(ValueKind.SECRET, core)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if ":" in text and (is_basic or text.replace(_NUL, "").isprintable()):
        new_text = _user_and_password(run, text)
        return core if new_text == text else _repacked(core, new_text.encode("utf-8"))
    new = run.digest(data)
    return core if new == data else _repacked(core, new)


def _user_and_password(run: Run, text: str) -> str:
    user, colon, password = text.partition(":")
    new_user = run.value(ValueKind.USER, user) if user else user
    return new_user + colon + (run.value(ValueKind.SECRET, password) if password else password)


def _repacked(core: str, data: bytes) -> str:
    """Base64 as the original has it, with or without its padding."""
    packed = encode_base64(data)
    if not core.endswith("=") and packed.endswith("="):
        packed = packed.rstrip("=")
    return refolded(core, data) if any(map(str.isspace, core)) else packed
