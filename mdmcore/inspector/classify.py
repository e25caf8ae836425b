"""Naming the kind of an exchange by its evidence, strongest first (enrollment.md 3.4)."""

from __future__ import annotations

import re
from types import MappingProxyType
from urllib.parse import parse_qs

from mdmcore.enrollment.soap import Envelope
from mdmcore.enrollment.token import parse_rst
from mdmcore.errors import MdmError
from mdmcore.http import Exchange
from mdmcore.namespaces import (
    ACTION_DISCOVER,
    ACTION_GET_POLICIES,
    ACTION_RST,
    DISCOVERY_PATH,
    HUB_MEDIA_TYPES,
    SYNCML_WBXML_MEDIA_TYPES,
    SYNCML_XML_MEDIA_TYPES,
)
from mdmcore.profiles import PROFILES
from mdmcore.rules.decoded import BodySide, Kind

_ACTIONS = MappingProxyType(
    {
        ACTION_DISCOVER: Kind.DISCOVER,
        ACTION_GET_POLICIES: Kind.GETPOLICIES,
        ACTION_RST: Kind.RST,
    }
)
_BODIES = MappingProxyType(
    {
        "Discover": Kind.DISCOVER,
        "GetPolicies": Kind.GETPOLICIES,
        "RequestSecurityToken": Kind.RST,
    }
)
_PROBE_AGENTS = frozenset(device.probe_user_agent for device in PROFILES.values())
_SYNCML_TYPES = SYNCML_XML_MEDIA_TYPES | SYNCML_WBXML_MEDIA_TYPES
# What an unreadable request still shows: the end of its action.
_RAW_ACTIONS = (
    (re.compile(rb"IDiscoveryService/Discover\s*<"), Kind.DISCOVER),
    (re.compile(rb"IPolicy/GetPolicies\s*<"), Kind.GETPOLICIES),
    (re.compile(rb"/RST/wstep\s*<"), Kind.RST),
)
_DM_AGENT = re.compile(r"(?i)\bOMA[ -]?DM\b|SyncML")
_USUAL_PATHS = (
    (re.compile(r"(?i)/(?:enrollment)?polic(?:y|ies)(?:service)?\.svc$"), Kind.GETPOLICIES),
    (re.compile(r"(?i)/(?:enrollment|deviceenrollmentwebservice|wstep)\.svc$"), Kind.RST),
)
"""How servers that are written after Microsoft's examples call these services."""
_RENEW = re.compile(rb"/Renew\s*<")


def classify(
    exchange: Exchange, request: BodySide, *, is_store_uri: bool, told: Kind | None
) -> Kind:
    """The kind. ``is_store_uri``: a life was told this URL as StoreURI; ``told``: as what a life
    was told it else, which counts where the request itself says nothing."""
    if exchange.observation is not None:
        return Kind.OTHER
    method = exchange.request.method.upper()
    if method in ("", "CONNECT"):
        return Kind.TLS
    if method == "MARK":
        return Kind.MARK
    if method == "POST":
        return _posted(exchange, request, told=told)
    if _is_discovery(exchange) and method in ("GET", "HEAD"):
        return Kind.PROBE
    if is_store_uri or _is_download(exchange):
        return Kind.HUB
    if told is Kind.WAB or _is_sign_in(exchange):
        return Kind.WAB
    return Kind.PROBE if method == "GET" and _is_probe(exchange) else Kind.OTHER


def _posted(exchange: Exchange, request: BodySide, *, told: Kind | None) -> Kind:
    if request.syncml is not None or exchange.request.media_type in _SYNCML_TYPES:
        return Kind.SYNCML
    kind = _soap_kind(request)
    if kind is not None:
        return kind
    if exchange.response and exchange.response.media_type in _SYNCML_TYPES:
        return Kind.SYNCML
    if _is_discovery(exchange):
        return Kind.DISCOVER
    if told is not None:
        return told
    if exchange.request.body is None:
        return _unrecorded(exchange)
    if _is_sign_in(exchange):
        return Kind.WAB
    return Kind.HUB if _is_download(exchange) else Kind.OTHER


def _unrecorded(exchange: Exchange) -> Kind:
    """The kind of a POST of which no more than its first line and headers was kept."""
    request = exchange.request
    if _DM_AGENT.search(request.headers.get("User-Agent") or ""):
        return Kind.SYNCML
    if _is_sign_in(exchange):
        return Kind.WAB
    if _is_download(exchange):
        return Kind.HUB
    found = (kind for pattern, kind in _USUAL_PATHS if pattern.search(request.path))
    return next(found, Kind.OTHER)


def _soap_kind(request: BodySide) -> Kind | None:
    envelope = request.envelope
    if envelope is None:
        found = (kind for pattern, kind in _RAW_ACTIONS if pattern.search(request.body))
        kind = next(found, None) if request.is_xml else None
        return Kind.RENEW if kind is Kind.RST and _RENEW.search(request.body) else kind
    kind = _ACTIONS.get(envelope.action.strip()) or _BODIES.get(envelope.body_name)
    return Kind.RENEW if kind is Kind.RST and _is_renewal(envelope) else kind


def _is_renewal(envelope: Envelope) -> bool:
    try:
        request = parse_rst(envelope, strict=False)
    except MdmError:
        return False
    return request.request_type.endswith("/Renew") or request.value_type.endswith("#PKCS7")


def _is_discovery(exchange: Exchange) -> bool:
    return exchange.request.path.lower() == DISCOVERY_PATH.lower()


def _is_probe(exchange: Exchange) -> bool:
    """Whether the GET has the headers of the one before Discover: a user may type another path."""
    headers = exchange.request.headers
    return headers.get("User-Agent") in _PROBE_AGENTS and headers.get("Pragma") == "no-cache"


def _is_download(exchange: Exchange) -> bool:
    request, response = exchange.request, exchange.response
    if "Range" in request.headers or (response is not None and response.status == 206):
        return True
    if any(request.path.lower().endswith(suffix) for suffix in HUB_MEDIA_TYPES):
        return True
    return response is not None and response.media_type in HUB_MEDIA_TYPES.values()


def _is_sign_in(exchange: Exchange) -> bool:
    query = parse_qs(exchange.request.query) if exchange.request.query else {}
    if "appru" in query and "login_hint" in query:
        return True
    response = exchange.response
    if response is None or response.media_type != "text/html" or not response.body:
        return False
    return b"wresult" in response.body and b"ms-app://" in response.body
