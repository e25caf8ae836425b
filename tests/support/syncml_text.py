"""SyncML text made comparable: canonical XML, CmdIDs and blanks between elements aside."""

from __future__ import annotations

import re

from lxml import etree

_SYNCML = "SYNCML:SYNCML1.2"


def normal(text: str) -> str:
    """Commands as canonical XML: with or without a SyncBody around them, and without its Final."""
    body = text if re.match(r"\s*<SyncBody\b", text) else f"<SyncBody>{text}</SyncBody>"
    if f'xmlns="{_SYNCML}"' not in body:
        body = body.replace("<SyncBody", f'<SyncBody xmlns="{_SYNCML}"', 1)
    parser = etree.XMLParser(remove_blank_text=True, remove_comments=True)
    root = etree.fromstring(body, parser)
    for name in ("CmdID", "Final"):
        for element in list(root.iter(f"{{{_SYNCML}}}{name}")):
            parent = element.getparent()
            assert parent is not None
            parent.remove(element)
    for element in root.iter(f"{{{_SYNCML}}}LocURI"):
        element.text = (element.text or "").strip()
    return etree.tostring(root, method="c14n2").decode()
