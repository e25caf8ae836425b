"""Rules on commands that more than one message must be seen for (session.md 7, 8.5;
field-problems.md 2.3, 3.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cache
from types import MappingProxyType

from mdmcore.csp.catalogue import find_node, nodes
from mdmcore.csp.compare import compare
from mdmcore.csp.comparing import Compare
from mdmcore.csp.model import Job
from mdmcore.rules.answered import answers
from mdmcore.rules.decoded import Kind
from mdmcore.rules.life import MAX_VALUE, Reading, Tried
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.sent import WRITES, sent_items

_GOOD = frozenset({"200", "201", "202", "418"})
_STARTED = frozenset({"200", "202"})
_RESENT_SESSIONS = 3
_STALLED_SESSIONS = 2
_CHANNEL_DAYS = timedelta(days=15)
"""A device renews its channel then (KB3170699)."""
_ESP_SESSIONS = 3
_SCEP_GETS = 3
_CHANGES = frozenset({"Add", "Replace", "Delete"})
_HUB_TIME = timedelta(hours=1)
"""A phone asks within minutes (blog, T42); the measure is ours."""
_HUB_CAUSES = (
    "cert-public-key-mismatch",
    "cert-subject-not-printable",
    "cert-subject-has-nul",
    "cert-default-subject",
    "eam-criteria-wrong-form",
    "eam-enterprise-id-mismatch",
)
_DEVICE_LOCK = re.compile(r"(?i)DeviceLock/Provider/[^/]+/([^/]+)\Z")
_POLL = re.compile(r"(?i)DMClient/Provider/[^/]+/Poll(?:/|\Z)")
_ACCOUNT = re.compile(r"(?i)ActiveSync/Accounts/([^/]+)")
_SCEP = re.compile(r"(?i)(.*/SCEP/[^/]+)(?:/Install(?:/([^/]+))?)?\Z")
_FIRST_SYNC = re.compile(r"(?i)FirstSyncStatus/([^/]+)\Z")


def _is_new_session(scene: Scene) -> bool:
    return scene.life.session_count > scene.before.session_count


def _ends_with(target: str, *names: str) -> bool:
    last = target.rstrip("/").lower()
    return any(last.endswith(f"/{name.lower()}") for name in names)


@rule("exec-before-add", kinds={Kind.SYNCML})
def exec_before_add(scene: Scene) -> Iterator[Hit]:
    """An Exec stands before the Add of its own node, so the device answers 404 and the Add leaves a
    node that nobody starts. Send the Add first."""
    items = tuple(sent_items(scene))
    for number, sent in enumerate(items):
        if sent.command.name != "Exec" or not sent.target:
            continue
        branch = sent.target.rpartition("/")[0]
        was_there = any(
            one.name in WRITES and one.code in _GOOD and one.target.startswith(branch)
            for one in scene.before.tried
        )
        for later in items[number + 1 :]:
            if later.command.name == "Add" and later.target.startswith(branch) and not was_there:
                yield sent.hit(scene, f"the Exec of {sent.target} comes before the Add of its node")
                break


@rule("async-exec-not-polled", kinds={Kind.SYNCML})
def not_polled(scene: Scene) -> Iterator[Hit]:
    """A job that was answered 200 or 202 has only been started, and the node that tells how far it
    is is never read. Get that node in later sessions until it says done or failed."""
    if not _is_new_session(scene):
        return
    for started in scene.before.tried:
        if started.code not in _STARTED or started.name not in {"Exec", *WRITES}:
            continue
        if scene.life.session_count != started.session + _STALLED_SESSIONS + 1:
            continue
        status = _status_node(started.target)
        read = (one for one in scene.before.tried if one.name == "Get")
        if status and not any(_is_same_or_above(one.target, status) for one in read):
            yield scene.hit(
                f"{started.name} {started.target} was answered {started.code} in session "
                f"{started.session}, {status} was not read since",
                part="request",
                xpath="/SyncML/SyncHdr/SessionID",
                evidence=started.target,
            )


def _status_node(target: str) -> str:
    """The LocURI that tells how far the work is that a command on this node starts."""
    node = find_node(target)
    if node is None or node.job is None:
        return ""
    return f"{target.rpartition('/')[0]}/{node.job.status}"


def _is_same_or_above(target: str, node: str) -> bool:
    """Whether reading ``target`` shows that node, too: itself, or a branch as a list."""
    plain = target.partition("?")[0].rstrip("/").lower()
    return node.lower() == plain or (("?list=" in target) and node.lower().startswith(plain))


@rule("resend-loop", kinds={Kind.SYNCML})
def resend_loop(scene: Scene) -> Iterator[Hit]:
    """The same command fails in the same way in three sessions in a row: the server sends it again
    and again. Look at the code, change the command, and stop after the first failure."""
    for answer in answers(scene):
        if answer.code < 400 or answer.sent is None:
            continue
        for target in answer.uris[:1]:
            failed = {
                one.session
                for one in scene.life.tried
                if (one.name, one.target, one.code) == (answer.name, target, str(answer.code))
            }
            if _are_in_a_row(failed, scene.life.session_count):
                yield answer.hit(
                    scene,
                    f"{answer.what} is answered {answer.code} in {_RESENT_SESSIONS} sessions in a "
                    "row",
                )


def _are_in_a_row(sessions: set[int], last: int) -> bool:
    return all(last - back in sessions for back in range(_RESENT_SESSIONS))


@rule("user-scope-without-user", kinds={Kind.SYNCML})
def user_scope(scene: Scene) -> Iterator[Hit]:
    """A command is for ./User although the device told that no user is logged on, so it is refused
    until one is. Keep such commands until LoginStatus says user."""
    asked = scene.decoded.request_syncml
    wanted = asked.header.session_id if asked is not None else ""
    session = next((s for s in reversed(scene.life.sessions) if s.session_id == wanted), None)
    if session is None or session.login in {"", "user"}:
        return
    for sent in sent_items(scene):
        if sent.uri.context == "user":
            yield sent.hit(
                scene, f"{sent.command.name} {sent.target} while LoginStatus is {session.login!r}"
            )


@rule("devicelock-inverted", kinds={Kind.SYNCML})
def devicelock_inverted(scene: Scene) -> Iterator[Hit]:
    """DevicePasswordEnabled is 1, which switches the password off, beside other lock policies: they
    are accepted and do nothing. 0 is on, 1 is off."""
    enabled: Tried | None = None
    others: list[Tried] = []
    for one in scene.life.tried:
        found = _DEVICE_LOCK.search(one.target)
        if found is None or one.name not in WRITES:
            continue
        if found[1].lower() == "devicepasswordenabled":
            enabled = one
        else:
            others.append(one)
    if enabled is None or enabled.value != "1" or not others:
        return
    for sent in sent_items(scene):
        if sent.command.name in WRITES and _DEVICE_LOCK.search(sent.target):
            yield sent.hit(scene, "DevicePasswordEnabled is 1 (off) beside other lock policies")
            return


@rule("newpin-separate-message", kinds={Kind.SYNCML})
def new_pin(scene: Scene) -> Iterator[Hit]:
    """NewPINValue is read in another message than the one with LockAndResetPIN, so it is null and
    the new PIN is lost. Put Exec and Get into one Sequence."""
    items = tuple(sent_items(scene))
    if any(_ends_with(sent.target, "LockAndResetPIN") for sent in items):
        return
    was_reset = any(
        one.name == "Exec" and _ends_with(one.target, "LockAndResetPIN")
        for one in scene.before.tried
    )
    for sent in items:
        if was_reset and sent.command.name == "Get" and _ends_with(sent.target, "NewPINValue"):
            yield sent.hit(scene, "NewPINValue is read apart from LockAndResetPIN")


@rule("activesync-guid-reused", kinds={Kind.SYNCML})
def guid_reused(scene: Scene) -> Iterator[Hit]:
    """An ActiveSync account is added under a GUID that was used before: the phone deletes the old
    account and makes none. Use a new GUID for each account."""
    for sent in sent_items(scene):
        found = _ACCOUNT.search(sent.target)
        if found is None or sent.command.name != "Add":
            continue
        guid = found[1].lower()
        earlier = any(
            one.name == "Add"
            and one.session < scene.life.session_count
            and (match := _ACCOUNT.search(one.target)) is not None
            and match[1].lower() == guid
            for one in scene.before.tried
        )
        if earlier:
            yield sent.hit(scene, f"the ActiveSync account {found[1]} was added before")
            return


@rule("omadmretry-changed-after-enrollment", kinds={Kind.SYNCML})
def retry_changed(scene: Scene) -> Iterator[Hit]:
    """A value of OmaDmRetry is written in a session: it is accepted and changes nothing, since it
    counts at enrolment and renewal only. Set it in the provisioning document."""
    for sent in sent_items(scene):
        if sent.command.name in WRITES and "OmaDmRetry" in sent.uri.segments:
            yield sent.hit(scene, f"{sent.target} is written in a session")


@rule("poll-node-not-added", kinds={Kind.SYNCML})
def poll_not_added(scene: Scene) -> Iterator[Hit]:
    """A command below Poll is answered 404: the device was enrolled with a schedule in its registry
    and has no Poll node. Add the node Poll first."""
    for answer in answers(scene):
        if answer.code != 404 or answer.name not in {"Get", "Replace"}:
            continue
        if any(_POLL.search(uri) for uri in answer.uris):
            yield answer.hit(scene, f"{answer.what} is answered 404, there is no Poll node")


@rule("push-channel-not-refreshed", kinds={Kind.SYNCML})
def channel_not_read(scene: Scene) -> Iterator[Hit]:
    """Push is set up and ChannelURI is not read again: the channel changes within 30 days, and then
    nothing wakes the device. Get Push/ChannelURI in each session, or every 15 days at least."""
    if not _is_new_session(scene):
        return
    name = [one for one in scene.before.tried if _ends_with(one.target, "Push/PFN")]
    named = [one for one in name if one.name in WRITES and one.code in _GOOD]
    if not named:
        return
    read = [
        one
        for one in scene.before.tried
        if one.name == "Get" and _ends_with(one.target, "Push/ChannelURI", "Push")
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


@rule("async-job-stalled", kinds={Kind.SYNCML})
def stalled(scene: Scene) -> Iterator[Hit]:
    """The node that tells how far a job is gives the same unfinished value in three sessions: the
    job stands still. Look at the reason beside it, and start the job anew."""
    for reading in scene.life.readings[len(scene.before.readings) :] or _newest(scene):
        job = _job_of_status(reading.uri)
        if job is None or reading.value in (*job.done, *job.failed):
            continue
        same = {
            one.session
            for one in scene.life.readings
            if (one.uri, one.value) == (reading.uri, reading.value)
        }
        if _are_in_a_row(same, reading.session):
            yield scene.hit(
                f"{reading.uri} is {reading.value!r} in {_RESENT_SESSIONS} sessions in a row",
                part="request",
                xpath="/SyncML/SyncBody/Results",
                evidence=reading.uri,
            )


def _newest(scene: Scene) -> tuple[Reading, ...]:
    """What this message brought, where older readings were forgotten for it."""
    return tuple(one for one in scene.life.readings if one not in scene.before.readings)


def _job_of_status(uri: str) -> Job | None:
    """The job that this node tells about."""
    node = find_node(uri)
    return None if node is None else _status_jobs().get(node.path)


@cache
def _status_jobs() -> Mapping[tuple[str, ...], Job]:
    return MappingProxyType(
        {
            (*node.path[:-1], *node.job.status.split("/")): node.job
            for node in nodes()
            if node.job is not None
        }
    )


@rule("get-after-replace-differs", kinds={Kind.SYNCML})
def differs(scene: Scene) -> Iterator[Hit]:
    """A value that the device took with 200 reads back differently, in whatever way it is compared:
    trimmed, as number, as XML. Look whether another rule or policy has changed it since."""
    asked = scene.decoded.request_syncml
    for results in asked.results if asked is not None else ():
        for item in results.items:
            written = _last_written(scene, (item.source or "").strip())
            if written is None or item.data is None or len(item.data) >= MAX_VALUE:
                continue
            ways = (
                compare(written.target, written.value, item.data, format="chr", by=by)
                for by in Compare
            )
            if not any(way.is_equal for way in ways):
                yield scene.hit(
                    f"{written.target} reads {item.data!r}, {written.value!r} was written",
                    part="request",
                    xpath=f"{item.place}/Data",
                    evidence=written.target,
                )


def _last_written(scene: Scene, uri: str) -> Tried | None:
    """The last command that set this node, if the device took it and all of its value is known."""
    changes = [one for one in scene.life.tried if one.target == uri and one.name in _CHANGES]
    last = changes[-1] if changes else None
    if last is None or last.name == "Delete" or last.code != "200" or len(last.value) >= MAX_VALUE:
        return None
    node = find_node(uri)
    return None if node is None or node.is_secret else last


@rule("remotelock-reset-on-aadj", kinds={Kind.SYNCML})
def reset_on_joined(scene: Scene) -> Iterator[Hit]:
    """LockAndResetPIN is sent to a device whose user joined it to Entra ID, which may wipe it. Use
    LockAndRecoverPIN there."""
    for sent in sent_items(scene):
        is_reset = sent.command.name == "Exec" and _ends_with(sent.target, "LockAndResetPIN")
        if is_reset and scene.life.is_azure_joined:
            yield sent.hit(scene, "LockAndResetPIN for a device that is joined to Entra ID")


@rule("scep-no-pkioperation", kinds={Kind.OTHER})
def no_pki_operation(scene: Scene) -> Iterator[Hit]:
    """The device asks a SCEP server for the CA's certificate again and again and never for its own:
    it does not accept the answer. Look at the CA's certificate, its thumbprint, the capabilities."""
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
    if not _is_new_session(scene) or not life.store_uri or life.hub_requests:
        return
    if life.enrolled_at is None or scene.now is None or before.last is None:
        return
    if before.last - life.enrolled_at < _HUB_TIME <= scene.now - life.enrolled_at:
        yield scene.hit(
            "no request for StoreURI within an hour of the enrolment",
            part="request",
            field="url",
            evidence=life.store_uri,
            caused_by=_HUB_CAUSES,
        )


# --- the enrolment status page ---


@rule("esp-release-not-acked", kinds={Kind.SYNCML})
def release_refused(scene: Scene) -> Iterator[Hit]:
    """ServerHasFinishedProvisioning is answered with something else than 200, so the status page
    waits until its time is over. Look whether the node is there and writable at that time."""
    for answer in answers(scene):
        is_release = any(_ends_with(uri, "ServerHasFinishedProvisioning") for uri in answer.uris)
        if is_release and answer.name in WRITES and answer.code != 200:
            yield answer.hit(scene, f"{answer.what} is answered {answer.code}, not 200")


@rule("esp-never-released", kinds={Kind.SYNCML})
def never_released(scene: Scene) -> Iterator[Hit]:
    """The enrolment status page is armed and never released, so the user waits until its time is
    over. Replace ServerHasFinishedProvisioning with true when everything is there."""
    if not _is_new_session(scene):
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
    if not _is_new_session(scene):
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
