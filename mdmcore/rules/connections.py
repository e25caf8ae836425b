"""Rules on connections that leave no HTTP (enrollment.md 2, 15.1 and 15.5, session.md 8.3).

They speak for hosts that a life was told of, that are called as a discovery host, or that the
proxy was set up for: devices connect to many hosts that are nobody's business here. The phase of
each stands in its catalogue entry.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.connection import Connection, HandshakeEnd, ServerEnd
from mdmcore.rules.catalogue import entry
from mdmcore.rules.connection_roles import EARLY, LATER, Role, has_certificate, roles_of
from mdmcore.rules.model import Hit, Severity
from mdmcore.rules.registry import connection_rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.server_leg import (
    is_below_the_server,
    is_untrusted,
    sent_chain,
    untrusted_words,
    version_words,
)

_DISTRUST = frozenset({"bad_certificate", "certificate_unknown", "unknown_ca"})
_MISMATCH = frozenset({"protocol_version", "insufficient_security"})
_GOODBYE = frozenset({"close_notify", "user_canceled"})
_OLD = frozenset({"SSL 3.0", "TLS 1.0", "TLS 1.1"})
_MISMATCHED = frozenset({HandshakeEnd.NO_VERSION, HandshakeEnd.NO_SUITE})


@connection_rule("tls-root-not-on-device")
def root_not_on_device(scene: Scene, connection: Connection) -> Iterator[Hit]:
    """The device ends TLS when it sees the certificate: it does not have the root, so no request is
    ever sent. Where the proxy made that certificate, install the proxy's CA on the device;
    else use a public CA or install the server's root first."""
    if not roles_of(scene.life, connection):
        return
    if is_untrusted(scene, connection):
        text = untrusted_words(scene, connection, _name(connection))
        yield _hit(scene, text, evidence=sent_chain(scene))
    if not (connection.is_over_without_request or connection.is_passed_through):
        return
    whose = "the server" if connection.is_passed_through else "this proxy"
    if _is_distrust(connection):
        yield _hit(
            scene,
            f"the device refuses the certificate that {whose} showed it for {_name(connection)}",
            evidence=f"alert {connection.alert}",
        )
    elif _has_left(connection) and not has_certificate(scene.life, connection):
        # One that has enrolled through this proxy has its CA.
        yield _hit(
            scene,
            f"the device left when it saw the certificate of {whose} for {_name(connection)}, "
            "without an alert; that it does not have the root is likely, not certain",
            evidence=connection.said,
        )


@connection_rule("tls-too-modern")
def too_modern(scene: Scene, connection: Connection) -> Iterator[Hit]:
    """What the device offers in TLS and what is accepted here have no version or cipher suite in
    common, so the handshake fails before any request. Accept TLS 1.0 and its suites on the hosts
    that phones use."""
    if not roles_of(scene.life, connection):
        return
    offer = ", ".join((*connection.versions, *connection.suites))
    if connection.server_end is ServerEnd.NEWER_VERSION:
        yield _hit(scene, version_words(connection, _name(connection)), evidence=offer)
    elif _is_mismatch(connection):
        yield _hit(
            scene,
            f"{connection.said} for {_name(connection)}; the device offers {connection.offer}",
            evidence=offer,
        )


@connection_rule("tls-too-old")
def too_old(scene: Scene, connection: Connection) -> Iterator[Hit]:
    """The device offers new versions of TLS only, and the server takes none of them, so the
    handshake fails before any request. Accept TLS 1.2 beside what older devices use."""
    is_new = bool(connection.versions) and _OLD.isdisjoint(connection.versions)
    if not is_new or not roles_of(scene.life, connection):
        return
    offer = ", ".join((*connection.versions, *connection.suites))
    if is_below_the_server(connection):
        yield _hit(scene, version_words(connection, _name(connection)), evidence=offer)
    elif _is_mismatch(connection):
        yield _hit(
            scene,
            f"{connection.said} for {_name(connection)}; the device offers {connection.offer}",
            evidence=offer,
        )


@connection_rule("tls-client-cert-asked-early")
def certificate_asked_early(scene: Scene, connection: Connection) -> Iterator[Hit]:
    """A client certificate is asked for on a host that devices use before they have one; Windows 10
    gives up there. Ask for it on the hosts of management, hub and renewal only."""
    if not _is_asked_early(scene, connection):
        return
    who = "the server" if connection.is_asked_by_server else "this proxy"
    early = sorted(roles_of(scene.life, connection) - LATER - {Role.SERVED})
    yield _hit(
        scene,
        f"{who} asks for a client certificate on {_name(connection)}"
        f"{' (' + ', '.join(early) + ')' if early else ''} before the device can have one",
        evidence=connection.said,
    )


@connection_rule("proxy-breaks-client-tls")
def proxy_in_between(scene: Scene, connection: Connection) -> Iterator[Hit]:
    """The server asks for a client certificate, and this proxy, in the middle of TLS, cannot show
    the device's: its key never leaves the device. Let that host pass untouched (--pass-client-tls
    HOST), or hand the device's certificate to the server in a header that it trusts
    (--forward-client-cert HEADER), or give the proxy a certificate with its key that the server
    accepts (--client-certs PATH)."""
    if not _is_broken_by_proxy(connection) or _is_asked_early(scene, connection):
        return
    if roles_of(scene.life, connection):
        yield _hit(
            scene,
            f"the server of {_name(connection)} asks for a client certificate and gets none, "
            "because this proxy stands between it and the device",
            evidence=connection.said,
        )


