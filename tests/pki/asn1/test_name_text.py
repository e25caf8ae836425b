"""Names as text, both ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.pki.asn1.name_text import Rdn, keyword, parse_x500, rfc4514, x500

CN, O, EMAIL = "2.5.4.3", "2.5.4.10", "1.2.840.113549.1.9.1"  # noqa: E741

OIDS = st.sampled_from([CN, O, EMAIL, "2.5.4.8", "0.9.2342.19200300.100.1.25", "1.3.6.1.4.1.311.1"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
RDNS = st.lists(
    st.lists(st.tuples(OIDS, TEXTS), min_size=1, max_size=3).map(tuple), min_size=1, max_size=4
).map(tuple)


@given(RDNS)
def test_x500_text_reads_back(rdns: tuple[Rdn, ...]) -> None:
    assert parse_x500(x500(rdns)) == rdns


def test_x500_puts_the_first_rdn_first_and_quotes_where_needed() -> None:
    rdns = (((O, 'A "B", C'),), ((CN, "x"), ("1.2.3", " y")))
    assert x500(rdns) == 'O="A ""B"", C", CN=x + OID.1.2.3=" y"'


def test_rfc4514_puts_the_last_rdn_first_and_escapes() -> None:
    rdns = (((O, "A, B+C"),), ((CN, "#x "),))
    assert rfc4514(rdns) == r"CN=\#x\ ,O=A\, B\+C"


def test_rfc4514_shows_nul_and_hides_terminal_controls() -> None:
    assert rfc4514((((CN, "A\0"),),)) == r"CN=A\00"
    assert rfc4514((((CN, "\x1b[2J\u202e"),),)) == r"CN=\1B[2J\E2\80\AE"


@pytest.mark.parametrize(
    ("text", "rdns"),
    [
        ("CN=a,O=b", (((CN, "a"),), ((O, "b"),))),
        ("CN = a ;  O= b", (((CN, "a"),), ((O, "b"),))),
        ('CN="a,b"', (((CN, "a,b"),),)),
        ("CN=a+E=x@y", (((CN, "a"), (EMAIL, "x@y")),)),
        ("2.5.4.3=a", (((CN, "a"),),)),
        ("CN=", (((CN, ""),),)),
        ("CN=a=b", (((CN, "a=b"),),)),
    ],
)
def test_forms_that_are_read(text: str, rdns: tuple[Rdn, ...]) -> None:
    assert parse_x500(text) == rdns


@pytest.mark.parametrize(
    "text", ["", "a", "CN", "cn=a", "XX=a", "CN=a,", ",CN=a", 'CN="a', 'CN="a"b"', 'CN=a"b"', "+"]
)
def test_forms_that_are_no_name(text: str) -> None:
    assert parse_x500(text) is None


def test_keywords() -> None:
    assert (keyword("2.5.4.8"), keyword("1.2.3")) == ("S", "1.2.3")
