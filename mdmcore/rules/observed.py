"""Symptoms that are seen as such: the server refuses, or says of itself that something failed.
Their causes are other rules' matter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from mdmcore.codes import code_words
from mdmcore.namespaces import FAULT_HRESULTS
from mdmcore.rules.decoded import SOAP_KINDS, Kind
from mdmcore.rules.life import CredVerdict
from mdmcore.rules.model import Hit
from mdmcore.rules.proxy_words import proxy_words, refused_by_proxy
from mdmcore.rules.refusals import fault_causes
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene


@rule("enrollment-refused", kinds=SOAP_KINDS)
def enrollment_refused(scene: Scene) -> Iterator[Hit]:
    """An enrolment step is answered with a SOAP fault, so enrolment ends. Read its subcode and
    reason: Authentication is about user name or password, CertificateRequest about the CSR."""
    side = scene.decoded.response
    if side is None or side.fault is None:
        return
    fault = side.fault
    subcode = next(
        (name for name in FAULT_HRESULTS if name.lower() == fault.subcode.lower()), fault.subcode
    )
    parts = [f"{_STEPS[scene.decoded.kind]} is refused: {subcode or fault.code or 'SOAP fault'}"]
    if fault.hresult is not None:
        words = code_words("hresult", fault.hresult)
        parts.append(f"0x{fault.hresult:08X} {words['name']} ({words['meaning']})")
    said = f'; the server says "{fault.reason[:200]}"' if fault.reason else ""
    yield scene.hit(
        " ".join(parts) + said,
        part="response",
        xpath=fault.path or "/Envelope/Body/Fault",
        evidence=subcode or fault.code,
        caused_by=fault_causes(scene, subcode),
    )


_LEGS = SOAP_KINDS | {Kind.PROBE, Kind.WAB, Kind.SYNCML, Kind.HUB}
_SHORT = re.compile(r"received (\d{1,18}) bytes, expected (\d{1,18})", re.IGNORECASE)
"""The words of h11 for a body that ends too early, which mitmproxy and httpx pass on."""
_BY_MITMPROXY = "HTTP/1 protocol error: "
_TIMED_OUT = re.compile(r"timed? ?out", re.IGNORECASE)
_PATIENCE = timedelta(seconds=60)
"""How long a device may wait for an answer; the figure is ours [U]."""
# The words of mitmproxy, h11 and httpx, and of the system for a reset.
_BROKEN_OFF = re.compile(
    r"\breset\b|clos(ed|es|ing)\b|incomplete|server disconnected", re.IGNORECASE
)
# The words of httpx, as the simulated devices have them.
_NOT_CONNECTED = re.compile(r"ConnectError: |ConnectionRefusedError: ")
_DEVICE_LEFT = re.compile(r"client|the device left", re.IGNORECASE)

_STEPS = {
    Kind.DISCOVER: "discovery",
    Kind.GETPOLICIES: "the policies request",
    Kind.RST: "enrolment",
    Kind.RENEW: "renewal",
}


@rule("dm-credentials-refused", kinds={Kind.SYNCML})
def dm_credentials_refused(scene: Scene) -> Iterator[Hit]:
    """The server answers the device's credentials with 401: the digest or password is wrong, its
    nonce is old, or the server does not know the device. Compare them with what was provisioned."""
    asked, answered = scene.decoded.request_syncml, scene.decoded.response_syncml
    if asked is None or answered is None or asked.header.cred is None:
        return
    status = answered.header_status
    if status is None or status.data.strip() != "401":
        return
    check = scene.device_cred
    verdict = check.verdict if check is not None else CredVerdict.UNKNOWN
    yield scene.hit(
        f"the server refuses the device's credentials with 401: {_VERDICTS[verdict]}",
        part="response",
        xpath=f"{status.place}/Data",
        evidence=asked.header.cred.type or "Cred without Type",
    )


@rule("session-called-failed", kinds={Kind.SYNCML})
def called_failed(scene: Scene) -> Iterator[Hit]:
    """The server's own log calls a DM session failed that has ended as it should: nothing more is
    to come from the device. Close the session when the last message has no commands."""
    asked = scene.decoded.request_syncml
    if asked is None:
        return
    wanted = asked.header.session_id
    session = next((s for s in reversed(scene.life.sessions) if s.session_id == wanted), None)
    if session is None or not session.is_ended:
        return
    for line in scene.exchange.remarks:
        if _FAILED.search(line) and _SESSION.search(line):
            yield scene.hit(
                f"the server's log calls session {wanted} failed, which has ended as it should",
                part="response",
                xpath="/SyncML/SyncHdr",
                evidence=line,
                caused_by=("silence-misread-as-failure",),
            )
            return


_FAILED = re.compile(
    r"(?i)\b(?:fail(?:s|ed|ure)?|errors?|time[sd]?[ -]?out|abort(?:s|ed)?|incomplete|lost|broken|"
    r"no (?:further|next|more) (?:message|package|request|answer)|"
    r"(?:did not|didn't|does not) (?:respond|answer|continue))\b"
)
_SESSION = re.compile(r"(?i)session|syncml|oma-?dm|package|message|device|client")

_VERDICTS = {
    CredVerdict.RIGHT: "they are right by the provisioned account, so the server is mistaken",
    CredVerdict.WRONG: "they are wrong by the provisioned account",
    CredVerdict.UNKNOWN: "whether they are right is not known, the enrolment was not seen",
}


@rule("answer-broken-off", kinds=_LEGS)
def answer_broken_off(scene: Scene) -> Iterator[Hit]:
    """The connection was ended before the answer was whole, and not by the device, so the step
    fails. Look at the server's and the load balancer's log for that moment."""
    exchange = scene.exchange
    yield from refused_by_proxy(scene, "answer-broken-off")
    reason = exchange.error or ""
    response = exchange.response
    if not reason or (response is not None and response.body is not None):
        return
    if proxy_words(exchange) is not None:
        return
    if not _BROKEN_OFF.search(reason) or _DEVICE_LEFT.search(reason) or _SHORT.search(reason):
        return
    yield scene.hit(f"no whole answer came: {reason[:200]}", part="response", field="error")


@rule("answer-truncated", kinds=_LEGS)
def answer_truncated(scene: Scene) -> Iterator[Hit]:
    """The body ends before its Content-Length, so the answer is cut or no answer at all: a proxy
    gives the device an error of its own in its place. Send the whole body, and count its bytes."""
    yield from refused_by_proxy(scene, "answer-truncated")
    found = _SHORT.search(scene.exchange.error or "")
    if found is None or (scene.exchange.error or "").startswith(_BY_MITMPROXY):
        return
    yield scene.hit(
        f"Content-Length is {found[2]}, {found[1]} bytes came",
        part="response",
        header="Content-Length",
        evidence=found[0],
    )


@rule("answer-slow", kinds=_LEGS - {Kind.HUB})
def answer_slow(scene: Scene) -> Iterator[Hit]:
    """The answer comes later than a device waits, or nobody waited for it any longer, so the step
    fails though the server may have done its work. Answer at once and do long work afterwards."""
    exchange = scene.exchange
    if proxy_words(exchange) is not None:
        return
    if exchange.error is not None and _TIMED_OUT.search(exchange.error):
        yield scene.hit(
            f"no answer in time: {exchange.error[:200]}", part="response", field="error"
        )
        return
    if exchange.started is None or exchange.ended is None:
        return
    took = exchange.ended - exchange.started
    if took >= _PATIENCE:
        yield scene.hit(
            f"the answer took {took.total_seconds():.0f} seconds",
            part="response",
            field="time",
            evidence=exchange.error or "",
        )


@rule("answer-not-http", kinds=_LEGS)
def answer_not_http(scene: Scene) -> Iterator[Hit]:
    """The answer breaks the rules of HTTP in its status line, its headers or its chunks, so that a
    proxy does not pass it on, and a device may not read it either. Let the web server or an HTTP
    library write the answer, and no code of your own."""
    yield from refused_by_proxy(scene, "answer-not-http")


@rule("server-unreachable", kinds=_LEGS)
def server_unreachable(scene: Scene) -> Iterator[Hit]:
    """No connection to the server can be made from here: nothing listens at its address, or what
    stands before it lets nothing through. Start the server, and look at its port and firewall."""
    yield from refused_by_proxy(scene, "server-unreachable")
    exchange = scene.exchange
    reason = exchange.error or ""
    if exchange.response is None and _NOT_CONNECTED.match(reason):
        yield scene.hit(
            f"no connection to {exchange.request.host}: {reason[:200]}",
            part="request",
            field="url",
            evidence=reason,
        )
