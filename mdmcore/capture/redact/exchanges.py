"""An exchange with other values in all that it holds, and bodies left out that are not understood.

A package of the Company Hub is the enterprise's own: its bytes go, its length, its beginning and
the digests of its blocks stay, as where it had passed through a proxy. So do pictures and fonts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mdmcore.capture.redact import bodies, headers
from mdmcore.capture.redact.edits import apply_edits
from mdmcore.capture.redact.free_text import note_edits
from mdmcore.capture.redact.kinds import ValueKind
from mdmcore.capture.redact.message_proofs import with_proofs
from mdmcore.capture.redact.packed import readable
from mdmcore.capture.redact.scrubber import Scrubber
from mdmcore.capture.redact.urls import edits as url_edits
from mdmcore.connection import Connection
from mdmcore.http import Exchange, Notes, Request, Response, TlsFacts
from mdmcore.observation import Observation
from mdmcore.passed_body import BEGINNING_BYTES, BodyMeter, PassedBody
from mdmcore.rules.package_seen import start_of

_MEDIA = ("image/", "font/", "audio/", "video/")
_NAME_PART = re.compile(r"(?<==)[^,+/=]+")


def rewritten(run: Scrubber, exchange: Exchange, *, is_package: bool) -> Exchange:
    """The exchange; in the first pass it is looked at and comes back in any state."""
    place = f"exchange {exchange.index}"
    run.tally.at(place, "connection")
    tls = None if exchange.tls is None else _tls(run, exchange.tls)
    connection = None if exchange.connection is None else _connection(run, exchange.connection)
    peer = None if exchange.peer is None else run.value(ValueKind.ADDRESS, exchange.peer)
    request, left_out = _request(run, exchange.request, place)
    response = exchange.response
    if response is not None:
        response, more = _response(run, response, place, is_package=is_package)
        left_out += more
    run.tally.at(place, "notes")
    notes = _notes(run, exchange.notes)
    if left_out and not run.is_learning:
        notes = replace(notes, comment=" ".join(filter(None, (notes.comment, *left_out))))
    return replace(
        exchange,
        request=request,
        response=response,
        peer=peer,
        tls=tls,
        error=None if exchange.error is None else _note(run, exchange.error),
        remarks=tuple(_note(run, one) for one in exchange.remarks),
        connection=connection,
        observation=None if exchange.observation is None else _told(run, exchange.observation),
        notes=notes,
    )


def _told(run: Scrubber, told: Observation) -> Observation:
    """What a device itself tells. Thumbprints and what its report says of certificates go: the
    certificates that they belong to are not here to be made anew."""
    return replace(
        told,
        device=run.value(ValueKind.NAME, told.device) if told.device else "",
        users=tuple(run.value(ValueKind.EMAIL, user) for user in told.users),
        hosts=tuple(run.value(ValueKind.HOST, host) for host in told.hosts),
        enrollments=tuple(run.value(ValueKind.GUID, one) for one in told.enrollments),
        thumbprints=(),
        text=_note(run, told.text),
        facts={
            name: _note(run, text)
            for name, text in told.facts.items()
            if not name.startswith("certificate")
        },
    )


def _request(run: Scrubber, request: Request, place: str) -> tuple[Request, list[str]]:
    run.tally.at(place, "request URL")
    url = apply_edits(request.url, url_edits(run, request.url))
    run.tally.at(place, "request headers")
    fields = headers.rewritten(run, request.headers)
    run.tally.at(place, "request body")
    body, left_out = _body(run, request.body)
    if body is not None and request.body is not None:
        fields = bodies.with_length(fields, request.body, body)
        fields = with_proofs(run, fields, request.headers, request.body, body)
    return replace(request, url=url, headers=fields, body=body), left_out


def _response(
    run: Scrubber, response: Response, place: str, *, is_package: bool
) -> tuple[Response, list[str]]:
    run.tally.at(place, "response headers")
    fields = headers.rewritten(run, response.headers)
    run.tally.at(place, "response body")
    if response.passed is not None:
        return replace(response, headers=fields, passed=_beginning(run, response.passed)), []
    is_package = is_package or response.media_type.startswith(_MEDIA)
    if response.body and is_package and readable(response.body[:BEGINNING_BYTES]) is None:
        if not run.is_learning:
            run.tally.packages += 1
        return replace(_passed(response), headers=fields), []
    body, left_out = _body(run, response.body)
    if body is not None and response.body is not None:
        fields = bodies.with_length(fields, response.body, body)
        fields = with_proofs(run, fields, response.headers, response.body, body)
    return replace(response, headers=fields, body=body), left_out


def _passed(response: Response) -> Response:
    meter = BodyMeter(start_of(response))
    meter.take(response.body or b"")
    return replace(response, body=None, passed=meter.passed(is_whole=True))


def _beginning(run: Scrubber, passed: PassedBody) -> PassedBody:
    """The record of a body that was not kept: what it begins with may be text."""
    if readable(passed.beginning) is None:
        return passed
    new = bodies.rewritten(run, passed.beginning)
    return replace(passed, beginning=(new or b"")[:BEGINNING_BYTES])


def _body(run: Scrubber, body: bytes | None) -> tuple[bytes | None, list[str]]:
    if not body:
        return body, []
    new = bodies.rewritten(run, body)
    if new is not None or run.is_learning:
        return new, []
    run.tally.leave_out(len(body), "it is not understood")
    tag = run.pseudonyms.tag("body", body)
    return None, [f"[redacted {len(body)} bytes, sha256:{tag}]"]


def _tls(run: Scrubber, tls: TlsFacts) -> TlsFacts:
    return replace(
        tls,
        sni=tls.sni and run.value(ValueKind.HOST, tls.sni),
        server_sni=tls.server_sni and run.value(ValueKind.HOST, tls.server_sni),
        client_certificates=tuple(map(run.certificates.certificate, tls.client_certificates)),
        server_certificates=tuple(map(run.certificates.certificate, tls.server_certificates)),
    )


def _connection(run: Scrubber, connection: Connection) -> Connection:
    def host(text: str) -> str:
        return run.value(ValueKind.HOST, text) if text else text

    peer = connection.peer
    return replace(
        connection,
        host=host(connection.host),
        sni=host(connection.sni),
        peer=None if peer is None else run.value(ValueKind.ADDRESS, peer),
        detail=_note(run, connection.detail),
        server_detail=_note(run, connection.server_detail),
        accepted=tuple(_distinguished(run, one) for one in connection.accepted),
    )


def _distinguished(run: Scrubber, text: str) -> str:
    """A distinguished name as text: its values are names, its keywords stay."""
    if "=" not in text:
        return run.value(ValueKind.NAME, text)
    return _NAME_PART.sub(lambda one: run.value(ValueKind.NAME, one[0]), text)


def _note(run: Scrubber, text: str) -> str:
    return apply_edits(text, note_edits(run, text))


def _notes(run: Scrubber, notes: Notes) -> Notes:
    data = {key: _plain(run, value) for key, value in notes.data.items()}
    return replace(notes, comment=_note(run, notes.comment), data=data)


def _plain(run: Scrubber, value: Any) -> Any:
    """Plain JSON types with other texts in them."""
    if isinstance(value, str):
        return _note(run, value)
    if isinstance(value, Mapping):
        return {key: _plain(run, one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(run, one) for one in value]
    return value
