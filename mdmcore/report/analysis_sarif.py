"""An analysis as SARIF 2.1.0 (formats.md 6.1): captures are artifacts, findings results.

Each result names its first exchange as ``webRequest`` and ``webResponse``: method, URL, status and
what was decoded, masked as everywhere. The fingerprint stays the same from capture to capture
(``identity``), so that a code host knows a finding again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePath, PureWindowsPath
from typing import Any, BinaryIO
from urllib.parse import quote

from mdmcore.report.across import capture_of
from mdmcore.report.identity import fingerprint, sightings
from mdmcore.report.model import CaptureRow, ExchangeRow, FindingRow, PlaceRow
from mdmcore.report.outcome import Outcome
from mdmcore.report.plain import plain
from mdmcore.report.sarif import FINGERPRINT, SarifResult, lines_of, sarif_document
from mdmcore.report.spool import ExchangeFacts, ExchangeLines, facts_by_id, rows_by_id
from mdmcore.rules import Severity, entry

type Json = dict[str, Any]


def write_sarif(out: BinaryIO, outcome: Outcome, lines: ExchangeLines) -> None:
    """Write the document of an outcome."""
    document = analysis_sarif(outcome, lines)
    out.write(json.dumps(document, indent=1, ensure_ascii=True).encode("ascii") + b"\n")


def analysis_sarif(outcome: Outcome, lines: ExchangeLines) -> Json:
    """The document, in plain JSON types."""
    artifacts = {capture.path: number for number, capture in enumerate(outcome.captures)}
    places = {place.exchange for finding in outcome.findings for place in finding.places}
    facts = facts_by_id(lines, places)
    first = {finding.places[0].exchange for finding in outcome.findings if finding.places}
    rows = list(rows_by_id(lines, first))
    web = {row.id: number for number, row in enumerate(rows)}
    devices = {life.id: life.device for life in outcome.lives}
    results = [
        _result(
            finding,
            artifacts=artifacts,
            web=web,
            device=devices.get(finding.life or "", {}),
            facts=facts,
        )
        for finding in outcome.findings
    ]
    run: Json = {
        "automationDetails": {"id": automation_id(outcome.captures)},
        "invocations": [_invocation(outcome, artifacts)],
        "artifacts": [_artifact(capture) for capture in outcome.captures],
        "webRequests": [_request(row) for row in rows],
        "webResponses": [_response(row) for row in rows],
    }
    return sarif_document(results, run=run)


def automation_id(captures: Sequence[CaptureRow]) -> str:
    """What keeps the results of one upload apart from those of another: the capture's name, or that
    of the folder that all are in."""
    if len(captures) == 1:
        return f"mdmproxy/{plain(PurePath(captures[0].path).name)}/"
    parents = [PurePath(capture.path).parent.parts for capture in captures]
    shared = []
    for parts in zip(*parents, strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    name = PurePath(*shared).name if shared else ""
    return f"mdmproxy/{plain(name)}/" if name else "mdmproxy/"


def uri_of(path: str) -> str:
    """A path as a URI, relative where it is: ``/`` between its parts, percent-encoded."""
    windows = PureWindowsPath(path)
    if windows.drive:
        return f"file:///{quote(windows.as_posix(), safe='/:')}"
    return f"file://{quote(path)}" if path.startswith("/") else quote(path.replace("\\", "/"))


def _result(
    finding: FindingRow,
    *,
    artifacts: Mapping[str, int],
    web: Mapping[str, int],
    device: Mapping[str, str],
    facts: Mapping[str, ExchangeFacts],
) -> SarifResult:
    more: Json = {
        "partialFingerprints": {FINGERPRINT: fingerprint(sightings(finding, device, facts))},
        "occurrenceCount": finding.count,
        "properties": {
            "life": finding.life,
            "device": {name: plain(text) for name, text in device.items()},
            "causedBy": list(finding.caused_by),
        },
    }
    number = web.get(finding.places[0].exchange) if finding.places else None
    if number is not None:
        more |= {"webRequest": {"index": number}, "webResponse": {"index": number}}
    return SarifResult(
        rule_id=finding.rule,
        rule=entry(finding.rule),
        severity=Severity(finding.severity),
        message=f"{finding.message}\nEffect: {finding.effect}\nFix: {finding.fix}",
        locations=tuple(_location(place, artifacts) for place in finding.places),
        more=more,
    )


def _location(place: PlaceRow, artifacts: Mapping[str, int]) -> Json:
    where = dict(place.where)
    part = where.pop("part", "")
    index = place.exchange.rpartition(":")[2]
    finders = [f"{name} {value}" for name, value in where.items()]
    name = plain("/".join(["exchange", index, part, "; ".join(finders)]).rstrip("/"))
    location: Json = {
        "logicalLocations": [
            {"name": plain(part or "exchange"), "fullyQualifiedName": name, "kind": "element"}
        ],
        "message": {"text": plain(place.evidence) or name},
    }
    capture = capture_of(place.exchange)
    if capture in artifacts:
        location["physicalLocation"] = {
            "artifactLocation": {"uri": uri_of(capture), "index": artifacts[capture]},
            # Code hosts show nothing without a line; a capture has none.
            "region": {"startLine": 1},
        }
    return location


def _artifact(capture: CaptureRow) -> Json:
    return {
        "location": {"uri": uri_of(capture.path)},
        "roles": ["analysisTarget"],
        "properties": {"format": capture.format, "exchanges": capture.exchanges},
    }


def _invocation(outcome: Outcome, artifacts: Mapping[str, int]) -> Json:
    """Whether all was read; what was not is a notification."""
    told = [
        {
            "level": "error",
            "message": {"text": lines_of(f"{error.where}: {error.message}")},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {
                            "uri": uri_of(capture.path),
                            "index": artifacts[capture.path],
                        }
                    }
                }
            ],
        }
        for capture in outcome.captures
        for error in capture.errors
    ]
    return {"executionSuccessful": not told, "toolExecutionNotifications": told}


def _request(row: ExchangeRow) -> Json:
    return {
        "protocol": "HTTP",
        "method": plain(row.method),
        "target": plain(row.url),
        "properties": {
            "exchange": plain(row.id),
            "kind": row.kind,
            "summary": plain(row.summary),
            "decoded": row.decoded.get("request", {}),
        },
    }


def _response(row: ExchangeRow) -> Json:
    said: Json = {
        "protocol": "HTTP",
        "noResponseReceived": row.status is None,
        "properties": {
            "exchange": plain(row.id),
            "decoded": row.decoded.get("response", {}),
        },
    }
    return said if row.status is None else {**said, "statusCode": row.status}
