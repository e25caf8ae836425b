"""Discovery: from an e-mail address to the enrolment URLs (enrollment.md sections 1, 2, 4).

GET probe, then Discover on the same URL. Authentication and the URLs' further use are elsewhere.
"""

from __future__ import annotations

import uuid
from collections.abc import Generator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from mdmcore.enrollment.discovery import DiscoverRequest, serialize_discover
from mdmcore.http import Headers, Request, Response
from mdmcore.namespaces import ACTION_DISCOVER_RESPONSE, DISCOVERY, DISCOVERY_PATH
from mdmcore.phone.answers import Expected, open_answer, soap_request
from mdmcore.phone.exact import Exact
from mdmcore.phone.refusal import NoAnswer, Refusal, Step
from mdmcore.phone.settings import Caution, PhoneSettings, Random
from mdmcore.phone.web import check_url, check_whole, fetch

_REDIRECTS = {301, 302, 303, 307, 308}


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A URL that was handed out, and where; a device looks at it when it goes there."""

    url: str
    place: str

    def checked(self, step: Step) -> str:
        """The URL; Refusal when a device does not go there."""
        return check_url(self.url, step=step, place=self.place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """What discovery found; without a policy URL the device takes the default policy."""

    enrollment: Endpoint
    policy: Endpoint | None


def new_message_id(random: Random) -> str:
    """A fresh ``urn:uuid:`` of version 4."""
    return f"urn:uuid:{uuid.UUID(bytes=random(16), version=4)}"


def discovery_url(settings: PhoneSettings) -> str:
    """Where discovery begins: the address the user typed, else that of the mail domain."""
    if settings.server is not None:
        host = settings.server
        place = "server"
    else:
        _, at, suffix = settings.email.rpartition("@")
        if not at or not suffix.strip():
            raise Refusal(
                "the e-mail address has no domain, so the user is asked for a server address",
                step=Step.DISCOVERY,
                place="e-mail address",
                evidence=settings.email,
            )
        host = f"EnterpriseEnrollment.{suffix.strip()}"
        place = "e-mail address"
    return check_url(f"https://{host}{DISCOVERY_PATH}", step=Step.DISCOVERY, place=place)


def discover(settings: PhoneSettings, *, random: Random) -> Generator[Request, Response, Endpoints]:
    """Probe, ask, and read the answer; Refusal when the device stops."""
    url = yield from _probe(discovery_url(settings), settings)
    message_id = new_message_id(random)
    device = settings.device
    question = DiscoverRequest(
        email_address=settings.email,
        request_version=device.request_version,
        device_type=device.discover_device_type,
        application_version=settings.os_version if device.sends_application_version else "",
        os_edition=device.os_edition,
        auth_policies=device.offered_auth_policies,
    )
    body = serialize_discover(question, message_id=message_id, to=url)
    response = yield from fetch(soap_request(url, body, settings), Step.DISCOVERY)
    expected = Expected(step=Step.DISCOVERY, action=ACTION_DISCOVER_RESPONSE, message_id=message_id)
    return _read(open_answer(response, expected, settings), settings)


def _probe(url: str, settings: PhoneSettings) -> Generator[Request, Response, str]:
    """The GET; returns the URL for the POST. HTTPS first, plain HTTP only to find a redirect."""
    try:
        response = yield _probe_request(url, settings)
    except NoAnswer as error:
        return (yield from _look_for_redirect(url, error.reason, settings))
    _check_probe(response)
    return url


def _look_for_redirect(
    url: str, reason: str, settings: PhoneSettings
) -> Generator[Request, Response, str]:
    plain = url.replace("https://", "http://", 1)
    try:
        response = yield _probe_request(plain, settings)
    except NoAnswer as error:
        raise Refusal(
            f"no answer over HTTPS ({reason}) nor over HTTP ({error.reason}), "
            "so the user is asked for a server address",
            step=Step.DISCOVERY,
            place="url",
            evidence=url,
        ) from None
    location = response.headers.get("Location")
    if response.status not in _REDIRECTS or not location:
        raise Refusal(
            f"no answer over HTTPS ({reason}) and no redirect over HTTP, "
            "so the user is asked for a server address",
            step=Step.DISCOVERY,
            place="url",
            evidence=url,
        )
    target = check_url(urljoin(plain, location), step=Step.DISCOVERY, place="header Location")
    if not settings.accepts_redirect:
        raise Refusal(
            "discovery is redirected, and the user did not accept that",
            step=Step.DISCOVERY,
            place="header Location",
            evidence=target,
        )
    response = yield from fetch(_probe_request(target, settings), Step.DISCOVERY)
    _check_probe(response)
    return target


def _check_probe(response: Response) -> None:
    check_whole(response, Step.DISCOVERY)
    if response.status != 200:
        raise Refusal(
            "the GET probe was not answered with 200, so Discover is never sent",
            step=Step.DISCOVERY,
            place="status",
            evidence=str(response.status),
        )


def _probe_request(url: str, settings: PhoneSettings) -> Request:
    headers = [("User-Agent", settings.device.probe_user_agent), ("Pragma", "no-cache")]
    return Request(method="GET", url=url, headers=Headers(headers))


def _read(body: Exact, settings: PhoneSettings) -> Endpoints:
    namespace = DISCOVERY
    if (
        body.find(DISCOVERY, "DiscoverResponse") is None
        and Caution.DISCOVER_NAMESPACE not in settings.cautions
        and body.find(f"{DISCOVERY}/", "DiscoverResponse") is not None
    ):
        namespace = f"{DISCOVERY}/"
    result = body.need(namespace, "DiscoverResponse", "DiscoverResult")
    version = result.find(namespace, "EnrollmentVersion")
    if version is not None and Caution.ENROLLMENT_VERSION in settings.cautions:
        raise version.refuse("the device does not know EnrollmentVersion", version.text)
    policy = result.need(namespace, "AuthPolicy")
    understood = settings.device.auth_policies
    if policy.text not in understood:
        raise policy.refuse(
            f"the device cannot authenticate that way, only {', '.join(understood)}", policy.text
        )
    enrollment = _endpoint(result.need(namespace, "EnrollmentServiceUrl"))
    if not enrollment.url.strip():
        raise Refusal("the URL is missing", step=Step.DISCOVERY, place=enrollment.place)
    found = result.find(namespace, "EnrollmentPolicyServiceUrl")
    if found is None or not found.text:
        return Endpoints(enrollment=enrollment, policy=None)
    policy_url = _endpoint(found)
    if _host(policy_url.url) != _host(enrollment.url):
        raise Refusal(
            "policy and enrolment service must be on one host",
            step=Step.POLICY,
            place=found.place,
            evidence=f"{policy_url.url} and {enrollment.url}",
        )
    return Endpoints(enrollment=enrollment, policy=policy_url)


def _endpoint(found: Exact) -> Endpoint:
    return Endpoint(url=found.raw_text, place=found.place)


def _host(url: str) -> str | None:
    """Host of a URL that may still turn out to be none."""
    try:
        return urlsplit(url.strip()).hostname
    except ValueError:
        return None