@connection_rule("tls-client-cert-not-sent")
def certificate_not_sent(scene: Scene, connection: Connection) -> Iterator[Hit]:
    """An enrolled device was asked for its certificate and gave none that can be read, so the
    server does not know it. Look at the certificate's public key and at the search criteria of the
    provisioning document, by which the device finds it."""
    if not _is_refused_certificate(connection) or _is_broken_by_proxy(connection):
        return
    is_connected = connection.end in {HandshakeEnd.OK, HandshakeEnd.SERVER_ALERT}
    roles = roles_of(scene.life, connection)
    if is_connected and roles & LATER and has_certificate(scene.life, connection):
        yield _hit(
            scene,
            f"the device was asked for a client certificate on {_name(connection)} and gave none, "
            "or none that can be read",
            evidence=connection.said,
            caused_by=entry("tls-client-cert-not-sent").causes,
        )


@connection_rule("hub-tls-no-request")
def hub_without_request(scene: Scene, connection: Connection) -> Iterator[Hit]:
    """The device connects to the host of its Company Hub and asks for nothing, so the hub is not
    installed. Look at the name, the root and the revocation list of the server's certificate, and
    at its TLS settings."""
    life = scene.life
    roles = roles_of(life, connection)
    if Role.HUB not in roles or not connection.is_over_without_request or life.hub_requests:
        return
    if not has_certificate(life, connection):
        return
    shared = "; this is the host of its DM account, too" if Role.MANAGEMENT in roles else ""
    causes = entry("hub-tls-no-request").causes
    if _is_distrust(connection):
        causes = ("tls-root-not-on-device",)
    elif _is_mismatch(connection):
        causes = ("tls-too-modern",)
    yield _hit(
        scene,
        f"the device connected to {_name(connection)} and did not ask for the hub: "
        f"{connection.said}{shared}",
        evidence=life.store_uri,
        caused_by=causes,
    )


@connection_rule("tls-closed-by-device")
def closed_by_device(scene: Scene, connection: Connection) -> Iterator[Hit]:
    """The device ends TLS on its own before it asks for anything, and the proxy's root is not the
    reason, or not known to be. Look at name, dates, chain and revocation list of the server's
    certificate, and at the certificate that the device is to show."""
    if not connection.is_over_without_request or not roles_of(scene.life, connection):
        return
    has_own = has_certificate(scene.life, connection)
    is_odd = connection.end is HandshakeEnd.ALERT and not (
        _is_distrust(connection) or _is_mismatch(connection) or connection.alert in _GOODBYE
    )
    if not is_odd and not (connection.end is HandshakeEnd.CLOSED and has_own):
        return
    is_told = _is_asked_early(scene, connection) or _is_broken_by_proxy(connection)
    is_of_hub = Role.HUB in roles_of(scene.life, connection) and not scene.life.hub_requests
    is_of_hub = is_of_hub and has_own and _hub_rule_speaks(scene)
    if not is_told and not is_of_hub:
        yield _hit(
            scene,
            f"the device ended TLS with {_name(connection)}: {connection.said}",
            evidence=f"alert {connection.alert}" if connection.alert else connection.said,
        )


def _hub_rule_speaks(scene: Scene) -> bool:
    return entry("hub-tls-no-request").severity(scene.profile) is not Severity.NONE


def _hit(scene: Scene, message: str, *, evidence: str, caused_by: tuple[str, ...] = ()) -> Hit:
    return scene.hit(message, part="tls", field="handshake", evidence=evidence, caused_by=caused_by)


def _name(connection: Connection) -> str:
    return next(iter(connection.hosts), "a host that it does not name")


def _is_distrust(connection: Connection) -> bool:
    return connection.end is HandshakeEnd.ALERT and connection.alert in _DISTRUST


def _has_left(connection: Connection) -> bool:
    """Whether the device closed the connection once it had a certificate before it."""
    is_seen = not connection.is_passed_through or bool(connection.server_version)
    return connection.end is HandshakeEnd.CLOSED and is_seen and not connection.is_resumed


def _is_refused_certificate(connection: Connection) -> bool:
    """Whether the device itself was asked for its certificate and gave none that can be read."""
    if connection.is_passed_through:
        return connection.is_asked_by_server and not connection.is_given_to_server
    return connection.is_asked and not connection.is_given


def _is_mismatch(connection: Connection) -> bool:
    if connection.end is HandshakeEnd.ALERT:
        return connection.alert in _MISMATCH
    if connection.end is HandshakeEnd.SERVER_ALERT:
        # Before it has chosen a version, handshake_failure means that no suite is shared.
        is_early = not connection.server_version and connection.alert == "handshake_failure"
        return is_early or connection.alert in _MISMATCH
    return connection.end in _MISMATCHED


def _is_asked_early(scene: Scene, connection: Connection) -> bool:
    if not (connection.is_asked_by_server or connection.is_asked):
        return False
    roles = roles_of(scene.life, connection)
    if roles & EARLY:
        return not has_certificate(scene.life, connection)
    return Role.SCEP in roles and not roles & LATER


def _is_broken_by_proxy(connection: Connection) -> bool:
    is_asked = connection.is_asked_by_server and not connection.is_given_to_server
    return is_asked and not connection.is_passed_through
