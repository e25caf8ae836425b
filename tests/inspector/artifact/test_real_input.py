"""Everything real that is there: files of devices, bodies of a real enrolment, a reader's dump."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from mdmcore.inspector import ArtifactReport, ArtifactSettings, inspect_artifact
from tests.enrollment.captures import win10_body
from tests.support import requirements
from tests.support.openssl import openssl_output
from tests.support.requirements import shared_file
from tests.support.story import rules_of

WORDS = {".md"}
"""Files that are about the captures; the log of Windows 10 is cut into its bodies below."""

KINDS = {
    "lumia630_csr.der": "csr",
    "lumia630_syncml_pkg1.xml": "syncml",
    "lumia630_wstep_rst.xml": "rst",
    "mdmtest_win11_csr.der": "csr",
    "poc_ngrok_win10_csr.der": "csr",
    "win10_19043_csr.der": "csr",
}
EDITED = {"plain-http-endpoint"}
"""What may be found in the Lumia's messages: their hosts were edited."""

BODIES: tuple[tuple[str, set[str]], ...] = (
    ("discover", set()),
    ("discover-response", set()),
    ("getpolicies", set()),
    ("getpolicies-response", {"xml-not-wellformed"}),
    ("rst", set()),
    (
        "rstrc",
        {
            "appauth-nonce-not-base64",
            "appauth-nonce-reused",
            "entdmid-missing",
            "provider-id-needs-escaping",
        },
    ),
    ("syncml", set()),
    ("syncml", {"wrong-namespace"}),
    ("syncml", set()),
)
"""Kind and known mistakes of each body of the Windows 10 log, in order, the last being empty."""


def lint(data: bytes, profile: str = "auto") -> ArtifactReport:
    (report,) = inspect_artifact(data, name="x", settings=ArtifactSettings(profile=profile))
    return report


def captured() -> list[Path]:
    """Every file that a device or a server wrote."""
    folder = shared_file("captures")
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix not in WORDS)


def test_every_captured_file_is_read() -> None:
    reports = {path.name: lint(path.read_bytes()) for path in captured()}
    assert {name: reports[name].kind for name in KINDS} == KINDS
    for name, report in reports.items():
        assert report.problem is None, name
        assert rules_of(report.findings) <= EDITED, name


def test_base64_of_every_captured_file_is_read() -> None:
    for path in captured():
        report = lint(base64.encodebytes(path.read_bytes()))
        assert report.problem is None
        assert report.layers[0] == "base64"
        assert report.kind == KINDS.get(path.name, report.kind)


@pytest.mark.parametrize("number", range(8))
def test_each_body_of_windows_10(number: int) -> None:
    kind, known = BODIES[number]
    report = lint(win10_body(number), "win10")
    assert (report.kind, report.problem) == (kind, None)
    # More may be found by rules that know more; what is known must be found.
    assert known <= rules_of(report.findings)


def test_the_log_of_windows_10_as_it_is() -> None:
    data = shared_file("captures", "win10-enrollment-log.md").read_bytes()
    reports = inspect_artifact(data, name="log.md")
    assert [report.kind for report in reports] == [kind for kind, _ in BODIES]
    assert {report.profile for report in reports} == {"win10"}
    lines = data.splitlines()
    for report, (_, known) in zip(reports, BODIES, strict=True):
        assert known <= rules_of(report.findings)
        assert report.line is not None
        assert b"<" in lines[report.line - 1]


def test_windows_10_tells_its_version_and_the_csr_is_as_openssl_sees_it() -> None:
    report = lint(win10_body(4))
    assert (report.profile, report.parts[-1].kind) == ("win10", "csr")
    token = re.search(rb"#PKCS10[^>]*>([^<]+)<", win10_body(4))
    assert token is not None
    text = openssl_output(
        "req", "-inform", "DER", "-noout", "-text", data=base64.b64decode(token[1])
    )
    bits = re.search(rb"Public-Key: \((\d+) bit", text)
    assert bits is not None
    assert report.parts[-1].facts["key_bits"] == int(bits[1])
    assert report.parts[-1].facts["self_signature"] == "valid"


def test_the_certificates_in_the_answer_are_as_openssl_sees_them() -> None:
    report = lint(win10_body(5), "win10")
    parts = [part for part in report.parts if part.kind == "certificate"]
    token = re.search(rb"#base64binary\">([^<]+)<", win10_body(5))
    assert token is not None
    document = base64.b64decode(token[1])
    found = re.findall(rb'EncodedCertificate" value="([^"]+)"', document)
    assert len(parts) == len(found) > 0
    for part, value in zip(parts, found, strict=True):
        der = base64.b64decode(value)
        printed = openssl_output("x509", "-inform", "DER", "-noout", "-fingerprint", data=der)
        thumbprint = printed.decode().strip().partition("=")[2].replace(":", "")
        assert part.facts["thumbprint"] == thumbprint


def test_every_captured_file_cut_anywhere_is_answered() -> None:
    for path in captured():
        data = path.read_bytes()
        for end in range(1, len(data), max(1, len(data) // 25)):
            report = lint(data[:end])
            is_told = report.problem is not None or bool(report.findings)
            assert is_told or report.kind != KINDS.get(path.name, ""), (path.name, end)


def test_every_body_of_windows_10_cut_anywhere_is_answered() -> None:
    for number in range(8):
        data = win10_body(number)
        for end in range(1, len(data), max(1, len(data) // 12)):
            assert inspect_artifact(data[:end], name="x")


def blog() -> str:
    return requirements.protocol_file("blog.txt").read_text("utf-8")


def test_the_dump_of_the_first_reader() -> None:
    comments = blog().partition("Comments (25)")[2]
    report = lint(comments.encode())
    assert report.kind == "certificate"
    assert rules_of(report.findings) == {"cert-default-subject", "cert-subject-has-nul"}
    assert report.facts["subject_values"] == [
        "CN=B1C43CD0-1624-5FBB-8E54-34CF17DFD3A1\\x00 "
        "(PrintableString, tag 13, 37 bytes with NUL, the last byte is 00)"
    ]
    assert report.facts["missing"][0] == "the 241 bytes before offset 0x00f1"


def test_the_whole_page_has_two_dumps() -> None:
    sample, reader = inspect_artifact(blog().encode(), name="blog.txt")
    assert sample.facts["subject"] == "CN=TestCN"
    assert sample.findings == ()
    assert reader.facts["subject_has_nul"] is True
    assert (sample.line, reader.line) == (98, 191)
