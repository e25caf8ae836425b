"""How grave a revocation list is, by what is known of whether it can be fetched."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mdmcore.cli.tls_failure import unreachable_list
from mdmcore.http import Request, Response, TlsFacts
from mdmcore.rules import PROFILES
from tests.rules.index.cases import enrolled, has_letter
from tests.rules.index.test_known_enrollment import known, letter, severity_in
from tests.rules.test_hub import CRL, server_certificate
from tests.support.provisioning_samples import changed
from tests.support.story import (
    HUB,
    STORE_URL,
    Story,
    answer,
    device_cred,
    document,
    package1,
    rules_of,
)
from tests.support.tls_chains import revocation_list, root

UNREACHABLE = "crl-unreachable"
CHECKED = [profile for profile in PROFILES if has_letter(UNREACHABLE, profile)]
BY_LDAP = "ldap:///CN=ca"
LIST = revocation_list(root())


def checking(profile: str) -> Story:
    """A device that was told to check its server's certificate for revocation."""
    if profile == "win81":
        wap = changed("win81", 'name="CRLCheck" value="0"', 'name="CRLCheck" value="1"')
    else:
        wap = document(profile=profile, hub=replace(HUB, crl_check="1"))
    return Story(profile).enrolled(wap)


def session(story: Story, *urls: str, number: str = "1") -> None:
    """A session over TLS with a certificate that names these lists."""
    tls = TlsFacts(version="TLSv1.2", server_certificates=(server_certificate(*urls),))
    asked = package1(session_id=number, cred=device_cred())
    story.sync(asked, answer("2", "212", session_id=number), tls=tls)


def fetched(story: Story, status: int | None, url: str = CRL) -> set[str]:
    """A request for the list that went through the proxy, answered so or not at all."""
    request = Request(method="GET", url=url)
    response = None if status is None else Response(status=status, body=LIST)
    error = "connection refused" if status is None else None
    return rules_of(story.tell(request, response, error=error).findings)


@known(4, UNREACHABLE)
@pytest.mark.parametrize("profile", CHECKED)
@pytest.mark.parametrize("is_before", [True, False], ids=["before", "behind"])
@pytest.mark.parametrize(
    ("status", "severity"), [(404, "error"), (None, "error"), (200, ""), (304, "")]
)
def test_the_proxy_saw_whether_a_list_can_be_fetched(
    status: int | None, severity: str, is_before: bool, profile: str
) -> None:
    story = checking(profile)
    if is_before:
        fetched(story, status)
    session(story, CRL)
    if not is_before:
        assert severity_in(story, UNREACHABLE) == "warning"
        assert (UNREACHABLE in fetched(story, status)) is (severity == "error")
    assert severity_in(story, UNREACHABLE) == severity


@known(4, UNREACHABLE)
@pytest.mark.parametrize("profile", CHECKED)
def test_nobody_knows_whether_a_list_can_be_fetched(profile: str) -> None:
    story = checking(profile)
    session(story, CRL)
    assert severity_in(story, UNREACHABLE) == letter(UNREACHABLE, profile) == "warning"


def test_one_list_that_can_be_fetched_is_enough() -> None:
    story = checking("wp8")
    fetched(story, 404)
    session(story, CRL, "http://pki.example.test/other.crl")
    assert severity_in(story, UNREACHABLE) == "warning"


def test_only_lists_that_phones_can_ask_for_count() -> None:
    story = checking("wp8")
    fetched(story, 404)
    session(story, BY_LDAP, CRL)
    assert severity_in(story, UNREACHABLE) == "error"


def test_the_latest_request_for_a_list_counts() -> None:
    story = checking("wp8")
    fetched(story, 404)
    fetched(story, 200)
    session(story, CRL)
    assert severity_in(story, UNREACHABLE) == ""


def test_another_file_says_nothing_and_another_device_says_the_same() -> None:
    story = checking("wp8")
    session(story, CRL)
    assert fetched(story, 404, "http://pki.example.test/other.crl") == set()
    assert severity_in(story, UNREACHABLE) == "warning"
    story.peer = "192.0.2.99"
    fetched(story, 404)
    assert severity_in(story, UNREACHABLE) == "error"


def test_without_a_check_a_missing_list_harms_nobody() -> None:
    for profile in PROFILES:
        story = enrolled(profile)
        fetched(story, 404)
        session(story, CRL)
        fetched(story, 404)
        assert severity_in(story, UNREACHABLE) == ""


@known(4, UNREACHABLE)
@pytest.mark.parametrize("profile", CHECKED)
def test_a_probe_has_tried_as_a_phone_does(profile: str) -> None:
    story = checking(profile)
    tls = TlsFacts(version="TLSv1.2", server_certificates=(server_certificate(CRL),))
    words = unreachable_list(CRL, "status 404").words
    story.tell(Request(method="GET", url=STORE_URL), None, tls=tls, error=words)
    (found,) = [one for one in story.inspector.findings() if one.rule == UNREACHABLE]
    assert (found.severity, found.places[0].evidence) == ("error", CRL)
