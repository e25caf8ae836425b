"""The facts of a loose message in a few lines: its summary, and its values under dotted names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from mdmcore.inspector.artifact.provisioning_facts import document_summary
from mdmcore.inspector.shown import shown
from mdmcore.rules.decoded import Decoded
from mdmcore.syncml.model import SyncML

type Json = dict[str, Any]

_MAX_SUMMARY = 300
_MAX_FACTS = 60
_OWN_PARTS = frozenset({"csr", "provisioning", "syncml", "user_token"})
"""What stands in parts of its own."""
_PREFIXES = MappingProxyType(
    {
        "soap": "soap_",
        **dict.fromkeys(("discover", "discover_response", "policies", "rst", "rstrc"), ""),
    }
)
"""What stands before the names of a part's values; a message has one of the unnamed ones."""


def soap_summary(title: str, decoded: Decoded) -> str:
    """One line: which message, and what matters most in it."""
    return shown(", ".join([title, *_words(decoded)]), _MAX_SUMMARY)


def _words(decoded: Decoded) -> Iterator[str]:
    side = decoded.response if decoded.response is not None else decoded.request
    if side.root is None:
        yield "not to be parsed"
    elif side.problems:
        yield "not well-formed"
    if side.fault is not None:
        fault = side.fault
        code = f" 0x{fault.hresult:08X}" if fault.hresult is not None else ""
        yield f"{fault.subcode or fault.code or 'without a code'}{code}"
        yield from [fault.reason] if fault.reason else []
    if decoded.discover is not None:
        found = decoded.discover
        yield found.email_address or "without EmailAddress"
        yield from [f"RequestVersion {found.request_version}"] if found.request_version else []
    if decoded.discover_response is not None:
        yield decoded.discover_response.auth_policy or "without AuthPolicy"
    if decoded.policies is not None:
        bits = decoded.policies.minimal_key_length
        yield "without a key length" if bits is None else f"key of {bits} bits"
    if decoded.rst is not None:
        yield from _asked(decoded)
    if decoded.rstrc is not None:
        part = decoded.provisioning
        yield "no provisioning document" if part is None else document_summary(part)


def _asked(decoded: Decoded) -> Iterator[str]:
    envelope = decoded.request.envelope
    if envelope is not None and envelope.username:
        yield f"user {envelope.username}"
    part = decoded.csr
    if part is None:
        yield "without a CSR"
    elif part.csr is None:
        yield "a CSR that cannot be read"
    else:
        yield f"CSR of {part.csr.key_bits or '?'} bits, {part.csr.digest_name}"


def flat_facts(content: Mapping[str, Any]) -> Json:
    """The values of a described message, parts within parts under dotted names."""
    facts: Json = {}
    for name, value in _flat(content, ""):
        times = 1 + sum(1 for known in facts if known == name or known.startswith(f"{name} ("))
        facts[name if times == 1 else f"{name} ({times})"] = value
        if len(facts) == _MAX_FACTS:
            facts["more"] = "only the first facts are listed"
            break
    return facts


def _flat(content: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in content.items():
        if value in (None, "", [], {}) or name in _OWN_PARTS:
            continue
        if isinstance(value, Mapping):
            yield from _flat(value, _PREFIXES.get(name, f"{prefix}{name}."))
        elif isinstance(value, list) and all(isinstance(item, Mapping) for item in value):
            yield from _rows(value, f"{prefix}{name}")
        else:
            yield f"{prefix}{name}", value


def _rows(rows: list[Mapping[str, Any]], name: str) -> Iterator[tuple[str, Any]]:
    """Pairs of name and value under their names, other rows as a list of their values."""
    if all(set(row) == {"name", "value"} for row in rows):
        for row in rows:
            yield f"{name}.{row['name']}", row["value"]
        return
    yield (
        name,
        [", ".join(f"{k} {v}" for k, v in row.items() if v not in (None, "")) for row in rows],
    )


def syncml_words(message: SyncML) -> str:
    """Session, message and the commands in it with their counts."""
    counts = Counter(command.name for command in message.commands)
    commands = ", ".join(f"{name} x{n}" if n > 1 else name for name, n in counts.items())
    header = message.header
    return f"session {header.session_id}, message {header.msg_id}: {commands or 'nothing'}"
