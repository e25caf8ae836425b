"""Rules on the provisioning document as a whole: XML, characters, version (enrollment.md 9.1).

Its certificates, account, criteria and schedule have modules of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mdmcore.enrollment.provisioning import ROOT, VERSION
from mdmcore.enrollment.provisioning_view import located, parm_path
from mdmcore.rules.model import Hit
from mdmcore.rules.provisioned import ISSUING, document_hit, provisioned
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.xml_place import offset_of

_HEAD_BYTES = 200
_DECLARED = re.compile(rb"<\?xml\s[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_UTF8 = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
# Names for people; a question mark at the end of a word may be meant.
_NAMES = frozenset({"NAME", "EntDeviceName", "StoreName"})
_REPLACED = re.compile(r"\?+\w|\ufffd")


@rule("wap-not-wellformed", kinds=ISSUING)
def not_wellformed(scene: Scene) -> Iterator[Hit]:
    """The provisioning document is not well-formed XML: enrolment fails and the certificate is
    taken back. Build the document with an XML library."""
    part = provisioned(scene)
    if not part.problems:
        return
    problem = part.problems[0]
    yield scene.hit(
        f"the provisioning document is not well-formed: {problem.message}",
        part="document",
        offset=offset_of(part.raw, problem.line, problem.column),
        line=problem.line,
        column=problem.column,
        evidence=problem.message,
        caused_by=() if _strange_byte(part.raw) is None else ("wap-not-utf8",),
    )


@rule("wap-not-utf8", kinds=ISSUING)
def not_utf8(scene: Scene) -> Iterator[Hit]:
    """The provisioning document is not in UTF-8, or characters were replaced by question marks on
    the way: names are garbled, or the device cannot parse it. Encode it as UTF-8, then base64."""
    part = provisioned(scene)
    at = _strange_byte(part.raw)
    if at is not None:
        # One byte tells nothing of a secret; those around it might.
        byte = f"0x{part.raw[at]:02X}"
        message = f"the byte {byte} at offset {at} of the provisioning document is not UTF-8"
        yield scene.hit(message, part="document", offset=at, evidence=byte)
        return
    declared = _DECLARED.search(part.raw[:_HEAD_BYTES])
    encoding = declared[1].decode("ascii") if declared is not None else "utf-8"
    if declared is not None and encoding.lower() not in _UTF8:
        message = f"the provisioning document declares the encoding {encoding}"
        yield scene.hit(message, part="document", offset=declared.start(1), evidence=encoding)
    if part.document is None:
        return
    for _, path, branch in located(part.document):
        for parm in branch.parms:
            if parm.name in _NAMES and _REPLACED.search(parm.value or ""):
                yield document_hit(
                    scene,
                    f"{parm.name} has question marks where other characters were",
                    parm_path(path, parm.name),
                    parm.value or "",
                )


@rule("wap-version", kinds=ISSUING)
def wrong_version(scene: Scene) -> Iterator[Hit]:
    """The root of the provisioning document does not say version 1.1. No effect on a device is
    known, but all samples have it, and a strict client may refuse another. Write version="1.1"."""
    document = provisioned(scene).document
    if document is None or document.version == VERSION:
        return
    found = "no version" if document.version is None else f"version {document.version!r}"
    yield document_hit(
        scene, f"{ROOT} has {found}", f"/{ROOT}/@version", document.version or "absent"
    )


def _strange_byte(raw: bytes) -> int | None:
    """The offset of the first byte that is not UTF-8, of UTF-16 that of its first NUL or mark.

    ``None`` as well for what is no such document at all, in any encoding.
    """
    if ROOT.encode() not in raw.replace(b"\0", b""):
        return None
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    nul = raw.find(b"\0", 0, 4)
    return nul if nul >= 0 else None
