"""What an answer of the new server gives to the steps behind it: URLs, or nothing to go on with."""

from __future__ import annotations

from urllib.parse import urljoin

from mdmcore.http import Exchange
from mdmcore.replay.drive import StoppedError
from mdmcore.replay.urls import UrlMap
from mdmcore.rules.decoded import Kind, Provisioning
from mdmcore.rules.scene import Scene

_ENDPOINTS = (
    ("EnrollmentPolicyServiceUrl", "policy_url"),
    ("EnrollmentServiceUrl", "enrollment_url"),
    ("AuthenticationServiceUrl", "authentication_url"),
)


def learn_urls(urls: UrlMap, captured: Scene, new: Scene) -> None:
    """The URLs that both servers name in the same places of their answers."""
    old, now = captured.decoded.discover_response, new.decoded.discover_response
    if old is not None:
        for what, field in _ENDPOINTS:
            urls.learn(what, getattr(old, field), None if now is None else getattr(now, field))
    urls.learn("redirect (Location)", _location(captured.exchange), _location(new.exchange))
    theirs, ours = captured.decoded.provisioning, new.decoded.provisioning
    if theirs is not None and ours is not None:
        _learn_document(urls, theirs, ours)


def _learn_document(urls: UrlMap, theirs: Provisioning, ours: Provisioning) -> None:
    if theirs.account is not None:
        urls.learn("ADDR", theirs.account.addr, ours.account.addr if ours.account else None)
    if theirs.app_management is not None:
        store = ours.app_management.store_uri if ours.app_management else None
        urls.learn("StoreURI", theirs.app_management.store_uri, store)
    urls.learn("ServerURL", _parm(theirs, "ServerURL"), _parm(ours, "ServerURL"))


def check_step(captured: Scene, new: Scene) -> None:
    """StoppedError where the next step cannot come from the new answer, though it could from the
    captured one. What the probe before discovery gets does not matter."""
    problem = _problem(new)
    if problem and not _problem(captured) and captured.decoded.kind is not Kind.PROBE:
        raise StoppedError(problem)


def _problem(scene: Scene) -> str:
    """Why a device could not go on after this answer; empty where it can."""
    response, decoded = scene.exchange.response, scene.decoded
    if response is None:
        return "no answer came"
    if decoded.response is not None and decoded.response.fault is not None:
        fault = decoded.response.fault
        return f"the answer is a fault: {fault.reason or fault.code} (status {response.status})"
    if response.status >= 400:
        return f"the answer has status {response.status}"
    if decoded.kind is Kind.DISCOVER and decoded.discover_response is None:
        return "" if 300 <= response.status < 400 else "the answer is no DiscoverResponse"
    if decoded.kind in (Kind.RST, Kind.RENEW) and decoded.provisioning is None:
        return "the answer holds no provisioning document"
    return ""


def _location(exchange: Exchange) -> str | None:
    """Where an answer redirects to."""
    response = exchange.response
    target = None if response is None else response.headers.get("Location")
    try:
        return None if target is None else urljoin(exchange.request.url, target.strip())
    except ValueError:
        return None


def _parm(part: Provisioning, name: str) -> str | None:
    """The value of the first parm of that name, wherever it stands."""
    if part.root is None:
        return None
    found = (one for one in part.root.iter() if one.get("name") == name)
    return next((one.get("value") for one in found), None)
