"""The same is found in a redacted session as in the original: each mistake stays the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdmcore.capture import open_capture
from mdmcore.enrollment.provisioning_model import ApplicationParms
from mdmcore.http import Exchange, Headers, Request
from mdmcore.namespaces import SOAP_CONTENT_TYPE, SYNCML_WBXML_MEDIA_TYPE, SYNCML_XML_MEDIA_TYPE
from mdmcore.profiles import FEDERATED
from mdmcore.server.settings import ProvisioningSettings
from tests.capture.redact import planted
from tests.capture.redact.judging import counted, found, redacted
from tests.matrix.play import play
from tests.matrix.rows import Row
from tests.matrix.variations import USUAL, VARIATIONS
from tests.matrix.verdict import _play as play_row
from tests.support.requirements import require

ROWS = (
    Row(fault="appauth-levels-swapped", profile="wp8"),
    Row(fault="cert-public-key-mismatch", profile="win10"),
    Row(fault="criteria-unescaped", profile="wp8"),
    Row(fault="data-double-escaped", profile="wp81"),
    Row(fault="digest-nonce-not-decoded", profile="wp8"),
    Row(fault="digest-inner-hash-hex", profile="win10"),
    Row(fault="cert-subject-has-nul", profile="wp8"),
    Row(fault="nonce-used-too-late", profile="win10"),
    Row(fault="renew-subject-changed", profile="win10"),
    Row(fault="wap-thumbprint-mismatch", profile="wp8"),
    Row(fault="wab-integrated-auth", profile="wp81"),
    Row(fault="scep-certrep-attribute-missing", profile="win10"),
)
"""Where what is replaced is itself the matter of a rule."""


def _same(exchanges: list[Exchange], profile: str) -> None:
    after, redactor = redacted(exchanges, profile=profile)
    assert counted(found(after, profile)) == counted(found(exchanges, profile))
    assert redactor.tally.left_out == []
    assert redactor.tally.total > 0


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_mistake_stays_the_same(row: Row, tmp_path: Path) -> None:
    variation = VARIATIONS.get(row.fault, USUAL)
    fault = row.fault if variation.times is None else f"{row.fault}*{variation.times}"
    played = play_row(tmp_path, row.profile, variation, fault)
    assert row.fault in {one.rule for one in found(played.exchanges, row.profile)}
    _same(played.exchanges, row.profile)


@pytest.mark.parametrize(
    ("profile", "encoding", "settings"),
    [
        ("wp8", SYNCML_XML_MEDIA_TYPE, {}),
        ("win10", SYNCML_WBXML_MEDIA_TYPE, {"auth_policies": (FEDERATED,)}),
    ],
    ids=["wp8-xml", "win10-wbxml-federated"],
)
def test_a_right_life_stays_right(
    profile: str, encoding: str, settings: dict[str, object], tmp_path: Path
) -> None:
    """Enrolment, hub, sessions whose digests verify, a renewal that is signed, leaving."""
    ordered = ProvisioningSettings(application=ApplicationParms(default_encoding=encoding))
    played = play(tmp_path, profile, settings={"provisioning": ordered, **settings})
    assert "renew" in played.stages
    _same(played.exchanges, profile)


def test_a_planted_session_is_judged_alike() -> None:
    _same(planted.exchanges(), "auto")


def test_the_log_of_a_real_device_is_judged_alike() -> None:
    capture = open_capture(require("captures") / "win10-enrollment-log.md")
    _same(list(capture.exchanges()), "auto")


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("lumia630_wstep_rst.xml", SOAP_CONTENT_TYPE),
        ("lumia630_syncml_pkg1.xml", SYNCML_XML_MEDIA_TYPE),
    ],
)
def test_messages_of_a_real_phone_are_judged_alike(name: str, media_type: str) -> None:
    body = (require("captures") / "wp81-lumia" / name).read_bytes()
    request = Request(
        method="POST",
        url="https://mdm.contoso.com/service",
        headers=Headers([("Content-Type", media_type)]),
        body=body,
    )
    _same([Exchange(id="c:1", index=1, capture="c", request=request)], "wp81")
