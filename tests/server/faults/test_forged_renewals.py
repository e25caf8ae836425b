"""A server that looks at no signer: forged renewals get certificates, no others do."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdmcore.http import Headers, Request, Response
from mdmcore.namespaces import SOAP_CONTENT_TYPE
from mdmcore.pki.certificate import parse_certificate
from tests.matrix.play import Stage
from tests.server.forged_renewals import (
    Forger,
    another_key,
    expired,
    foreign_ca,
    forged_signature,
    good,
    tampered_content,
    unsigned,
)
from tests.server.renewals import Device
from tests.server.soap_answers import client_certificate, document
from tests.support import messages as m
from tests.support.keys import spki

URL = "https://mdm.example.test/EnrollmentServer/Enrollment.svc"


def renewed(folder: Path, forger: Forger, patch: pytest.MonkeyPatch, *faults: str) -> Response:
    """The answer to a renewal that was forged like that."""
    stage = Stage(folder, "wp8", *faults)
    stage.enroll()
    assert stage.phone is not None
    held = stage.phone.mdm_certificate
    assert held is not None
    body = m.renewal(forger(Device(certificate=held.certificate.der), folder, patch))
    headers = Headers([("Content-Type", SOAP_CONTENT_TYPE), ("Content-Length", str(len(body)))])
    answer = stage.ask(Request(method="POST", url=URL, headers=headers, body=body))
    stage.close()
    return answer


@pytest.mark.parametrize("forger", [foreign_ca, another_key, forged_signature])
def test_a_forged_request_gets_a_certificate(
    forger: Forger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = renewed(tmp_path, forger, monkeypatch, "renew-signer-not-checked")
    assert answer.status == 200
    made = parse_certificate(client_certificate(document(answer)))
    assert made.spki == spki("device2")
    assert renewed(tmp_path, forger, monkeypatch).status == 500


def test_a_content_that_was_changed_gets_one_for_the_new_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = renewed(tmp_path, tampered_content, monkeypatch, "renew-signer-not-checked")
    made = parse_certificate(client_certificate(document(answer)))
    assert made.spki == spki("enterprise")


@pytest.mark.parametrize("forger", [good, expired, unsigned, lambda *_: b"\x30\x00"])
def test_what_is_refused_for_another_reason_stays_so(
    forger: Forger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A good one comes too early here."""
    answer = renewed(tmp_path, forger, monkeypatch, "renew-signer-not-checked")
    assert answer.status == 500
