"""Discovery per generation: what a device offers, what it takes, who types which address."""

from __future__ import annotations

import pytest

from mdmcore.http import Response
from mdmcore.phone import Caution, Refusal, run
from mdmcore.phone.discovery import Endpoints, discover
from tests.phone.generations import FEDERATED, SIGN_IN_URL, phone_of
from tests.phone.scripted import Edit, EnrollmentScript, assert_refusal, edited, settings
from tests.support.server import counted_random

_POLICY = edited(">OnPremise<", ">Federated<")


def discovered_by(profile: str, edit: Edit | None = None, **changes: object) -> Endpoints:
    script = EnrollmentScript(edits={"discover": edit} if edit else {})
    return run(discover(phone_of(profile, **changes), random=counted_random()), script)


@pytest.mark.parametrize(
    ("profile", "policy", "changes", "reason"),
    [
        ("wp8", "Federated", {}, "cannot authenticate that way, only OnPremise"),
        ("win81", "OnPremise", {}, "cannot authenticate that way, only Federated"),
        ("wp81", "Certificate", {}, "cannot authenticate that way"),
        ("win10", "Certificate", {}, "cannot authenticate that way"),
        ("win10", "onpremise", {}, "cannot authenticate that way"),
        ("win10", "OnPremise", {"offered_auth_policies": ("Federated",)}, "offered only Federated"),
        ("wp81", "Federated", {"offered_auth_policies": ("OnPremise",)}, "offered only OnPremise"),
    ],
)
def test_an_answer_must_be_one_that_was_offered(
    profile: str, policy: str, changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(Refusal) as caught:
        discovered_by(profile, edited(">OnPremise<", f">{policy}<"), **changes)
    assert_refusal(caught.value, "discovery", "AuthPolicy", reason)


def test_federated_needs_a_page_to_sign_in() -> None:
    with pytest.raises(Refusal) as caught:
        discovered_by("win10", _POLICY)
    assert_refusal(caught.value, "discovery", "AuthenticationServiceUrl", "no page to sign in")
    assert discovered_by("win10", _POLICY, user_token="a.b.c").authentication is None
    found = discovered_by("win10", FEDERATED).authentication
    assert found is not None
    assert found.url == SIGN_IN_URL


def test_what_is_offered_can_be_chosen() -> None:
    script = EnrollmentScript(edits={"discover": FEDERATED})
    phone = phone_of("win10", offered_auth_policies=("Federated",))
    found = run(discover(phone, random=counted_random()), script)
    assert found.auth_policy == "Federated"
    assert (script.requests[1].body or b"").count(b"<AuthPolicy>") == 1


@pytest.mark.parametrize(
    ("profile", "version"), [("win10", "4.0"), ("wp81", ""), ("win81", ""), ("wp8", "")]
)
def test_the_enrollment_version_is_kept_where_it_is_known(profile: str, version: str) -> None:
    edit = (
        FEDERATED
        if profile == "win81"
        else edited("<EnrollmentServiceUrl>", "<!-- --><EnrollmentServiceUrl>")
    )

    def with_version(response: Response) -> Response:
        return edited(
            "</DiscoverResult>", "<EnrollmentVersion>4.0</EnrollmentVersion></DiscoverResult>"
        )(edit(response))

    assert discovered_by(profile, with_version).enrollment_version == version
    careful = frozenset({Caution.ENROLLMENT_VERSION})
    if version:
        assert discovered_by(profile, with_version, cautions=careful).enrollment_version == version
    else:
        with pytest.raises(Refusal, match="does not know EnrollmentVersion"):
            discovered_by(profile, with_version, cautions=careful)


def test_a_user_of_a_domain_types_the_servers_address() -> None:
    script = EnrollmentScript()
    phone = settings(email="CORP\\user", server="enroll.example.test")
    found = run(discover(phone, random=counted_random()), script)
    assert found.discovery == "https://enroll.example.test/EnrollmentServer/Discovery.svc"
    assert b"<EmailAddress>CORP\\user</EmailAddress>" in (script.requests[1].body or b"")


def test_a_known_address_is_used_instead_of_the_users() -> None:
    start = "https://renew.example.test/EnrollmentServer/Discovery.svc"
    script = EnrollmentScript()
    found = run(discover(settings(), random=counted_random(), start=start), script)
    assert (found.discovery, found.accepted_redirect) == (start, None)
    assert {request.url for request in script.requests} == {start}
