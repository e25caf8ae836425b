"""Typed reading of the branches that enrol a device; every value knows its place.

MS-MDE2 2.2.9, the w7 APPLICATION, CertificateStore, DMClient and EnterpriseAppManagement CSPs,
enrollment.md 9.2 to 9.7. Names are compared as the phone does, exactly; ``ignore_case`` is for
explaining. Values are as written: judging them is for the phone and the rules. Schedules stand in
``schedule_view``, what belongs to the stores beside certificates in ``certificate_store_view``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from mdmcore.base64_text import decode_base64
from mdmcore.enrollment.provisioning import ROOT, Characteristic, ProvisioningDocument

REQUIRE_MESSAGE_SIGNING = "RequireMessageSigning"
"""The parm, and the node, below DMClient/Provider/<id> that makes devices sign (session.md 7)."""

_INTEGER = re.compile(r"\s*([+-]?[0-9]{1,10})\s*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A parm that stands, or could stand, in a branch.

    ``is_written`` tells whether there is such a parm, ``text`` is its value; ``path`` is the XPath
    at which it stands or would stand.
    """

    name: str
    text: str | None
    datatype: str | None
    path: str
    is_written: bool

    @property
    def number(self) -> int | None:
        """The value as integer, ``None`` when it is absent or no number of up to 10 digits."""
        match = _INTEGER.match(self.text or "")
        return int(match[1]) if match else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppAuth:
    """One APPAUTH of the DM account. CLIENT is what the server presents, APPSRV the phone."""

    level: str | None
    type: str | None
    name: str | None
    secret: str | None = field(repr=False)
    data: str | None = field(repr=False)
    path: str = ""

    @property
    def nonce(self) -> bytes | None:
        """The decoded AAUTHDATA; ``None`` when it is absent or no base64."""
        return None if self.data is None else decode_base64(self.data)


