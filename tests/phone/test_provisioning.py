"""Applying the document: what ends the enrolment, and what bites only later."""

from __future__ import annotations

import pytest

from mdmcore.phone import Caution, EnrolledPhone, Refusal
from mdmcore.phone.schedule import RetrySet
from tests.phone.scripted import (
    AET,
    DEVICE_CN,
    DEVICE_NONCE,
    DM_URL,
    SERVER_NONCE,
    EnrollmentScript,
    assert_refusal,
    b64,
    client_certificate,
    enrolled,
    enrolled_with,
    provisioning_document,
    settings,
    thumbprint,
)
from tests.support.certificates import build_authority

ROOT_DER = build_authority().certificate
CLIENT = thumbprint(client_certificate())


def test_the_document_becomes_the_phones_state() -> None:
    phone = enrolled()
    assert [(held.store, held.scope, held.has_key) for held in phone.certificates] == [
        ("Root", "System", False),
        ("My", "User", True),
    ]
    assert phone.account.addr == DM_URL
    assert (phone.nonce_s2c, phone.nonce_c2s) == (SERVER_NONCE, DEVICE_NONCE)
    assert phone.schedule.sets == (
        RetrySet(count=5, interval=3),
        RetrySet(count=8, interval=60),
        RetrySet(count=0, interval=480),
    )
    assert (phone.ent_dmid, phone.ent_device_name) == ("DEVICE-0001", "Example phone")
    assert phone.hub is not None
    assert phone.hub.enterprise_id == "4000000001"


def test_secrets_stand_in_no_representation() -> None:
    shown = repr(enrolled())
    assert not any(secret in shown for secret in ("s3cr3t", "pass & word", AET))


def _line(start: str) -> str:
    """The text from ``start`` to the end of its line."""
    document = provisioning_document()
    begin = document.index(start)
    return document[begin : document.index("\n", begin)]


REFUSED = [
    ([("</wap-provisioningdoc>", "")], "line", "not well-formed"),
    ([("<wap-provisioningdoc", "<!—x—><wap-provisioningdoc")], "line", "not well-formed"),
    ([("wap-provisioningdoc", "provisioningdoc")], "/provisioningdoc", "root element"),
    ([('parm name="NAME"', 'param name="NAME"')], "param", "unknown element"),
    ([(f'type="{CLIENT}"', f'type="{"0" * 40}"')], "'My'", "not the certificate's thumbprint"),
    ([(f'type="{CLIENT}"', f'type="{CLIENT.lower()}"')], "'My'", "thumbprint"),
    ([(b64(client_certificate()), b64(client_certificate())[:-1])], "Encoded", "base64"),
    ([(b64(client_certificate()), " " + b64(client_certificate()))], "Encoded", "one line"),
    ([(b64(client_certificate()), b64(b"0\x03abc"))], "Encoded", "not a certificate"),
    ([(b64(client_certificate()), "")], "Encoded", "not a certificate"),
    ([('type="Root"', 'type="root"')], "'root'", "no such certificate store"),
    ([('type="My"', 'type="MY"')], "'MY'", "no such certificate store"),
    ([('type="User"', 'type="user"')], "'user'", "no such certificate store"),
    ([(_line(f'<characteristic type="{CLIENT}"'), "")], "'My'", "bind the key"),
    ([('type="APPLICATION"', 'type="Application"')], "APPLICATION", "upper-case"),
    ([('value="w7"', 'value="w4"')], "APPLICATION", "no APPLICATION with APPID w7"),
    ([('name="PROVIDER-ID"', 'name="Provider-ID"')], "PROVIDER-ID", "no PROVIDER-ID"),
    ([('name="ADDR"', 'name="addr"')], "ADDR", "no ADDR"),
    ([('<parm name="BACKCOMPATRETRYDISABLED"/>', '<parm name="INIT"/>')], "INIT", "operators"),
    (
        [
            ('"AuxNumRetries" value="5"', '"AuxNumRetries" value="0"'),
            ('"NumRetries" value="8"', '"NumRetries" value="0"'),
        ],
        "OmaDmRetry",
        "all three retry counts",
    ),
    ([(AET, "")], "EnrollmentToken", "no application enrolment token"),
    ([(AET, b64(b"dummy"))], "EnrollmentToken", "no application enrolment token"),
]


