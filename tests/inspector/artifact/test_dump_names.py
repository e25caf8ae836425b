"""What an incomplete dump shows: names, string types, times, and what is missing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mdmcore.inspector.artifact.certutil_dump import AsnDump, Run, find_dumps
from mdmcore.inspector.artifact.dump_names import DumpFacts, Shape, read_dump
from mdmcore.pki.asn1.name import PRINTABLE_STRING, UTF8_STRING
from tests.inspector.artifact.test_certutil_dump import INSIDE, NO_OFFSETS
from tests.support.asn_dump import certutil_asn
from tests.support.story import CERT_CN, certificate, phone_csr


def facts(text: str) -> DumpFacts:
    (dump,) = find_dumps(text)
    return read_dump(dump)


def facts_of(data: bytes, offset: int | None = None) -> DumpFacts:
    return read_dump(AsnDump(runs=(Run(offset=offset, data=data),), line=1))


def test_the_string_after_its_type() -> None:
    found = facts(NO_OFFSETS)
    assert found.subject is not None
    (value,) = found.subject.attributes
    assert (value.oid, value.tag, value.raw) == ("2.5.4.3", PRINTABLE_STRING, b"TestCN")
    assert (found.shape, found.is_assumed) == (Shape.UNTOLD, False)
    assert found.gaps == (
        "what stood before it, if anything did",
        "what follows, if anything did",
    )


def test_the_string_whose_type_is_only_a_remark() -> None:
    found = facts(INSIDE)
    assert found.subject is not None
    assert found.subject.rfc4514() == "CN=DEVICE-1\\00"
    assert not found.is_assumed
    assert found.gaps[0] == "the 241 bytes before offset 0x00f1"


def test_a_bare_string_is_taken_for_cn_and_said_so() -> None:
    found = facts_of(b"\x0c\x03abc")
    assert found.subject is not None
    assert found.subject.attributes[0].tag == UTF8_STRING
    assert found.subject.rfc4514() == "CN=abc"
    assert found.is_assumed


def test_issuer_and_subject_are_told_by_the_validity() -> None:
    text = certutil_asn(certificate())
    found = facts(text[: text.index("; BIT_STRING")])
    assert found.shape is Shape.CERTIFICATE
    assert found.issuer is not None
    assert found.subject is not None
    assert (found.issuer.rfc4514(), found.subject.rfc4514()) == ("CN=Story CA", f"CN={CERT_CN}")
    assert len(found.times) == 2
    assert found.gaps[-1] == "the end of the last element"


def test_a_request_is_told_by_its_number() -> None:
    text = certutil_asn(phone_csr())
    found = facts("\n".join(text.splitlines()[:20]))
    assert found.shape is Shape.REQUEST
    assert found.subject is not None
    assert found.subject.attributes[0].has_nul


def test_a_gap_is_named() -> None:
    lines = certutil_asn(certificate()).splitlines()
    found = facts("\n".join(lines[:3] + lines[5:]))
    assert any("between the offsets 0x" in gap for gap in found.gaps)


def test_two_names_without_times_are_issuer_and_subject() -> None:
    name = bytes.fromhex("300c310a300806035504030c0141")
    other = name.replace(b"\x0c\x01A", b"\x0c\x01B")
    found = facts_of(name + other)
    assert found.issuer is not None
    assert found.subject is not None
    assert (found.issuer.rfc4514(), found.subject.rfc4514()) == ("CN=A", "CN=B")


def test_what_has_no_name_shows_its_elements() -> None:
    found = facts_of(b"\x02\x01\x05\x06\x03\x2a\x03\x04")
    assert found.subject is None
    assert found.elements == ("INTEGER (1 bytes) 05", "OBJECT IDENTIFIER 1.2.3.4")


@given(st.binary(max_size=400), st.none() | st.integers(0, 500))
def test_any_bytes_are_answered(data: bytes, offset: int | None) -> None:
    facts_of(data, offset)
