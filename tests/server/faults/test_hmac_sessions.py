"""Mistakes in sessions with HMAC: one thing is wrong, and the HMAC over it is right."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from mdmcore.enrollment.provisioning_model import ApplicationParms
from mdmcore.http import Response
from mdmcore.namespaces import SYNCML_WBXML_MEDIA_TYPE, SYNCML_XML_MEDIA_TYPE
from mdmcore.records import AuthScheme
from mdmcore.server.settings import ProvisioningSettings
from mdmcore.syncml.hmac_header import HMAC_HEADER, parse_mac_header
from tests.matrix.play import Stage
from tests.server.faults.lives import Difference, first_difference

_PHONE = {"sends_cred_first": False}


def settings_for(encoding: str) -> dict[str, object]:
    ordered = ProvisioningSettings(application=ApplicationParms(default_encoding=encoding))
    return {"appsrv_scheme": AuthScheme.HMAC, "provisioning": ordered}


class Life:
    """Enrolment and a session; keeps the secret that the device knows of the server."""

    secret = ""

    def __call__(self, stage: Stage) -> None:
        stage.enroll()
        assert stage.phone is not None
        client = stage.phone.account.auth("CLIENT")
        assert client is not None
        self.secret = client.secret or ""
        stage.session()


@pytest.fixture(params=[SYNCML_XML_MEDIA_TYPE, SYNCML_WBXML_MEDIA_TYPE], ids=["xml", "wbxml"])
def encoding(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def spoilt_by(fault: str, folder: Path, encoding: str) -> Difference:
    life = Life()
    found = first_difference(folder, "wp8", fault, life, settings=settings_for(encoding), **_PHONE)
    assert found is not None
    assert found.right.media_type == encoding
    status = found.sent.header_status
    assert status is not None
    assert status.chal is not None
    nonce = status.chal.next_nonce
    assert nonce is not None
    for answer in (found.right, found.spoilt):
        assert proof_of(answer) == expected_proof(life.secret, nonce, answer.body or b"")
    return found


def proof_of(answer: Response) -> str:
    return parse_mac_header(answer.headers.get(HMAC_HEADER) or "").mac


def expected_proof(secret: str, nonce: bytes, body: bytes) -> str:
    """DMSEC 5.4, written out."""

    def md5(data: bytes) -> bytes:
        return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest())

    inner = md5(f"MDMProxy:{secret}".encode())
    return md5(inner + b":" + nonce + b":" + md5(body)).decode()


def test_a_cred_stands_beside_the_hmac(tmp_path: Path, encoding: str) -> None:
    right, spoilt = spoilt_by("hmac-with-cred", tmp_path, encoding).messages
    assert right.header.cred is None
    assert spoilt.header.cred is not None
    assert replace(spoilt.header, cred=None) == right.header
    assert spoilt.commands == right.commands


@pytest.mark.parametrize(
    ("fault", "code", "has_chal"), [("hmac-212", "212", True), ("hmac-no-nextnonce", "200", False)]
)
def test_the_status_for_a_message_with_hmac_is_wrong(
    fault: str, code: str, has_chal: bool, tmp_path: Path, encoding: str
) -> None:
    right, spoilt = spoilt_by(fault, tmp_path, encoding).messages
    before, after = right.header_status, spoilt.header_status
    assert before is not None
    assert after is not None
    assert (before.data, before.chal is not None) == ("200", True)
    assert (after.data, after.chal is not None) == (code, has_chal)
    assert spoilt.header == right.header
    assert spoilt.commands[1:] == right.commands[1:]


@pytest.mark.parametrize("fault", ["hmac-with-cred", "hmac-212", "hmac-no-nextnonce"])
def test_there_is_no_room_without_hmac(fault: str, tmp_path: Path) -> None:
    assert first_difference(tmp_path, "wp8", fault, Life()) is None
