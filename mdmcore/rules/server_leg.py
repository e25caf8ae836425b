"""What the proxy saw of TLS with the server, and what it means for a device (enrollment.md 15.1).

The proxy knows the roots of public CAs, or the one that it was given for the server; a device may
have more of them. Helpers of the rules on connections, which stand in ``connections``.
"""

from __future__ import annotations

from mdmcore.connection import Connection, ServerEnd
from mdmcore.rules.connection_roles import has_certificate
from mdmcore.rules.scene import Scene
from mdmcore.rules.tls_certificate import given_root, lacks_issuer, sent_certificates

_NEWEST = "TLS 1.3"
_MAX_SHOWN = 5


def is_untrusted(scene: Scene, connection: Connection) -> bool:
    """Whether the server's root is one that the device does not have, as far as is known.

    It has one that its document brought; where an intermediate certificate is missing, that is the
    matter of another rule.
    """
    if connection.server_end is not ServerEnd.UNKNOWN_ROOT or lacks_issuer(scene):
        return False
    was_given = has_certificate(scene.life, connection)
    return not (was_given and given_root(scene, sent_certificates(scene)))


def untrusted_words(scene: Scene, connection: Connection, name: str) -> str:
    """The finding on such a server."""
    said = f"the certificate of {name} leads to no root that this proxy knows"
    said += f" ({connection.server_detail})" if connection.server_detail else ""
    chain = sent_certificates(scene)
    if len(chain) == 1 and not chain[0].is_self_issued:
        said += "; it comes alone, so the intermediate certificate may be what is missing"
    then = "a device breaks off there unless the root was installed on it"
    if connection.is_server_unchecked:
        return f"{said}, and was not checked; {then}; if it was, name the CA with --upstream-ca"
    return (
        f"{said}, so the device gets the proxy's 502; without the proxy {then}; if it was, name "
        "the CA with --upstream-ca"
    )


def sent_chain(scene: Scene) -> str:
    """The names in the chain that the server sent, leaf first, and who issued the last one."""
    chain = sent_certificates(scene)
    if not chain:
        return "no certificate was kept"
    names = [one.subject.rfc4514() or "(empty)" for one in chain[:_MAX_SHOWN]]
    return f"{' < '.join(names)}; issued by {chain[-1].issuer.rfc4514() or '(empty)'}"


def is_below_the_server(connection: Connection) -> bool:
    """Whether the server takes only versions that the device does not offer, older ones.

    A hello that names its highest version alone may mean older ones, too: it tells nothing.
    """
    return connection.server_end is ServerEnd.OLDER_VERSION and _NEWEST in connection.versions


def version_words(connection: Connection, name: str) -> str:
    """The finding on a server that has no version in common with the device."""
    newer = connection.server_end is ServerEnd.NEWER_VERSION
    offer = ", ".join(connection.versions) or "no version"
    return (
        f"{name} takes {'newer' if newer else 'older'} versions of TLS only: offered what the "
        f"device offers ({offer}), it refuses; the device gets the proxy's 502, without the proxy "
        "an alert"
    )
