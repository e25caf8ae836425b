"""The request of a renewal, judged by openssl and the schemas, and where it goes."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mdmcore.enrollment import parse_envelope, parse_rst
from mdmcore.http import Request, Response
from mdmcore.phone import (
    NoAnswer,
    RenewalStatus,
    identity_of,
)
from mdmcore.phone.keyring import key_sha256
from mdmcore.pki.authority import certificate_pem
from mdmcore.pki.csr import parse_pkcs10
from mdmcore.profiles import PROFILES, RenewalWay
from tests.enrollment.oracles import check_request
from tests.phone.generations import bodies, redirect, script_for
from tests.phone.renewing import (
    CASES,
    ENROLLMENT_URL,
    EXPIRES,
    enrolled_for,
    refused,
    renewal_script,
    sent_renewal,
    token_text,
)
from tests.phone.scripted import (
    assert_refusal,
    client_certificate,
    edited,
)
from tests.phone.test_generations import enrolled_as
from tests.support.certificates import build_authority
from tests.support.keys import load_key, spki
from tests.support.openssl import asn1_elements, openssl, request_verifies


def openssl_content(cms: bytes, folder: Path) -> bytes:
    """What openssl finds signed by the test's authority's device."""
    (folder / "message").write_bytes(cms)
    (folder / "root.pem").write_bytes(certificate_pem(build_authority().certificate))
    at = (EXPIRES - timedelta(days=10)).timestamp()
    result = openssl(
        "cms", "-verify", "-binary", "-inform", "DER", "-in", str(folder / "message"),
        "-CAfile", str(folder / "root.pem"), "-purpose", "any", "-attime", str(int(at)),
        "-out", str(folder / "content"),
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return (folder / "content").read_bytes()


@pytest.mark.parametrize(("profile", "federated", "way"), CASES)
def test_the_request(profile: str, federated: bool, way: RenewalWay, tmp_path: Path) -> None:
    renewing = enrolled_for(profile, federated=federated)
    server = renewal_script()
    renewing.renew(server)
    (request,) = server.requests
    message = sent_renewal(server)
    assert (request.method, request.url) == ("POST", ENROLLMENT_URL)
    check_request(message)
    sent = parse_rst(message)
    assert sent.request_type.endswith("/ws-trust/200512/Renew")
    assert sent.token_type.endswith("Enrollment/DeviceEnrollmentToken")
    assert sent.value_type == PROFILES[profile].renewal_value_type
    assert sent.context_value("DeviceType") == PROFILES[profile].device_type
    cms = base64.b64decode(token_text(message), validate=True)
    if way is RenewalWay.MANUAL:
        cms = base64.b64decode(cms, validate=True)
    csr = openssl_content(cms, tmp_path)
    assert request_verifies(csr)
    assert parse_pkcs10(csr).spki == spki("device2")
    issued = enrolled_csr(profile, federated)
    assert asn1_elements(csr) == asn1_elements(issued)


def enrolled_csr(profile: str, federated: bool) -> bytes:
    """The CSR of that generation's enrolment."""
    server = script_for(profile, federated=federated)
    enrolled_as(server, profile)
    return parse_rst(bodies(server)["enrollment.svc"]).token


@pytest.mark.parametrize("oid", ["1.3.14.3.2.29", "2.16.840.1.101.3.4.2.1"])
def test_both_signatures_use_the_digest_of_the_policy(oid: str, tmp_path: Path) -> None:
    edits = {"policies": edited("1.3.14.3.2.29", oid)}
    renewing = enrolled_for("win10", edits=edits)
    server = renewal_script()
    renewing.renew(server)
    cms = base64.b64decode(token_text(sent_renewal(server)))
    digest = "sha256" if oid.startswith("2") else "sha1"
    said = openssl("cms", "-cmsout", "-print", "-inform", "DER", data=cms).stdout.decode()
    assert f"algorithm: {digest} " in said
    csr = openssl_content(cms, tmp_path)
    text = openssl("req", "-inform", "DER", "-noout", "-text", data=csr).stdout.decode()
    assert f"{digest}With" in text


def test_a_manual_renewal_shows_name_and_password_and_no_certificate() -> None:
    server = renewal_script()
    enrolled_for("wp8").renew(server)
    envelope = parse_envelope(sent_renewal(server))
    assert (envelope.username, envelope.password) == ("user@example.test", "pass & word")
    assert identity_of(server.requests[0]) is None


