"""Facts of a provisioning document: its branches and parms by their paths, and its certificates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from mdmcore.base64_text import decode_base64
from mdmcore.enrollment.provisioning import Characteristic
from mdmcore.inspector.masking import Mask
from mdmcore.pki.certificate import Certificate
from mdmcore.report.diff.facts import Fact, Names, order, relation
from mdmcore.rules.decoded import CsrPart, ProvisionedCertificate, Provisioning

_SECRETS = frozenset({"AAUTHSECRET", "PrivateKey"})
_NONCE = "AAUTHDATA"
_CERTIFICATE = "EncodedCertificate"


def provisioning_facts(
    part: Provisioning, csr: CsrPart | None, names: Names, mask: Mask
) -> Iterator[Fact]:
    """Everything of a document that an enrolment was answered with."""
    for problem in part.problems[:1]:
        yield Fact(what="not well formed", value=problem.message, key="not well formed")
    if part.document is not None:
        yield names.fact("/@version", part.document.version or "")
        yield from _branches(part.document.characteristics, "", names, mask)
    stores = Counter[str]()
    for item in part.certificates:
        where = f"{item.stored.store}/{item.stored.scope}"
        stores[where] += 1
        number = f" {stores[where]}" if stores[where] > 1 else ""
        yield from _certificate(f"certificate {where}{number}", item, part, csr, names)


def _branches(
    branches: tuple[Characteristic, ...], path: str, names: Names, mask: Mask
) -> Iterator[Fact]:
    marks = [_mark(one) for one in branches]
    totals, seen = Counter(marks), Counter[str]()
    if len(branches) > 1 and path.endswith("/APPLICATION") is False:
        yield order(f"{path or '/'} (order)", marks)
    for one, mark in zip(branches, marks, strict=True):
        seen[mark] += 1
        number = f"[{seen[mark]}]" if totals[mark] > 1 else ""
        inner = f"{path}/{mark}{number}"
        yield names.fact(inner, "")
        yield from _parms(one, inner, names, mask)
        yield from _branches(one.characteristics, inner, names, mask)


def _mark(branch: Characteristic) -> str:
    """What tells a branch from its brothers: the level of an APPAUTH, being a certificate."""
    if branch.type == "APPAUTH":
        return f"APPAUTH {branch.value('AAUTHLEVEL') or ''}".rstrip()
    if branch.parm(_CERTIFICATE) is not None:
        return "{certificate}"
    return branch.type


def _parms(branch: Characteristic, path: str, names: Names, mask: Mask) -> Iterator[Fact]:
    for parm in branch.parms:
        what = f"{path}/{parm.name}"
        text = parm.value
        if text is None:
            yield names.fact(what, "(no value)")
        elif parm.name == _CERTIFICATE:
            yield Fact(what=what, value=_base64_form(text), key=_base64_form(text))
        elif parm.name in _SECRETS:
            value = mask.secret(text) or ""
            yield Fact(what=what, value=value or "(empty)", key="set" if text else "")
        elif parm.name == _NONCE:
            nonce = decode_base64(text)
            form = "not base64" if nonce is None else f"{len(nonce)} bytes in base64"
            yield Fact(what=what, value=form, key=form)
        else:
            value = mask.parm(parm.name, text) or ""
            yield Fact(what=names.key(what), value=value, key=names.key(text))
        if parm.datatype:
            yield Fact(what=f"{names.key(what)}/@datatype", value=parm.datatype, key=parm.datatype)


def _base64_form(text: str) -> str:
    if decode_base64(text) is None:
        return "not base64"
    return "base64 with blanks" if text.split() != [text] else "base64 in one line"


def _certificate(
    what: str, item: ProvisionedCertificate, part: Provisioning, csr: CsrPart | None, names: Names
) -> Iterator[Fact]:
    certificate = item.certificate
    if certificate is None:
        yield Fact(what=what, value=item.problem, key="cannot be read")
        return
    type_name = item.stored.thumbprint
    yield relation(f"{what}: named by its thumbprint", type_name == certificate.thumbprint)
    yield from certificate_facts(what, certificate, names)
    issuers = [one for _, one in part.authorities]
    yield relation(
        f"{what}: its issuer is in the document",
        any(one.subject.raw == certificate.issuer.raw for one in issuers),
    )
    asked = csr.csr if csr is not None else None
    if item.is_client and asked is not None:
        yield relation(f"{what}: has the key of the CSR", certificate.spki == asked.spki)
        yield relation(
            f"{what}: has the subject of the CSR", certificate.subject.raw == asked.subject.raw
        )


def certificate_facts(what: str, certificate: Certificate, names: Names) -> Iterator[Fact]:
    """What a certificate is like, whosoever it is."""
    days = (certificate.not_after - certificate.not_before).days
    usages, keys = certificate.ext_key_usages, certificate.key_usages
    values = {
        "subject": certificate.subject.rfc4514(),
        "string types": ", ".join(one.type_name for one in certificate.subject.attributes),
        "issuer": certificate.issuer.rfc4514(),
        "key usage": "none" if keys is None else ", ".join(keys),
        "extended key usage": "none" if usages is None else ", ".join(usages),
        "extensions": ", ".join(certificate.extension_oids),
        "lifetime": f"{days} days",
        "digest": certificate.digest_name,
        "key": f"{certificate.key_bits} bits",
        "is a CA": "yes" if certificate.is_ca else "no",
        "serial": "positive" if certificate.serial > 0 else "not positive",
    }
    for name, value in values.items():
        yield names.fact(f"{what}: {name}", value)
