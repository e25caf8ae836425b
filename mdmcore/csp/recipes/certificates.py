"""Recipes for certificates that anybody may know (session.md 7: CertificateStore).

A store names a certificate by its thumbprint, SHA-1 over the DER. Those with a private key stand
in ``client_certificates``.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from mdmcore.csp.recipes.model import COMMAND, SCOPE, Kind, Parameter, Recipe, in_profiles
from mdmcore.errors import ConfigError

if TYPE_CHECKING:
    from mdmcore.csp.recipes.draft import Draft
    from mdmcore.csp.recipes.values import Values
    from mdmcore.syncml.model import AnyCommand

_STORES = {"root": ("ROOT", "System"), "ca": ("CA", "System"), "my": ("MY", "User")}
# RootCATrustedCertificates: what CertificateStore has no place for.
_USER_STORES = {"root": "Root", "ca": "CA", "trusted-publisher": "TrustedPublisher"}


def _store(values: Values, draft: Draft) -> Draft:
    name = values.text("store")
    if values.is_for_user or name not in _STORES:
        if name not in _USER_STORES:
            raise ConfigError("store must be root, ca or trusted-publisher with scope=user")
        if not draft.has("RootCATrustedCertificates"):
            raise ConfigError(f"store must be {', '.join(_STORES)} on {draft.context.profile}")
        return draft.at("RootCATrustedCertificates", _USER_STORES[name])
    return draft.at("CertificateStore", *_STORES[name])


def _install(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    from mdmcore.csp.recipes.payloads import thumbprint_of

    certificate = values.text("certificate")
    node = _store(values, draft).at(thumbprint_of(certificate))
    return (node.write(values.command, "EncodedCertificate", value=certificate),)


def _remove(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    from mdmcore.csp.recipes.payloads import thumbprint_of

    given = [name for name in ("thumbprint", "certificate") if name in values]
    if len(given) != 1:
        raise ConfigError("certificate-remove needs one of thumbprint and certificate")
    text = values.text(given[0])
    thumbprint = text if given[0] == "thumbprint" else thumbprint_of(text)
    return (_store(values, draft).delete(thumbprint),)


def _list(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return (_store(values, draft).get(),)


def _renewal(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    from mdmcore.csp.recipes.draft import atomic

    period, retry = int(values.text("period-days")), int(values.text("retry-days"))
    if retry > period:
        raise ConfigError(f"retry-days must be {period} or less, as period-days is")
    renew = draft.at("CertificateStore", "MY", "WSTEP", "Renew")
    commands = [
        renew.write(values.command, "RenewPeriod", value=period, parameter="period-days"),
        renew.write(values.command, "RetryInterval", value=retry, parameter="retry-days"),
        renew.write(values.command, "ROBOSupport", value=values.flag("silent")),
    ]
    if "server-url" in values:
        url = values.text("server-url")
        commands.append(renew.write(values.command, "ServerURL", value=url))
    return (atomic(*commands),)


def _renew_now(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    return (draft.execute("CertificateStore", "MY", "WSTEP", "Renew", "RenewNow"),)


def _renewal_status(values: Values, draft: Draft) -> tuple[AnyCommand, ...]:
    renew = draft.at("CertificateStore", "MY", "WSTEP", "Renew")
    return (renew.get("Status"), renew.get("ErrorCode"))


_STORE = Parameter(
    name="store",
    help="which one; trusted-publisher on Windows 10 alone",
    kind=Kind.CHOICE,
    values=("root", "ca", "my", "trusted-publisher"),
    default="root",
)
_CERTIFICATE = Parameter(
    name="certificate",
    help="DER or PEM",
    kind=Kind.CERTIFICATE,
    file="binary",
    required=True,
)
_PROFILES = "wp8 wp81 win81? win10"
_SOURCE = "session.md 7: CertificateStore"
_RENEW_SOURCE = f"{_SOURCE}, MY/WSTEP/Renew; enrollment.md 10"
_NO_RENEW = MappingProxyType(
    {"wp8": "the provisioning document's RenewalPeriod decides; enrol the device again"}
)

RECIPES = (
    Recipe(
        name="certificate-install",
        summary="Put a certificate into a store: a trusted root, an intermediate, or another.",
        profiles=in_profiles(_PROFILES),
        build=_install,
        source=f"{_SOURCE}; RootCATrustedCertificates CSP",
        parameters=(_CERTIFICATE, _STORE, COMMAND, SCOPE),
        example=MappingProxyType({"certificate": "@root.cer", "store": "root"}),
    ),
    Recipe(
        name="certificate-remove",
        summary="Remove a certificate from a store.",
        profiles=in_profiles(_PROFILES),
        build=_remove,
        source=_SOURCE,
        parameters=(
            Parameter(name="thumbprint", help="SHA-1 of the DER", kind=Kind.THUMBPRINT),
            Parameter(
                name="certificate",
                help="the certificate itself instead",
                kind=Kind.CERTIFICATE,
                file="binary",
            ),
            _STORE,
            SCOPE,
        ),
        example=MappingProxyType(
            {"thumbprint": "0563B8630D62D75ABBC8AB1E4BDFB5A899B24D43", "store": "ca"}
        ),
    ),
    Recipe(
        name="certificate-list",
        summary="Read the thumbprints of a store.",
        profiles=in_profiles(_PROFILES),
        build=_list,
        source=_SOURCE,
        parameters=(_STORE, SCOPE),
        example=MappingProxyType({"store": "my"}),
    ),
    Recipe(
        name="certificate-renewal",
        summary="Say when the device renews its certificate, and whether it asks its user.",
        profiles=in_profiles("wp81 win81? win10"),
        build=_renewal,
        source=_RENEW_SOURCE,
        parameters=(
            Parameter(
                name="period-days",
                help="how long before the end it begins",
                kind=Kind.INTEGER,
                default="42",
                node="./Vendor/MSFT/CertificateStore/MY/WSTEP/Renew/RenewPeriod",
            ),
            Parameter(
                name="retry-days",
                help="days between attempts, at most those of the period",
                kind=Kind.INTEGER,
                default="7",
                node="./Vendor/MSFT/CertificateStore/MY/WSTEP/Renew/RetryInterval",
            ),
            Parameter(
                name="silent", help="without the user (ROBO)", kind=Kind.SWITCH, default="yes"
            ),
            Parameter(name="server-url", help="where, else as enrolled", kind=Kind.URL),
            COMMAND,
        ),
        example=MappingProxyType({"period-days": "60", "retry-days": "4"}),
        alternatives=_NO_RENEW,
    ),
    Recipe(
        name="certificate-renew-now",
        summary="Let the device renew its certificate at once.",
        profiles=in_profiles("win10"),
        build=_renew_now,
        source=_RENEW_SOURCE,
        alternatives=MappingProxyType(
            {
                **_NO_RENEW,
                **dict.fromkeys(("wp81", "win81"), "certificate-renewal with a longer period"),
            }
        ),
    ),
    Recipe(
        name="certificate-renewal-status",
        summary="Read how the last renewal ended.",
        profiles=in_profiles("wp81 win81? win10"),
        build=_renewal_status,
        source=_RENEW_SOURCE,
        alternatives=_NO_RENEW,
    ),
)
