"""What a host is for a device: told by the URLs of its life, not by what passes there."""

from __future__ import annotations

from enum import StrEnum

from mdmcore.connection import Connection
from mdmcore.http import Request
from mdmcore.rules.life import Life

_DISCOVERY_PREFIX = "enterpriseenrollment."


class Role(StrEnum):
    """What the device does at a host; ``served``: the proxy was set up for it."""

    DISCOVERY = "discovery"
    SIGN_IN = "sign-in"
    POLICY = "policy"
    ENROLLMENT = "enrolment"
    MANAGEMENT = "management"
    HUB = "hub"
    SCEP = "SCEP"
    SERVED = "served"


EARLY = frozenset({Role.DISCOVERY, Role.SIGN_IN, Role.POLICY, Role.ENROLLMENT})
"""Where a device goes before it has a certificate."""

LATER = frozenset({Role.MANAGEMENT, Role.HUB})
"""Where a device goes with its certificate; renewal has the enrolment's host."""


def roles_of(life: Life, connection: Connection) -> frozenset[Role]:
    """What the host of a connection is for; empty for one that has to do with no device of ours."""
    hosts = connection.hosts
    scep = [one.value for one in life.tried if one.target.lower().endswith("/serverurl")]
    urls = {
        Role.DISCOVERY: (life.discovery_redirect,),
        Role.SIGN_IN: life.sign_in_urls,
        Role.POLICY: (life.policy_url,),
        Role.ENROLLMENT: (life.enrollment_url,),
        Role.MANAGEMENT: (life.addr, *life.dm_urls),
        Role.HUB: (life.store_uri,),
        Role.SCEP: (word for text in scep for word in text.split()),
    }
    found = {role for role, told in urls.items() if any(_host(url) in hosts for url in told)}
    if life.discovery_host in hosts or any(name.startswith(_DISCOVERY_PREFIX) for name in hosts):
        found.add(Role.DISCOVERY)
    if connection.is_served:
        found.add(Role.SERVED)
    return frozenset(found)


def has_certificate(life: Life, connection: Connection) -> bool:
    """Whether the device had its certificate when it opened the connection."""
    if life.enrolled_at is None or connection.opened is None:
        return life.is_enrolled
    return life.enrolled_at < connection.opened


def _host(url: str) -> str:
    return Request(method="", url=url).host.rstrip(".") or "-"
