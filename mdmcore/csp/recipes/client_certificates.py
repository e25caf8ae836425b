"""Recipes for certificates with a private key: PFX, and SCEP (session.md 7: CertificateStore).

On phones of 8.1 SCEP stands in CertificateStore, on Windows 10 in ClientCertificateInstall. All
nodes and the Exec of Enroll go in one Atomic, Enroll last.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from mdmcore.csp.recipes.model import SCOPE, Kind, Parameter, Recipe, in_profiles
from mdmcore.csp.recipes.values import wrong
from mdmcore.errors import ConfigError

if TYPE_CHECKING:
    from mdmcore.csp.recipes.draft import Draft
    from mdmcore.csp.recipes.values import Values
    from mdmcore.syncml.model import AnyCommand

_KEY_LOCATIONS = {"tpm": 1, "tpm-if-there": 2, "software": 3, "hello": 4}
# RFC 5280 4.2.1.3, as the bits of KeyUsage in the CSP.
_KEY_USAGES = {"digital-signature": 0x80, "key-encipherment": 0x20}
_HASHES = ("SHA-1", "SHA-2", "SHA-3")
_PERIODS = {"days": "Days", "months": "Months", "years": "Years"}
_NODES = {
    "server-url": "ServerURL",
    "challenge": "Challenge",
    "subject": "SubjectName",
    "alternative-names": "SubjectAlternativeNames",
    "key-length": "KeyLength",
    "retry-count": "RetryCount",
    "retry-minutes": "RetryDelay",
}


def _pfx(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    from mdmcore.csp.recipes.draft import atomic

    name = values.get("id") or draft.context.new_guid().strip("{}")
    place = draft.at("ClientCertificateInstall", "PFXCertInstall", name)
    location = _KEY_LOCATIONS[values.text("key-location")]
    # The blob starts the work, so all else stands before it.
    commands = [place.write("Add", "KeyLocation", value=location)]
    if ("container" in values) != (values.text("key-location") == "hello"):
        raise ConfigError("container and key-location=hello need each other")
    commands += place.write_given("Add", values, {"container": "ContainerName"})
    if "password" in values:
        commands.append(place.write("Add", "PFXCertPassword", value=values.text("password")))
    commands.append(place.write("Add", "PFXKeyExportable", value=values.flag("exportable")))
    commands.append(place.write("Add", "PFXCertBlob", value=values.text("pfx")))
    return (atomic(*commands),)


def _scep(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    from mdmcore.csp.recipes.draft import atomic

    request = _request(values, draft)
    install = request.at("Install")
    usages = sum(_KEY_USAGES[each] for each in dict.fromkeys(values.items("key-usage")))
    fingerprint = "CAThumbprint" if _is_apart(draft) else "CAThumbPrint"
    commands = [
        request.write("Add"),
        *install.write_given("Add", values, _NODES),
        install.write("Add", "EKUMapping", value="+".join(_oids(values))),
        install.write("Add", "KeyUsage", value=usages),
        install.write("Add", "HashAlgorithm", value="+".join(values.items("hash"))),
        install.write("Add", fingerprint, value=values.text("ca-thumbprint")),
    ]
    if "key-protection" in values:
        location = values.text("key-protection")
        commands.append(
            install.write("Add", "KeyProtection", value=location, parameter="key-protection")
        )
    if "valid-for" in values:
        units, _, period = values.text("valid-for").partition(" ")
        if not units.isdecimal() or period not in _PERIODS:
            raise ConfigError("valid-for must be a number and days, months or years: 12 months")
        commands.append(install.write("Add", "ValidPeriod", value=_PERIODS[period]))
        commands.append(install.write("Add", "ValidPeriodUnits", value=int(units)))
    return (atomic(*commands, install.execute("Enroll")),)


def _scep_status(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    request = _request(values, draft)
    return tuple(request.get(name) for name in ("Status", "ErrorCode", "CertThumbprint"))


def _scep_remove(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return (_request(values, draft).delete(),)


def _request(values: Values, draft: Draft) -> Draft:
    branch = ("ClientCertificateInstall",) if _is_apart(draft) else ("CertificateStore", "MY")
    name = values.get("id") or draft.context.new_guid().strip("{}")
    return draft.at(*branch, "SCEP", name)


def _is_apart(draft: Draft) -> bool:
    """Whether client certificates have a CSP of their own, beside CertificateStore."""
    return draft.has("ClientCertificateInstall", surely=True)


def _oids(values: Values) -> tuple[str, ...]:
    for oid in values.items("extended-key-usage"):
        if not re.fullmatch(r"[0-2](\.[0-9]{1,12}){1,20}", oid):
            raise wrong("extended-key-usage", "OIDs such as 1.3.6.1.5.5.7.3.2", oid)
    return values.items("extended-key-usage")


_ID = Parameter(name="id", help="name of the node; a new GUID without", kind=Kind.NAME)
_OLD_ID = Parameter(
    name="id", help="name of the node that scep made", kind=Kind.NAME, required=True
)
_SCEP_SOURCE = "session.md 7: CertificateStore MY/SCEP; ClientCertificateInstall CSP"
_NO_SCEP = MappingProxyType({"wp8": "the certificate comes with the enrolment alone"})

RECIPES = (
    Recipe(
        name="certificate-pfx",
        summary="Give the device a certificate together with its private key.",
        profiles=in_profiles("wp81? win10"),
        build=_pfx,
        source="ClientCertificateInstall CSP: PFXCertInstall",
        parameters=(
            Parameter(
                name="pfx",
                help="a PKCS#12 file",
                kind=Kind.BINARY,
                file="binary",
                is_secret=True,
                required=True,
            ),
            Parameter(name="password", help="of the file", is_secret=True, maximum=256),
            Parameter(
                name="key-location",
                help="where the key is kept",
                kind=Kind.CHOICE,
                values=tuple(_KEY_LOCATIONS),
                default="tpm-if-there",
            ),
            Parameter(name="container", help="for Windows Hello", maximum=256),
            Parameter(
                name="exportable",
                help="whether the key may leave the device",
                kind=Kind.SWITCH,
                default="no",
            ),
            _ID,
            SCOPE,
        ),
        example=MappingProxyType({"pfx": "@client.pfx", "password": "example"}),
        alternatives=MappingProxyType(dict.fromkeys(("wp8", "win81"), "no CSP takes a PFX")),
    ),
    Recipe(
        name="scep",
        summary="Let the device ask a SCEP server for a certificate; see scep-status.",
        profiles=in_profiles("wp81 win81? win10"),
        build=_scep,
        source=_SCEP_SOURCE,
        parameters=(
            Parameter(name="server-url", help="SCEP server", kind=Kind.URL, required=True),
            Parameter(
                name="challenge", help="its password", is_secret=True, maximum=4096, required=True
            ),
            Parameter(name="subject", help="X.500 name, CN=...", maximum=1024, required=True),
            Parameter(
                name="ca-thumbprint",
                help="SHA-1 of the CA's certificate",
                kind=Kind.THUMBPRINT,
                required=True,
            ),
            Parameter(name="alternative-names", help="format+name;format+name", maximum=1024),
            Parameter(
                name="key-length",
                help="bits",
                kind=Kind.CHOICE,
                values=("1024", "2048", "4096"),
                default="2048",
            ),
            Parameter(
                name="key-usage",
                help="what the key is for",
                kind=Kind.CHOICE,
                values=tuple(_KEY_USAGES),
                is_list=True,
                default="digital-signature,key-encipherment",
            ),
            Parameter(
                name="extended-key-usage",
                help="OIDs",
                is_list=True,
                maximum=256,
                default="1.3.6.1.5.5.7.3.2",
            ),
            Parameter(
                name="hash",
                help="families that may sign",
                kind=Kind.CHOICE,
                values=_HASHES,
                is_list=True,
                default="SHA-2",
            ),
            Parameter(
                name="key-protection",
                help="1 TPM, 2 TPM if there is one, 3 software, 4 Windows Hello",
                kind=Kind.INTEGER,
                node="./Vendor/MSFT/ClientCertificateInstall/SCEP/*/Install/KeyProtection",
            ),
            Parameter(name="valid-for", help="asked for, such as 12 months", maximum=32),
            Parameter(
                name="retry-count",
                help="attempts while the server says pending",
                kind=Kind.INTEGER,
                default="3",
                node="./Vendor/MSFT/ClientCertificateInstall/SCEP/*/Install/RetryCount",
            ),
            Parameter(
                name="retry-minutes",
                help="minutes between them",
                kind=Kind.INTEGER,
                default="5",
                node="./Vendor/MSFT/ClientCertificateInstall/SCEP/*/Install/RetryDelay",
            ),
            _ID,
            SCOPE,
        ),
        example=MappingProxyType(
            {
                "server-url": "https://scep.example.test/scep",
                "challenge": "example-challenge",
                "subject": "CN=DEVICE-0001",
                "ca-thumbprint": "0563B8630D62D75ABBC8AB1E4BDFB5A899B24D43",
                "id": "example-scep",
            }
        ),
        alternatives=_NO_SCEP,
    ),
    Recipe(
        name="scep-status",
        summary="Read how far a request of SCEP is: 1 done, 2 pending, 16 failed.",
        profiles=in_profiles("wp81 win81? win10"),
        build=_scep_status,
        source=_SCEP_SOURCE,
        parameters=(_OLD_ID, SCOPE),
        example=MappingProxyType({"id": "example-scep"}),
        alternatives=_NO_SCEP,
    ),
    Recipe(
        name="scep-remove",
        summary="Remove a request of SCEP and its certificate.",
        profiles=in_profiles("wp81 win81? win10"),
        build=_scep_remove,
        source=_SCEP_SOURCE,
        parameters=(_OLD_ID, SCOPE),
        example=MappingProxyType({"id": "example-scep"}),
        alternatives=_NO_SCEP,
    ),
)