@pytest.mark.parametrize("profile", ["wp81", "win81", "win10"])
def test_a_silent_renewal_shows_its_certificate_and_nothing_else(profile: str) -> None:
    server = renewal_script()
    enrolled_for(profile).renew(server)
    assert b"Security" not in sent_renewal(server).replace(b"RequestSecurityToken", b"").replace(
        b"BinarySecurityToken", b""
    )
    identity = identity_of(server.requests[0])
    assert identity is not None
    assert identity.is_required
    assert identity.certificate == client_certificate()
    assert identity.key_sha256 == key_sha256(load_key("device"))


def test_the_printed_silent_renewal_has_a_blank_user() -> None:
    server = renewal_script()
    enrolled_for("wp81", sends_blank_token=True).renew(server)
    message = sent_renewal(server)
    check_request(message)
    envelope = parse_envelope(message)
    assert (envelope.username, envelope.password or "") == ("user@example.test", "")
    assert b"<u:Created>2027-05-22T12:00:00.000Z</u:Created>" in message
    assert b"<u:Expires>2027-05-22T12:05:00.000Z</u:Expires>" in message


# --- redirects, and a ServerURL -----------------------------------------------------------------

OTHER_URL = "https://elsewhere.example.test/EnrollmentServer/Enrollment.svc"


def _moved(response: Response) -> Response:
    return redirect(OTHER_URL, 307)


@pytest.mark.parametrize("profile", list(PROFILES))
def test_a_redirect_that_nobody_accepted_is_refused(profile: str) -> None:
    server = renewal_script(rst=_moved)
    failed = refused(enrolled_for(profile), server)
    assert_refusal(failed, "renewal", "status", "redirect")
    assert OTHER_URL in failed.evidence
    assert len(server.requests) == 1


def test_the_redirect_that_was_accepted_at_enrolment_is_followed() -> None:
    renewing = enrolled_for("win10")
    renewing.phone = replace(renewing.phone, accepted_redirect=OTHER_URL)
    server = renewal_script(
        rst=lambda response: _moved(response) if len(server.requests) == 1 else response
    )
    assert renewing.renew(server).renewal_state.status is RenewalStatus.RENEWED
    assert [request.url for request in server.requests] == [ENROLLMENT_URL, OTHER_URL]
    first, second = (request.body or b"" for request in server.requests)
    assert token_text(first) == token_text(second)
    assert parse_envelope(first).message_id != parse_envelope(second).message_id
    assert all(identity_of(request) for request in server.requests)


SERVER_URL = "https://renew.example.test/EnrollmentServer/Discovery.svc"
_WITH_URL = (
    '<parm name="ROBOSupport"',
    f'<parm name="ServerURL" value="{SERVER_URL}" datatype="string"/><parm name="ROBOSupport"',
)


@pytest.mark.parametrize("profile", ["wp81", "win10"])
def test_a_server_url_begins_with_discovery(profile: str) -> None:
    renewing = enrolled_for(profile, _WITH_URL)
    server = renewal_script(policies=edited("1.3.14.3.2.29", "2.16.840.1.101.3.4.2.1"))
    after = renewing.renew(server)
    assert [(request.method, request.url) for request in server.requests] == [
        ("GET", SERVER_URL),
        ("POST", SERVER_URL),
        ("POST", "https://mdm.example.test/EnrollmentServer/Policy.svc"),
        ("POST", ENROLLMENT_URL),
    ]
    assert all(identity_of(request) for request in server.requests)
    assert b"UsernameToken" not in b"".join(request.body or b"" for request in server.requests)
    for request in server.requests[2:]:
        check_request(request.body or b"")
    assert after.policy.digest == "sha256"
    assert after.discovery_url == renewing.phone.discovery_url


def test_a_server_url_must_be_https() -> None:
    bad = (_WITH_URL[0], _WITH_URL[1].replace("https://renew", "http://renew"))
    failed = refused(enrolled_for("win10", bad))
    assert_refusal(failed, "renewal", "Renew/ServerURL", "not https")


def test_discovery_at_renewal_follows_only_the_accepted_redirect() -> None:
    renewing = enrolled_for("win10", _WITH_URL, accepts_redirect=True)
    target = "https://other.example.test/EnrollmentServer/Discovery.svc"
    server = renewal_script()

    def unreachable(request: Request) -> Response:
        if request.host == "renew.example.test":
            if request.url.startswith("https:"):
                raise NoAnswer("TLS refused")
            return redirect(target)
        return server(request)

    failed = refused(renewing, unreachable)
    assert_refusal(failed, "renewal", "header Location", "not accepted")
    renewing.phone = replace(renewing.phone, accepted_redirect=target)
    assert renewing.renew(unreachable).renewal_state.status is RenewalStatus.RENEWED
