"""Mistakes in the answer to Discover and on the sign-in pages (enrollment.md 4, 5)."""

from __future__ import annotations

import html
import re

from mdmcore.enrollment.discovery import parse_discover
from mdmcore.errors import MdmError
from mdmcore.http import Response
from mdmcore.profiles import CERTIFICATE, FEDERATED, ON_PREMISE
from mdmcore.server.answers import plain_answer
from mdmcore.server.faults.model import Answered, Step, fault
from mdmcore.server.faults.refusing import soap_refusal
from mdmcore.server.faults.texts import (
    around_element,
    element_text,
    replaced,
    with_body,
    with_text,
    without_element,
)

_KNOWN_VERSIONS = ("1.0", "2.0", "3.0")
_TOKEN = re.compile(rb'(name="wresult" value=")([^"]*)(")')


@fault("mandatory-discovery-field-missing", Step.DISCOVER)
def no_enrollment_url(answered: Answered) -> Response | None:
    """EnrollmentServiceUrl is left out."""
    return with_body(answered.response, without_element(answered.body, "EnrollmentServiceUrl"))


@fault("discover-namespace-trailing-slash", Step.DISCOVER)
def slash_behind_namespace(answered: Answered) -> Response | None:
    """The body's namespace ends with a slash."""
    old = b'2012/01/enrollment"'
    return with_body(answered.response, replaced(answered.body, old, old[:-1] + b'/"'))


@fault("discover-version-allowlist", Step.DISCOVER)
def only_known_versions(answered: Answered) -> Response | None:
    """Refuses every RequestVersion that is not on a list."""
    try:
        version = parse_discover(answered.request.body or b"").request_version
    except MdmError:
        return None
    if version in _KNOWN_VERSIONS:
        return None
    reason = f"RequestVersion {version} is not supported, only {', '.join(_KNOWN_VERSIONS)}"
    return soap_refusal(answered, "MessageFormat", reason)


@fault("enrollment-version-for-old-client", Step.DISCOVER)
def version_for_all(answered: Answered) -> Response | None:
    """EnrollmentVersion also for a device that does not know it."""
    if element_text(answered.body, "EnrollmentVersion") is not None:
        return None
    added = around_element(
        answered.body, "AuthPolicy", after=b"<EnrollmentVersion>3.0</EnrollmentVersion>"
    )
    return with_body(answered.response, added)


@fault("auth-policy-not-offered", Step.DISCOVER)
def other_auth_policy(answered: Answered) -> Response | None:
    """An AuthPolicy that the device did not offer."""
    return with_body(answered.response, with_text(answered.body, "AuthPolicy", CERTIFICATE))


@fault("auth-policy-unimplemented", Step.POLICY)
def credentials_not_read(answered: Answered) -> Response | None:
    """The policy service does not take the credentials that discovery asked for."""
    return soap_refusal(answered, "Authentication", "no user name given")


@fault("federated-url-missing", Step.DISCOVER)
def nowhere_to_sign_in(answered: Answered) -> Response | None:
    """Federated without the address of the sign-in page."""
    if element_text(answered.body, "AuthPolicy") == ON_PREMISE:
        return with_body(answered.response, with_text(answered.body, "AuthPolicy", FEDERATED))
    return with_body(answered.response, without_element(answered.body, "AuthenticationServiceUrl"))


@fault("wab-action-not-appru", Step.SIGN_IN)
def other_action(answered: Answered) -> Response | None:
    """The last page posts the token somewhere else."""
    if b'name="wresult"' not in answered.body:
        return None
    action = re.compile(rb'action="[^"]*"')
    return with_body(
        answered.response, action.sub(b'action="https://mdm.example.test/done"', answered.body)
    )


@fault("wab-wresult-missing", Step.SIGN_IN)
def token_under_another_name(answered: Answered) -> Response | None:
    """The field with the token is called otherwise."""
    body = replaced(answered.body, b'name="wresult"', b'name="token"')
    return with_body(answered.response, body)


@fault("wab-token-not-escaped", Step.SIGN_IN)
def raw_token(answered: Answered) -> Response | None:
    """The token stands in the page as it is, with a quote in it."""

    def raw(found: re.Match[bytes]) -> bytes:
        token = html.unescape(found[2].decode())
        return found[1] + f'{token[:8]}"{token[8:]}'.encode() + found[3]

    return with_body(answered.response, _TOKEN.sub(raw, answered.body))


@fault("wab-integrated-auth", Step.SIGN_IN)
def integrated_sign_in(_answered: Answered) -> Response | None:
    """The page wants Windows authentication."""
    return plain_answer(401, "sign in", ("WWW-Authenticate", "Negotiate"))


@fault("policy-enroll-host-mismatch", Step.DISCOVER)
def two_hosts(answered: Answered) -> Response | None:
    """Policy and enrolment service on different hosts, both of them ours."""
    url = element_text(answered.body, "EnrollmentServiceUrl") or ""
    for one, other in (
        ("://mdm.", "://enterpriseenrollment."),
        ("://enterpriseenrollment.", "://mdm."),
    ):
        if one in url:
            body = with_text(answered.body, "EnrollmentServiceUrl", url.replace(one, other))
            return with_body(answered.response, body)
    return None
