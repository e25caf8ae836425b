"""Replaying a recorded life as the device: the same server does not differ, a mistake does."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mdmcore.http import Exchange, Headers, Request, Response
from mdmcore.namespaces import AUTH_MD5
from mdmcore.phone import NoAnswer
from mdmcore.profiles import FEDERATED
from mdmcore.replay import UnreachableError, User
from mdmcore.rules.model import PROFILES
from tests.matrix.play import Stage
from tests.replay.replaying import WBXML, as_device, captured, in_wbxml, recorded
from tests.report.diff.lives import exchanges_of
from tests.report.diff.test_compare import FAULTS

DOCUMENT = "provisioning document"

CONSEQUENCES = {
    # Without a certificate for its key, or with one that has ended, a device cannot renew.
    "cert-public-key-mismatch": [("renewal", "not sent")],
    "cert-lifetime-shorter-than-renew-period": [
        ("renewal", "status"),
        ("renewal", "answer /Envelope/Header/Action"),
        ("renewal", "answer /Envelope/Header/Security"),
        ("renewal", "answer /Envelope/Body/Fault"),
        ("renewal", "answer /Envelope/Body/RequestSecurityTokenResponseCollection"),
        ("renewal", "answer token holds"),
        ("renewal", "answer token is written"),
        ("renewal", "not sent"),
        ("provisioning document of renewal", "step"),
    ],
    "bst-is-certificate": [("certificate request", "not sent"), (DOCUMENT, "step")],
    # Nobody can tell a secret that was not handed out.
    "appauth-secret-missing": [("session 1, message 1", "server: Cred proves")],
    # The range differs from download to download, so each is told.
    "hub-206-no-content-range": [("hub 2", "answer header Content-Range")],
}
"""What a mistake leads to beside the difference that it is."""

REPLAYED = (
    "response-chunked",
    "discovery-get-not-200",
    "relates-to-mismatch",
    "bst-is-certificate",
    "cert-public-key-mismatch",
    "cert-lifetime-shorter-than-renew-period",
    "appauth-secret-missing",
    "omadmretry-first-set-zero",
    "missing-212",
    "stale-nonce",
    "hub-206-no-content-range",
)
"""Mistakes of all steps; the table is that of two lives beside each other."""


@pytest.mark.parametrize("profile", PROFILES)
def test_the_same_server_does_not_differ(profile: str) -> None:
    found = as_device(recorded(profile), profile)
    assert [(one.step, one.what, one.a, one.b) for one in found.diff.differences] == []
    assert found.replayed.unsent == frozenset()
    assert len(found.replayed.exchanges) == len(exchanges_of(profile))


def test_a_federated_life_signs_in_again() -> None:
    life = recorded("wp81", policies=(FEDERATED,))
    found = as_device(life, "wp81", settings={"auth_policies": (FEDERATED,)})
    assert found.diff.differences == ()
    tokens = [
        one.decoded.request.envelope.user_token
        for one in captured(found.replayed.exchanges).scenes
        if one.decoded.request.envelope is not None
    ]
    old = [
        one.decoded.request.envelope.user_token
        for one in life.scenes
        if one.decoded.request.envelope is not None
    ]
    assert [one is None for one in tokens] == [True, False, False, True]
    assert tokens[1] != old[1]


def test_wbxml_is_spoken_again(tmp_path: Path) -> None:
    stage = Stage(tmp_path, "wp8", settings=in_wbxml())
    stage.enroll()
    stage.sessions(2)
    life = captured(stage.close().exchanges)
    found = as_device(life, "wp8", settings=in_wbxml())
    assert found.diff.differences == ()
    types = [one.request.media_type for one in found.replayed.exchanges[-4:]]
    assert types == [WBXML] * 4


@pytest.mark.parametrize("fault", REPLAYED)
def test_a_mistake_is_exactly_what_differs(fault: str) -> None:
    found = as_device(recorded("wp8"), "wp8", fault)
    wanted = [*FAULTS[fault], *CONSEQUENCES.get(fault, [])]
    assert sorted(found.places) == sorted(wanted)
    assert fault in found.found


def test_everything_that_tells_the_replay_is_new() -> None:
    exchanges = exchanges_of("wp8")
    found = as_device(captured(exchanges), "wp8")
    old, new = captured(exchanges).scenes, captured(found.replayed.exchanges).scenes
    for one, other in zip(old, new, strict=True):
        before, after = one.decoded.request, other.decoded.request
        if before.envelope is not None and after.envelope is not None:
            assert before.envelope.message_id != after.envelope.message_id
            assert before.envelope.to == after.envelope.to
        if before.syncml is not None and after.syncml is not None:
            assert before.syncml.header.session_id != after.syncml.header.session_id
            old_cred, new_cred = before.syncml.header.cred, after.syncml.header.cred
            if old_cred is not None and new_cred is not None:
                assert (new_cred.type, new_cred.format) == (AUTH_MD5, "b64")
                assert old_cred.data != new_cred.data
        csr, again = one.decoded.csr, other.decoded.csr
        if csr is not None and again is not None and csr.csr is not None:
            assert again.csr is not None
            assert again.signature_problem is None
            assert csr.csr.subject.raw == again.csr.subject.raw
            assert csr.csr.spki != again.csr.spki


def test_another_user_enrols() -> None:
    life = recorded("wp8")
    found = as_device(life, "wp8", user=User(name="joe@example.test", password="other"))
    asked = captured(found.replayed.exchanges).scenes[2].decoded.request.envelope
    assert asked is not None
    assert (asked.username, asked.password) == ("joe@example.test", "other")
    # The server calls the device by its user.
    name = "/DMClient/Provider/MDMProxy/EntDeviceName"
    assert found.places == [("provisioning document", name)]


def test_a_refused_user_ends_the_enrolment() -> None:
    settings = {"users": (("user0@example.test", "another"),)}
    found = as_device(recorded("wp8"), "wp8", settings=settings)
    (stop,) = found.replayed.stops
    assert stop.step == "policies"
    assert stop.cause.startswith("the answer is a fault:")
    assert len(stop.unsent) == len(exchanges_of("wp8")) - 3
    assert ("policies", "not sent") in found.places
    assert not any(step.startswith("session") for step, _ in found.places)


def test_a_server_that_never_answers_is_an_error() -> None:
    def dead(_answer: Callable[[Request], Response]) -> Callable[[Request], Response]:
        def none(_request: Request) -> Response:
            raise NoAnswer("connection refused")

        return none

    with pytest.raises(UnreachableError, match="connection refused"):
        as_device(recorded("wp8"), "wp8", wrap=dead)


def test_a_server_that_goes_away_ends_that_part_alone() -> None:
    def dying(answer: Callable[[Request], Response]) -> Callable[[Request], Response]:
        def once(request: Request) -> Response:
            if "CompanyHub" in request.url:
                raise NoAnswer("connection reset")
            return answer(request)

        return once

    found = as_device(recorded("wp8"), "wp8", wrap=dying)
    (stop,) = found.replayed.stops
    assert (stop.step, stop.cause) == ("hub", "no answer came: connection reset")
    assert {step for step, _ in found.places} == {"hub"}


def test_a_server_that_is_called_otherwise_gets_all_requests() -> None:
    """A test server that names the captured hosts is asked itself, never those hosts."""
    asked: list[str] = []

    def elsewhere(answer: Callable[[Request], Response]) -> Callable[[Request], Response]:
        def there(request: Request) -> Response:
            asked.append(request.host)
            path = request.url.partition("//")[2].partition("/")[2]
            is_first = "Discovery.svc" in path
            host = "enterpriseenrollment" if is_first else "mdm"
            moved = Request(
                method=request.method,
                url=f"https://{host}.example.test/{path}",
                headers=request.headers,
                body=request.body,
            )
            return answer(moved)

        return there

    life = recorded("wp8")
    found = as_device(life, "wp8", to="https://staging.acme.test:8443", wrap=elsewhere)
    assert set(asked) == {"staging.acme.test"}
    assert found.places == []


def test_no_header_of_the_captured_connection_is_sent() -> None:
    old = exchanges_of("wp8")
    first = old[1]
    added = Headers([*first.request.headers, ("X-Forwarded-For", "10.0.0.1"), ("Via", "1.1 x")])
    request = Request(method="POST", url=first.request.url, headers=added, body=first.request.body)
    changed = Exchange(
        id=first.id,
        index=first.index,
        capture=first.capture,
        request=request,
        response=first.response,
        started=first.started,
        peer=first.peer,
    )
    found = as_device(captured([old[0], changed, *old[2:]]), "wp8")
    sent = {name.lower() for one in found.replayed.exchanges for name, _ in one.request.headers}
    assert not sent & {"x-forwarded-for", "via", "host", "content-length", "connection"}
    assert "user-agent" in sent


@pytest.mark.parametrize("fault", ["server-msgid-not-increasing", "nonce-used-too-early"])
def test_a_message_that_was_sent_twice_is_sent_twice(fault: str, tmp_path: Path) -> None:
    """The device gave up after sending its message once more; the same server does not differ."""
    stage = Stage(tmp_path, "wp8", fault)
    stage.enroll()
    stage.sessions(3)
    life = captured(stage.close().exchanges)
    bodies = [one.exchange.request.body for one in life.scenes]
    assert len(set(bodies)) < len(bodies)
    found = as_device(life, "wp8", fault)
    assert found.diff.differences == ()
    again = [one.request.body for one in found.replayed.exchanges]
    assert [one == other for one, other in itertools.pairwise(again)] == [
        one == other for one, other in itertools.pairwise(bodies)
    ]


def test_a_request_without_its_body_is_not_sent() -> None:
    def cut(one: Exchange) -> Exchange:
        is_policies = b"GetPolicies" in (one.request.body or b"")
        return replace(one, request=replace(one.request, body=None)) if is_policies else one

    found = as_device(captured(map(cut, exchanges_of("wp8"))), "wp8")
    (stop,) = found.replayed.stops
    assert stop.cause == "the body of the request is not in the capture"
    assert not any(b"GetPolicies" in (one.request.body or b"") for one in found.replayed.exchanges)
    assert captured(found.replayed.exchanges).life.is_enrolled
