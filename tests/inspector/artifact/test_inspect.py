"""Loose files of every kind: told by their content, read, judged; whatever is in them."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdmcore.errors import ConfigError
from mdmcore.inspector import ArtifactReport, ArtifactSettings, inspect_artifact
from mdmcore.inspector.artifact.inspect import READERS, kind_to_read, pieces_of
from mdmcore.inspector.artifact.kind_names import ArtifactKind
from mdmcore.pki.asn1.name import UTF8_STRING
from mdmcore.pki.pem import encode_pem
from tests.support.artifacts import all_artifacts, renewal_rst, renewal_token, rst, rstrc
from tests.support.keys import key_path
from tests.support.openssl import openssl_output
from tests.support.requirements import shared_file
from tests.support.story import (
    CERT_CN,
    authority,
    certificate,
    document,
    phone_csr,
    rules_of,
)

ARTIFACTS = all_artifacts()
REAL = (
    ("wp81-lumia", "lumia630_csr.der"),
    ("csr", "win10_19043_csr.der"),
    ("csr", "poc_ngrok_win10_csr.der"),
    ("csr", "mdmtest_win11_csr.der"),
)


def lint(data: bytes, profile: str = "auto") -> ArtifactReport:
    (report,) = inspect_artifact(data, name="x", settings=ArtifactSettings(profile=profile))
    return report


@pytest.mark.parametrize("name", ARTIFACTS)
def test_each_kind_is_told_by_its_content(name: str) -> None:
    kind, data = ARTIFACTS[name]
    report = lint(data)
    assert report.kind == kind
    assert report.problem is None
    expected = {"enrollment-refused"} if name == "fault" else set()
    assert rules_of(report.findings) == expected


@pytest.mark.parametrize("name", ARTIFACTS)
def test_base64_of_each_kind_is_the_same_thing(name: str) -> None:
    kind, data = ARTIFACTS[name]
    once = base64.encodebytes(data)
    for text, layers in ((once, 1), (base64.b64encode(once), 2)):
        report = lint(text)
        assert report.kind == kind
        assert report.layers[:layers] == ("base64",) * layers


@pytest.mark.parametrize("name", REAL)
def test_the_real_csrs_have_facts_and_no_finding(name: tuple[str, str]) -> None:
    found = lint(shared_file("captures", *name).read_bytes())
    assert (found.kind, found.findings) == ("csr", ())
    assert found.facts["self_signature"] == "valid"
    assert found.facts["key_bits"] == 2048


def test_what_is_odd_in_a_phones_csr_is_a_fact() -> None:
    found = lint(phone_csr())
    assert found.findings == ()
    assert found.facts["subject"].endswith("\\00")
    assert found.facts["subject_types"] == ["PrintableString"]
    assert (found.facts["subject_has_nul"], found.facts["digest"]) == (True, "SHA-1")


def test_a_broken_self_signature() -> None:
    broken = phone_csr()[:-1] + bytes([phone_csr()[-1] ^ 1])
    (found,) = inspect_artifact(broken, name="broken.der")
    assert rules_of(found.findings) == {"csr-signature-invalid"}
    assert "NOT valid" in found.summary
    assert found.findings[0].places[0].exchange == "broken.der"


@pytest.mark.parametrize("kind", ["csr", "certificate"])
def test_every_truncation_of_der_is_a_problem_with_its_offset(kind: str) -> None:
    whole = phone_csr() if kind == "csr" else certificate()
    for end in range(20, len(whole)):
        found = lint(whole[:end])
        assert found.kind == kind
        assert found.problem is not None
        assert found.problem.where.startswith("offset ")
        assert int(found.problem.where.split()[1]) <= end
        assert found.findings == ()


@pytest.mark.parametrize("name", ARTIFACTS)
def test_no_truncation_raises(name: str) -> None:
    data = ARTIFACTS[name][1]
    step = max(1, len(data) // 40)
    for end in range(0, len(data), step):
        for text in (data[:end], base64.b64encode(data)[:end]):
            reports = inspect_artifact(text, name="x")
            assert reports
            assert all(r.problem or r.findings or r.kind or r.notes for r in reports)


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
@settings(max_examples=300)
def test_any_bytes_are_answered(data: bytes) -> None:
    assert inspect_artifact(data, name="x")


PREFIXES = (
    b"\x30\x82\x01\x10",
    b"\x03\xa4\x01\x6a\x00",
    b"\xff\xfe",
    b"<s:Envelope><s:Body><Discover>",
    b"<wap-provisioningdoc>",
    b"<SyncML><SyncHdr>",
    b"-----BEGIN CERTIFICATE-----\n",
    b"0000: 30 82 ; SEQUENCE\n",
    b"HTTP/1.1 200 OK\r\n\r\n",
    b"&lt;wap-provisioningdoc",
    b"eyJhbGciOiJub25lIn0.",
    b"MIID",
)


@given(st.sampled_from(PREFIXES), st.binary(max_size=200))
@settings(max_examples=300)
def test_what_begins_like_ours_is_answered(prefix: bytes, data: bytes) -> None:
    assert inspect_artifact(prefix + data, name="x")


@given(st.sampled_from(sorted(ARTIFACTS)), st.data())
@settings(max_examples=150)
def test_a_changed_byte_is_answered(name: str, data: st.DataObject) -> None:
    whole = bytearray(ARTIFACTS[name][1])
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] = data.draw(st.integers(0, 255))
    shown = ArtifactSettings(is_shown=True)
    assert inspect_artifact(bytes(whole), name="x", settings=shown)


@pytest.mark.parametrize(
    ("client", "rules"),
    [
        (certificate(), set()),
        (certificate(tag=UTF8_STRING), {"cert-subject-not-printable"}),
        (certificate(b"DEVICE\0"), {"cert-subject-has-nul"}),
        (certificate(b"B1C43CD0-1624-5FBB-8E54-34CF17DFD3A1"), {"cert-default-subject"}),
    ],
)
def test_a_certificate_is_judged(client: bytes, rules: set[str]) -> None:
    found = lint(client)
    assert found.kind == "certificate"
    assert rules_of(found.findings) == rules
    assert {finding.severity for finding in found.findings} <= {"error"}


def test_the_profile_counts() -> None:
    found = lint(certificate(tag=UTF8_STRING), "win10")
    assert found.findings == ()
    assert (found.profile, found.profile_reason) == ("win10", "as asked for")
    with pytest.raises(ConfigError):
        lint(certificate(), "wp7")


def test_a_ca_is_not_judged_as_a_client_certificate() -> None:
    found = lint(authority().certificate)
    assert (found.facts["is_ca"], found.findings) == (True, ())


def test_pem_with_several_blocks_gives_a_report_for_each() -> None:
    data = (
        b"some words\n"
        + encode_pem("CERTIFICATE", certificate(b"DEVICE\0"))
        + encode_pem("NEW CERTIFICATE REQUEST", phone_csr())
        + encode_pem("CMS", renewal_token())
    )
    found = inspect_artifact(data, name="x.pem")
    assert [report.kind for report in found] == ["certificate", "csr", "pkcs7"]
    assert [report.number for report in found] == [1, 2, 3]
    assert [report.name for report in found] == ["x.pem"] * 3
    assert found[0].line == 2
    assert found[0].findings[0].places[0].exchange == "x.pem:1"


def test_a_broken_block_leaves_the_others() -> None:
    data = (
        encode_pem("CERTIFICATE", certificate()[:100])
        + b"-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n"
        + encode_pem("CERTIFICATE", certificate())
        + key_path("device").read_bytes()
    )
    found = inspect_artifact(data, name="x.pem")
    assert [report.problem is None for report in found] == [False, False, True, False]
    assert CERT_CN in found[2].summary
    assert found[1].problem is not None
    assert "is not base64" in found[1].problem.message
    assert found[3].problem is not None
    assert "private key" in found[3].problem.message


def test_a_certificate_bundle_is_taken_apart() -> None:
    pem = encode_pem("CERTIFICATE", certificate()) + encode_pem(
        "CERTIFICATE", authority().certificate
    )
    bundle = openssl_output(
        "crl2pkcs7", "-nocrl", "-certfile", "/dev/stdin", "-outform", "DER", data=pem
    )
    for data in (bundle, encode_pem("PKCS7", bundle), base64.b64encode(bundle)):
        found = inspect_artifact(data, name="x.p7b")
        assert [report.kind for report in found] == ["certificate", "certificate"]
        assert {report.layers[-2] for report in found} == {"DER PKCS#7 bundle"}


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"\x30\x03\x02\x01\x00", b"\0" * 40, b"{}", b"some text to read"]
)
def test_what_is_none_of_ours_says_what_to_give(data: bytes) -> None:
    found = lint(data)
    assert found.problem is not None
    assert "give" in found.problem.message or "save" in found.problem.message


def test_what_one_object_tells_of_the_device_holds_for_the_others() -> None:
    data = ARTIFACTS["policies response"][1] + b"\n" + ARTIFACTS["discover"][1]
    answered, asked = inspect_artifact(data, name="log")
    assert (asked.profile, answered.profile) == ("wp81", "wp81")
    assert answered.profile_reason == "as object 2 tells"
    forced = ArtifactSettings(profile="win10")
    assert {r.profile for r in inspect_artifact(data, name="log", settings=forced)} == {"win10"}


def test_two_devices_in_a_file_tell_nothing_of_the_others() -> None:
    discover = ARTIFACTS["discover"][1]
    windows = discover.replace(b"WindowsPhone", b"CIMClient_Windows").replace(
        b"8.10.12397.895", b"10.0.19043.1"
    )
    data = b"\n".join([discover, ARTIFACTS["policies response"][1], windows])
    assert [r.profile for r in inspect_artifact(data, name="log")] == ["wp81", "wp8", "win10"]


def test_what_follows_the_request_of_a_renewal_answers_it() -> None:
    answer = rstrc(document().replace(b'name="ADDR"', b'name="ADDRESS"'))
    for before, is_missing in ((renewal_rst(), False), (rst(), True)):
        for wrapped in (answer, document().replace(b'name="ADDR"', b'name="ADDRESS"')):
            _, last = inspect_artifact(before + b"\n" + wrapped, name="log")
            assert ("w7-missing-parm" in rules_of(last.findings)) is is_missing
    ended = inspect_artifact(renewal_rst() + b"\n" + rst() + b"\n" + answer, name="log")
    assert "w7-missing-parm" in rules_of(ended[2].findings)


def test_what_came_out_of_broken_base64_is_told_and_not_judged() -> None:
    text = base64.b64encode(document())
    for broken in (text[:2001], text[:2000] + b"#" + text[2001:]):
        report = lint(broken)
        assert (report.kind, report.findings) == ("provisioning", ())
        assert report.layers[:2] == ("base64", "XML")
        assert report.facts["version"] == "1.1"
        assert report.problem is not None
        assert report.problem.where in ("offset 2000", "offset 2001")
        assert report.notes == ("not judged, since it is not whole",)


def test_every_kind_is_read_or_refused() -> None:
    assert ArtifactKind.CRL not in READERS
    (piece,) = pieces_of(document())
    assert kind_to_read(piece) is ArtifactKind.PROVISIONING


def test_a_label_decides_where_the_bytes_do_not_tell() -> None:
    found = lint(encode_pem("CERTIFICATE REQUEST", b"\x30\x03\x02\x01\x00"))
    assert found.kind == "csr"
    assert found.problem is not None
    assert found.problem.where.endswith("behind PEM CERTIFICATE REQUEST")
