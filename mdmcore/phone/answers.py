"""Opening a SOAP answer of the enrolment legs: HTTP, envelope, Action, RelatesTo, fault.

Sources: enrollment.md sections 2, 3, 11. What stands in the body is read by the step itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from mdmcore.codes import fault_entry
from mdmcore.http import Headers, Request, Response
from mdmcore.namespaces import (
    ADDRESSING,
    FAULT_HRESULTS,
    SOAP,
    SOAP_11,
    SOAP_CONTENT_TYPE,
    SOAP_MEDIA_TYPE,
)
from mdmcore.phone.exact import Exact, need_uri
from mdmcore.phone.refusal import Refusal, Step
from mdmcore.phone.settings import Caution, PhoneSettings
from mdmcore.phone.web import check_whole, strict_xml
from mdmcore.xml import child, local_name, namespace_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the answer to one SOAP request must look like."""

    step: Step
    action: str
    message_id: str
    envelopes: tuple[str, ...] = (SOAP,)


def soap_request(url: str, body: bytes, settings: PhoneSettings) -> Request:
    """A POST of the enrolment legs."""
    return Request(
        method="POST",
        url=url,
        headers=Headers(
            [
                ("Content-Type", SOAP_CONTENT_TYPE),
                ("User-Agent", settings.device.enrollment_user_agent),
                ("Cache-Control", "no-cache"),
            ]
        ),
        body=body,
    )


def open_answer(response: Response, expected: Expected, settings: PhoneSettings) -> Exact:
    """The SOAP body of an answer that the device accepts; Refusal for any other."""
    step = expected.step
    if 300 <= response.status < 400:
        raise Refusal(
            "the answer is a redirect, the device does not follow it here",
            step=step,
            place="status",
            evidence=f"{response.status} {response.headers.get('Location') or ''}".strip(),
        )
    body = check_whole(response, step)
    if response.status >= 400:
        raise _http_error(response, body, step)
    if response.status != 200:
        raise Refusal("not HTTP 200", step=step, place="status", evidence=str(response.status))
    _check_type(response, body, step, settings)
    envelope = _envelope(body, expected)
    soap = namespace_of(envelope.element)
    content = envelope.need(soap, "Body")
    fault = content.find(soap, "Fault")
    if fault is not None:
        raise _fault(fault, soap, status=200)
    _check_header(envelope.need(soap, "Header"), soap, expected, settings)
    return content


def _check_type(response: Response, body: bytes, step: Step, settings: PhoneSettings) -> None:
    if not body:
        raise Refusal(
            "HTTP 200 with an empty message (0x80180029)", step=step, place="body", evidence=""
        )
    media_type = response.media_type
    given = response.headers.get("Content-Type") or "(none)"
    if media_type in {"text/html", "application/xhtml+xml"}:
        raise Refusal(
            "an HTML page instead of a SOAP message (0x80180001)",
            step=step,
            place="header Content-Type",
            evidence=given,
        )
    if media_type != SOAP_MEDIA_TYPE and Caution.CONTENT_TYPE in settings.cautions:
        raise Refusal(
            f"the media type is not {SOAP_MEDIA_TYPE}",
            step=step,
            place="header Content-Type",
            evidence=given,
        )


def _envelope(body: bytes, expected: Expected) -> Exact:
    root = strict_xml(body, expected.step)
    envelope = Exact(element=root, step=expected.step)
    if local_name(root) != "Envelope" or namespace_of(root) not in expected.envelopes:
        raise envelope.refuse(
            f"not a SOAP envelope in namespace {expected.envelopes[0]!r}",
            f"{local_name(root)} in {namespace_of(root)!r}",
        )
    return envelope


def _check_header(header: Exact, soap: str, expected: Expected, settings: PhoneSettings) -> None:
    action = header.find(ADDRESSING, "Action")
    if action is None:
        element = child(header.element, "Action")
        if element is None or Caution.ACTION_HEADER in settings.cautions:
            action = header.need(ADDRESSING, "Action")
        else:
            action = Exact(element=element, step=header.step)
    elif Caution.ACTION_HEADER in settings.cautions:
        mark = action.attribute("mustUnderstand", soap)
        if mark not in {"1", "true"}:
            raise action.refuse("Action lacks mustUnderstand", str(mark))
    need_uri(action, expected.action)
    if Caution.RELATES_TO in settings.cautions:
        need_uri(header.need(ADDRESSING, "RelatesTo"), expected.message_id)


def _http_error(response: Response, body: bytes, step: Step) -> Refusal:
    """A fault if there is one, else the transport failure as the device reports it."""
    try:
        root = strict_xml(body, step) if body else None
    except Refusal:
        root = None
    if root is not None and namespace_of(root) in {SOAP, SOAP_11}:
        soap = namespace_of(root)
        fault = Exact(element=root, step=step).find(soap, "Body", "Fault")
        if fault is not None:
            return _fault(fault, soap, status=response.status)
    return Refusal(
        f"HTTP {response.status} (0x8019{response.status & 0xFFFF:04X})",
        step=step,
        place="status",
        evidence=body[:200].decode("utf-8", "replace"),
    )


def _fault(fault: Exact, soap: str, *, status: int) -> Refusal:
    """What a SOAP fault says (enrollment.md 11); under HTTP 200 its code is lost to the user."""
    value = fault.find(soap, "Code", "Subcode", "Value")
    subcode = "" if value is None else value.text.rsplit(":", 1)[-1]
    reason_text = fault.find(soap, "Reason", "Text")
    said = "" if reason_text is None else reason_text.text
    known = fault_entry(subcode) if subcode in FAULT_HRESULTS else None
    if status == 200:
        meaning = "a SOAP fault under HTTP 200 (0x801900C8)"
    elif known is not None:
        meaning = f"SOAP fault {subcode}: {known.meaning} ({known.code})"
    else:
        meaning = f"SOAP fault of unknown subcode {subcode!r}"
    return Refusal(
        meaning,
        step=fault.step,
        place=(fault if value is None else value).place,
        evidence=": ".join(part for part in (subcode, said) if part),
    )
