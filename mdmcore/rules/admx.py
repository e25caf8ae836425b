"""Rules on ADMX: policies that are backed by it, and files that are ingested (field-problems.md 3).

Keys below the forbidden ones that Windows lets through are those of its page on ingesting ADMX;
that the list is complete is [U].
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.csp.model import Payload
from mdmcore.csp.payload import is_double_escaped, payload_content, payload_root
from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.sent import SentItem, sent_items
from mdmcore.xml import Element, child, children, iter_elements, local_name

_CONFIG = ("Vendor", "MSFT", "Policy", "Config")
_SWITCHES = frozenset({"enabled", "disabled"})
_FORBIDDEN = ("system", r"software\microsoft", r"software\policies\microsoft")
_BELOW_SOFTWARE = (
    r"office",
    r"windows\currentversion\explorer",
    r"internet explorer",
    r"shared tools\proofing tools",
    r"shared tools\graphics filters",
    r"imejp",
    r"ime\shared",
    r"softwareprotectionplatform",
    r"officesoftwareprotectionplatform",
    r"windows\windows search\preferences",
    r"exchange",
    r"vba\security",
    r"onedrive",
    r"edge",
    r"edgeupdate",
)
_ALLOWED = tuple(rf"{root}\{name}" for root in _FORBIDDEN[1:] for name in _BELOW_SOFTWARE)


@rule("admx-payload-format", kinds={Kind.SYNCML})
def payload_format(scene: Scene) -> Iterator[Hit]:
    """A policy backed by ADMX is not sent as chr with <enabled/> or <disabled/> and data elements,
    so Windows refuses the value as invalid (0x87D1FDE8). Send that text, escaped."""
    for sent in sent_items(scene):
        text = sent.item.data or ""
        if not _is_admx_policy(sent) or sent.item.data_xml is not None or is_double_escaped(text):
            continue
        if (sent.format or "chr") != "chr":
            message, evidence = f"{sent.target} is sent as {sent.format[:20]}", sent.format[:20]
            yield sent.hit(scene, f"{message}, not as chr", below="/Meta/Format", evidence=evidence)
        elif not _is_policy_text(text):
            message = f"{sent.target} is sent neither <enabled/> nor <disabled/> with data elements"
            yield sent.hit(scene, message, below="/Data")


def _is_admx_policy(sent: SentItem) -> bool:
    segments = sent.uri.segments
    if (
        not sent.is_write
        or len(segments) != len(_CONFIG) + 2
        or segments[: len(_CONFIG)] != _CONFIG
    ):
        return False
    node = sent.node
    # An area of an ingested file is called App~Policy~Category.
    return "~" in segments[-2] or (node is not None and node.payload is Payload.ADMX_POLICY)


def _is_policy_text(text: str) -> bool:
    content = payload_content(text)
    if content is None:
        return False
    names = {local_name(element).lower() for element in children(content)}
    return bool(names & _SWITCHES) and names <= _SWITCHES | {"data"}


def _ingested(scene: Scene) -> Iterator[tuple[SentItem, Element]]:
    """The ADMX files that are sent."""
    for sent in sent_items(scene):
        node = sent.node if sent.is_write else None
        if node is not None and node.payload is Payload.ADMX:
            root = payload_root(sent.item.data)
            if root is not None:
                yield sent, root


@rule("admx-forbidden-key", kinds={Kind.SYNCML})
def forbidden_key(scene: Scene) -> Iterator[Hit]:
    """A policy of an ingested ADMX file writes below System, Software\\Microsoft or
    Software\\Policies\\Microsoft, and Windows refuses the whole file. Use another key, or a
    built-in policy."""
    for sent, root in _ingested(scene):
        keys = [e.get("key") or "" for e in iter_elements(root) if local_name(e) == "policy"]
        wrong = [key for key in keys if _is_forbidden(key)]
        if wrong:
            message = f"{len(wrong)} of {len(keys)} policies write to keys such as {wrong[0][:120]}"
            yield sent.hit(scene, message, below="/Data", evidence=wrong[0][:200])


def _is_forbidden(key: str) -> bool:
    return _is_at_or_below(key, _FORBIDDEN) and not _is_at_or_below(key, _ALLOWED)


def _is_at_or_below(key: str, roots: tuple[str, ...]) -> bool:
    path = key.strip().strip("\\").lower() + "\\"
    return any(path.startswith(root + "\\") for root in roots)


@rule("admx-undefined-category", kinds={Kind.SYNCML})
def undefined_category(scene: Scene) -> Iterator[Hit]:
    """An ingested ADMX file refers to a category that it does not define, or by a prefix that it
    does not declare, so the policy is missing. Define the category or the prefix."""
    for sent, root in _ingested(scene):
        wrong = _undefined(root)
        if wrong:
            message = f"the ADMX file does not define the category {wrong[0][:100]!r}"
            yield sent.hit(scene, message, below="/Data", evidence=", ".join(wrong)[:200])


def _undefined(root: Element) -> list[str]:
    own = {"", *_attributes(child(root, "policyNamespaces"), "target", "prefix")}
    used = set(_attributes(child(root, "policyNamespaces"), "using", "prefix"))
    names = set(_attributes(child(root, "categories"), "category", "name"))
    wrong: dict[str, None] = {}
    for element in iter_elements(root):
        if local_name(element) != "parentCategory":
            continue
        ref = element.get("ref") or ""
        prefix, _, name = ref.rpartition(":")
        if prefix not in used and (prefix not in own or name not in names):
            wrong[ref] = None
    return list(wrong)


def _attributes(parent: Element | None, name: str, attribute: str) -> Iterator[str]:
    for element in children(parent, name) if parent is not None else ():
        yield element.get(attribute) or ""
