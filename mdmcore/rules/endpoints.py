"""Rules on the hosts and schemes of the URLs handed out, and on the discovery host.

They belong to the phase tls-http (enrollment.md 2). The scheme of ADDR is ``w7-addr-not-https``'s
matter; StoreURI may be plain, since the hub is downloaded over HTTP, too.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.http import Request
from mdmcore.rules.decoded import SOAP_KINDS, Kind
from mdmcore.rules.handed_out import HandedOut, handed_out, is_address
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene

_HANDING_OUT = SOAP_KINDS | {Kind.PROBE}
_PREFIX = "enterpriseenrollment."
_REDIRECTS = 300
_MAY_BE_PLAIN = frozenset({"ADDR", "StoreURI", "StoreUri"})


@rule("host-is-ip-address", kinds=_HANDING_OUT)
def host_is_address(scene: Scene) -> Iterator[Hit]:
    """A URL handed to the device has an IP address in place of a host name, which a device cannot
    use: the step that needs it fails. Use a DNS name in every URL."""
    for item in handed_out(scene):
        if is_address(item.host):
            yield _hit(scene, item, f"{item.name} has the address {item.host} as host")


@rule("plain-http-endpoint", kinds=_HANDING_OUT)
def plain_http(scene: Scene) -> Iterator[Hit]:
    """A URL of an enrolment service is not https, or the service is there over http alone, and the
    device refuses to leave HTTPS (0x8018001A). Serve and hand out https, redirect to https."""
    for item in handed_out(scene):
        if item.name not in _MAY_BE_PLAIN and item.scheme != "https":
            yield _hit(scene, item, f"{item.name} is {item.scheme or 'no URL'}, not https")
    if _answers_plainly_only(scene):
        host = scene.exchange.request.host
        yield scene.hit(
            f"{host} answers over http, and did not over https",
            part="request",
            field="url",
            evidence=scene.exchange.request.url,
        )


def _answers_plainly_only(scene: Scene) -> bool:
    """Whether the discovery service is there without TLS, after nobody was there with it. A device
    asks so for a redirect; a service must not be what it finds."""
    request, response = scene.exchange.request, scene.exchange.response
    if scene.decoded.kind is not Kind.PROBE or response is None or response.status >= _REDIRECTS:
        return False
    is_plain = request.url.lower().startswith("http://")
    return is_plain and request.host == scene.before.unreached_host


def _hit(scene: Scene, item: HandedOut, message: str) -> Hit:
    if item.header:
        return scene.hit(message, part=item.part, header=item.header, evidence=item.url)
    return scene.hit(message, part=item.part, xpath=item.xpath, evidence=item.url)


@rule("enrollment-host-unexpected", kinds={Kind.DISCOVER})
def host_unexpected(scene: Scene) -> Iterator[Hit]:
    """Discovery came to another host than enterpriseenrollment before the mail domain, so only a
    user who types the address gets there. Publish an A or CNAME record for that name."""
    asked = scene.decoded.discover
    _, at, domain = (asked.email_address if asked is not None else "").rpartition("@")
    if not at or not domain.strip():
        return
    expected = _PREFIX + domain.strip().rstrip(".").lower()
    hosts = _hosts(scene)
    # The proxy may stand at another name than the one the device asked for.
    if expected in hosts or all(is_address(host) or host == "localhost" for host in hosts):
        return
    redirect = Request(method="", url=scene.before.discovery_redirect).host
    if redirect and redirect in hosts:
        return
    yield scene.hit(
        f"discovery is at {hosts[0]}, a device looks for {expected}",
        part="request",
        field="url",
        evidence=hosts[0],
    )


def _hosts(scene: Scene) -> tuple[str, ...]:
    """The names under which the device may have asked, the best known first."""
    exchange, envelope = scene.exchange, scene.decoded.request.envelope
    to = Request(method="", url=envelope.to).host if envelope is not None else ""
    header = Request(method="", url=f"//{exchange.request.headers.get('Host') or ''}").host
    sni = (exchange.tls.sni or "").lower() if exchange.tls is not None else ""
    found = (to, sni, header, exchange.request.host)
    return tuple(dict.fromkeys(name.rstrip(".") for name in found if name))
