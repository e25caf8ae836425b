"""GetPolicies: what the phone honours, and what it refuses."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from mdmcore.enrollment.security import username_token
from mdmcore.http import Response
from mdmcore.phone import Caution, Refusal, run
from mdmcore.phone.discovery import Endpoint
from mdmcore.phone.policies import CertificatePolicy, default_policy, get_policies
from mdmcore.profiles import PROFILES
from tests.phone.scripted import (
    Edit,
    EnrollmentScript,
    assert_refusal,
    edited,
    settings,
    with_header,
)
from tests.support.server import counted_random

ENDPOINT = Endpoint(url="https://mdm.example.test/EnrollmentServer/Policy.svc", place="x")
SECURITY = username_token("user@example.test", "pass & word")
WSSE = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd}"


def policy(edit: Edit | None = None, **changes: object) -> CertificatePolicy:
    script = EnrollmentScript(edits={} if edit is None else {"policies": edit})
    return run(
        get_policies(ENDPOINT, settings(**changes), security=SECURITY, random=counted_random()),
        script,
    )


def test_the_request_carries_the_users_name_and_password() -> None:
    script = EnrollmentScript()
    run(get_policies(ENDPOINT, settings(), security=SECURITY, random=counted_random()), script)
    root = ElementTree.fromstring(script.requests[0].body or b"")
    token = root.find(f".//{WSSE}UsernameToken")
    assert token is not None
    assert token.findtext(f"{WSSE}Username") == "user@example.test"
    assert token.findtext(f"{WSSE}Password") == "pass & word"


def test_the_sample_asks_for_2048_bits_and_sha1() -> None:
    assert policy() == CertificatePolicy(key_bits=2048, digest="sha1")
    assert policy() == default_policy(settings())


_OID = "1.3.14.3.2.29"
_LENGTH = "<minimalKeyLength>2048</minimalKeyLength>"


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (edited(">2048<", ">4096<"), CertificatePolicy(key_bits=4096, digest="sha1")),
        (edited(_LENGTH, ""), CertificatePolicy(key_bits=2048, digest="sha1")),
        (
            edited(_LENGTH, '<minimalKeyLength xsi:nil="true"/>'),
            CertificatePolicy(key_bits=2048, digest="sha1"),
        ),
        (
            edited(_OID, "2.16.840.1.101.3.4.2.1"),
            CertificatePolicy(key_bits=2048, digest="sha256"),
        ),
        (
            edited(
                "<hashAlgorithmOIDReference>0</hashAlgorithmOIDReference>",
                '<hashAlgorithmOIDReference xsi:nil="true"/>',
            ),
            CertificatePolicy(key_bits=2048, digest="sha1"),
        ),
    ],
    ids=["longer", "absent", "nil", "sha256", "no-digest"],
)
def test_key_length_and_digest_are_honoured(edit: Edit, expected: CertificatePolicy) -> None:
    assert policy(edit) == expected


def test_below_schema_3_the_choice_of_digest_is_ignored() -> None:
    def edit(response: object) -> object:
        changed = edited(_OID, "2.16.840.1.101.3.4.2.1")(response)  # type: ignore[arg-type]
        return edited("<policySchema>3<", "<policySchema>2<")(changed)

    assert policy(edit).digest == "sha1"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("edit", "place", "reason"),
    [
        (edited(">2048<", ">0<"), "minimalKeyLength", "not a positive number"),
        (edited(">2048<", ">many<"), "minimalKeyLength", "not a positive number"),
        (edited(">2048<", ">8192<"), "minimalKeyLength", "up to 4096"),
        (
            edited("<oIDReferenceID>0<", "<oIDReferenceID>1<"),
            "hashAlgorithmOIDReference",
            "no oID elements",
        ),
        (
            edited("</oIDs>", "<oID><oIDReferenceID>0</oIDReferenceID></oID></oIDs>"),
            "hashAlgorithmOIDReference",
            "2 oID elements",
        ),
        (edited("<group>1<", "<group>3<"), "oIDs/oID", "not of group 1"),
        (edited("<oIDs>", "<oIDs><!-- --></oIDs><other>"), "line", "not well-formed"),
        (edited(_OID, "1.2.840.113549.1.1.4"), "oID/value", "signs only with"),
        (edited("GetPoliciesResponse<", "GetPolicies<"), "Action", "is not"),
        (edited("<attributes>", "<attribute>"), "line", "not well-formed"),
        (edited("policies>", "policys>", count=4), "response/policies", "no element policies"),
        (with_header("Transfer-Encoding", "chunked"), "Transfer-Encoding", "chunked"),
        (
            edited(
                '<algorithmOIDReference xsi:nil="true"/>', '<algorithmOIDReferencexsi:nil="1"/>'
            ),
            "line",
            "not well-formed",
        ),
    ],
)
def test_what_the_phone_refuses(edit: Edit, place: str, reason: str) -> None:
    with pytest.raises(Refusal) as caught:
        policy(edit)
    assert_refusal(caught.value, "policy", place, reason)


def test_a_policy_url_that_is_no_https_is_refused_at_this_step() -> None:
    endpoint = Endpoint(url="http://mdm.example.test/Policy.svc", place="here")
    with pytest.raises(Refusal) as caught:
        run(
            get_policies(endpoint, settings(), security=SECURITY, random=counted_random()),
            EnrollmentScript(),
        )
    assert_refusal(caught.value, "policy", "here", "not https")


def test_only_a_careful_phone_minds_the_order() -> None:
    edit = edited(
        "<commonName>ExamplePhonePolicy</commonName><policySchema>3</policySchema>",
        "<policySchema>3</policySchema><commonName>ExamplePhonePolicy</commonName>",
    )
    assert policy(edit).key_bits == 2048
    with pytest.raises(Refusal) as caught:
        policy(edit, cautions=frozenset({Caution.POLICY_ORDER}))
    assert_refusal(caught.value, "policy", "attributes", "order")
    assert policy(cautions=frozenset({Caution.POLICY_ORDER})).key_bits == 2048


# --- what each generation honours ---------------------------------------------------------------

_ALGORITHM = '<algorithmOIDReference xsi:nil="true"/>'


def _with_algorithm(value: str, group: str = "3", reference: str = "7") -> Edit:
    """A policy that asks for a public key algorithm."""
    oid = (
        f"<oID><value>{value}</value><group>{group}</group>"
        "<oIDReferenceID>7</oIDReferenceID><defaultName>x</defaultName></oID></oIDs>"
    )

    def edit(response: Response) -> Response:
        element = f"<algorithmOIDReference>{reference}</algorithmOIDReference>"
        return edited("</oIDs>", oid)(edited(_ALGORITHM, element)(response))

    return edit


def _with_providers(*names: str) -> Edit:
    providers = "".join(f"<provider>{name}</provider>" for name in names)
    return edited(_ALGORITHM, f"{_ALGORITHM}<cryptoProviders>{providers}</cryptoProviders>")


_KSP = "Microsoft Software Key Storage Provider"
_TPM = "Microsoft Platform Crypto Provider"
_EC = "1.2.840.10045.2.1"


@pytest.mark.parametrize("profile", ["win81", "win10"])
def test_a_pc_makes_rsa_keys(profile: str) -> None:
    assert policy(_with_algorithm("1.2.840.113549.1.1.1"), profile=profile).key_bits == 2048
    for edit, place, reason in (
        (_with_algorithm(_EC), "oID[2]/value", "RSA keys only"),
        (_with_algorithm("1.2.840.113549.1.1.1", group="1"), "oIDs/oID", "not of group 3"),
        (_with_algorithm(_EC, reference="8"), "algorithmOIDReference", "no oID elements"),
    ):
        with pytest.raises(Refusal) as caught:
            policy(edit, profile=profile)
        assert_refusal(caught.value, "policy", place, reason)


@pytest.mark.parametrize("profile", ["wp8", "wp81"])
def test_a_phone_does_not_look_at_the_algorithm_of_the_key(profile: str) -> None:
    assert policy(_with_algorithm(_EC, reference="8"), profile=profile).key_bits == 2048


def test_windows_10_takes_the_first_provider_it_has() -> None:
    assert policy(_with_providers("Acme", _TPM, _KSP), profile="win10").provider == _TPM
    assert policy(_with_providers(), profile="win10").provider == ""
    assert policy(profile="win10").provider == ""
    with pytest.raises(Refusal) as caught:
        policy(_with_providers("Acme"), profile="win10")
    assert_refusal(caught.value, "policy", "cryptoProviders", "none of these key providers")
    assert caught.value.hresult == 0x80180027


@pytest.mark.parametrize("profile", ["wp8", "wp81", "win81"])
def test_others_do_not_look_at_providers(profile: str) -> None:
    assert policy(_with_providers("Acme"), profile=profile).provider == ""


@pytest.mark.parametrize("profile", list(PROFILES))
def test_every_generation_wants_schema_3_for_another_digest(profile: str) -> None:
    sha256 = edited(_OID, "2.16.840.1.101.3.4.2.1")
    assert policy(sha256, profile=profile).digest == "sha256"

    def edit(response: Response) -> Response:
        return edited("<policySchema>3<", "<policySchema>1<")(sha256(response))

    assert policy(edit, profile=profile).digest == "sha1"


@pytest.mark.parametrize("profile", list(PROFILES))
def test_the_rest_of_a_policy_is_ignored(profile: str) -> None:
    edit = edited(
        "<policySchema>3</policySchema>",
        "<policySchema>3</policySchema><certificateValidity><validityPeriodSeconds>1"
        "</validityPeriodSeconds></certificateValidity><permission><enroll>false</enroll>"
        "</permission><privateKeyFlags>16</privateKeyFlags><unknown/>",
    )
    assert policy(edit, profile=profile) == policy(profile=profile)
