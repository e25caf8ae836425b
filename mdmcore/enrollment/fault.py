"""SOAP faults of the enrolment services (MS-MDE2 2.2.10, SOAP 1.2 part 1, enrollment.md 11).

The HTTP status of a fault is the server's matter. The web documentation prints all names in
lower case: that is read, never written. The mixed case of the detail element is inferred [U].
"""

from __future__ import annotations

from dataclasses import dataclass

from mdmcore.codes import code_words
from mdmcore.enrollment.soap import Envelope, envelope
from mdmcore.namespaces import DETAIL_HRESULTS, ENROLLMENT, FAULT_HRESULTS, SOAP, WCF_FAULT, XML
from mdmcore.xml import NOT_XML, Element, Node, children, local_name, path_of, qname, text_of

ACTION_FAULT = f"{WCF_FAULT}/fault"
"""Action of a generic WCF fault (MS-WSTEP 4.1.4.2)."""

_WCF_SUBCODES = frozenset({"InternalServiceFault", "InvalidSecurity"})
"""Subcodes whose prefix ``a`` is bound to the WCF dispatcher namespace; the others are ``s``."""

_MAX_REASON = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SoapFault:
    """A fault. ``subcode`` is without its prefix; texts are trimmed, empty when absent.

    ``is_lower_case`` marks one written like the web documentation, which SOAP 1.2 does not allow.
    """

    code: str
    subcode: str
    reason: str
    error_type: str = ""
    detail_message: str = ""
    trace_id: str = ""
    is_lower_case: bool = False
    path: str = ""

    @property
    def hresult(self) -> int | None:
        """What Windows 10 reports for it: that of the ErrorType, else that of the subcode."""
        for table, name in ((DETAIL_HRESULTS, self.error_type), (FAULT_HRESULTS, self.subcode)):
            for known, value in table.items():
                if known.lower() == name.lower():
                    return value
        return None

    @property
    def title(self) -> str:
        """For people: the name on the wire, the HRESULT that it leads to, and what that means."""
        name = self.subcode or self.code
        if self.hresult is None:
            return name
        words = code_words("hresult", self.hresult)
        return f"{name} 0x{self.hresult:08X} ({words['meaning']})"


def serialize_fault(
    subcode: str,
    reason: str,
    relates_to: str | None = None,
    *,
    action: str = ACTION_FAULT,
    error_type: str = "",
    trace_id: str = "",
) -> bytes:
    """A fault with code ``s:Receiver``; ``subcode`` is a key of ``FAULT_HRESULTS``.

    Never fails on ``reason``: it is cut at 1000 characters, what XML cannot carry is replaced.
    ``error_type`` (a key of ``DETAIL_HRESULTS``) adds the detail element for Windows 10.
    """
    prefix, namespace = ("a", WCF_FAULT) if subcode in _WCF_SUBCODES else ("s", SOAP)
    reason = _printable(reason)
    text = Node(qname(SOAP, "Text"), reason, {qname(XML, "lang"): "en-US"})
    value = Node(qname(SOAP, "Value"), f"{prefix}:{subcode}", nsmap={prefix: namespace})
    code = (Node(qname(SOAP, "Value"), "s:Receiver"), _soap("Subcode", value))
    parts = [_soap("Code", *code), _soap("Reason", text)]
    if error_type:
        parts.append(_soap("Detail", _detail(error_type, reason, trace_id)))
    return envelope(action, _soap("Fault", *parts), relates_to=relates_to)


def parse_fault(message: Envelope) -> SoapFault | None:
    """The fault that the body holds, or ``None``. SOAP 1.1 and lower-case names are read, too."""
    body = message.body
    if body is None or local_name(body).lower() != "fault":
        return None
    code = _text(body, "code", "value") or _text(body, "faultcode")
    subcode = _text(body, "code", "subcode", "value")
    detail = _find(body, "detail", "deviceenrollmentserviceerror")
    return SoapFault(
        code=code,
        subcode=subcode.rpartition(":")[2],
        reason=_text(body, "reason", "text") or _text(body, "faultstring"),
        error_type=_text(detail, "errortype"),
        detail_message=_text(detail, "message"),
        trace_id=_text(detail, "traceid"),
        is_lower_case=local_name(body) == "fault",
        path=path_of(body),
    )


def _detail(error_type: str, message: str, trace_id: str) -> Node:
    parts = [("ErrorType", error_type), ("Message", message)]
    if trace_id:
        parts.append(("TraceId", trace_id))
    nodes = tuple(Node(qname(ENROLLMENT, name), text) for name, text in parts)
    return Node(
        qname(ENROLLMENT, "DeviceEnrollmentServiceError"), children=nodes, nsmap={None: ENROLLMENT}
    )


def _soap(name: str, *parts: Node) -> Node:
    return Node(qname(SOAP, name), children=parts)


def _printable(text: str) -> str:
    return NOT_XML.sub("\ufffd", text[:_MAX_REASON])


def _find(parent: Element | None, *names: str) -> Element | None:
    current = parent
    for name in names:
        if current is None:
            return None
        current = next((e for e in children(current) if local_name(e).lower() == name), None)
    return current


def _text(parent: Element | None, *names: str) -> str:
    return text_of(_find(parent, *names))
