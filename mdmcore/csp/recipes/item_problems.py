"""One Item of a command against the catalogue: LocURI, node, access, Format and value.

Sources: session.md 2.3 and 2.4, field-problems.md 3.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mdmcore.csp.catalogue import find_csp, find_node
from mdmcore.csp.check import command_problem, format_problem, value_problem
from mdmcore.csp.locuri_text import locuri_mistakes
from mdmcore.csp.model import CspNode, Payload
from mdmcore.csp.payload import is_double_escaped, payload_content
from mdmcore.csp.uri import LocUri, parse_uri
from mdmcore.profiles import PROFILES
from mdmcore.syncml.model import Item

type Problem = tuple[str, bool]
"""A message, and whether it is an error."""

_WRITES = frozenset({"Add", "Replace"})
_NO_XML = frozenset({None, Payload.CERTIFICATE})
_MAY_BE_EMPTY = frozenset({"chr", "xml", "node", "null"})
_SHOWN = 200


def item_problems(
    command: str, item: Item, format: str | None, profile: str, provider: str
) -> Iterator[Problem]:
    """What is wrong with the Item of a command; ``format`` is the one that holds for it."""
    target = item.target or ""
    if not target:
        yield f"{command} has no target", True
        return
    if mistakes := list(_text_problems(target)):
        yield from mistakes
        return
    uri = parse_uri(target)
    known = profile if profile in PROFILES else None
    if known is not None and uri.context and not PROFILES[known].context_prefixes:
        message = f"{_shown(target)} names a context, which {known} does not have"
        yield message, uri.context == "user"
    node = find_node(uri, profile=known, provider=provider or None)
    if node is None:
        yield _unknown(uri, known, provider)
        return
    if uri.prop:
        return
    if problem := command_problem(node, command):
        yield problem, True
    elif command in _WRITES:
        yield from _write_problems(node, uri, item, format)
    elif command == "Exec":
        if format is not None and (problem := format_problem(node, format)):
            yield problem, False
        yield from _payload_problems(node, item.data)


def _text_problems(target: str) -> Iterator[Problem]:
    for mistake in locuri_mistakes(target):
        yield f"the LocURI {_shown(target)!r} {mistake}", True
    path = target.partition("?")[0].removeprefix("./")
    if "" in path.split("/")[1:]:
        yield f"the LocURI {_shown(target)!r} has an empty segment", True
    if "*" in path.split("/"):
        yield f"the LocURI {_shown(target)!r} has a segment that is only *", True


def _unknown(uri: LocUri, profile: str | None, provider: str) -> Problem:
    """Why no node is found: another provider, context or generation, or none at all."""
    shown = _shown(uri.text)
    if find_node(uri, profile=profile) is not None:
        return f"{shown} is not of the provider {provider}", True
    without_context = replace(uri, context="")
    if uri.context and find_node(without_context, profile=profile) is not None:
        return f"{shown} is not in the context of the {uri.context}", True
    node = find_node(without_context)
    csp = find_csp(uri)
    if profile is not None:
        found = node or csp
        if found is not None and profile not in found.profiles:
            return f"{shown} is for {' and '.join(found.profiles)}, not for {profile}", True
    if csp is None:
        return f"{shown} is in no CSP of the catalogue", False
    if csp.is_complete:
        return f"{shown} is no node of {csp.name}", True
    return f"{shown} is not in the catalogue, which does not have all of {csp.name}", False


def _write_problems(
    node: CspNode, uri: LocUri, item: Item, format: str | None
) -> Iterator[Problem]:
    shown = _shown(uri.text)
    if format is None and not item.is_binary and "chr" not in node.formats:
        yield f"{shown} is sent without Format, it is {' or '.join(node.formats)}", True
    elif format is not None and (problem := format_problem(node, format)):
        yield problem, True
        return
    if item.data_xml is not None:
        if (format or "chr") == "chr":
            yield f"the Data for {shown} holds elements instead of escaped text", True
        return
    if item.data is None and node.formats[0] not in _MAY_BE_EMPTY:
        yield f"{shown} is sent without Data", True
        return
    if node.formats[0] != "xml" and (
        problem := value_problem(node, item.data or "", format=format)
    ):
        yield problem, True
        return
    if _is_ingested_policy(uri):
        if (format or "chr") != "chr":
            yield f"{shown} is backed by ADMX, so its Format is chr, not {format}", True
            return
        node = replace(node, payload=Payload.ADMX_POLICY)
    yield from _payload_problems(node, item.data)


def _is_ingested_policy(uri: LocUri) -> bool:
    """An area of an ingested ADMX file is called App~Policy~Category."""
    root = ("Vendor", "MSFT", "Policy", "Config")
    return uri.segments[: len(root)] == root and any("~" in name for name in uri.segments[4:5])


def _payload_problems(node: CspNode, text: str | None) -> Iterator[Problem]:
    if node.payload in _NO_XML or not text:
        return
    if is_double_escaped(text):
        yield f"the Data for {node.uri} is escaped twice", True
    elif payload_content(text) is None:
        yield f"the Data for {node.uri} is not well-formed XML", True
    elif node.payload is Payload.ADMX_POLICY and "<" not in text:
        yield f"the Data for {node.uri} is neither <enabled/> nor <disabled/>", True


def _shown(target: str) -> str:
    return target[:_SHOWN]
