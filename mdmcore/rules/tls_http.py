"""Rules on TLS, HTTP and the bytes of enrolment messages (enrollment.md 2 and 3)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mdmcore.enrollment.uri_texts import uri_texts
from mdmcore.rules.decoded import BodySide
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene

_BLANK = re.compile(r"\s")


@rule("xml-declaration-not-first")
def declaration_not_first(scene: Scene) -> Iterator[Hit]:
    """Bytes stand before the XML declaration, so the other side cannot parse the message. Let the
    body begin with the declaration, or leave the declaration out."""
    for part, prefix in _prefixes(scene):
        if prefix:
            yield scene.hit(
                f"{len(prefix)} bytes stand before the XML declaration",
                part=part,
                offset=0,
                evidence=repr(prefix[:40]).removeprefix("b"),
            )


def _prefixes(scene: Scene) -> Iterator[tuple[str, bytes]]:
    """Part and stray bytes of each text whose first bytes are those that were sent."""
    if scene.exchange.verbatim:
        for side in scene.decoded.sides:
            yield side.part, side.stray_prefix
    provisioning = scene.decoded.provisioning
    # What comes as base64 has its first bytes, however the text around it was printed.
    if provisioning is not None and (scene.exchange.verbatim or scene.decoded.rstrc is not None):
        yield "document", provisioning.stray_prefix


@rule("namespace-whitespace")
def namespace_whitespace(scene: Scene) -> Iterator[Hit]:
    """A namespace, ValueType, EncodingType, TokenType, Action or URL contains a blank or a line
    break, so the device does not recognise the element and gives no reason. Write these constants
    trimmed and in one line."""
    for side in scene.decoded.sides:
        yield from _blanks(scene, side)
    provisioning = scene.decoded.provisioning
    if provisioning is not None and provisioning.root is not None:
        for path, text in uri_texts(provisioning.root):
            if _BLANK.search(text):
                yield scene.hit(
                    f"a URL of the provisioning document contains a blank: {text!r}",
                    part="document",
                    xpath=path,
                    evidence=text,
                )


def _blanks(scene: Scene, side: BodySide) -> Iterator[Hit]:
    # SyncML has blanks to find only where the strict parser has refused a namespace.
    if side.root is None or (side.syncml is not None and not side.problems):
        return
    for path, text in uri_texts(side.root):
        is_attribute = "/@" in path
        judged = text if is_attribute or scene.exchange.verbatim else text.strip()
        if _BLANK.search(judged):
            what = "namespace" if "/@xmlns" in path else "URI"
            yield scene.hit(
                f"a {what} contains a blank: {text!r}", part=side.part, xpath=path, evidence=text
            )
