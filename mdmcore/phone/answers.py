"""Opening a SOAP answer of the enrolment legs: HTTP, envelope, Action, RelatesTo, fault.

Sources: enrollment.md sections 2, 3, 11. What stands in the body is read by the step itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from mdmcore.codes import fault_entry
from mdmcore.http import Headers, Request, Response
from mdmcore.namespaces import (
    ADDRESSING,
    DETAIL_HRESULTS,
    ENROLLMENT,
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

_EMPTY_MESSAGE = 0x80180029
_HTTP_FACILITY = 0x80190000
"""The HTTP status stands in the low word (enrollment.md 11)."""
_DETAIL = ("DeviceEnrollmentServiceError", "ErrorType")
_DETAIL_HRESULTS = {name.lower(): value for name, value in DETAIL_HRESULTS.items()}


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
        raise _http_error(response, body, step, settings)
    if response.status != 200:
        raise Refusal("not HTTP 200", step=step, place="status", evidence=str(response.status))
    _check_type(response, body, step, settings)
    envelope = _envelope(body, expected)
    soap = namespace_of(envelope.element)
    content = envelope.need(soap, "Body")
    fault = content.find(soap, "Fault")
    if fault is not None:
        raise _fault(fault, soap, settings, status=200)
    _check_header(envelope.need(soap, "Header"), soap, expected, settings)
    return content


def _check_type(response: Response, body: bytes, step: Step, settings: PhoneSettings) -> None:
    if not body:
        raise Refusal(
            "HTTP 200 with an empty message", step=step, place="body", hresult=_EMPTY_MESSAGE
        )
    media_type = response.media_type
    given = response.headers.get("Content-Type") or "(none)"
    if media_type in {"text/html", "application/xhtml+xml"}:
        raise Refusal(
            "an HTML page instead of a SOAP message",
            step=step,
            place="header Content-Type",
            evidence=given,
            hresult=FAULT_HRESULTS["MessageFormat"],
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


def _http_error(response: Response, body: bytes, step: Step, settings: PhoneSettings) -> Refusal:
    """A fault if there is one, else the transport failure as the device reports it."""
    try:
        root = strict_xml(body, step) if body else None
    except Refusal:
        root = None
    if root is not None and namespace_of(root) in {SOAP, SOAP_11}:
        soap = namespace_of(root)
        fault = Exact(element=root, step=step).find(soap, "Body", "Fault")
        if fault is not None:
            return _fault(fault, soap, settings, status=response.status)
    return Refusal(
        f"HTTP {response.status}",
        step=step,
        place="status",
        evidence=body[:200].decode("utf-8", "replace"),
        hresult=_HTTP_FACILITY | (response.status & 0xFFFF),
    )


def _fault(fault: Exact, soap: str, settings: PhoneSettings, *, status: int) -> Refusal:
    """What a SOAP fault says (enrollment.md 11); under HTTP 200 its code is lost to the user."""
    value = fault.find(soap, "Code", "Subcode", "Value")
    subcode = "" if value is None else value.text.rsplit(":", 1)[-1]
    reason_text = fault.find(soap, "Reason", "Text")
    said = [subcode, "" if reason_text is None else reason_text.text]
    place = fault if value is None else value
    meaning, hresult = f"SOAP fault of unknown subcode {subcode!r}", FAULT_HRESULTS.get(subcode)
    known = fault_entry(subcode) if hresult is not None else None
    if known is not None:
        meaning = f"SOAP fault {subcode}: {known.meaning}"
    error_type = _error_type(fault, soap) if settings.device.reads_fault_detail else None
    if error_type is not None:
        said.append(error_type.text)
        if error_type.text.lower() in _DETAIL_HRESULTS:
            place, hresult = error_type, _DETAIL_HRESULTS[error_type.text.lower()]
            meaning = f"SOAP fault {subcode}, {error_type.text}"
    if status == 200:
        meaning, hresult = "a SOAP fault under HTTP 200", _HTTP_FACILITY | 200
    evidence = ": ".join(part for part in said if part)
    return Refusal(meaning, step=fault.step, place=place.place, evidence=evidence, hresult=hresult)


def _error_type(fault: Exact, soap: str) -> Exact | None:
    """ErrorType of the fault's detail. The documents print its names in lower case; that they
    are mixed is inferred, so both are read [U]."""
    detail = fault.find(soap, "Detail")
    for names in (_DETAIL, tuple(name.lower() for name in _DETAIL)):
        found = None if detail is None else detail.find(ENROLLMENT, *names)
        if found is not None:
            return found
    return None
