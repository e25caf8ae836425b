"""CertificateStore and RootCATrustedCertificates: certificates that a server installs and removes.

The name of the node is the thumbprint of what it holds; the device computes it and refuses another
one (the code is [U]). Renewal and SCEP below MY have modules of their own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from mdmcore.errors import Asn1Error
from mdmcore.phone.certificate_store import HeldCertificate
from mdmcore.phone.device import scep
from mdmcore.phone.device.work import WorkKind
from mdmcore.phone.tree.behaviour import Behaviour, Content, Outcome, Path, Target, Value, View
from mdmcore.phone.tree.facts import certificate_leaves
from mdmcore.pki.certificate import parse_certificate

_ENCODED = "EncodedCertificate"
_REFUSED = Outcome(code=500)
_THUMBPRINT = re.compile(r"[0-9A-Fa-f]{40}\Z")
_STORES = {"root": "Root", "ca": "CA", "my": "My", "trustedpublisher": "TrustedPublisher"}
"""Stores as the device's own list spells them, by their names in lower case."""


def _certificate(target: Target, view: View, *, depth: int) -> tuple[str, str, str] | None:
    """Store, scope and thumbprint of a certificate's node; ``None`` for any other node."""
    if len(target.path) != depth or not _THUMBPRINT.match(target.name):
        return None
    scope = target.path[1] if depth == 3 else "System"
    store = _STORES.get(target.path[0].lower())
    return None if store is None else (store, scope, target.path[-1].upper())


def _is_trusted(held: HeldCertificate, view: View) -> bool:
    """Whether the device trusts it, and was not told to forget it."""
    return held.scope == "System" and held.place not in view.device.removed_certificates


class _Certificates:
    """The hooks of a CSP whose nodes of certificates lie so deep below its root."""

    def __init__(self, depth: int, kind: WorkKind | None) -> None:
        self._depth = depth
        self._kind = kind

    def facts(self, view: View) -> Mapping[Path, Content]:
        """What the certificates say; those of the enrolment CertificateStore has already."""
        facts: dict[Path, Content] = {}
        shown = view.device.added_certificates
        if self._depth == 2:
            shown = (*shown, *(held for held in view.phone.certificates if _is_trusted(held, view)))
        for held in shown:
            scope = (held.scope,) if self._depth == 3 else ()
            where = (held.store, *scope, held.certificate.thumbprint)
            for name, content in certificate_leaves(held).items():
                facts[(*where, name)] = content
        return facts if self._kind is None else facts | scep.facts(view, self._kind)

    def write(self, target: Target, value: Value, view: View) -> Outcome:
        """Take a certificate in, if it is the one that the node is named after."""
        if target.name != _ENCODED:
            return Outcome()
        depth = self._depth
        store = _STORES.get(target.path[0].lower(), "")
        scope = target.path[1] if depth == 3 else "System"
        try:
            certificate = parse_certificate(value.data)
        except Asn1Error:
            return _REFUSED
        if certificate.thumbprint != target.path[depth - 1].upper():
            return _REFUSED
        held = HeldCertificate(store=store, scope=scope, certificate=certificate, has_key=False)
        device = view.device
        others = (each for each in device.added_certificates if each.place != held.place)
        return Outcome(
            device=replace(
                device,
                added_certificates=(*others, held),
                removed_certificates=device.removed_certificates - {held.place},
            )
        )

    def delete(self, target: Target, view: View) -> Outcome:
        """Take a certificate out; the private key goes with it."""
        found = _certificate(target, view, depth=self._depth)
        if found is None:
            return scep.delete(target, view, self._kind) if self._kind else Outcome()
        device, place = view.device, "/".join(found)
        kept = tuple(held for held in device.added_certificates if held.place != place)
        removed = device.removed_certificates | {place}
        return Outcome(
            device=replace(device, added_certificates=kept, removed_certificates=removed)
        )

    def execute(self, target: Target, value: Value | None, view: View) -> Outcome:
        """Renew now, or enrol with SCEP."""
        if target.name == "RenewNow":
            return Outcome(device=replace(view.device, is_renewing=True))
        if self._kind is not None and target.name == "Enroll":
            return scep.enroll(target, view, self._kind)
        return Outcome(code=405)


_STORE = _Certificates(3, WorkKind.SCEP)
_ROOTS = _Certificates(2, None)

CERTIFICATE_STORE = Behaviour(
    csp="CertificateStore",
    facts=_STORE.facts,
    write=_STORE.write,
    delete=_STORE.delete,
    execute=_STORE.execute,
)
"""What CertificateStore does."""

TRUSTED_ROOTS = Behaviour(
    csp="RootCATrustedCertificates", facts=_ROOTS.facts, write=_ROOTS.write, delete=_ROOTS.delete
)
"""What RootCATrustedCertificates does."""
