"""PEM blocks: keys become noise of the same length, the rest is redacted as what it holds."""

from __future__ import annotations

from mdmcore.base64_text import encode_base64
from mdmcore.capture.redact.kinds import ValueKind
from mdmcore.capture.redact.run import Run


def pem_replaced(run: Run, label: str, inside: str) -> str:
    """What stands between the lines of the armour."""
    if "PRIVATE KEY" in label:
        if run.is_learning:
            return inside
        run.tally.count(ValueKind.PRIVATE_KEY)
        return run.pseudonyms.shaped(ValueKind.PRIVATE_KEY, inside)
    return run.packed(inside) or inside


def refolded(old: str, new: bytes) -> str:
    """Base64 of the bytes, with the blanks and line breaks of the old text."""
    packed = encode_base64(new)
    blanks = [at for at, one in enumerate(old) if one.isspace()]
    if not blanks:
        return packed
    if len(packed) == len(old) - len(blanks):
        rest = iter(packed)
        return "".join(one if one.isspace() else next(rest) for one in old)
    lead = old[: len(old) - len(old.lstrip())]
    tail = old[len(old.rstrip()) :]
    core = old.strip()
    first = next((at for at, one in enumerate(core) if one.isspace()), len(core))
    end = first
    while end < len(core) and core[end].isspace():
        end += 1
    if first >= len(core) or not first:
        return lead + packed + tail
    gap = core[first:end]
    lines = [packed[at : at + first] for at in range(0, len(packed), first)]
    return lead + gap.join(lines) + tail
