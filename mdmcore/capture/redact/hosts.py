"""Host names: each domain gets a name of its own below ``.test``, hosts in it stay in it.

``enterpriseenrollment.contoso.com`` becomes ``enterpriseenrollment.d3fa2c1.test``: labels that say
what a host is for stay, and so do the hosts of those whose services everybody uses.
"""

from __future__ import annotations

import ipaddress
import re
from functools import cache
from urllib.parse import urlsplit

from mdmcore import namespaces
from mdmcore.capture.redact.kinds import ValueKind
from mdmcore.capture.redact.pseudonyms import Pseudonyms

PUBLIC_DOMAINS = frozenset(
    [
        "microsoft.com",
        "windows.com",
        "windows.net",
        "windowsphone.com",
        "live.com",
        "microsoftonline.com",
        "microsoftonline-p.com",
        "msftncsi.com",
        "msftconnecttest.com",
        "office.com",
        "office365.com",
        "msn.com",
        "bing.com",
        "azure.com",
        "azure.net",
        "azureedge.net",
        "windowsupdate.com",
        "digicert.com",
        "verisign.com",
        "symantec.com",
        "symcb.com",
        "symcd.com",
        "thawte.com",
        "geotrust.com",
        "entrust.net",
        "globalsign.com",
        "globalsign.net",
        "godaddy.com",
        "letsencrypt.org",
        "lencr.org",
        "identrust.com",
        "sectigo.com",
        "comodoca.com",
        "usertrust.com",
        "google.com",
        "googleapis.com",
        "gvt1.com",
        "apple.com",
        "mozilla.org",
        "mitmproxy.org",
        "mitm.it",
        "w3.org",
        "xmlsoap.org",
        "oasis-open.org",
        "openmobilealliance.org",
        "syncml.org",
        "ietf.org",
    ]
)
"""Domains that tell nothing of anybody."""

_KEPT_LABELS = frozenset(
    [
        "enterpriseenrollment",
        "enterpriseenrollment-s",
        "enterpriseregistration",
        "mdm",
        "manage",
        "management",
        "www",
        "discovery",
        "dm",
        "emm",
        "enroll",
        "enrollment",
        "enrolment",
        "hub",
        "store",
        "apps",
        "login",
        "sts",
        "adfs",
        "certauth",
        "autodiscover",
        "manage-beta",
        "xn--",
        "*",
        "ca",
        "pki",
        "crl",
        "ocsp",
    ]
)
_SECOND_LEVEL = frozenset(["co", "com", "org", "net", "gov", "ac", "edu", "or", "ne", "go", "gob"])
HOST = re.compile(
    r"(?<![\w.@/\\-])[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62}\.)+[A-Za-z][A-Za-z0-9-]{1,62}(?![\w-])"
)
_LOOSE_HOST = re.compile(r"(?:\*\.)?[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})+\.?")
_STAYS = frozenset({"", "localhost", "localdomain"})


@cache
def _public_bases() -> frozenset[str]:
    found = set(PUBLIC_DOMAINS)
    for value in vars(namespaces).values():
        if isinstance(value, str) and value.startswith(("http://", "https://")):
            host = urlsplit(value).hostname
            if host:
                found.add(base_domain(host))
    return frozenset(found)


def base_domain(host: str) -> str:
    """The part of a host name that its owner registered, in lower case; as far as can be told."""
    labels = host.lower().rstrip(".").split(".")
    is_country = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3 if is_country else -2 :])


def is_public(host: str) -> bool:
    """Whether a host tells nothing of anybody."""
    return host.lower().rstrip(".") in _STAYS or base_domain(host) in _public_bases()


def is_host_name(text: str) -> bool:
    """Whether a text has the form of a host name of at least two labels, none only of digits."""
    found = _LOOSE_HOST.fullmatch(text)
    return found is not None and text.rstrip(".").rpartition(".")[2].isalpha()


class Hosts:
    """Renames hosts. ``bases`` are the domains met so far."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self._pseudonyms = pseudonyms
        self.bases: set[str] = set()
        self._single: set[str] = set()

    def learn(self, host: str) -> None:
        """This is a host's name, or an address."""
        plain = host.strip("[]").rstrip(".").lower()
        if not plain or is_public(plain) or is_address(plain):
            return
        if "." in plain:
            self.bases.add(base_domain(plain))

    def knows(self, host: str) -> bool:
        """Whether the host's domain was met."""
        return base_domain(host) in self.bases

    def renamed(self, host: str) -> str:
        """The host's other name; addresses become others, public hosts stay."""
        if is_address(host.strip("[]")):
            new = self._pseudonyms.address(host.strip("[]"))
            return f"[{new}]" if host.startswith("[") else new
        if is_public(host):
            return host
        dot = "." if host.endswith(".") else ""
        labels = host.rstrip(".").split(".")
        if len(labels) == 1:
            return self._label(labels[0]) + dot
        base = base_domain(host)
        count = base.count(".") + 1
        before = [self._label(label) for label in labels[: len(labels) - count]]
        tag = self._pseudonyms.tag(ValueKind.HOST, base.encode(), 6)
        new = _in_case(".".join(labels[-count:]), f"d{tag}.test")
        return ".".join((*before, new)) + dot

    def _label(self, label: str) -> str:
        if label.lower() in _KEPT_LABELS or not label:
            return label
        tag = self._pseudonyms.tag("label", label.lower().encode(), 6)
        return _in_case(label, f"h{tag}")


def is_address(text: str) -> bool:
    """Whether a text is an IPv4 or IPv6 address."""
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True


def _in_case(old: str, new: str) -> str:
    if old.isupper():
        return new.upper()
    return new[:1].upper() + new[1:] if old[:1].isupper() else new
