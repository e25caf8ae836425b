"""Rules on what a renewal hands out, and on a certificate that has expired."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mdmcore.http import Exchange, Request
from mdmcore.inspector.provisioning_part import read_provisioning
from mdmcore.rules import run_rules
from mdmcore.rules.decoded import Decoded, Kind
from mdmcore.rules.scene import Scene
from tests.support.provisioning_samples import RENEWAL, RIGHT
from tests.support.renewals import renew
from tests.support.story import (
    CERT_CN,
    NOW,
    Story,
    answer,
    certificate,
    device_cred,
    document,
    package1,
    rules_of,
)

APPLICATION = "/wap-provisioningdoc/characteristic[@type='APPLICATION']"


# --- the answer to a renewal


def test_the_vendors_sample_is_right() -> None:
    assert renew(Story("wp8").enrolled(), RENEWAL).findings == ()


def test_the_whole_document_again() -> None:
    story = Story("wp8").enrolled()
    found = renew(story, RIGHT["wp8"]).findings
    assert [(f.rule, f.severity) for f in found] == [("renew-response-full-doc", "info")]
    assert found[0].places[0].where["xpath"] == APPLICATION
    names = found[0].places[0].evidence.split(", ")
    assert {"ADDR", "APPAUTH"} <= set(names)
    assert len(names) == len(set(names))


def test_new_criteria_may_come_with_a_renewal() -> None:
    criteria = '<parm name="SSLCLIENTCERTSEARCHCRITERIA" value="Subject=CN%3DX"/>'
    wap = RENEWAL.replace(
        b"</characteristic>\n</wap", f"{criteria}</characteristic>\n</wap".encode()
    )
    assert criteria.encode() in wap
    assert renew(Story("wp8").enrolled(), wap).findings == ()


# --- the end of the certificate


def test_a_certificate_that_is_handed_out_expired() -> None:
    story = Story("wp8")
    story.now = NOW + timedelta(days=366)
    found = [f for f in story.enroll().findings if f.rule == "cert-expired"]
    assert [f.severity for f in found] == ["error"]
    assert found[0].places[0].where == {"part": "certificate", "field": "notAfter"}
    assert found[0].places[0].evidence == "2027-11-23T12:00:00Z"
    assert f"CN={CERT_CN} expired on 2027-11-23" in found[0].message


def test_a_device_that_comes_after_its_certificate_has_ended() -> None:
    story = Story("wp8").enrolled()
    for days, expected in ((364, 0), (366, 1), (367, 1)):
        story.now = NOW + timedelta(days=days)
        story.sync(package1(cred=device_cred()), answer("2", "212"))
        counts = [f.count for f in story.inspector.findings() if f.rule == "cert-expired"]
        assert sum(counts) == expected, days


def test_a_renewal_in_time_is_enough() -> None:
    story = Story("wp8").enrolled()
    story.now = NOW + timedelta(days=350)
    wap = document(client=certificate(CERT_CN.encode(), days=700))
    assert "cert-expired" not in rules_of(renew(story, wap).findings)
    story.now = NOW + timedelta(days=400)
    story.sync(package1(cred=device_cred()), answer("2", "212"))
    assert "cert-expired" not in rules_of(story.inspector.findings())


@pytest.mark.parametrize(("days", "is_found"), [(None, False), (364, False), (366, True)])
def test_a_loose_document_is_judged_at_the_time_given(days: int | None, is_found: bool) -> None:
    request = Request(method="POST", url="")
    scene = Scene(
        exchange=Exchange(id="f", index=0, capture="f", request=request),
        decoded=Decoded(kind=Kind.RST, provisioning=read_provisioning(document())),
        now=None if days is None else NOW + timedelta(days=days),
    )
    found = {outcry.rule.id for outcry in run_rules(scene)}
    assert ("cert-expired" in found) is is_found
