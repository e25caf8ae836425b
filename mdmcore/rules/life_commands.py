"""Rules on commands that more than one message must be seen for (session.md 7, 8.5)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mdmcore.rules.answered import answers
from mdmcore.rules.decoded import Kind
from mdmcore.rules.life import Tried
from mdmcore.rules.life_tools import ends_with
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene
from mdmcore.rules.sent import WRITES, sent_items

_GOOD = frozenset({"200", "201", "202", "418"})
_DEVICE_LOCK = re.compile(r"(?i)DeviceLock/Provider/[^/]+/([^/]+)\Z")
_POLL = re.compile(r"(?i)DMClient/Provider/[^/]+/Poll(?:/|\Z)")
_ACCOUNT = re.compile(r"(?i)ActiveSync/Accounts/([^/]+)")


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
    if enabled is None or enabled.value.strip() != "1" or not others:
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
    if any(ends_with(sent.target, "LockAndResetPIN") for sent in items):
        return
    was_reset = any(
        one.name == "Exec" and ends_with(one.target, "LockAndResetPIN")
        for one in scene.before.tried
    )
    for sent in items:
        if was_reset and sent.command.name == "Get" and ends_with(sent.target, "NewPINValue"):
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


@rule("remotelock-reset-on-aadj", kinds={Kind.SYNCML})
def reset_on_joined(scene: Scene) -> Iterator[Hit]:
    """LockAndResetPIN is sent to a device whose user joined it to Entra ID, which may wipe it. Use
    LockAndRecoverPIN there."""
    for sent in sent_items(scene):
        is_reset = sent.command.name == "Exec" and ends_with(sent.target, "LockAndResetPIN")
        if is_reset and scene.life.is_azure_joined:
            yield sent.hit(scene, "LockAndResetPIN for a device that is joined to Entra ID")
