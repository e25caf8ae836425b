"""What an XML payload is called, by its root element; an unknown one goes by that name alone."""

from __future__ import annotations

from types import MappingProxyType

from mdmcore.xml import Element, local_name

_NAMES = MappingProxyType(
    {
        "wap-provisioningdoc": "provisioning document",
        "syncml": "SyncML message",
        "envelope": "SOAP message",
        "aet": "AET document",
        "mgmttree": "management tree (DDF/TNDS)",
        "wlanprofile": "Wi-Fi profile",
        "vpnprofile": "VPN profile",
        "eaphostconfig": "EAP configuration",
        "apppolicy": "app list",
        "rulecollection": "app list (AppLocker rules)",
        "applockerpolicy": "app list (AppLocker policy)",
        "application": "app to be installed",
        "msiinstalljob": "MSI installation job",
        "policydefinitions": "ADMX file",
        "enabled": "policy value (ADMX)",
        "disabled": "policy value (ADMX)",
        "data": "policy value (ADMX)",
    }
)

FRAGMENT_ROOTS = frozenset({"enabled", "disabled", "data"})
"""Elements of an ADMX policy's value, several of which stand side by side without a root."""


def payload_name(root: Element | None) -> str:
    """The name for people; empty without a root."""
    if root is None:
        return ""
    name = local_name(root)
    return _NAMES.get(name.lower(), f"{name[:80]} document")
