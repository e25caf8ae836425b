"""The text report of loose files: what a person reads."""

from __future__ import annotations

import base64
import io

import pytest

from mdmcore.inspector import ArtifactSettings, inspect_artifact
from mdmcore.inspector.masking import Mask
from mdmcore.report import write_artifacts_text
from mdmcore.report.plain import cells
from tests.support.artifacts import all_artifacts, jwt, rstrc
from tests.support.certificates import UTF8_STRING, build_authority, forge_certificate
from tests.support.keys import spki
from tests.support.story import DEVICE_SECRET, NONCE_C2S, NONCE_S2C, SERVER_SECRET, document

SECRETS = (
    DEVICE_SECRET,
    SERVER_SECRET,
    base64.b64encode(NONCE_C2S).decode(),
    base64.b64encode(NONCE_S2C).decode(),
)


def text_of(data: bytes, *, width: int = 100, is_shown: bool = False, secrets: bool = False) -> str:
    settings = ArtifactSettings(is_shown=is_shown, mask=Mask(show_secrets=secrets))
    out = io.StringIO()
    reports = inspect_artifact(data, name="x", settings=settings)
    write_artifacts_text(out, reports, width=width, is_shown=is_shown)
    return out.getvalue()


def test_loose_files_show_facts_and_findings() -> None:
    der = forge_certificate(spki("device"), authority=build_authority(), subject_tag=UTF8_STRING)
    out = io.StringIO()
    write_artifacts_text(out, inspect_artifact(der, name="bad\x1b[2J.cer"))
    text = out.getvalue()
    assert "\x1b" not in text
    assert "UTF8String" in text
    assert "ERROR cert-subject-not-printable\n" in text
    assert "\n  where:   certificate, field subject: CN=DEVICE-0001\n" in text
    assert "\n  fix:     " in text


def test_an_output_that_cannot_hold_a_character_gets_an_escape() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    write_artifacts_text(out, inspect_artifact(build_authority().certificate, name="schlüssel"))
    out.flush()
    assert b"schl\\xfcssel" in raw.getvalue()


def test_the_layers_lead_to_what_is_innermost() -> None:
    layers = "  layers:   base64 > XML > base64 > DER certificate\n"
    assert layers in text_of(base64.b64encode(document()))
    assert "  layers:   XML > base64 > XML > base64 > DER certificate\n" in text_of(rstrc())


def test_the_parts_are_told_and_laid_out_when_asked_for() -> None:
    assert "  inside:   provisioning document for CN=" in text_of(rstrc())
    assert "--- " not in text_of(rstrc())
    shown = text_of(rstrc(), is_shown=True)
    assert "  --- XML > base64 > XML > base64 > DER certificate\n      at " in shown
    assert '  <wap-provisioningdoc version="1.1">\n    <characteristic type="Cert' in shown
    assert "without NUL)" in shown


@pytest.mark.parametrize("data", [document(), rstrc(), base64.b64encode(document())])
def test_secrets_are_masked_unless_asked_for(data: bytes) -> None:
    hidden = text_of(data, is_shown=True, width=200)
    told = text_of(data, is_shown=True, width=200, secrets=True)
    for secret in SECRETS:
        assert secret not in hidden
        assert secret in told


def test_a_users_token_is_shown_only_as_a_secret() -> None:
    token = jwt(upn="anna@example.test")
    assert token.decode() not in text_of(token, is_shown=True, width=2000)
    assert token.decode() in text_of(token, is_shown=True, secrets=True, width=2000)


def test_what_cannot_be_read_is_told_in_its_place() -> None:
    text = text_of(build_authority().certificate[:50])
    assert "\n  problem:  truncated: " in text
    assert text.splitlines()[-1] == (
        "1 object: 0 errors, 0 warnings, 0 info; not everything could be read"
    )


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_width_is_kept_for_each_kind(width: int) -> None:
    for _, data in all_artifacts().values():
        for line in text_of(data, width=width, is_shown=True).splitlines():
            assert line.isprintable()
            assert cells(line) <= width


def test_many_parts_are_counted() -> None:
    wap = document(hub=None)
    start, end = (
        wap.index(b'<characteristic type="Root">'),
        wap.index(b'<characteristic type="My">'),
    )
    text = text_of(wap[:start] + wap[start:end] * 60 + wap[end:])
    assert "            and 21 more\n" in text
