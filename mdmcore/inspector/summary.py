"""One line for people about an exchange: what was asked and what was answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from mdmcore.codes import alert_name, status_name
from mdmcore.enrollment.fault import SoapFault
from mdmcore.errors import MdmError
from mdmcore.http import Exchange
from mdmcore.inspector.describe_observation import observed_line
from mdmcore.inspector.shown import shown
from mdmcore.namespaces import (
    ALERT_CLIENT_INITIATED,
    ALERT_NEXT_MESSAGE,
    ALERT_SERVER_INITIATED,
)
from mdmcore.pki.certificate import parse_certificate
from mdmcore.rules.decoded import SOAP_KINDS, BodySide, Decoded, Kind, RenewalPart
from mdmcore.rules.life import Life
from mdmcore.syncml.hmac_header import HMAC_HEADER
from mdmcore.syncml.message_signature import signature_header
from mdmcore.syncml.model import Alert, AnyCommand, Container, Results, Status, SyncML

_MAX_SUMMARY = 300
_MAX_NAMES = 3
_ORDINARY_ALERTS = frozenset(
    {ALERT_SERVER_INITIATED, ALERT_CLIENT_INITIATED, ALERT_NEXT_MESSAGE},
)
_STEPS = {
    Kind.DISCOVER: "Discover",
    Kind.GETPOLICIES: "GetPolicies",
    Kind.RST: "RST",
    Kind.RENEW: "RST Renew",
}


def summarize(exchange: Exchange, decoded: Decoded, life: Life) -> str:
    """At most 300 characters, no control characters, no secrets."""
    return shown(_line(exchange, decoded, life), _MAX_SUMMARY)


def _line(exchange: Exchange, decoded: Decoded, life: Life) -> str:
    kind = decoded.kind
    if exchange.observation is not None:
        return observed_line(exchange.observation, decoded.codes)
    if kind in SOAP_KINDS:
        return f"{_asked(decoded)} -> {_soap_answer(exchange, decoded)}"
    if kind is Kind.SYNCML:
        return _syncml(exchange, decoded)
    if kind is Kind.HUB:
        return _hub(exchange, decoded)
    if kind is Kind.PROBE:
        return f"Discovery probe -> {_status(exchange)}"
    if kind is Kind.WAB:
        return _sign_in(exchange, decoded)
    if kind is Kind.TLS:
        said = f"Connection to {exchange.request.host or '?'}: {exchange.error or 'no request'}"
        return f"{said}{_shown_chain(exchange)}"
    request = exchange.request
    if kind is Kind.MARK:
        return f"Mark: {unquote(request.path.removeprefix('/'))}"
    return f"{request.method} {request.host}{request.path} -> {_status(exchange)}"


def _shown_chain(exchange: Exchange) -> str:
    """What the server showed on a connection that passed untouched."""
    connection, tls = exchange.connection, exchange.tls
    if connection is None or not connection.is_passed_through or tls is None:
        return ""
    try:
        leaf = parse_certificate(next(iter(tls.server_certificates), b""))
    except MdmError:
        return ""
    names = ", ".join(leaf.dns_names[:_MAX_NAMES]) or leaf.subject.rfc4514()
    return f"; certificate of {names} by {leaf.issuer.rfc4514()}, until {leaf.not_after:%Y-%m-%d}"


def _status(exchange: Exchange) -> str:
    if exchange.response is None:
        return exchange.error or "no answer"
    status = str(exchange.response.status)
    return f"{status}, not whole: {exchange.error}" if exchange.is_broken_off else status


def _asked(decoded: Decoded) -> str:
    name = _STEPS[decoded.kind]
    request = decoded.request
    if request.envelope is None:
        return f"{name} {_without_reading(request)}"
    words = [name, *_asked_details(decoded)]
    return words[0] + (f" {', '.join(words[1:])}" if words[1:] else "")


def _without_reading(side: BodySide) -> str:
    if not side.is_recorded:
        return "whose body was not recorded"
    return "that cannot be read" if side.body.strip() else "without a body"


def _asked_details(decoded: Decoded) -> Iterator[str]:
    if decoded.discover is not None:
        yield decoded.discover.email_address or "without EmailAddress"
        if decoded.discover.request_version:
            yield f"RequestVersion {decoded.discover.request_version}"
        return
    envelope = decoded.request.envelope
    if envelope is not None and envelope.username:
        yield envelope.username
    if decoded.renewal is not None:
        yield _signed(decoded.renewal)
    part = decoded.csr
    if part is not None:
        if part.csr is None:
            yield "unreadable CSR"
        else:
            yield f"CSR {part.csr.key_bits or '?'} bits {part.csr.digest_name}"


def _signed(part: RenewalPart) -> str:
    if part.signed is None:
        return "unreadable PKCS#7"
    layers = f", base64 {part.layers} times" if part.layers != 1 else ""
    if part.signer is None:
        return f"PKCS#7 without its signer's certificate{layers}"
    verdict = "signed" if part.signer_problem is None else "NOT signed"
    return f"{verdict} by {part.signer.subject.rfc4514()}{layers}"


def _sign_in(exchange: Exchange, decoded: Decoded) -> str:
    page = decoded.wab
    who = f" {page.login_hint}" if page is not None and page.login_hint else ""
    line = f"Sign-in page{who} -> {_status(exchange)}"
    if page is None or page.form is None:
        return line
    if page.is_end:
        return f"{line} token for {page.form.action or 'nobody'}"
    return f"{line} form with {', '.join(name for name, _ in page.form.fields) or 'no field'}"


def _soap_answer(exchange: Exchange, decoded: Decoded) -> str:
    side = decoded.response
    if side is None or exchange.is_broken_off:
        return _status(exchange)
    if side.fault is not None:
        return _fault(side.fault, _status(exchange))
    if side.envelope is None:
        status = _status(exchange)
        if not side.is_recorded:
            return status
        if not side.body.strip():
            return f"{status} with an empty body"
        return f"{status}, a web page" if side.is_html else f"{status}, no SOAP"
    if decoded.discover_response is not None:
        return decoded.discover_response.auth_policy or "no AuthPolicy"
    if decoded.policies is not None:
        bits = decoded.policies.minimal_key_length
        return f"key of {bits} bits" if bits is not None else "no key length"
    if decoded.rstrc is not None:
        return _provisioned(decoded)
    return side.envelope.body_name or "an empty SOAP Body"


def _fault(fault: SoapFault, status: str) -> str:
    reason = f": {fault.reason}" if fault.reason else ""
    return f"{status} fault {fault.title}{reason}"


def _provisioned(decoded: Decoded) -> str:
    part = decoded.provisioning
    if decoded.token_form is not None:
        return f"{decoded.token_form}, no provisioning document"
    if part is None:
        return "a token that is no base64"
    names = [
        item.certificate.subject.rfc4514()
        for item in part.client_certificates
        if item.certificate is not None
    ]
    if part.document is None:
        return "an unreadable provisioning document"
    return names[0] if names else "no client certificate"


def _syncml(exchange: Exchange, decoded: Decoded) -> str:
    asked, answered = decoded.request_syncml, decoded.response_syncml
    if asked is None:
        what = f"SyncML {_without_reading(decoded.request)}"
    else:
        header = asked.header
        words = ", ".join((*_proofs(exchange), *_message_words(asked))) or "nothing"
        what = f"DM session {header.session_id} message {header.msg_id}: {words}"
    if answered is not None:
        return f"{what} -> {', '.join(_message_words(answered)) or 'nothing'}"
    return f"{what} -> {_status(exchange)}{_without_message(exchange)}"


def _without_message(exchange: Exchange) -> str:
    """What an answer holds that is no message, where its status promises one."""
    response = exchange.response
    if response is None or response.body is None:
        return ""
    if not response.body:
        return " with an empty body"
    return ", SyncML that cannot be read" if response.status < 300 else ""


def _proofs(exchange: Exchange) -> Iterator[str]:
    """What proves the device beside a Cred: its certificate in TLS, an HMAC, a signature."""
    if exchange.tls is not None and exchange.tls.client_certificates:
        yield "client certificate"
    if HMAC_HEADER in exchange.request.headers:
        yield "HMAC"
    if signature_header(exchange.request.headers) is not None:
        yield "signed"


def _message_words(message: SyncML) -> Iterator[str]:
    status = message.header_status
    if status is not None:
        yield _named(status.data, status_name)
    if message.header.cred is not None:
        yield f"Cred {message.header.cred.type.removeprefix('syncml:auth-') or 'without Type'}"
    counts = Counter(_word(command) for command in message.commands)
    for word, count in counts.items():
        if word:
            yield f"{word} x{count}" if count > 1 else word


def _word(command: AnyCommand) -> str:
    if isinstance(command, Status):
        # Only what went wrong is worth a word; that each command was answered is the rule.
        is_good = command.is_for_header or command.data.startswith("2")
        return "" if is_good else f"Status {_named(command.data, status_name)}"
    if isinstance(command, Alert):
        return f"Alert {_named(command.code, alert_name)}"
    if isinstance(command, Results):
        return "Results"
    if isinstance(command, Container):
        return f"{command.name} of {len(command.commands)}"
    items = getattr(command, "items", ())
    sources = [item.source or "" for item in items]
    if command.name == "Replace" and sources and all(s.startswith("./DevInfo/") for s in sources):
        return "Replace DevInfo"
    return command.name


def _named(code: str, name_of: Callable[[str], str]) -> str:
    """The code and what it is called; of the ordinary course of a session the code alone."""
    name = "" if code.startswith("2") or code in _ORDINARY_ALERTS else name_of(code)
    if name[1:2].islower():
        name = f"{name[0].lower()}{name[1:]}"
    return f"{code} {name}" if name else code


def _hub(exchange: Exchange, decoded: Decoded) -> str:
    facts = decoded.hub
    name = exchange.request.path.rpartition("/")[2] or exchange.request.path
    words = [f"Company Hub {name}", f"{exchange.request.method} -> {_status(exchange)}"]
    if facts is not None and facts.content_range:
        words.append(facts.content_range.removeprefix("bytes ").strip())
    elif facts is not None and facts.body_length is not None:
        words.append(f"{facts.body_length} bytes")
    return " ".join(words)
