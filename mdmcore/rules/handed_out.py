"""The URLs that an exchange hands to the device, each with its place.

Which of them is wrong is for the rules on hosts and schemes. URLs that a device is sent to inside
DM sessions are not among them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from mdmcore.enrollment.provisioning_view import located, parm_path
from mdmcore.rules.decoded import SOAP_KINDS, Kind
from mdmcore.rules.scene import Scene

_RESULT = "/Envelope/Body/DiscoverResponse/DiscoverResult"
_PARMS = frozenset({"ADDR", "StoreURI", "StoreUri", "ServerURL"})
_REDIRECTING = SOAP_KINDS | {Kind.PROBE}


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOut:
    """A URL as written, what it is called, and where it stands: at an xpath or in a header."""

    name: str
    url: str
    part: str
    xpath: str = ""
    header: str = ""

    @property
    def scheme(self) -> str:
        """The scheme in lower case, empty when there is none."""
        return _split(self.url)[0]

    @property
    def host(self) -> str:
        """The host in lower case, without port and brackets; empty when there is none."""
        return _split(self.url)[1]


def _split(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url.strip())
        return parts.scheme.lower(), (parts.hostname or "").lower()
    except ValueError:
        return "", ""


def handed_out(scene: Scene) -> Iterator[HandedOut]:
    """The URLs of a discovery answer, of a provisioning document and of a redirect."""
    answer = scene.decoded.discover_response
    if answer is not None:
        for name, url in (
            ("EnrollmentPolicyServiceUrl", answer.policy_url),
            ("EnrollmentServiceUrl", answer.enrollment_url),
            ("AuthenticationServiceUrl", answer.authentication_url),
        ):
            if url:
                yield HandedOut(name=name, url=url, part="response", xpath=f"{_RESULT}/{name}")
    part = scene.decoded.provisioning
    for _, path, branch in located(part.document) if part is not None and part.document else ():
        for parm in branch.parms:
            if parm.name in _PARMS and parm.value:
                xpath = parm_path(path, parm.name)
                yield HandedOut(name=parm.name, url=parm.value, part="document", xpath=xpath)
    yield from _redirect(scene)


def _redirect(scene: Scene) -> Iterator[HandedOut]:
    response = scene.exchange.response
    if response is None or scene.decoded.kind not in _REDIRECTING:
        return
    location = (response.headers.get("Location") or "").strip()
    # A relative one leads nowhere else.
    if 300 <= response.status < 400 and all(_split(location)):
        yield HandedOut(name="Location", url=location, part="response", header="Location")


def is_address(host: str) -> bool:
    """Whether a host is a bare IP address, of version 4 or 6."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True
