"""Rules on what a server sets up and then forgets: push, status page, SCEP, hub (session.md 6, 7;
field-problems.md 3.3; blog, T42)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from mdmcore.rules.answered import answers
from mdmcore.rules.decoded import Kind
from mdmcore.rules.life import Tried
from mdmcore.rules.life_tools import ends_with, is_new_session
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.sent import WRITES

_GOOD = frozenset({"200", "201", "202", "418"})
_STALLED_SESSIONS = 2
_CHANNEL_DAYS = timedelta(days=15)
"""A device renews its channel then (KB3170699)."""
_ESP_SESSIONS = 3
_SCEP_GETS = 3
_HUB_TIME = timedelta(hours=1)
"""A phone asks within minutes (blog, T42); the measure is ours."""
_SCEP = re.compile(r"(?i)(.*/SCEP/[^/]+)(?:/Install(?:/([^/]+))?)?\Z")
_FIRST_SYNC = re.compile(r"(?i)FirstSyncStatus/([^/]+)\Z")


@rule("push-channel-not-refreshed", kinds={Kind.SYNCML})
def channel_not_read(scene: Scene) -> Iterator[Hit]:
    """Push is set up and ChannelURI is not read again: the channel changes within 30 days, and then
    nothing wakes the device. Get Push/ChannelURI in each session, or every 15 days at least."""
    if not is_new_session(scene):
        return
    name = [one for one in scene.before.tried if ends_with(one.target, "Push/PFN")]
    named = [one for one in name if one.name in WRITES and one.code in _GOOD]
    if not named:
        return
    read = [
        one
        for one in scene.before.tried
        if one.name == "Get" and ends_with(one.target, "Push/ChannelURI", "Push")
    ]
    last = read[-1] if read else named[0]
    sessions = scene.life.session_count - last.session
    is_old = scene.now is not None and last.at is not None and scene.now - last.at > _CHANNEL_DAYS
    if is_old or (not read and sessions > _STALLED_SESSIONS):
        yield scene.hit(
            "ChannelURI was not read for more than 15 days"
            if read
            else "Push/PFN is set, and ChannelURI was never read",
            part="request",
            xpath="/SyncML/SyncHdr/SessionID",
            evidence=named[0].target,
        )


@rule("scep-no-pkioperation", kinds={Kind.OTHER})
def no_pki_operation(scene: Scene) -> Iterator[Hit]:
    """The device asks a SCEP server for the CA's certificate again and again and never for its own:
    it does not accept the answer. Look at the CA's certificate, thumbprint and capabilities."""
    if scene.life.scep_gets == _SCEP_GETS > scene.before.scep_gets:
        yield scene.hit(
            f"{_SCEP_GETS} requests for the CA's certificate or capabilities, no PKIOperation",
            part="request",
            field="url",
            evidence=scene.exchange.request.url,
        )


@rule("hub-no-attempt", kinds={Kind.SYNCML})
def hub_never_asked(scene: Scene) -> Iterator[Hit]:
    """The device was given a Company Hub and never asks for it: it finds no certificate for the
    connection, or the token is not accepted. Look at the rules named as causes."""
    before, life = scene.before, scene.life
    if not is_new_session(scene) or not life.store_uri or life.hub_requests:
        return
    if life.enrolled_at is None or scene.now is None or before.last is None:
        return
    if before.last - life.enrolled_at < _HUB_TIME <= scene.now - life.enrolled_at:
        yield scene.hit(
            "no request for StoreURI within an hour of the enrolment",
            part="request",
            field="url",
            evidence=life.store_uri,
        )


@rule("esp-release-not-acked", kinds={Kind.SYNCML})
def release_refused(scene: Scene) -> Iterator[Hit]:
    """ServerHasFinishedProvisioning is answered with something else than 200, so the status page
    waits until its time is over. Look whether the node is there and writable at that time."""
    for answer in answers(scene):
        is_release = any(ends_with(uri, "ServerHasFinishedProvisioning") for uri in answer.uris)
        if is_release and answer.name in WRITES and answer.code != 200:
            yield answer.hit(scene, f"{answer.what} is answered {answer.code}, not 200")


@rule("esp-never-released", kinds={Kind.SYNCML})
def never_released(scene: Scene) -> Iterator[Hit]:
    """The enrolment status page is armed and never released, so the user waits until its time is
    over. Replace ServerHasFinishedProvisioning with true when everything is there."""
    if not is_new_session(scene):
        return
    armed: Tried | None = None
    for one in scene.before.tried:
        found = _FIRST_SYNC.search(one.target)
        if found is None or one.name not in WRITES:
            continue
        if found[1] == "ServerHasFinishedProvisioning":
            return
        if found[1].startswith("Expected") or found[1] == "TimeOutUntilSyncFailure":
            armed = armed or one
    if armed is not None and scene.life.session_count - armed.session == _ESP_SESSIONS:
        yield scene.hit(
            f"{armed.target} was set {_ESP_SESSIONS} sessions ago, "
            "ServerHasFinishedProvisioning was not",
            part="request",
            xpath="/SyncML/SyncHdr/SessionID",
            evidence=armed.target,
        )


@rule("scep-enroll-exec-missing", kinds={Kind.SYNCML})
def scep_not_started(scene: Scene) -> Iterator[Hit]:
    """The nodes of a SCEP enrolment are set, and its Enroll is never executed, so the device never
    asks for the certificate. Send Exec of Install/Enroll behind them."""
    if not is_new_session(scene):
        return
    set_up: dict[str, Tried] = {}
    for one in scene.before.tried:
        found = _SCEP.search(one.target)
        if found is None:
            continue
        if one.name == "Exec":
            set_up.pop(found[1], None)
        elif one.name in WRITES and found[2] == "ServerURL":
            set_up.setdefault(found[1], one)
    for branch, one in set_up.items():
        if scene.life.session_count - one.session == 1:
            yield scene.hit(
                f"{branch} was set up in the session before, Install/Enroll was not executed",
                part="request",
                xpath="/SyncML/SyncHdr/SessionID",
                evidence=branch,
            )
