"""Subjects from templates, read back by openssl and found by their criteria."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.errors import ConfigError
from mdmcore.pki.asn1.name import PRINTABLE_ALPHABET, parse_name
from mdmcore.pki.authority import issue_certificate
from mdmcore.pki.certificate import parse_certificate
from mdmcore.pki.criteria import criteria_match, hub_criteria_of, ssl_client_criteria_of
from mdmcore.pki.csr import parse_pkcs10
from mdmcore.pki.subject import DEFAULT_SUBJECT, parse_subject_template, single_name
from tests.support.certificates import NOW, build_authority
from tests.support.certification_requests import build_request
from tests.support.openssl import openssl_output

VALUES = {
    "guid": "3F2504E0-4F89-11D3-9A0C-0305E82C3301",
    "username": "anna",
    "device_type": "WindowsPhone",
    "serial": "8123ABCD",
}


def subject_as_openssl_reads_it(template: str) -> str:
    der = issue_certificate(
        parse_pkcs10(build_request()),
        authority=build_authority(),
        subject=parse_subject_template(template).subject(VALUES),
        now=NOW,
        serial=1,
        lifetime=timedelta(days=1),
    )
    # dn_rev is off: in the order of the encoding.
    form = ("-nameopt", "show_type,sep_comma_plus,sname,esc_2253")
    text = openssl_output("x509", "-inform", "DER", "-noout", "-subject", *form, data=der)
    return text.decode().strip().removeprefix("subject=")


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (DEFAULT_SUBJECT, f"CN=PRINTABLESTRING:{VALUES['guid']}"),
        (
            "CN={guid},OU=Phones,O=Example",
            f"CN=PRINTABLESTRING:{VALUES['guid']},OU=PRINTABLESTRING:Phones,"
            "O=PRINTABLESTRING:Example",
        ),
        (
            "C=DE, O={device_type} users, CN={username}-{serial}",
            "C=PRINTABLESTRING:DE,O=PRINTABLESTRING:WindowsPhone users,"
            "CN=PRINTABLESTRING:anna-8123ABCD",
        ),
        (
            'O="Example, Inc. (x+y=z)",CN={serial}',
            r"O=PRINTABLESTRING:Example\, Inc. (x\+y=z),CN=PRINTABLESTRING:8123ABCD",
        ),
    ],
)
def test_every_value_is_printable_and_in_the_templates_order(template: str, expected: str) -> None:
    assert subject_as_openssl_reads_it(template) == expected


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("", "is no name"),
        ("{guid}", "is no name"),
        ("cn={guid}", "is no name"),
        ("CN={guid},", "is no name"),
        ("CN={guid}+O=x", "several attributes in one RDN"),
        ("CN=Phone", "CN needs {guid} or {serial}"),
        ("CN=Phone,OU={guid}", "CN needs {guid} or {serial}"),
        ("CN={username}", "CN needs {guid} or {serial}"),
        ("O={guid}", "CN needs {guid} or {serial}"),
        ("CN={imei}", "no placeholder {imei}"),
        ("CN={}", "no placeholder {}"),
        ("CN={guid}{", "has '{'"),
        ("CN={guid},O=a@b", "O='a@b' cannot be a PrintableString: it has '@'"),
        ("CN={guid}_1", "has '_'"),
        ("CN={guid},O=Müller", "has 'ü'"),
        ("CN={guid}\0", r"has '\x00'"),
        ("CN={guid},E=x", "E is no attribute of PrintableString"),
        ("CN={guid},DC=x", "DC is no attribute of PrintableString"),
        ("CN={guid},1.2.3=x", "1.2.3 is no attribute"),
        ("CN={guid},C=DEU", "C has 2 characters, not 3"),
        ("CN={guid},C=D", "C has 2 characters, not 1"),
        ("CN={guid},O=", "O has 1 to 64 characters, not 0"),
        (f"CN={{guid}},O={'x' * 65}", "O has 1 to 64 characters, not 65"),
        (f"CN={'x' * 64}{{guid}}", "CN has 1 to 64 characters, not 65"),
    ],
)
def test_templates_that_cannot_be(template: str, why: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(why)):
        parse_subject_template(template)


@pytest.mark.parametrize(
    ("username", "why"),
    [
        ("anna@example.test", "it has '@'"),
        ("anna_b", "it has '_'"),
        ("anna\0", "it has"),
        ("a" * 60, "CN has 1 to 64 characters, not 97"),
    ],
)
def test_values_that_cannot_be(username: str, why: str) -> None:
    template = parse_subject_template("CN={username}-{guid}")
    with pytest.raises(ConfigError, match=why):
        template.subject(VALUES | {"username": username})


def test_an_empty_value_is_no_country() -> None:
    template = parse_subject_template("CN={guid},O={device_type}")
    with pytest.raises(ConfigError, match="O has 1 to 64 characters, not 0"):
        template.subject(VALUES | {"device_type": ""})


PRINTABLE = st.text(st.sampled_from(sorted(PRINTABLE_ALPHABET)), min_size=1, max_size=20)


@given(PRINTABLE, PRINTABLE, st.permutations(["CN={guid}", "OU={username}", "O={device_type}"]))
def test_criteria_of_any_subject_name_it(username: str, device_type: str, order: list[str]) -> None:
    template = parse_subject_template(",".join(order))
    values = VALUES | {"username": username, "device_type": device_type}
    name = parse_name(template.subject(values))
    assert criteria_match(ssl_client_criteria_of(name), name)
    assert criteria_match(hub_criteria_of(name), name)
    other = parse_name(template.subject(values | {"guid": "X"}))
    assert not criteria_match(ssl_client_criteria_of(name), other)


def test_the_certificate_says_who_may_use_it() -> None:
    der = issue_certificate(
        parse_pkcs10(build_request()),
        authority=build_authority(),
        subject=single_name("DEVICE"),
        now=NOW,
        serial=1,
        lifetime=timedelta(days=1),
        backdate=timedelta(minutes=5),
    )
    found = parse_certificate(der)
    assert found.not_before == NOW - timedelta(minutes=5)
    assert found.not_after == NOW + timedelta(days=1)
    early = issue_certificate(
        parse_pkcs10(build_request()),
        authority=build_authority(),
        subject=single_name("DEVICE"),
        now=NOW,
        serial=1,
        lifetime=timedelta(days=1),
        backdate=timedelta(hours=20),
    )
    # No certificate begins before that of its CA, which is an hour old.
    assert parse_certificate(early).not_before == build_authority().parsed.not_before