@pytest.mark.parametrize(("changes", "place", "reason"), REFUSED)
def test_what_ends_the_enrolment(changes: list[tuple[str, str]], place: str, reason: str) -> None:
    with pytest.raises(Refusal) as caught:
        enrolled_with(*changes)
    assert_refusal(caught.value, "provisioning", place, reason)


def test_a_document_cut_anywhere_is_refused_not_worse() -> None:
    document = provisioning_document().encode()
    for end in range(1, len(document) - 1, 97):
        with pytest.raises(Refusal) as caught:
            enrolled(EnrollmentScript(document=document[:end]))
        assert caught.value.step == "provisioning"


def _retries(phone: EnrolledPhone) -> tuple[int, int]:
    return phone.schedule.first.count, phone.schedule.first.interval


def test_a_wrong_registry_key_leaves_the_defaults() -> None:
    assert _retries(enrolled_with(("Enrollment\\OmaDmRetry", "Enrolment\\OmaDmRetry"))) == (10, 15)


def test_a_value_without_datatype_does_not_count() -> None:
    phone = enrolled_with(
        ('"AuxNumRetries" value="5" datatype="integer"', '"AuxNumRetries" value="5"')
    )
    assert _retries(phone) == (10, 3)


def test_values_of_another_provider_are_not_applied() -> None:
    phone = enrolled_with(('type="ExampleMDM"', 'type="examplemdm"'))
    assert phone.ent_dmid is None


def test_a_certificate_in_my_system_is_stored_without_the_key() -> None:
    before = '<characteristic type="My"><characteristic type="User">'
    phone = enrolled_with((before, before.replace("User", "System")))
    assert not any(held.has_key for held in phone.certificates)


def test_without_a_hub_branch_there_is_no_hub() -> None:
    document = provisioning_document()
    start = document.index('  <characteristic type="EnterpriseAppManagement">')
    phone = enrolled(EnrollmentScript(document=document[:start] + "</wap-provisioningdoc>"))
    assert phone.hub is None


_SECOND_ROOT = (
    f'<characteristic type="{CLIENT}"><parm name="EncodedCertificate" '
    f'value="{b64(client_certificate())}"/></characteristic>'
)
CAUTIOUS = [
    (
        Caution.PRIVATE_KEY_CONTAINER,
        ('<characteristic type="PrivateKeyContainer"/>', ""),
        "PrivateKeyContainer",
    ),
    (
        Caution.CA_COUNT,
        ('<characteristic type="System">', f'<characteristic type="System">{_SECOND_ROOT}'),
        "2 certificates in Root",
    ),
    (
        Caution.PUSH_IN_DOCUMENT,
        ('<parm name="EntDMID"', '<characteristic type="Push"/><parm name="EntDMID"'),
        "Push",
    ),
]


@pytest.mark.parametrize(("caution", "change", "reason"), CAUTIOUS)
def test_what_only_a_careful_phone_refuses(
    caution: Caution, change: tuple[str, str], reason: str
) -> None:
    assert enrolled_with(change).account.addr
    careful = settings(cautions=frozenset({caution}))
    assert enrolled(phone=careful).account.addr
    with pytest.raises(Refusal) as caught:
        enrolled_with(change, phone=careful)
    assert_refusal(caught.value, "provisioning", "", reason)


def test_the_device_name_in_the_criteria_is_that_of_the_certificate() -> None:
    found = enrolled().management_certificate().found
    assert found is not None
    assert found.certificate.subject.common_name == DEVICE_CN
