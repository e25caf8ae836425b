"""Rules on what a DiscoverResponse says: policy, versions and the URLs (enrollment.md 4)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mdmcore.http import Request
from mdmcore.namespaces import DISCOVERY
from mdmcore.rules.decoded import Kind
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.xml import path_of

_DISCOVER = frozenset({Kind.DISCOVER})
_RESULT = "/Envelope/Body/DiscoverResponse/DiscoverResult"
_VERSION = re.compile(r"([0-9]{1,6})(\.[0-9]{1,6})?\Z")
_FIRST_WITH_VERSION = 3


@rule("mandatory-discovery-field-missing", kinds=_DISCOVER)
def field_missing(scene: Scene) -> Iterator[Hit]:
    """The discovery answer has no AuthPolicy or no EnrollmentServiceUrl, so the device stops after
    discovery. Send both."""
    answer = scene.decoded.discover_response
    if answer is None:
        return
    fields = (("AuthPolicy", answer.auth_policy), ("EnrollmentServiceUrl", answer.enrollment_url))
    for name, text in fields:
        if not text:
            yield scene.hit(
                f"the discovery answer has no {name}", part="response", xpath=f"{_RESULT}/{name}"
            )


@rule("discover-namespace-trailing-slash", kinds=_DISCOVER)
def trailing_slash(scene: Scene) -> Iterator[Hit]:
    """The namespace of the discovery answer ends with a slash, as in printed samples of requests,
    so the device may not recognise the answer. Write it without the slash."""
    answer = scene.decoded.answer
    if answer is None or answer.body is None:
        return
    if answer.body_namespace.strip() == f"{DISCOVERY}/":
        yield scene.hit(
            "the namespace of DiscoverResponse ends with a slash",
            part="response",
            xpath=path_of(answer.body),
            evidence=answer.body_namespace,
        )


@rule("auth-policy-not-offered", kinds=_DISCOVER)
def policy_not_offered(scene: Scene) -> Iterator[Hit]:
    """AuthPolicy of the answer is none that the device offered (Windows Phone 8.0 knows OnPremise
    only), so enrolment ends. Choose one from the request's AuthPolicies."""
    asked, answer = scene.decoded.discover, scene.decoded.discover_response
    if asked is None or answer is None or not answer.auth_policy:
        return
    offered = tuple(policy for policy in asked.auth_policies if policy)
    if not offered and scene.profile == "wp8":
        offered = ("OnPremise",)
    if offered and answer.auth_policy not in offered:
        yield scene.hit(
            f"AuthPolicy is {answer.auth_policy!r}, the device offers {', '.join(offered)}",
            part="response",
            xpath=f"{_RESULT}/AuthPolicy",
            evidence=answer.auth_policy,
        )


@rule("enrollment-version-for-old-client", kinds=_DISCOVER)
def version_for_old_client(scene: Scene) -> Iterator[Hit]:
    """EnrollmentVersion answers a device whose RequestVersion is below 3.0, which does not know
    the element. Leave it out there."""
    asked, answer = scene.decoded.discover, scene.decoded.discover_response
    if asked is None or answer is None or not answer.enrollment_version:
        return
    match = _VERSION.match(asked.request_version or "0")
    if match is not None and int(match[1]) < _FIRST_WITH_VERSION:
        yield scene.hit(
            f"EnrollmentVersion answers RequestVersion {asked.request_version or '(none)'}",
            part="response",
            xpath=f"{_RESULT}/EnrollmentVersion",
            evidence=answer.enrollment_version,
        )


@rule("federated-url-missing", kinds=_DISCOVER)
def federated_url_missing(scene: Scene) -> Iterator[Hit]:
    """AuthPolicy is Federated, but there is no AuthenticationServiceUrl, so the device cannot open
    the sign-in page. Add its https URL."""
    answer = scene.decoded.discover_response
    if answer is not None and answer.auth_policy == "Federated" and not answer.authentication_url:
        yield scene.hit(
            "Federated without AuthenticationServiceUrl",
            part="response",
            xpath=f"{_RESULT}/AuthenticationServiceUrl",
        )


@rule("policy-enroll-host-mismatch", kinds=_DISCOVER)
def service_hosts_differ(scene: Scene) -> Iterator[Hit]:
    """EnrollmentPolicyServiceUrl and EnrollmentServiceUrl name different hosts, so the policy or
    the enrolment step fails. Serve both from one host."""
    answer = scene.decoded.discover_response
    if answer is None:
        return
    policy = Request(method="", url=answer.policy_url).host
    enrollment = Request(method="", url=answer.enrollment_url).host
    if policy and enrollment and policy != enrollment:
        yield scene.hit(
            f"policies are at {policy}, enrolment is at {enrollment}",
            part="response",
            xpath=f"{_RESULT}/EnrollmentServiceUrl",
            evidence=answer.enrollment_url,
        )
