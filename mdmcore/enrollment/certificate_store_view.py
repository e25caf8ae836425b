"""What a provisioning document says in CertificateStore beside the certificates themselves.

Store names, PrivateKeyContainer and My/WSTEP/Renew: CertificateStore CSP, MS-MDE2 2.2.9.2,
enrollment.md 9.2. The certificates are read in ``provisioning_view``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mdmcore.enrollment.provisioning import Characteristic, ProvisioningDocument
from mdmcore.enrollment.provisioning_view import Setting, branches_at, located, setting

ROOT_BRANCH = "CertificateStore"
STORES = ("Root", "My", "CA")
SCOPES = ("System", "User")
KEY_CONTAINER = "PrivateKeyContainer"
# The names a phone knows, by their depth in the branch (MS-MDE2 2.2.9.2: case-sensitive).
_KNOWN = ((ROOT_BRANCH,), STORES, SCOPES)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreName:
    """A name in the path to a store that a phone does not find.

    ``expected`` is the right spelling, empty when no store is called like this in any case.
    """

    name: str
    expected: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalSettings:
    """My/WSTEP/Renew: whether, how many days before expiry and how often to renew silently."""

    robo_support: Setting
    renew_period: Setting
    retry_interval: Setting
    path: str

    @property
    def settings(self) -> tuple[Setting, Setting, Setting]:
        """All three, in the order of the samples."""
        return self.robo_support, self.renew_period, self.retry_interval


def unknown_stores(doc: ProvisioningDocument) -> Iterator[StoreName]:
    """Names on the way to a certificate that differ from the known ones, or are none of them.

    Beside stores there are other branches (WSTEP, SCEP): an unknown name counts only where an
    EncodedCertificate stands below it.
    """
    for types, path, branch in located(doc):
        depth = len(types) - 1
        if depth >= len(_KNOWN) or types[0].lower() != ROOT_BRANCH.lower():
            continue
        expected = next((name for name in _KNOWN[depth] if name.lower() == types[-1].lower()), "")
        if expected == types[-1]:
            continue
        if expected or _holds_certificate(branch):
            yield StoreName(name=types[-1], expected=expected, path=path)


def key_containers(doc: ProvisioningDocument) -> frozenset[tuple[str, ...]]:
    """The paths of types, below CertificateStore, that have a PrivateKeyContainer.

    It stands beside a certificate's branch (enrolment samples) or in it (renewal sample, MS-MDE).
    """
    return frozenset(
        types[1:-1]
        for types, _, branch in located(doc)
        if types[0] == ROOT_BRANCH and branch.type == KEY_CONTAINER
    )


def renewal_settings(doc: ProvisioningDocument) -> RenewalSettings | None:
    """CertificateStore/My/WSTEP/Renew; My in any case, as PCs take it. ``None`` without it.

    RenewalPeriod, the name in the prose of MS-MDE2, is read for RenewPeriod too.
    """
    pattern = (ROOT_BRANCH, "My", "WSTEP", "Renew")
    for _, path, branch in branches_at(doc, *pattern, ignore_case=True):
        return RenewalSettings(
            robo_support=setting(path, branch, "ROBOSupport"),
            renew_period=setting(path, branch, "RenewPeriod", "RenewalPeriod"),
            retry_interval=setting(path, branch, "RetryInterval"),
            path=path,
        )
    return None


def _holds_certificate(branch: Characteristic) -> bool:
    """Whether the branch, or one a store's depth below it, has an EncodedCertificate."""
    level: tuple[Characteristic, ...] = (branch,)
    for _ in _KNOWN:
        level = tuple(below for each in level for below in each.characteristics)
        if any(each.parm("EncodedCertificate") is not None for each in level):
            return True
    return False
