"""Mistakes of DM answers below the message (session.md 3, 8.3)."""

from __future__ import annotations

from mdmcore.http import Response
from mdmcore.namespaces import SYNCML_WBXML_MEDIA_TYPE, SYNCML_XML_MEDIA_TYPE
from mdmcore.profiles import PROFILES
from mdmcore.server.answers import plain_answer
from mdmcore.server.faults.messages import answer_message, is_xml
from mdmcore.server.faults.model import Answered, Step, fault
from mdmcore.server.faults.texts import with_body, with_header
from mdmcore.syncml.wire import WireForm, encode_body

_OTHER_ENCODINGS = {
    SYNCML_XML_MEDIA_TYPE: SYNCML_WBXML_MEDIA_TYPE,
    SYNCML_WBXML_MEDIA_TYPE: SYNCML_XML_MEDIA_TYPE,
}
_ENROLLMENT_AGENTS = frozenset(device.enrollment_user_agent for device in PROFILES.values())


@fault("wrong-content-type", Step.MANAGE)
def plain_xml_type(answered: Answered) -> Response | None:
    """Content-Type is text/xml."""
    return with_header(answered.response, "Content-Type", "text/xml; charset=utf-8")


@fault("encoding-mismatch", Step.MANAGE)
def other_encoding(answered: Answered) -> Response | None:
    """XML is answered in WBXML, and the other way round."""
    message = answer_message(answered)
    other = _OTHER_ENCODINGS.get(answered.response.media_type)
    if message is None or other is None:
        return None
    response = with_body(answered.response, encode_body(message, WireForm(media_type=other)))
    return None if response is None else with_header(response, "Content-Type", other)


@fault("wrong-charset", Step.MANAGE)
def utf_16(answered: Answered) -> Response | None:
    """The message is UTF-16."""
    if not is_xml(answered):
        return None
    text = '<?xml version="1.0" encoding="utf-16"?>' + answered.body.decode()
    response = with_body(answered.response, text.encode("utf-16"))
    if response is None:
        return None
    return with_header(response, "Content-Type", f"{SYNCML_XML_MEDIA_TYPE}; charset=utf-16")


@fault("empty-response-body", Step.MANAGE)
def empty_answer(answered: Answered) -> Response | None:
    """HTTP 200 without a message."""
    return with_body(answered.response, b"")


@fault("http-401-instead-of-syncml", Step.MANAGE)
def web_authentication(_answered: Answered) -> Response | None:
    """The web server asks for credentials."""
    return plain_answer(401, "sign in", ("WWW-Authenticate", 'Basic realm="mdm"'))


@fault("user-agent-gate", Step.MANAGE)
def known_agents_only(answered: Answered) -> Response | None:
    """Devices are refused for their User-Agent; those of the enrolment alone are let in."""
    agent = answered.request.headers.get("User-Agent")
    return None if agent in _ENROLLMENT_AGENTS else plain_answer(404, "unknown client")


@fault("query-gate", Step.MANAGE)
def no_query(answered: Answered) -> Response | None:
    """Devices are refused for the query that they add to the address."""
    return plain_answer(404, "not found") if answered.request.query else None


@fault("redirect-or-compression", Step.MANAGE)
def redirected(answered: Answered) -> Response | None:
    """The message is sent elsewhere."""
    target = f"https://{answered.request.host}{answered.request.path}/"
    return plain_answer(302, f"moved to {target}", ("Location", target))
