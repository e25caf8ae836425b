"""Discovery: from an e-mail address to the enrolment URLs (enrollment.md sections 1, 2, 4).

GET probe, then Discover on the same URL. Authentication and the URLs' further use are elsewhere.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from mdmcore.enrollment.discovery import DiscoverRequest, serialize_discover
from mdmcore.http import Headers, Request, Response
from mdmcore.namespaces import ACTION_DISCOVER_RESPONSE, DISCOVERY, DISCOVERY_PATH
from mdmcore.phone.answers import Expected, open_answer, soap_request
from mdmcore.phone.exact import Exact
from mdmcore.phone.refusal import NoAnswer, Refusal, Step
from mdmcore.phone.settings import Caution, PhoneSettings, Random
from mdmcore.phone.web import check_url, check_whole, fetch, redirect_target
from mdmcore.profiles import FEDERATED


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
    """What discovery found, and where: ``discovery`` is the URL that answered.

    Without a policy URL the device takes the default policy. ``accepted_redirect`` is the URL that
    the user agreed to be sent to; ``enrollment_version`` is kept where the device knows it.
    """

    discovery: str
    auth_policy: str
    enrollment: Endpoint
    policy: Endpoint | None
    authentication: Endpoint | None = None
    enrollment_version: str = ""
    accepted_redirect: str | None = None


type Accepts = Callable[[str], bool]
"""Whether the device may follow a redirect of discovery to that URL."""


def new_message_id(random: Random) -> str:
    """A fresh ``urn:uuid:`` of version 4."""
    return f"urn:uuid:{uuid.UUID(bytes=random(16), version=4)}"


def discovery_url(settings: PhoneSettings) -> str:
    """Where discovery begins: the address the user typed, else that of the mail domain."""
    if settings.server is not None:
        typed = settings.server
        url = typed if "://" in typed else f"https://{typed}{DISCOVERY_PATH}"
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
        url = f"https://EnterpriseEnrollment.{suffix.strip()}{DISCOVERY_PATH}"
        place = "e-mail address"
    check_url(_over_tls(url), step=Step.DISCOVERY, place=place)
    return url


def discover(
    settings: PhoneSettings,
    *,
    random: Random,
    start: str | None = None,
    accepts: Accepts | None = None,
) -> Generator[Request, Response, Endpoints]:
    """Probe, ask, and read the answer; Refusal when the device stops.

    ``start`` is a discovery URL that is known (else the user's address leads to one); ``accepts``
    decides on a redirect in the user's place.
    """
    first = discovery_url(settings) if start is None else start
    url = yield from _probe(first, settings, accepts or (lambda _: settings.accepts_redirect))
    message_id = new_message_id(random)
    question = _question(settings)
    body = serialize_discover(question, message_id=message_id, to=url)
    response = yield from fetch(soap_request(url, body, settings), Step.DISCOVERY)
    expected = Expected(step=Step.DISCOVERY, action=ACTION_DISCOVER_RESPONSE, message_id=message_id)
    found = _read(open_answer(response, expected, settings), question.auth_policies, settings)
    return replace(found, discovery=url, accepted_redirect=None if url == first else url)


def _question(settings: PhoneSettings) -> DiscoverRequest:
    device, chosen = settings.device, settings.offered_auth_policies
    version = settings.request_version
    return DiscoverRequest(
        email_address=settings.email,
        request_version=device.request_version if version is None else version,
        device_type=device.discover_device_type,
        application_version=settings.os_version if device.sends_application_version else "",
        os_edition=settings.os_edition,
        auth_policies=device.offered_auth_policies if chosen is None else chosen,
    )


def _probe(
    url: str, settings: PhoneSettings, accepts: Accepts
) -> Generator[Request, Response, str]:
    """The GET; returns the URL for the POST. HTTPS first, plain HTTP only to find a redirect; a
    typed address of plain HTTP is taken to leave HTTPS out [U]."""
    if _is_plain(url):
        return (yield from _look_for_redirect(url, None, settings, accepts))
    try:
        response = yield _probe_request(url, settings)
    except NoAnswer as error:
        return (yield from _look_for_redirect(url, error.reason, settings, accepts))
    _check_probe(response)
    return url


def _look_for_redirect(
    url: str, reason: str | None, settings: PhoneSettings, accepts: Accepts
) -> Generator[Request, Response, str]:
    """Ask over plain HTTP; ``reason`` is why there was no answer over HTTPS, ``None`` where it was
    not tried."""
    plain = url.replace("https://", "http://", 1)
    tried = f"no answer over HTTPS ({reason})" if reason is not None else "HTTPS was not asked for"
    try:
        response = yield _probe_request(plain, settings)
    except NoAnswer as error:
        raise _refusal(
            f"{tried}{' nor' if reason is not None else ', and no answer'} over HTTP "
            f"({error.reason}), so the user is asked for a server address",
            "url",
            url,
        ) from None
    location = redirect_target(response, plain)
    if location is None:
        raise _refusal(
            f"{tried} and no redirect over HTTP, so the user is asked for a server address",
            "url",
            url,
        )
    target = check_url(location, step=Step.DISCOVERY, place="header Location")
    if not accepts(target):
        raise _refusal(
            f"{tried}, and the redirect over HTTP was not accepted", "header Location", target
        )
    response = yield from fetch(_probe_request(target, settings), Step.DISCOVERY)
    _check_probe(response)
    return target


def _is_plain(url: str) -> bool:
    return url.lower().startswith("http://")


def _over_tls(url: str) -> str:
    """The URL with https, by which its host is judged."""
    return f"https://{url[len('http://') :]}" if _is_plain(url) else url


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


def _read(body: Exact, offered: tuple[str, ...], settings: PhoneSettings) -> Endpoints:
    namespace = _namespace(body, settings)
    result = body.need(namespace, "DiscoverResponse", "DiscoverResult")
    policy = _auth_policy(result.need(namespace, "AuthPolicy"), offered, settings)
    enrollment = _endpoint(result.need(namespace, "EnrollmentServiceUrl"))
    if not enrollment.url.strip():
        raise _refusal("the URL is missing", enrollment.place)
    return Endpoints(
        discovery="",
        auth_policy=policy,
        enrollment=enrollment,
        policy=_policy_endpoint(result.find(namespace, "EnrollmentPolicyServiceUrl"), enrollment),
        authentication=_authentication(result, namespace, policy, settings),
        enrollment_version=_version(result.find(namespace, "EnrollmentVersion"), settings),
    )


def _namespace(body: Exact, settings: PhoneSettings) -> str:
    """That of the answer; one with a stray slash is taken by a device that is not careful."""
    slashed = f"{DISCOVERY}/"
    if (
        body.find(DISCOVERY, "DiscoverResponse") is None
        and Caution.DISCOVER_NAMESPACE not in settings.cautions
        and body.find(slashed, "DiscoverResponse") is not None
    ):
        return slashed
    return DISCOVERY


def _version(found: Exact | None, settings: PhoneSettings) -> str:
    """EnrollmentVersion where the device knows it; else only a careful device minds it."""
    if found is None:
        return ""
    if settings.device.highest_enrollment_version is not None:
        return found.text
    if Caution.ENROLLMENT_VERSION in settings.cautions:
        raise found.refuse("the device does not know EnrollmentVersion", found.text)
    return ""


def _auth_policy(found: Exact, offered: tuple[str, ...], settings: PhoneSettings) -> str:
    understood = settings.device.auth_policies
    if found.text not in understood:
        raise found.refuse(
            f"the device cannot authenticate that way, only {', '.join(understood)}", found.text
        )
    if offered and found.text not in offered:
        raise found.refuse(f"the device offered only {', '.join(offered)}", found.text)
    return found.text


def _authentication(
    result: Exact, namespace: str, policy: str, settings: PhoneSettings
) -> Endpoint | None:
    """Where a Federated enrolment signs in; a device that has its token needs no page."""
    if policy != FEDERATED:
        return None
    found = result.find(namespace, "AuthenticationServiceUrl")
    if found is not None and found.text:
        return _endpoint(found)
    if settings.user_token is not None:
        return None
    place = f"{result.place}/AuthenticationServiceUrl"
    raise _refusal("AuthPolicy is Federated, and no page to sign in is named", place)


def _policy_endpoint(found: Exact | None, enrollment: Endpoint) -> Endpoint | None:
    if found is None or not found.text:
        return None
    policy = _endpoint(found)
    if _host(policy.url) != _host(enrollment.url):
        raise Refusal(
            "policy and enrolment service must be on one host",
            step=Step.POLICY,
            place=found.place,
            evidence=f"{policy.url} and {enrollment.url}",
        )
    return policy


def _refusal(reason: str, place: str, evidence: str = "") -> Refusal:
    return Refusal(reason, step=Step.DISCOVERY, place=place, evidence=evidence)


def _endpoint(found: Exact) -> Endpoint:
    return Endpoint(url=found.raw_text, place=found.place)


def _host(url: str) -> str | None:
    """Host of a URL that may still turn out to be none."""
    try:
        return urlsplit(url.strip()).hostname
    except ValueError:
        return None
