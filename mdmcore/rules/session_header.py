"""Rules on the server's SyncHdr and on the order of elements (session.md 1.1, 2).

Credentials in the header stand in ``authentication``, MsgIDs over a session in ``session``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from types import MappingProxyType

from mdmcore.namespaces import SYNCML_11, SYNCML_12
from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.whole_messages import whole_request, whole_response
from mdmcore.syncml.element_order import CHILD_ORDER
from mdmcore.syncml.model import CONTAINER_NAMES, SyncML
from mdmcore.xml import Element, children, local_name, path_of

_HEADER = "/SyncML/SyncHdr"
_REFUSES_VERSION = frozenset({"505", "513"})
_VERSIONS = MappingProxyType(
    {
        "1.1": ("1.1", "DM/1.1", SYNCML_11),
        "1.2": ("1.2", "DM/1.2", SYNCML_12),
    }
)
"""VerDTD, VerProto and the root's namespace, which belong together."""
_PLACES = (f"{_HEADER}/VerDTD", f"{_HEADER}/VerProto", "/SyncML")
_KNOWN_NAMESPACES = frozenset({SYNCML_11, SYNCML_12})
_OPAQUE_PARENTS = frozenset({"Meta", "Data"})
"""MetInf gives an order to its own root only, and what Data holds is not of this DTD."""
_BEFORE_COMMANDS = ("CmdID", "NoResp", "Meta")


@rule("version-mismatch", kinds={Kind.SYNCML})
def version_mismatch(scene: Scene) -> Iterator[Hit]:
    """VerDTD, VerProto and namespace of the server's message are not of one version, or not of the
    device's: it answers 505 or 513, or tries DM 1.1. Answer in the version of the device."""
    asked, answered = whole_request(scene), whole_response(scene)
    if answered is None:
        return
    status = answered.header_status
    is_refused = status is not None and status.data.strip() in _REFUSES_VERSION
    wanted = _VERSIONS[_spoken(answered if asked is None or is_refused else asked)]
    for place, found, right in zip(_PLACES, _version_of(answered), wanted, strict=True):
        if place == "/SyncML" and found not in _KNOWN_NAMESPACES:
            continue  # wrong-namespace
        if found != right:
            yield scene.hit(
                f"{place.rpartition('/')[2]} is of {found or 'no version'}, not {right}",
                part="response",
                xpath=place,
                evidence=found,
            )


def _version_of(message: SyncML) -> tuple[str, str, str]:
    return message.header.ver_dtd, message.header.ver_proto, message.namespace


def _spoken(message: SyncML) -> str:
    """The version that most of the message is of, 1.2 where nothing tells."""
    old = _VERSIONS["1.1"]
    votes = sum(found == of for found, of in zip(_version_of(message), old, strict=True))
    return "1.1" if votes >= 2 else "1.2"


@rule("sessionid-not-echoed", kinds={Kind.SYNCML})
def sessionid_not_echoed(scene: Scene) -> Iterator[Hit]:
    """The server's SessionID is not that of the device's message, compared as text: the device
    refuses the message. Send the SessionID back unchanged; it is no number."""
    asked, answered = whole_request(scene), whole_response(scene)
    if asked is None or answered is None or not asked.header.session_id:
        return
    wanted, found = asked.header.session_id, answered.header.session_id
    if found != wanted:
        yield scene.hit(
            f"the SessionID is {found or 'missing'}, the device's is {wanted}",
            part="response",
            xpath=f"{_HEADER}/SessionID" if found else _HEADER,
            evidence=found,
        )


@rule("target-source-swapped", kinds={Kind.SYNCML})
def target_source_swapped(scene: Scene) -> Iterator[Hit]:
    """Target and Source of the server's header are not exchanged against those of the device's, so
    the device refuses the message. Target is the device's id, Source the server's URL."""
    asked, answered = whole_request(scene), whole_response(scene)
    if asked is None or answered is None:
        return
    device = asked.header.source.strip()
    if not device:
        return
    target, source = answered.header.target.strip(), answered.header.source.strip()
    # Which case an id is written in is not known to matter [U].
    if target.casefold() != device.casefold():
        yield scene.hit(
            f"Target is {target or 'missing'}, not the device's id {device}",
            part="response",
            xpath=f"{_HEADER}/Target/LocURI" if target else _HEADER,
            evidence=target,
        )
    elif source.casefold() == device.casefold():
        yield scene.hit(
            "Source is the device's id, not the server's URL",
            part="response",
            xpath=f"{_HEADER}/Source/LocURI",
            evidence=source,
        )


@rule("synchdr-meta-ignored", kinds={Kind.SYNCML})
def synchdr_meta_ignored(scene: Scene) -> Iterator[Hit]:
    """The server's SyncHdr limits messages or objects by MaxMsgSize or MaxObjSize, which Windows
    does not look at. Do not rely on them; keep the messages modest."""
    answered = whole_response(scene)
    meta = None if answered is None else answered.header.meta
    if meta is None:
        return
    for name, value in (("MaxMsgSize", meta.max_msg_size), ("MaxObjSize", meta.max_obj_size)):
        if value is not None:
            yield scene.hit(
                f"the server's SyncHdr has {name} {value}, which the device ignores",
                part="response",
                xpath=f"{_HEADER}/Meta/{name}",
                evidence=value,
            )


@rule("element-order", kinds={Kind.SYNCML})
def element_order(scene: Scene) -> Iterator[Hit]:
    """Elements of the server's message do not stand in the order of the SyncML DTD, so a strict
    parser refuses the message. Write them in that order, CmdID first and Final last."""
    side = scene.decoded.response
    if side is None or side.syncml is None or side.root is None or side.problems:
        return
    for parent in _elements(side.root):
        order = _positions(parent)
        known = [(order(local_name(e)), e) for e in children(parent)]
        # What the DTD does not have there is another matter and has no place here.
        placed = [(at, e) for at, e in known if at >= 0]
        for (first, before), (second, element) in pairwise(placed):
            if second < first:
                yield scene.hit(
                    f"{local_name(element)} stands behind {local_name(before)}",
                    part="response",
                    xpath=path_of(element),
                    evidence=local_name(element),
                )
                break


def _elements(root: Element) -> Iterator[Element]:
    """Every element of the message itself; what Data and Meta hold is not looked into."""
    left = [root]
    while left:
        element = left.pop()
        yield element
        left += [e for e in children(element) if local_name(e) not in _OPAQUE_PARENTS][::-1]


def _positions(parent: Element) -> Callable[[str], int]:
    """Where a child of that name has its place in this parent; -1 where it has none."""
    of = local_name(parent)
    if of == "SyncBody":
        return lambda name: int(name == "Final")
    if of in CONTAINER_NAMES:
        return lambda name: (*_BEFORE_COMMANDS, name).index(name)
    return lambda name: _index(CHILD_ORDER.get(of, ()), name)


def _index(order: tuple[str, ...], name: str) -> int:
    return order.index(name) if name in order else -1
