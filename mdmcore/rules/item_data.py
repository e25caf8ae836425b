"""Rules on Data and Format of the server's commands, whatever the node (session.md 2.4).

What a payload says is judged in the modules of the payloads.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.csp.model import Payload
from mdmcore.csp.payload import is_double_escaped
from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.sent import SentItem, sent_commands, sent_items
from mdmcore.syncml.model import UnknownCommand
from mdmcore.xml import Element, has_cdata, iter_paths, local_name

_TEXT_FORMATS = frozenset({"", "chr", "xml"})
_STORAGE_DISABLE = ("Vendor", "MSFT", "Storage", "Disable")


@rule("non-dm-command", kinds={Kind.SYNCML})
def non_dm_command(scene: Scene) -> Iterator[Hit]:
    """The server sends an element that is no command of OMA DM where it stands, such as Map, Put,
    Sync or Search: the device answers it 400 or 406. Use Add, Replace, Delete, Get, Exec, Alert,
    Atomic and Sequence."""
    for command, _ in sent_commands(scene):
        # One in a namespace of its own is the matter of wrong-namespace.
        if isinstance(command, UnknownCommand) and command.namespace is None:
            yield scene.hit(
                f"{command.name} is no command of OMA DM where it stands",
                part="response",
                xpath=command.place,
                evidence=command.name,
            )


@rule("unescaped-data-xml", kinds={Kind.SYNCML})
def unescaped_data_xml(scene: Scene) -> Iterator[Hit]:
    """Data of format chr holds elements where text must stand, so the device refuses the whole
    message and later settings are stuck behind it. Escape the payload."""
    for sent in sent_items(scene):
        if sent.item.data_xml is None or (sent.format or "chr") != "chr":
            continue
        node = sent.node
        if sent.format or node is None or "chr" in node.formats:
            yield _data_hit(scene, sent, "holds elements instead of text")


@rule("data-double-escaped", kinds={Kind.SYNCML})
def data_double_escaped(scene: Scene) -> Iterator[Hit]:
    """Data is XML that was escaped twice, so the device gets &lt; instead of a tag: it answers 200
    or 500, and nothing happens. Escape once."""
    for sent in sent_items(scene):
        text = sent.item.data
        if text is not None and sent.format in _TEXT_FORMATS and is_double_escaped(text):
            yield _data_hit(scene, sent, "is XML only after it is decoded once more")


@rule("cdata-in-data", kinds={Kind.SYNCML})
def cdata_in_data(scene: Scene) -> Iterator[Hit]:
    """Data is written as a CDATA section, which Windows 10 documents as unsupported: it is often
    applied but reads back differently. Escape instead."""
    side = scene.decoded.response
    if side is None or side.syncml is None or side.encoding != "xml" or side.root is None:
        return
    if b"<![CDATA[" not in side.body and side.charset in {"", "utf-8"}:
        return
    for place, element in iter_paths(side.root):
        if _is_item_data(element) and has_cdata(element):
            yield scene.hit(
                "Data is written as a CDATA section",
                part="response",
                xpath=place,
                evidence="<![CDATA[",
            )


def _is_item_data(element: Element) -> bool:
    parent = element.getparent()
    return local_name(element) == "Data" and parent is not None and local_name(parent) == "Item"


@rule("missing-format", kinds={Kind.SYNCML})
def missing_format(scene: Scene) -> Iterator[Hit]:
    """A value is sent without Format for a node that is not chr, so the device takes it for text
    and answers 415 or 500. Add Meta with Format, node for interior nodes."""
    for sent in sent_items(scene):
        if not sent.is_write or sent.format or sent.item.is_binary:
            continue
        node = sent.node
        if node is not None and "chr" not in node.formats:
            wanted = " or ".join(node.formats)
            yield sent.hit(scene, f"{sent.target} is sent without Format, it is {wanted}")


@rule("bool-case", kinds={Kind.SYNCML})
def bool_case(scene: Scene) -> Iterator[Hit]:
    """Storage/Disable is sent a value that is not exactly True or False, and the phone answers 500
    or 415. Write True or False, with a capital letter."""
    for sent in sent_items(scene):
        value = sent.item.data
        if not sent.is_write or value is None or sent.uri.segments != _STORAGE_DISABLE:
            continue
        if value not in {"True", "False"}:
            message = f"Storage/Disable is sent {value[:40]!r}"
            yield sent.hit(scene, message, below="/Data", evidence=value[:40])


def _data_hit(scene: Scene, sent: SentItem, words: str) -> Hit:
    node = sent.node
    kind = (
        f" ({node.payload})" if node is not None and node.payload not in {None, Payload.XML} else ""
    )
    return sent.hit(scene, f"the Data for {sent.target}{kind} {words}", below="/Data")
