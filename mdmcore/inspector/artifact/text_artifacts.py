"""Loose artifacts that are text: user tokens, certutil dumps that are not whole, sign-in pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from mdmcore.errors import ParseError
from mdmcore.http import Headers, Response
from mdmcore.inspector.artifact.certutil_text import read_certutil_text
from mdmcore.inspector.artifact.dump_names import DumpFacts, Shape, read_dump
from mdmcore.inspector.artifact.judge import exchange_of, judge
from mdmcore.inspector.artifact.kind_names import ArtifactKind
from mdmcore.inspector.artifact.kinds import token_in
from mdmcore.inspector.artifact.layers import Piece
from mdmcore.inspector.artifact.pki_artifacts import issued, problem_of
from mdmcore.inspector.artifact.pki_facts import value_lines
from mdmcore.inspector.artifact.profile import profile_of
from mdmcore.inspector.artifact.user_token import parse_user_token, token_facts, token_summary
from mdmcore.inspector.artifact.values import ArtifactReport, ArtifactSettings
from mdmcore.inspector.decode import decode
from mdmcore.pki.asn1.name import DistinguishedName
from mdmcore.pki.certificate import Certificate
from mdmcore.rules import Finding, Rule
from mdmcore.rules.decoded import Kind


def read_user_token(piece: Piece, name: str, settings: ArtifactSettings) -> ArtifactReport:
    """The report of a JWT. No rule is about its content, which only its issuer can judge."""
    layers = (*piece.layers, "JWT")
    try:
        token = parse_user_token(piece.data)
    except ParseError as error:
        return ArtifactReport(
            name=name,
            kind=ArtifactKind.USER_TOKEN,
            summary="a user token that cannot be read",
            layers=layers,
            problem=problem_of(error, piece),
        )
    is_whole = settings.is_shown and settings.mask.show_secrets
    return ArtifactReport(
        name=name,
        kind=ArtifactKind.USER_TOKEN,
        summary=token_summary(token),
        layers=layers,
        facts=token_facts(token, settings.now),
        notes=("its signature is not verified: that takes its issuer's keys",),
        shown=token_in(piece.data) if is_whole else "",
    )


def read_dump_artifact(piece: Piece, name: str, settings: ArtifactSettings) -> ArtifactReport:
    """The report of a certutil dump that does not hold the whole certificate or CSR."""
    assert piece.dump is not None
    found = read_dump(piece.dump)
    is_request = found.shape is Shape.REQUEST
    chosen = profile_of(None, settings)
    exchange = exchange_of(name, settings)
    findings: tuple[Finding, ...] = ()
    if found.subject is not None and not is_request:
        decoded = issued(_with_subject(found.subject))
        findings = judge(exchange, decoded, chosen, settings, only=_about_subjects)
    return ArtifactReport(
        name=name,
        kind=ArtifactKind.CSR if is_request else ArtifactKind.CERTIFICATE,
        summary=_dump_summary(found),
        layers=piece.layers,
        profile=chosen.profile,
        profile_reason=chosen.reason,
        facts=_dump_facts(found, piece.dump.size),
        notes=tuple(_dump_notes(found)),
        findings=findings,
    )


def _with_subject(subject: DistinguishedName) -> Certificate:
    """A certificate of which only the subject is known; no rule looks at the rest."""
    unknown = datetime(2000, 1, 1, tzinfo=UTC)
    return Certificate(
        der=b"",
        serial=0,
        issuer=DistinguishedName(raw=b"", rdns=()),
        subject=subject,
        not_before=unknown,
        not_after=unknown,
        spki=b"",
        signature_algorithm="",
        ext_key_usages=None,
        is_ca=False,
        subject_key_id=None,
        authority_key_id=None,
        info_raw=b"",
        algorithm_raw=b"",
        signature=b"",
    )


_SUBJECT_RULES = frozenset(
    {
        "cert-default-subject",
        "cert-subject-not-printable",
        "cert-subject-has-nul",
        "cert-subject-illegal-printable",
    }
)


def _about_subjects(rule: Rule) -> bool:
    return rule.id in _SUBJECT_RULES


def _dump_summary(found: DumpFacts) -> str:
    what = "CSR" if found.shape is Shape.REQUEST else "certificate"
    subject = found.subject.rfc4514() if found.subject is not None else "no name in it"
    return f"part of a dump of a {what}: {subject}"


def _dump_facts(found: DumpFacts, size: int) -> dict[str, Any]:
    facts: dict[str, Any] = {"complete": False, "bytes": size}
    if found.subject is not None:
        facts["subject"] = found.subject.rfc4514()
        facts["subject_values"] = value_lines(found.subject)
        facts["subject_types"] = [one.type_name for one in found.subject.attributes]
        facts["subject_has_nul"] = any(one.has_nul for one in found.subject.attributes)
    if found.issuer is not None:
        facts["issuer"] = found.issuer.rfc4514()
    if found.times:
        facts["times"] = list(found.times)
    if found.gaps:
        facts["missing"] = list(found.gaps)
    if found.subject is None:
        facts["elements"] = list(found.elements)
    return facts


def _dump_notes(found: DumpFacts) -> list[str]:
    notes = ["the dump is not whole: dump the file again, or give the file, to judge all of it"]
    if found.is_assumed:
        notes.append("nothing tells which part of the name the string is; taken for CN")
    if found.shape is Shape.UNTOLD and found.subject is not None:
        notes.append(
            "judged as the subject of an issued certificate; in the CSR of a phone a NUL and "
            "the constant subject are normal"
        )
    return notes


def read_dump_text(piece: Piece, name: str, settings: ArtifactSettings) -> ArtifactReport:
    """The report of what ``certutil -dump`` prints: facts, nothing to judge."""
    is_request, facts = read_certutil_text(piece.data)
    what = "CSR" if is_request else "certificate"
    return ArtifactReport(
        name=name,
        kind=ArtifactKind.CSR if is_request else ArtifactKind.CERTIFICATE,
        summary=f"certutil's description of a {what}: {facts.get('subject', 'no subject in it')}",
        layers=(*piece.layers, "certutil -dump text"),
        facts={"complete": False, **facts},
        notes=(
            "not judged: such a text has neither string types nor NULs; give the file itself or "
            "what `certutil -asn FILE` prints",
        ),
    )


def read_sign_in_page(piece: Piece, name: str, settings: ArtifactSettings) -> ArtifactReport:
    """The report of a page of the sign-in in a browser (enrollment.md 5.2)."""
    headers = Headers([("Content-Type", "text/html")])
    answer = Response(status=200, headers=headers, body=piece.data)
    exchange = exchange_of(name, settings, response=answer, is_verbatim=piece.is_verbatim)
    decoded = decode(exchange, kind=Kind.WAB)
    chosen = profile_of(None, settings)
    return ArtifactReport(
        name=name,
        kind=ArtifactKind.SIGN_IN_PAGE,
        summary=f"a page of the sign-in, {len(piece.data)} bytes of HTML",
        layers=(*piece.layers, "HTML"),
        profile=chosen.profile,
        profile_reason=chosen.reason,
        facts={
            "bytes": len(piece.data),
            "has_wresult": b"wresult" in piece.data,
            "posts_to_app": b"ms-app://" in piece.data,
        },
        findings=judge(exchange, decoded, chosen, settings),
    )
