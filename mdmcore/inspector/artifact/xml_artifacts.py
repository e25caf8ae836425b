"""Loose documents that are no SOAP: provisioning documents, .aetx, AET, SyncML also as WBXML.

Each stands in the scene where it would stand in an exchange, the rest of which is not there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mdmcore.enrollment.aetx import read_enterprise_id, serialize_aetx
from mdmcore.errors import MdmError, ProtocolError, XmlError
from mdmcore.http import Headers, Response
from mdmcore.inspector.artifact.judge import every_rule, exchange_of, judge
from mdmcore.inspector.artifact.kind_names import ArtifactKind
from mdmcore.inspector.artifact.kinds import kind_of
from mdmcore.inspector.artifact.layers import Piece
from mdmcore.inspector.artifact.message_facts import flat_facts, syncml_words
from mdmcore.inspector.artifact.nested import aet_parts, document_parts
from mdmcore.inspector.artifact.pki_artifacts import problem_of
from mdmcore.inspector.artifact.profile import profile_of
from mdmcore.inspector.artifact.provisioning_facts import (
    aetx_comparison,
    document_facts,
    document_summary,
    is_aetx,
    is_renewal_answer,
)
from mdmcore.inspector.artifact.shown_xml import shown_xml
from mdmcore.inspector.artifact.values import ArtifactReport, ArtifactSettings, ReadProblem
from mdmcore.inspector.decode import decode
from mdmcore.inspector.describe import describe
from mdmcore.inspector.provisioning_part import read_provisioning
from mdmcore.namespaces import SYNCML_WBXML_MEDIA_TYPE
from mdmcore.rules import Finding, Rule
from mdmcore.rules.decoded import BodySide, Decoded, Kind
from mdmcore.syncml.model import SyncML
from mdmcore.syncml.wire import decode_body
from mdmcore.xml import Element, parse_lenient

AETX = "aetx"
_UNRECORDED = BodySide(part="request", is_recorded=False)


def read_document(piece: Piece, name: str, settings: ArtifactSettings) -> ArtifactReport:
    """The report of a provisioning document or an .aetx file; never raises."""
    part = read_provisioning(piece.data)
    is_token_file = part.document is not None and is_aetx(part.document)
    kind = Kind.RENEW if settings.is_renewal or is_renewal_answer(part) else Kind.RST
    decoded = Decoded(kind=kind, request=_UNRECORDED, provisioning=part)
    chosen = profile_of(decoded, settings)
    facts = document_facts(part, settings.mask)
    if settings.aetx is not None:
        facts["compared_with_aetx"] = aetx_comparison(part, settings.aetx)
    content: dict[str, Any] = describe(decoded, settings.mask)
    layers = (*piece.layers, "XML")
    exchange = exchange_of(name, settings, is_verbatim=piece.is_verbatim)
    only = _for_token_files if is_token_file else every_rule
    return ArtifactReport(
        name=name,
        kind=AETX if is_token_file else ArtifactKind.PROVISIONING,
        summary=document_summary(part),
        layers=layers,
        profile=chosen.profile,
        profile_reason=chosen.reason,
        facts=facts,
        content=content,
        parts=tuple(document_parts(part, layers, settings)),
        shown=_shown(part.root, settings),
        findings=judge(exchange, decoded, chosen, settings, only=only),
    )


_WELL_FORMED = "wap-not-wellformed"


def _for_token_files(rule: Rule) -> bool:
    """An .aetx file has the form of a provisioning document, but enrols nobody."""
    return rule.entry.phase == "aet" or rule.id == _WELL_FORMED


def read_aet(piece: Piece, name: str, settings: ArtifactSettings) -> ArtifactReport:
    """The report of an AET document: it is judged as the token of the .aetx file around it."""
    layers = (*piece.layers, "XML")
    try:
        parse_lenient(piece.data)
    except XmlError as error:
        return ArtifactReport(
            name=name,
            kind=ArtifactKind.AET,
            summary="an AET document that cannot be read",
            layers=layers,
            problem=problem_of(error, piece),
        )
    whole, *certificates = aet_parts(piece.data, "AET", piece.layers, settings)
    identity = read_enterprise_id(piece.data)
    chosen = profile_of(None, settings)
    report = ArtifactReport(
        name=name,
        kind=ArtifactKind.AET,
        summary=whole.summary,
        layers=layers,
        profile=chosen.profile,
        profile_reason=chosen.reason,
        facts=whole.facts,
        parts=tuple(certificates),
        shown=whole.shown,
    )
    if identity is None:
        return replace(report, notes=("not judged: no EnterpriseId was found in it",))
    findings = _aet_findings(piece, name, identity, settings)
    return replace(report, findings=findings)


def _aet_findings(
    piece: Piece, name: str, identity: str, settings: ArtifactSettings
) -> tuple[Finding, ...]:
    try:
        part = read_provisioning(serialize_aetx(identity, piece.data))
    except ProtocolError:  # the id is no number, so no file can hold it
        return ()
    decoded = Decoded(kind=Kind.RST, request=_UNRECORDED, provisioning=part)
    exchange = exchange_of(name, settings)
    found = judge(exchange, decoded, profile_of(None, settings), settings, only=_for_token_files)
    # The document around it was made here, its paths mean nothing to anybody.
    where = {"part": "document", "field": "AET"}
    return tuple(
        replace(finding, places=tuple(replace(place, where=where) for place in finding.places))
        for finding in found
    )


def read_syncml(piece: Piece, name: str, settings: ArtifactSettings) -> ArtifactReport:
    """The report of a SyncML message; never raises. Who sent it is told by its header."""
    is_wbxml = kind_of(piece.data) is ArtifactKind.WBXML
    headers = Headers([("Content-Type", SYNCML_WBXML_MEDIA_TYPE)] if is_wbxml else [])
    is_device = _is_from_device(piece.data, headers)
    if is_device:
        exchange = exchange_of(
            name, settings, request=piece.data, headers=headers, is_verbatim=piece.is_verbatim
        )
    else:
        answer = Response(status=200, headers=headers, body=piece.data)
        exchange = exchange_of(name, settings, response=answer, is_verbatim=piece.is_verbatim)
    decoded = decode(exchange, kind=Kind.SYNCML)
    side = decoded.request if is_device else decoded.response
    assert side is not None
    chosen = profile_of(decoded, settings)
    content: dict[str, Any] = describe(decoded, settings.mask)
    described = content.get("request" if is_device else "response", {})
    return ArtifactReport(
        name=name,
        kind=ArtifactKind.SYNCML,
        summary=_syncml_summary(side, is_device=is_device),
        layers=(*piece.layers, "WBXML" if is_wbxml else "XML"),
        profile=chosen.profile,
        profile_reason=chosen.reason,
        problem=_unreadable(side) if is_wbxml else None,
        facts=_syncml_facts(described, is_device=is_device),
        content=content,
        shown=_shown(side.root, settings),
        findings=judge(exchange, decoded, chosen, settings),
    )


def _is_from_device(data: bytes, headers: Headers) -> bool:
    """A server calls itself by a URL and the device by its id; a device does it the other way."""
    try:
        message, _ = decode_body(data, headers, strict=False)
    except MdmError:
        return True
    return not message.header.source.strip().lower().startswith(("http://", "https://"))


def _unreadable(side: BodySide) -> ReadProblem | None:
    """Where reading WBXML ended, if it did: unlike XML, nothing behind that can be recovered."""
    if side.syncml is not None or not side.notes:
        return None
    last = side.notes[-1]
    return ReadProblem(message=last.message, where=last.place)


def _syncml_summary(side: BodySide, *, is_device: bool) -> str:
    who = "device" if is_device else "server"
    message: SyncML | None = side.syncml
    if message is None:
        return "a SyncML message that cannot be read"
    broken = ", not well-formed" if side.problems else ""
    return f"SyncML from the {who}, {syncml_words(message)}{broken}"


def _syncml_facts(described: dict[str, Any], *, is_device: bool) -> dict[str, Any]:
    message = dict(described.get("syncml", {}))
    commands = message.pop("commands", [])
    rest = {name: value for name, value in described.items() if name != "syncml"}
    return {
        "from": "the device" if is_device else "the server",
        **flat_facts(message),
        "commands": [_command(command) for command in commands[:_SHOWN_COMMANDS]],
        **flat_facts(rest),
    }


_SHOWN_COMMANDS = 40


def _command(command: dict[str, Any]) -> str:
    """A command in a few words: its name, what it is about, and its code."""
    items = command.get("items") or []
    targets = [item.get("target") or item.get("source") or "" for item in items]
    words = [
        str(command.get("command", "")),
        str(command.get("cmd") or ""),
        str(command.get("code") or command.get("data") or ""),
        " ".join(target for target in targets if target),
    ]
    return " ".join(word for word in words if word)


def _shown(root: Element | None, settings: ArtifactSettings) -> str:
    return shown_xml(root, settings.mask) if settings.is_shown and root is not None else ""
