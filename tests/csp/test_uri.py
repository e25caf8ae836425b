"""LocURIs, taken apart and put together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.csp import encode_segment, join_uri, parse_uri


@pytest.mark.parametrize(
    ("text", "context", "segments"),
    [
        ("./DevInfo/DevId", "", ("DevInfo", "DevId")),
        ("DevInfo/DevId", "", ("DevInfo", "DevId")),
        ("./Device/Vendor/MSFT", "device", ("Vendor", "MSFT")),
        ("./User/Vendor/MSFT", "user", ("Vendor", "MSFT")),
        (
            "./Vendor/MSFT/WiFi/Profile/a%20b%2Fc",
            "",
            ("Vendor", "MSFT", "WiFi", "Profile", "a b/c"),
        ),
        (".", "", ()),
        ("", "", ()),
    ],
)
def test_context_and_segments(text: str, context: str, segments: tuple[str, ...]) -> None:
    parsed = parse_uri(text)
    assert (parsed.context, parsed.segments) == (context, segments)


def test_queries() -> None:
    assert parse_uri("./DevInfo?list=StructData").listing == "StructData"
    assert parse_uri("./DevInfo/Man?prop=Format").prop == "Format"


def test_braces_and_blanks_are_encoded() -> None:
    assert join_uri("Vendor", "{A b}") == "./Vendor/%7BA%20b%7D"


def test_the_device_context_is_the_default() -> None:
    assert parse_uri("./Device/Vendor/MSFT").key == parse_uri("./Vendor/MSFT").key
    assert parse_uri("./User/Vendor/MSFT").key != parse_uri("./Vendor/MSFT").key


@given(st.lists(st.text(min_size=1).filter(lambda text: text.strip(". /") == text), min_size=1))
def test_what_is_joined_is_found_again(segments: list[str]) -> None:
    if segments[0].lower() in {"device", "user"}:
        segments = ["Vendor", *segments]
    names = [segment.encode("utf-8", "replace").decode() for segment in segments]
    assert parse_uri(join_uri(*names)).segments == tuple(names)


@given(st.text())
def test_no_text_makes_it_fail(text: str) -> None:
    parse_uri(text).key.encode("utf-8", "surrogatepass")
    encode_segment(text.encode("utf-8", "replace").decode())
