"""Rules on signed messages; the signatures are made by openssl."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from mdmcore.http import Headers, Request, Response
from mdmcore.inspector import Inspection
from mdmcore.namespaces import SYNCML_XML_MEDIA_TYPE
from mdmcore.pki.authority import certificate_pem
from mdmcore.syncml.model import Command, Item, Meta, SyncML
from mdmcore.syncml.xml import serialize_syncml
from tests.support.keys import key_path
from tests.support.openssl import openssl_output
from tests.support.renewals import renew
from tests.support.story import (
    DM_URL,
    PROVIDER,
    Story,
    answer,
    certificate,
    device_cred,
    document,
    header_status,
    package,
    package1,
    rules_of,
    server_cred,
)

SIGNATURE_RULES = {"message-signature-missing", "message-signature-invalid"}
FIRST = serialize_syncml(package1(cred=device_cred()))
NODE = f"./Vendor/MSFT/DMClient/Provider/{PROVIDER}/RequireMessageSigning"
ASKING = document().replace(
    b'<parm name="EntDMID"',
    b'<parm name="RequireMessageSigning" value="true" datatype="boolean"/><parm name="EntDMID"',
)


def sign(folder: Path, body: bytes = FIRST, *, key: str = "device", der: bytes = b"") -> str:
    pem = folder / "signer.pem"
    pem.write_bytes(certificate_pem(der or certificate(key=key)))
    made = openssl_output(
        *("cms", "-sign", "-binary", "-outform", "DER", "-md", "sha256"),
        *("-signer", str(pem), "-inkey", str(key_path(key))),
        data=body,
    )
    return base64.b64encode(made).decode()


def posted(
    story: Story, signature: str | None, body: bytes = FIRST, answered: SyncML | None = None
) -> Inspection:
    headers = [("Content-Type", SYNCML_XML_MEDIA_TYPE)]
    if signature is not None:
        headers.append(("MS-Signature", signature))
    back = serialize_syncml(answered or answer("1", "212"))
    media = Headers([("Content-Type", SYNCML_XML_MEDIA_TYPE)])
    return story.tell(
        Request(method="POST", url=DM_URL, headers=Headers(headers), body=body),
        Response(status=200, headers=media, body=back),
    )


def spoken(found: Inspection) -> set[str]:
    """Which of the two rules spoke, both of them about the header."""
    about = [finding for finding in found.findings if finding.rule in SIGNATURE_RULES]
    for finding in about:
        where = finding.places[0].where
        assert (where["part"], where["header"]) == ("request", "MS-Signature")
    return {finding.rule for finding in about}


def test_a_signed_message_of_the_enrolled_device(tmp_path: Path) -> None:
    assert posted(Story("win10").enrolled(ASKING), sign(tmp_path)).findings == ()


def test_an_unsigned_message_is_missed_where_signing_was_ordered() -> None:
    found = posted(Story("win10").enrolled(ASKING), None)
    assert rules_of(found.findings) == {"message-signature-missing"}
    assert found.findings[0].severity == "warning"


def test_nobody_misses_it_unasked() -> None:
    refusing = ASKING.replace(b'"true" datatype="boolean"', b'"false" datatype="boolean"')
    for wap in (document(), refusing):
        assert posted(Story("win10").enrolled(wap), None).findings == ()


@pytest.mark.parametrize("profile", ["wp8", "wp81"])
def test_phones_do_not_sign(profile: str) -> None:
    assert not spoken(posted(Story(profile).enrolled(ASKING), None))


def test_an_order_in_a_session_counts_from_the_next_one_on(tmp_path: Path) -> None:
    item = Item(target=NODE, meta=Meta(format="bool"), data="true")
    order = Command(name="Replace", cmd_id="9", items=(item,))
    story = Story("win10").enrolled()
    ordered = answer("2", "212", "1", order, cred=server_cred())
    assert not spoken(posted(story, None, answered=ordered))
    going_on = serialize_syncml(package("2", header_status("212", "2")))
    assert not spoken(posted(story, None, going_on, answer("3", "200", "2")))
    second = serialize_syncml(package1(session_id="2"))
    assert spoken(posted(story, None, second)) == {"message-signature-missing"}
    assert not spoken(posted(story, sign(tmp_path, second), second))


def test_a_log_of_bodies_misses_nothing() -> None:
    story = Story("win10").enrolled(ASKING)
    back = serialize_syncml(answer("1", "212"))
    found = story.tell(
        Request(method="POST", url=DM_URL, body=FIRST), Response(status=200, body=back)
    )
    assert not spoken(found)


def test_a_changed_body_is_told(tmp_path: Path) -> None:
    found = posted(
        Story("win10").enrolled(), sign(tmp_path), FIRST.replace(b"<Final/>", b"<Final />")
    )
    assert spoken(found) == {"message-signature-invalid"}
    (finding,) = found.findings
    assert finding.severity == "error"
    assert finding.places[0].evidence == "the content is not what was signed"


def test_a_signature_that_is_none_is_told() -> None:
    found = posted(Story("win10").enrolled(), "no base64!")
    assert spoken(found) == {"message-signature-invalid"}


def test_another_certificate_than_the_enrolments_is_told(tmp_path: Path) -> None:
    signature = sign(tmp_path, key="device2")
    assert spoken(posted(Story("win10").enrolled(), signature)) == {"message-signature-invalid"}
    # Nobody knows whose it must be.
    assert not spoken(posted(Story("win10"), signature))


def test_after_a_renewal_both_certificates_sign(tmp_path: Path) -> None:
    story = Story("win10").enrolled()
    new = certificate(key="device2", days=700)
    renew(story, document(client=new))
    for key, der in (("device", certificate()), ("device2", new)):
        assert not spoken(posted(story, sign(tmp_path, key=key, der=der))), key
    stranger = certificate(key="enterprise")
    assert spoken(posted(story, sign(tmp_path, key="enterprise", der=stranger))) == {
        "message-signature-invalid"
    }


def test_printed_bodies_are_not_judged() -> None:
    story = Story("win10").enrolled()
    story.verbatim = False
    assert not spoken(posted(story, "no base64!"))
