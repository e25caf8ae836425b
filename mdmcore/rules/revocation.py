"""What is known of the revocation lists that servers' certificates name (RFC 5280 4.2.1.13).

A request for a list that passes shows whether it can be fetched. Values, and how they are read from
such an exchange; the rule stands in ``hub``, the inspector keeps what was seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from mdmcore.errors import MdmError
from mdmcore.http import Exchange, TlsFacts
from mdmcore.pki.certificate import parse_certificate
from mdmcore.pki.revocation import parse_revocation_list
from mdmcore.rules.life import Life
from mdmcore.rules.model import Severity
from mdmcore.rules.urls import endpoint

MAX_CERTIFICATES = 8
"""Certificates of a life whose lists are remembered."""
REACHED = ""
"""What is said of a list that was fetched; else it is why it was not."""
NOTHING_KNOWN: Mapping[str, str] = MappingProxyType({})
# The words of our own client, which tries as a phone would.
_TRIED = re.compile(r"revocation list (\S{1,500}) of the server's certificate cannot be fetched")
_MEDIA_TYPE = "application/pkix-crl"
_NOT_MODIFIED = 304


def named_lists(tls: TlsFacts | None) -> tuple[str, ...]:
    """Where the server's certificate says that its list is."""
    if tls is None or not tls.server_certificates:
        return ()
    try:
        return parse_certificate(tls.server_certificates[0]).crl_urls
    except MdmError:  # other rules are about a certificate that cannot be read
        return ()


def is_for_list(exchange: Exchange) -> bool:
    """Whether an exchange looks like the fetching of a list."""
    request, response = exchange.request, exchange.response
    if request.method.upper() != "GET":
        return False
    is_named = request.path.lower().endswith(".crl")
    return is_named or (response is not None and response.media_type == _MEDIA_TYPE)


def fetched(exchange: Exchange) -> str | None:
    """``REACHED``, or why the device has no list; ``None`` where that does not show."""
    response = exchange.response
    if response is None:
        return f"no answer came ({exchange.error[:200]})" if exchange.error else None
    if response.status == _NOT_MODIFIED:
        return REACHED
    if 300 <= response.status < 400:
        return None
    if response.status != 200:
        return f"status {response.status}"
    if response.body is None:
        return REACHED
    try:
        found = parse_revocation_list(response.body)
    except MdmError:
        return "what came is no revocation list"
    if exchange.started is not None and found.is_over(exchange.started):
        return f"the list that came was due to be replaced on {found.next_update:%Y-%m-%d}"
    return REACHED


def tried_in_vain(exchange: Exchange) -> str:
    """The list that a probe asked for and did not get, empty where none did."""
    found = _TRIED.search(exchange.error or "")
    return found[1] if found is not None else ""


def problem_of(urls: Iterable[str], known: Mapping[str, str]) -> str | None:
    """Of one certificate: ``REACHED`` if one of its places has the list, why not if none has it,
    ``None`` while that is not known. A phone asks by http only [U]."""
    states = [known.get(endpoint(url)) for url in urls if url.lower().startswith("http:")]
    if any(state == REACHED for state in states):
        return REACHED
    problems = [state for state in states if state]
    return problems[0] if problems and len(problems) == len(states) else None


def cap(life: Life) -> Severity | None:
    """Nothing is to say once every list of a life was fetched."""
    states = [problem_of(urls, life.known_lists) for urls in life.named_lists]
    return Severity.NONE if states and all(state == REACHED for state in states) else None


def floor(life: Life) -> Severity | None:
    """It is an error once a list could not be fetched."""
    states = (problem_of(urls, life.known_lists) for urls in life.named_lists)
    return Severity.ERROR if any(states) else None
