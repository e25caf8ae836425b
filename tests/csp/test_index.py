"""The index of nodes against a walk through the whole catalogue."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mdmcore.csp import CspNode, find_node, nodes, parse_uri
from mdmcore.csp.model import PROFILE_NAMES
from mdmcore.csp.uri import LocUri, encode_segment

ALL = tuple(nodes())
PARTS = tuple(sorted({part for node in ALL for part in node.path}))
NAMES = st.sampled_from(["Example", "Other", "", "{provider}", "*", "a b"])
PROVIDERS = st.sampled_from([None, "Example", "Other", "{provider}"])


def walked(uri: LocUri, *, profile: str | None, provider: str | None) -> CspNode | None:
    """What ``find_node`` is to find, by trying every node in turn."""
    fitting = [
        node
        for node in ALL
        if len(node.path) == len(uri.segments)
        and (profile is None or node.is_for(profile))
        and (not uri.context or uri.context in node.contexts)
        and all(map(_fits, node.path, uri.segments, [provider] * len(node.path)))
    ]
    return max(fitting, key=_literal_parts, default=None)


def _fits(part: str, segment: str, provider: str | None) -> bool:
    if part in (segment, "*"):
        return True
    if part == "{provider}":
        return provider is None or provider == segment
    return part.startswith("{")


def _literal_parts(node: CspNode) -> int:
    return sum(part != "*" and not part.startswith("{") for part in node.path)


@st.composite
def _uris(draw: st.DrawFn) -> str:
    path = list(draw(st.sampled_from(ALL)).path)
    for position, part in enumerate(path):
        if part == "*" or part.startswith("{") or draw(st.integers(0, 9)) == 0:
            path[position] = draw(NAMES | st.sampled_from(PARTS))
    if draw(st.integers(0, 9)) == 0:
        path.append(draw(NAMES))
    prefix = draw(st.sampled_from([".", "./Device", "./User"]))
    return "/".join((prefix, *map(encode_segment, path)))


@given(uri=_uris(), profile=st.sampled_from([None, *PROFILE_NAMES]), provider=PROVIDERS)
def test_the_index_finds_what_a_walk_finds(
    uri: str, profile: str | None, provider: str | None
) -> None:
    expected = walked(parse_uri(uri), profile=profile, provider=provider)
    assert find_node(uri, profile=profile, provider=provider) is expected


def test_every_node_is_found_by_its_own_pattern() -> None:
    for node in ALL:
        for profile in node.profiles:
            parsed = parse_uri(node.uri)
            expected = walked(parsed, profile=profile, provider=None)
            assert find_node(parsed, profile=profile) is expected


def test_a_path_of_placeholders_does_not_multiply_the_steps() -> None:
    uri = "./Vendor/MSFT/Policy/Config/" + "/".join(["*"] * 5_000)
    assert find_node(uri) is None