@dataclass(frozen=True, slots=True, kw_only=True)
class W7Account:
    """The DM account (APPLICATION with APPID w7). ``addr`` is ADDR, or that under APPADDR.

    ``version`` is PROTOVER. The two flags are parms without value, which count by being there:
    BACKCOMPATRETRYDISABLED and USEHWDEVID (W7).
    """

    provider_id: str | None
    addr: str | None
    name: str | None
    encoding: str | None
    criteria: str | None
    appauth: tuple[AppAuth, ...]
    path: str
    addr_path: str
    version: str | None = None
    is_older_version_disabled: bool = False
    uses_hardware_id: bool = False

    def auth(self, level: str) -> AppAuth | None:
        """The first APPAUTH of that AAUTHLEVEL (exact case)."""
        return next((auth for auth in self.appauth if auth.level == level), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCertificate:
    """A certificate for a store. ``thumbprint`` is the name as written, ``text`` the raw value.

    ``der`` is the decoded value, ``None`` when it is no base64; whether it is a certificate is
    not looked at.
    """

    store: str
    scope: str
    thumbprint: str
    der: bytes | None = field(repr=False)
    text: str = field(repr=False)
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DmClient:
    """DMClient/Provider/<id>."""

    provider_id: str
    ent_dmid: str | None
    ent_device_name: str | None
    requires_message_signing: bool = False
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppManagement:
    """EnterpriseAppManagement/<EnterpriseID>; ``None`` for what is absent."""

    enterprise_id: str
    enrollment_token: str | None = field(repr=False)
    store_product_id: str | None = None
    store_uri: str | None = None
    store_name: str | None = None
    certificate_search_criteria: str | None = None
    crl_check: str | None = None
    path: str = ""


def parm_path(path: str, name: str) -> str:
    """The XPath of a parm below a branch's path."""
    return f"{path}/parm[@name={_quoted(name)}]"


def setting(path: str, branch: Characteristic, *names: str, ignore_case: bool = False) -> Setting:
    """The first parm of these names below the branch at ``path``; the first name when absent."""
    for name in names:
        parm = branch.parm(name, ignore_case=ignore_case)
        if parm is not None:
            where = parm_path(path, parm.name)
            return Setting(
                name=name, text=parm.value, datatype=parm.datatype, path=where, is_written=True
            )
    where = parm_path(path, names[0])
    return Setting(name=names[0], text=None, datatype=None, path=where, is_written=False)


def located(
    document: ProvisioningDocument,
) -> Iterator[tuple[tuple[str, ...], str, Characteristic]]:
    """``(types, xpath, branch)`` of every branch in document order, its own type last."""
    stack = list(reversed(_below((), f"/{ROOT}", document.characteristics)))
    while stack:
        types, path, branch = stack.pop()
        yield types, path, branch
        stack.extend(reversed(_below(types, path, branch.characteristics)))


def w7_account(doc: ProvisioningDocument, *, ignore_case: bool = False) -> W7Account | None:
    """The first APPLICATION whose APPID is ``w7``; ``None`` when there is none."""
    for _, path, branch in branches_at(doc, "APPLICATION", ignore_case=ignore_case):
        app_id = branch.value("APPID", ignore_case=ignore_case) or ""
        if app_id == "w7" or (ignore_case and app_id.lower() == "w7"):
            return _account(path, branch, ignore_case=ignore_case)
    return None


def certificates(
    doc: ProvisioningDocument, *, ignore_case: bool = False
) -> tuple[StoredCertificate, ...]:
    """Every EncodedCertificate at CertificateStore/<store>/<scope>/<thumbprint>, in order."""
    found = []
    pattern = ("CertificateStore", None, None, None)
    for types, path, branch in branches_at(doc, *pattern, ignore_case=ignore_case):
        text = branch.value("EncodedCertificate", ignore_case=ignore_case)
        if text is not None:
            found.append(
                StoredCertificate(
                    store=types[1],
                    scope=types[2],
                    thumbprint=branch.type,
                    der=decode_base64(text) or None,
                    text=text,
                    path=path,
                )
            )
    return tuple(found)


def dm_client(
    doc: ProvisioningDocument, provider_id: str | None = None, *, ignore_case: bool = False
) -> DmClient | None:
    """The DMClient branch of that provider, the first one by default; ``None`` without one."""
    pattern = ("DMClient", "Provider", provider_id)
    for types, path, branch in branches_at(doc, *pattern, ignore_case=ignore_case):
        return DmClient(
            provider_id=types[2],
            ent_dmid=branch.value("EntDMID", ignore_case=ignore_case),
            ent_device_name=branch.value("EntDeviceName", ignore_case=ignore_case),
            requires_message_signing=is_true(
                branch.value(REQUIRE_MESSAGE_SIGNING, ignore_case=ignore_case)
            ),
            path=path,
        )
    return None


def is_true(text: str | None) -> bool:
    """Whether a boolean's text says so; letter case and blanks around it do not count."""
    return text is not None and text.strip().lower() == "true"


def app_management(doc: ProvisioningDocument, *, ignore_case: bool = False) -> AppManagement | None:
    """The first enterprise's branch. StoreUri and StoreProductID are read as well (9.7)."""
    for types, path, branch in branches_at(
        doc, "EnterpriseAppManagement", None, ignore_case=ignore_case
    ):

        def first(branch: Characteristic, *names: str) -> str | None:
            values = (branch.value(name, ignore_case=ignore_case) for name in names)
            return next((value for value in values if value is not None), None)

        return AppManagement(
            enterprise_id=types[1],
            enrollment_token=first(branch, "EnrollmentToken"),
            store_product_id=first(branch, "StoreProductId", "StoreProductID"),
            store_uri=first(branch, "StoreURI", "StoreUri"),
            store_name=first(branch, "StoreName"),
            certificate_search_criteria=first(branch, "CertificateSearchCriteria"),
            crl_check=first(branch, "CRLCheck"),
            path=path,
        )
    return None


def _account(path: str, branch: Characteristic, *, ignore_case: bool) -> W7Account:
    def value(name: str) -> str | None:
        return branch.value(name, ignore_case=ignore_case)

    def is_there(name: str) -> bool:
        return branch.parm(name, ignore_case=ignore_case) is not None

    addr, addr_path = value("ADDR"), parm_path(path, "ADDR")
    addresses = branch.child("APPADDR", ignore_case=ignore_case)
    if addr is None and addresses is not None:
        addr = addresses.value("ADDR", ignore_case=ignore_case)
        addr_path = parm_path(f"{path}/characteristic[@type='APPADDR']", "ADDR")
    below = _below((), path, branch.characteristics)
    return W7Account(
        provider_id=value("PROVIDER-ID"),
        addr=addr,
        name=value("NAME"),
        encoding=value("DEFAULTENCODING"),
        criteria=value("SSLCLIENTCERTSEARCHCRITERIA"),
        appauth=tuple(
            _appauth(where, auth, ignore_case=ignore_case)
            for types, where, auth in below
            if same_name(types[-1], "APPAUTH", ignore_case)
        ),
        path=path,
        addr_path=addr_path,
        version=value("PROTOVER"),
        is_older_version_disabled=is_there("BACKCOMPATRETRYDISABLED"),
        uses_hardware_id=is_there("USEHWDEVID"),
    )


def _appauth(path: str, branch: Characteristic, *, ignore_case: bool) -> AppAuth:
    def value(name: str) -> str | None:
        return branch.value(name, ignore_case=ignore_case)

    return AppAuth(
        level=value("AAUTHLEVEL"),
        type=value("AAUTHTYPE"),
        name=value("AAUTHNAME"),
        secret=value("AAUTHSECRET"),
        data=value("AAUTHDATA"),
        path=path,
    )


def branches_at(
    doc: ProvisioningDocument, *pattern: str | None, ignore_case: bool
) -> Iterator[tuple[tuple[str, ...], str, Characteristic]]:
    """As ``located``, those whose types match the pattern, where ``None`` is any type."""
    for types, path, branch in located(doc):
        if len(types) == len(pattern) and all(
            wanted is None or same_name(found, wanted, ignore_case)
            for found, wanted in zip(types, pattern, strict=True)
        ):
            yield types, path, branch


def _below(
    types: tuple[str, ...], path: str, branches: tuple[Characteristic, ...]
) -> list[tuple[tuple[str, ...], str, Characteristic]]:
    counts = Counter(branch.type for branch in branches)
    seen: Counter[str] = Counter()
    found = []
    for branch in branches:
        seen[branch.type] += 1
        position = f"[{seen[branch.type]}]" if counts[branch.type] > 1 else ""
        step = f"{path}/characteristic[@type={_quoted(branch.type)}]{position}"
        found.append(((*types, branch.type), step, branch))
    return found


def _quoted(text: str) -> str:
    return f'"{text}"' if "'" in text else f"'{text}'"


def same_name(found: str, wanted: str, ignore_case: bool) -> bool:
    """Whether two names are one: exactly, or but for their case."""
    return found == wanted or (ignore_case and found.lower() == wanted.lower())
