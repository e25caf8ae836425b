"""Parts inside artifacts."""

from __future__ import annotations

from mdmcore.inspector.artifact.nested import aet_parts, document_parts
from mdmcore.inspector.artifact.values import ArtifactSettings
from mdmcore.inspector.provisioning_part import read_provisioning
from tests.support.artifacts import aet, aetx
from tests.support.story import authority, certificate, document

SETTINGS = ArtifactSettings()


def test_each_certificate_of_a_document_with_its_store() -> None:
    wap = document(hub=None)
    parts = list(document_parts(read_provisioning(wap), ("XML",), SETTINGS))
    assert [part.summary.partition(":")[0] for part in parts] == ["Root/System", "My/User"]
    assert parts[0].place.startswith("/wap-provisioningdoc/characteristic[@type='Certif")
    assert {part.layers for part in parts} == {("XML", "base64", "DER certificate")}


def test_a_certificate_that_cannot_be_read_says_why() -> None:
    import base64

    wap = document(hub=None).replace(base64.b64encode(certificate()), b"bm8gY2VydGlmaWNhdGU=")
    (_, mine) = document_parts(read_provisioning(wap), ("XML",), SETTINGS)
    assert mine.summary.startswith("My/User: ")
    assert mine.facts["problem"]
    broken = document(hub=None).replace(base64.b64encode(authority().certificate), b"#")
    (root, _) = document_parts(read_provisioning(broken), ("XML",), SETTINGS)
    assert root.facts["problem"] == "EncodedCertificate is not base64"


def test_the_aet_of_a_document_and_the_certificate_of_its_signature() -> None:
    parts = list(document_parts(read_provisioning(aetx()), ("XML",), SETTINGS))
    assert [part.kind for part in parts] == ["aet", "certificate"]
    assert parts[0].place.endswith("/parm[@name='EnrollmentToken']")
    assert parts[1].place.endswith("/AET/Signature/KeyInfo/X509Data/X509Certificate")


def test_an_aet_is_laid_out_only_when_asked_for() -> None:
    assert next(aet_parts(aet(), "AET", (), SETTINGS)).shown == ""
    shown = next(aet_parts(aet(), "AET", (), ArtifactSettings(is_shown=True))).shown
    assert shown.startswith("<AET>\n  <EnterpriseId")


def test_what_is_no_xml_has_no_parts() -> None:
    assert list(aet_parts(b'<!DOCTYPE AET [<!ENTITY a "b">]><AET/>', "AET", (), SETTINGS)) == []
    assert list(document_parts(read_provisioning(b"<"), ("XML",), SETTINGS)) == []
