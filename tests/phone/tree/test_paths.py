"""LocURIs as a device reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.csp import encode_segment
from mdmcore.phone.settings import UriLimits
from mdmcore.phone.tree.paths import Address, Names, kept_uri, key_of, read_kept, read_uri

PREFIXES = ("Device", "User")


def read(
    text: str, prefixes: tuple[str, ...] = PREFIXES, limits: UriLimits | None = None
) -> Address | int:
    return read_uri(text, prefixes=prefixes, limits=limits or UriLimits())


@pytest.mark.parametrize(
    ("text", "context", "names"),
    [
        (".", "device", ()),
        ("./", "device", ()),
        ("./A/B", "device", ("A", "B")),
        ("A/B/", "device", ("A", "B")),
        ("./Device/A", "device", ("A",)),
        ("./User/A", "user", ("A",)),
        ("./user", "user", ()),
        ("./A/Device", "device", ("A", "Device")),
        ("./%7BA%7D/b%20c/d%2Fe", "device", ("{A}", "b c", "d/e")),
        ("./a.b/..c/~1@!$&'()*+,;=:", "device", ("a.b", "..c", "~1@!$&'()*+,;=:")),
        ("./%C3%A4", "device", ("ä",)),
    ],
)
def test_an_address_has_context_and_names(text: str, context: str, names: Names) -> None:
    found = read(text)
    assert isinstance(found, Address)
    assert (found.context, found.names, found.text) == (context, names, text)


def test_a_prefix_that_the_device_does_not_know_is_a_name() -> None:
    found = read("./User/A", prefixes=())
    assert isinstance(found, Address)
    assert (found.context, found.names) == ("device", ("User", "A"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "/A",
        "//A",
        "./A//B",
        "./A/.",
        "././A",
        "./../A",
        "./*",
        "./A/*/B",
        "./{A}",
        "./A B",
        " ./A",
        "./A\n",
        "./A\\B",
        "./ä",
        "./%",
        "./%G0",
        "./%C3",
        "./a|b",
        "./a^b",
        './a"b',
        "./a<b>",
        "./a#b",
    ],
)
def test_what_is_no_locuri_is_not_found(text: str) -> None:
    assert read(text) == 404


@pytest.mark.parametrize(
    ("query", "prop", "listing"),
    [("?prop=Name", "Name", None), ("?list=Struct", None, "Struct"), ("?prop=", "", None)],
)
def test_queries(query: str, prop: str | None, listing: str | None) -> None:
    found = read(f"./A/{query}")
    assert isinstance(found, Address)
    assert (found.names, found.base) == (("A",), "./A")
    assert (found.prop, found.listing) == (prop, listing)


@pytest.mark.parametrize(
    "query", ["?", "?x=1", "?prop", "?prop=Na me", "?prop=a&list=b", "?list=?"]
)
def test_other_queries_are_not_supported(query: str) -> None:
    assert read(f"./A{query}") == 406


def test_limits_count_the_whole_text_and_decoded_names() -> None:
    assert read("./A?prop=Name", limits=UriLimits(length=5)) == 414
    assert isinstance(read("./%41%42", limits=UriLimits(segment=2)), Address)
    assert read("/" * 100, limits=UriLimits(length=50)) == 414


def test_only_certificate_stores_compare_without_case() -> None:
    store = ("Vendor", "MSFT", "CertificateStore")
    assert key_of("device", (*store, "Root", "SYSTEM")) == ("device", *store, "root", "system")
    assert key_of("device", ("Vendor", "MSFT", "WiFi")) == ("device", "Vendor", "MSFT", "WiFi")
    assert key_of("device", ("vendor", "MSFT", "CertificateStore", "A"))[-1] == "A"


NAMES = st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1)


@given(NAMES, st.sampled_from(["device", "user"]))
def test_what_is_kept_is_found_again(names: list[str], context: str) -> None:
    assume_device = context == "user" or names[0] != "User"
    if assume_device:
        assert read_kept(kept_uri(context, tuple(names))) == (context, tuple(names))


@given(NAMES)
def test_an_encoded_name_is_read_as_it_was(names: list[str]) -> None:
    found = read("./" + "/".join(map(encode_segment, names)), prefixes=())
    if set(names) & {".", "..", "*"}:
        assert found == 404
    else:
        assert isinstance(found, Address)
        assert found.names == tuple(names)


@given(st.text())
def test_any_text_is_an_address_or_a_status(text: str) -> None:
    found = read(text, limits=UriLimits(depth=3, length=40, segment=10))
    assert isinstance(found, Address) or found in {404, 406, 414}
