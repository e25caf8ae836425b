"""Mistakes of the enrolment legs below their messages: hosts, status, media type, framing.

Sources: enrollment.md 2, 3, 11; field-problems.md 2.1.
"""

from __future__ import annotations

from mdmcore.http import Headers, Response
from mdmcore.server.answers import html_answer, plain_answer
from mdmcore.server.faults.model import Answered, Step, fault
from mdmcore.server.faults.texts import replaced, with_body, with_header, with_status

_SOAP_STEPS = (Step.DISCOVER, Step.POLICY, Step.ENROLL, Step.RENEW)
_ADDRESS = b"192.0.2.10"
"""TEST-NET-1, RFC 5737."""
_NO_SUCH_HOST = b"mdm.no-such-host.invalid"
_ERROR_PAGE = b"<!DOCTYPE html><html><body><h1>Server Error</h1></body></html>"


@fault("host-is-ip-address", Step.DISCOVER)
def bare_address(answered: Answered) -> Response | None:
    """The services' URLs name an address."""
    return _other_host(answered, _ADDRESS)


@fault("host-name-unresolved", Step.DISCOVER)
def unknown_name(answered: Answered) -> Response | None:
    """The services' URLs name a host that no DNS knows."""
    return _other_host(answered, _NO_SUCH_HOST)


def _other_host(answered: Answered, host: bytes) -> Response | None:
    body = answered.body
    for url in (answered.tools.settings.policy_url, answered.tools.settings.enrollment_url):
        domain = answered.tools.settings.domain_of(answered.request.host) or ""
        ours = answered.tools.settings.service_host(domain, answered.request.host)
        body = body.replace(url(ours).encode(), url(host.decode()).encode())
    return with_body(answered.response, body)


@fault("plain-http-endpoint", Step.DISCOVER)
def plain_http(answered: Answered) -> Response | None:
    """The services' URLs are http."""
    return with_body(answered.response, replaced(answered.body, b">https://", b">http://"))


@fault("response-chunked", *_SOAP_STEPS)
def chunked(answered: Answered) -> Response | None:
    """The answer comes in chunks, without a length."""
    headers = answered.response.headers.without("Content-Length")
    return Response(
        status=answered.response.status,
        headers=Headers([*headers, ("Transfer-Encoding", "chunked")]),
        body=answered.body,
    )


@fault("soap-content-type-wrong", *_SOAP_STEPS)
def soap_11_type(answered: Answered) -> Response | None:
    """SOAP 1.2 under the media type of SOAP 1.1."""
    return with_header(answered.response, "Content-Type", "text/xml; charset=utf-8")


@fault("empty-200-body", *_SOAP_STEPS)
def empty_body(answered: Answered) -> Response | None:
    """Status 200 and nothing else."""
    return with_body(answered.response, b"")


@fault("html-error-page", *_SOAP_STEPS)
def error_page(_answered: Answered) -> Response | None:
    """A web page that tells of an error, under status 200."""
    return html_answer(_ERROR_PAGE, policy="default-src 'none'")


@fault("enroll-http-error", *_SOAP_STEPS)
def http_error(_answered: Answered) -> Response | None:
    """Status 500 without a SOAP fault."""
    return with_status(html_answer(_ERROR_PAGE, policy="default-src 'none'"), 500)


@fault("enroll-attempt-loop", Step.ENROLL)
def always_busy(_answered: Answered) -> Response | None:
    """The last step never succeeds, so that whoever tries again begins anew."""
    return plain_answer(503, "the service is busy", ("Retry-After", "600"))


@fault("xml-declaration-not-first", *_SOAP_STEPS, Step.MANAGE)
def late_declaration(answered: Answered) -> Response | None:
    """A line break before the XML declaration."""
    if not answered.body.startswith(b"<"):
        return None
    declaration = b'\r\n<?xml version="1.0" encoding="utf-8"?>'
    return with_body(answered.response, declaration + answered.body)


@fault("namespace-whitespace", *_SOAP_STEPS, Step.MANAGE)
def blank_in_namespace(answered: Answered) -> Response | None:
    """A blank at the end of the namespace of the body's element, or of the SyncML message."""
    start = answered.body.find(b"Body>") + 1
    end = answered.body.find(b'">', answered.body.find(b'xmlns="', start))
    if end < 0:
        return None
    return with_body(answered.response, answered.body[:end] + b" " + answered.body[end:])


@fault("discovery-get-not-200", Step.PROBE)
def probe_refused(_answered: Answered) -> Response | None:
    """The first GET is not answered with 200."""
    return plain_answer(405, "only POST here", ("Allow", "POST"))


@fault("discovery-post-not-routed", Step.DISCOVER)
def post_not_routed(_answered: Answered) -> Response | None:
    """The GET is served, the POST to the same path is not."""
    return plain_answer(404, "not found")
