"""Rules on what the device answers the server's commands (session.md 2.6, field-problems.md 3).

Which of them speaks for a failure is decided in ``answered``.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.rules.answered import Answer, answers, failure_rule, session_before
from mdmcore.rules.decoded import Kind
from mdmcore.rules.locuri import locuri_mistakes
from mdmcore.rules.model import Hit
from mdmcore.rules.registry import rule
from mdmcore.rules.scene import Scene

_ROLLED_BACK = frozenset({215, 216, 507, 516})
_GOES_ON = frozenset({"200", "212"})


def _failures(scene: Scene, rule_id: str) -> Iterator[Answer]:
    """The failing Statuses that belong to a rule."""
    for answer in answers(scene):
        if answer.code >= 400 and failure_rule(answer, scene) == rule_id:
            yield answer


def _causes(answer: Answer) -> tuple[str, ...]:
    """What was wrong with the command itself, as far as its LocURIs tell."""
    found = [cause for uri in answer.uris for cause in locuri_mistakes(uri)]
    return tuple(dict.fromkeys(found))


@rule("add-existing-418", kinds={Kind.SYNCML})
def add_existing(scene: Scene) -> Iterator[Hit]:
    """An Add is answered 418: the node exists and keeps its old value. Use Replace, once; a server
    that sends the command again for every 418 can loop."""
    for answer in _failures(scene, "add-existing-418"):
        yield answer.hit(scene, f"{answer.what} is answered 418, it exists already")


@rule("replace-missing-404", kinds={Kind.SYNCML})
def replace_missing(scene: Scene) -> Iterator[Hit]:
    """A Replace is answered 404: the node does not exist, and Replace never makes one. Use Add for
    a node that does not exist."""
    for answer in _failures(scene, "replace-missing-404"):
        yield answer.hit(
            scene, f"{answer.what} is answered 404, it does not exist", caused_by=_causes(answer)
        )


@rule("remotelock-405", kinds={Kind.SYNCML})
def remotelock_405(scene: Scene) -> Iterator[Hit]:
    """RemoteLock/Lock is answered 405 because the device has no PIN, so it is not locked. Use
    LockAndResetPIN."""
    for answer in _failures(scene, "remotelock-405"):
        yield answer.hit(scene, f"{answer.what} is answered 405, the device has no PIN")


@rule("remotewipe-500", kinds={Kind.SYNCML})
def remotewipe_500(scene: Scene) -> Iterator[Hit]:
    """An Exec below RemoteWipe is answered 500 and the device is not wiped: its recovery
    environment or protection is in the way. Repair that, and send it again."""
    for answer in _failures(scene, "remotewipe-500"):
        yield answer.hit(scene, f"{answer.what} is answered 500, the device is not wiped")


@rule("policymanager-on-wp80", kinds={Kind.SYNCML})
def policymanager_on_wp80(scene: Scene) -> Iterator[Hit]:
    """A command for PolicyManager is answered 404: Windows Phone 8.0 does not have it, so nothing
    is set. Use the DeviceLock CSP."""
    for answer in _failures(scene, "policymanager-on-wp80"):
        yield answer.hit(scene, f"{answer.what} is answered 404, 8.0 has no PolicyManager")


@rule("edition-not-supported", kinds={Kind.SYNCML})
def edition_not_supported(scene: Scene) -> Iterator[Hit]:
    """A command is refused because its node came with a later build than the device has; that is
    to be expected. Send it only to builds and editions that have the node."""
    for answer in _failures(scene, "edition-not-supported"):
        yield answer.hit(
            scene,
            f"{answer.what} is answered {answer.code}, the node came with a later build than "
            f"{scene.life.application_version}",
        )


@rule("atomic-partial-failure", kinds={Kind.SYNCML})
def partial_failure(scene: Scene) -> Iterator[Hit]:
    """An Atomic is answered 507 and its commands with different codes: one failed, and the others
    were rolled back. Read the Status of each child for the one that failed."""
    all_answers = tuple(answers(scene))
    for atomic in all_answers:
        if atomic.name != "Atomic" or atomic.code != 507:
            continue
        inside = [answer for answer in all_answers if _is_inside(answer, atomic)]
        if len({answer.code for answer in inside}) < 2:
            continue
        failed = [a for a in inside if a.code >= 400 and a.code not in _ROLLED_BACK]
        said = "; ".join(f"{answer.code} for {answer.what}" for answer in failed[:3])
        causes = [_cause(answer, scene) for answer in failed]
        yield atomic.hit(
            scene,
            f"the Atomic is answered 507{', ' if said else ''}{said}",
            caused_by=tuple(dict.fromkeys(causes)),
        )


def _is_inside(answer: Answer, atomic: Answer) -> bool:
    if answer is atomic or answer.status.msg_ref != atomic.status.msg_ref:
        return False
    # Without the server's message all that was answered may have stood inside.
    return answer.sent is None or answer.sent.atomic == atomic.status.cmd_ref


def _cause(answer: Answer, scene: Scene) -> str:
    if answer.name == "Get" and answer.code == 500:
        return "atomic-contains-get"
    return failure_rule(answer, scene)


@rule("command-failed-under-200", kinds={Kind.SYNCML})
def failed_under_200(scene: Scene) -> Iterator[Hit]:
    """A command is refused while the session itself goes on well, so a server that looks at the
    session alone takes it for done. Read every Status."""
    asked = scene.decoded.request_syncml
    header = asked.header_status if asked is not None else None
    if header is None or header.data.strip() not in _GOES_ON:
        return
    for answer in _failures(scene, "command-failed-under-200"):
        # That a node is not there is what a Get asks and what a Delete wants.
        if (
            answer.name == "Status"
            or answer.code in _ROLLED_BACK
            or (answer.code == 404 and answer.name in {"Get", "Delete"})
        ):
            continue
        causes = _causes(answer)
        if answer.name == "Get" and answer.sent is not None and answer.sent.atomic is not None:
            causes = (*causes, "atomic-contains-get")
        yield answer.hit(
            scene,
            f"{answer.what} is answered {answer.code} while the session goes on",
            caused_by=causes,
        )


@rule("generic-alert-unanswered", kinds={Kind.SYNCML})
def generic_alert_unanswered(scene: Scene) -> Iterator[Hit]:
    """The server sends no Status for the device's alert 1224 or 1226, so the device may send the
    alert again. Answer 200, or 415 for an unknown type."""
    asked, answered = scene.decoded.request_syncml, scene.decoded.response_syncml
    if asked is None or answered is None or not asked.is_final or asked.header.no_resp:
        return
    header = answered.header_status
    if header is None or header.data.strip() not in _GOES_ON:
        return
    told = {status.cmd_ref for status in answered.statuses}
    for alert in asked.alerts:
        if alert.code.strip() not in {"1224", "1226"} or alert.no_resp or alert.cmd_id in told:
            continue
        yield scene.hit(
            f"the server sends no Status for alert {alert.code.strip()}, CmdID {alert.cmd_id}",
            part="request",
            xpath=alert.place,
            evidence=alert.code.strip(),
        )


@rule("results-uri-prefix-differs", kinds={Kind.SYNCML})
def results_prefix_differs(scene: Scene) -> Iterator[Hit]:
    """The device's Results name the node without the ./Device or ./ that the Get had. That is a
    habit of devices and no mistake; a server should compare without the prefix."""
    asked, session = scene.decoded.request_syncml, session_before(scene)
    if asked is None or session is None:
        return
    targets = {target for command in session.sent for target in command.targets}
    shorter = {form for target in targets for form in _shorter(target)} - targets
    for result in asked.results:
        for item in result.items:
            source = (item.source or "").strip()
            if source not in shorter:
                continue
            yield scene.hit(
                f"Results name {source[:200]} without the prefix of the Get",
                part="request",
                xpath=item.place,
                evidence=source,
            )


def _shorter(uri: str) -> Iterator[str]:
    """The LocURI without its prefix, in each way in which devices leave it out."""
    for prefix in ("./Device/", "./"):
        if uri.startswith(prefix) and uri != prefix:
            yield uri.removeprefix(prefix)
            yield f"./{uri.removeprefix(prefix)}"
