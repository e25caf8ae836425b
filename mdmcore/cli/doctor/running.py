"""Checks of a setup that runs: who listens on the port, with which CA, and does it answer.

What a phone would do is done here by the loopback: through the proxy, never to the outside.
"""

from __future__ import annotations

import http.client
import socket
import ssl

from mdmcore.cli.doctor.proxy_ca import CERTIFICATE_NAME, first_certificate, spaced
from mdmcore.cli.doctor.result import Facts, Result, Setup, ok, problem, warning
from mdmcore.cli.transport import trust_only
from mdmcore.errors import Asn1Error
from mdmcore.mitm.addresses import is_everywhere
from mdmcore.namespaces import DISCOVERY_PATH
from mdmcore.pki.certificate import Certificate

_ONBOARDING = "http://mitm.it/cert/pem"
"""Answered by mitmproxy itself; nothing of that name is looked up."""

_TIMEOUT_S = 5.0
_MAX_BYTES = 1024 * 1024
_OTHER_PORT = "choose another --listen-port, or end that program"


def check_running(setup: Setup) -> Result:
    """What answers on a port that is taken."""
    where = f"{setup.host}:{setup.port}"
    try:
        status, body = _through_proxy(setup)
    except (OSError, http.client.HTTPException, ValueError):
        return problem(f"{where} is in use by a program that is no proxy", _OTHER_PORT)
    if status == 407:
        return problem(
            f"the proxy on {where} asks for a password, which a phone cannot give",
            "start it without proxyauth",
            rule="proxy-auth-challenge",
        )
    try:
        certificate = first_certificate(body)
    except (Asn1Error, ValueError):
        return problem(f"{where} is in use by a program that is no mitmproxy", _OTHER_PORT)
    return _judged(setup, certificate, body)


def _judged(setup: Setup, certificate: Certificate, pem: bytes) -> Result:
    where = f"{setup.host}:{setup.port}"
    facts: Facts = {"running": True, "thumbprint": certificate.thumbprint}
    if not _is_ours(setup, certificate):
        return warning(
            f"a mitmproxy listens on {where} with another CA than that of {setup.confdir}, "
            f"thumbprint {spaced(certificate.thumbprint)}",
            "phones have to trust that one; name its folder with --confdir to check it",
            facts,
        )
    text = f"a mitmproxy listens on {where} with the CA of {setup.confdir}"
    if not setup.domains:
        return ok(text, facts)
    refused = {d: why for d in setup.domains if (why := _discovery_problem(setup, d, pem))}
    if refused:
        return warning(
            f"{text}, but does not answer discovery: "
            + "; ".join(f"{domain}: {why}" for domain, why in refused.items()),
            "start `mdmproxy emulate` with these --domain options, if it shall answer",
            facts,
        )
    return ok(f"{text} and answers discovery for {', '.join(setup.domains)}", facts)


def _is_ours(setup: Setup, certificate: Certificate) -> bool:
    try:
        ours = first_certificate((setup.confdir / CERTIFICATE_NAME).read_bytes())
    except (OSError, Asn1Error, ValueError):
        return False
    return ours.der == certificate.der


def _through_proxy(setup: Setup) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(_reached(setup), setup.port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", _ONBOARDING)
        answer = connection.getresponse()
        return answer.status, answer.read(_MAX_BYTES)
    finally:
        connection.close()


def _discovery_problem(setup: Setup, domain: str, pem: bytes) -> str:
    """What keeps the GET probe from being answered with 200, empty when nothing does."""
    host = f"enterpriseenrollment.{domain}"
    context = trust_only(pem.decode("ascii", "replace")).context()
    connection = http.client.HTTPSConnection(
        _reached(setup), setup.port, timeout=_TIMEOUT_S, context=context
    )
    connection.set_tunnel(host, 443)
    try:
        connection.request("GET", DISCOVERY_PATH)
        status = connection.getresponse().status
    except (ssl.SSLError, http.client.HTTPException, OSError) as error:
        return str(error) or type(error).__name__
    finally:
        connection.close()
    return "" if status == 200 else f"status {status}"


def _reached(setup: Setup) -> str:
    """Where to connect to: a proxy that listens everywhere is reached by the loopback."""
    if not is_everywhere(setup.host):
        return setup.host
    return "::1" if ":" in setup.host and socket.has_ipv6 else "127.0.0.1"
