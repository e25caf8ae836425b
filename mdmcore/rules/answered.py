"""The device's Statuses beside the commands they answer, and which rule a failure belongs to.

Where a device sends no TargetRef, the LocURIs are those of the command as it was sent in the
message before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from mdmcore.csp.catalogue import find_csp, find_node
from mdmcore.csp.model import CspNode
from mdmcore.csp.uri import LocUri, parse_uri
from mdmcore.rules.life import DmSession, SentCommand
from mdmcore.rules.model import Hit
from mdmcore.rules.scene import Scene
from mdmcore.syncml.model import Status

_VENDOR = ("Vendor", "MSFT")
_BUILD = re.compile(r"10\.0\.([0-9]{5})(?:\.|\Z)")
_WIPES = "dowipe", "doautomaticredeployment"
_REFUSALS = frozenset({404, 405, 406})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A Status of the device for a command of the server. ``code`` is 0 where it is no number.

    ``sent`` is the command, ``None`` when it was not seen; ``uris`` may then be empty.
    """

    status: Status
    code: int
    sent: SentCommand | None
    uris: tuple[str, ...]

    @property
    def name(self) -> str:
        """The command's name."""
        return self.status.cmd or (self.sent.name if self.sent is not None else "")

    @property
    def what(self) -> str:
        """Command and target for people."""
        target = self.uris[0] if self.uris else f"CmdRef {self.status.cmd_ref}"
        more = f" and {len(self.uris) - 1} more" if len(self.uris) > 1 else ""
        return f"{self.name or 'command'} {target}{more}"

    def hit(self, scene: Scene, message: str, *, caused_by: tuple[str, ...] = ()) -> Hit:
        """A hit at the Status."""
        return scene.hit(
            message,
            part="request",
            xpath=f"{self.status.place}/Data",
            evidence=f"{self.status.data[:20]} {self.what}",
            caused_by=caused_by,
        )


def session_before(scene: Scene) -> DmSession | None:
    """The session that the device's message goes on with; ``None`` when it begins one."""
    asked = scene.decoded.request_syncml
    if asked is None or asked.header.msg_id == "1":
        return None
    wanted = asked.header.session_id
    return next((s for s in reversed(scene.before.sessions) if s.session_id == wanted), None)


def answers(scene: Scene) -> Iterator[Answer]:
    """Every Status of the device but those for SyncHdr."""
    asked = scene.decoded.request_syncml
    if asked is None:
        return
    session = session_before(scene)
    sent = {command.cmd_id: command for command in session.sent} if session is not None else {}
    msg_id = session.server_msg_id if session is not None else ""
    for status in asked.statuses:
        if status.is_for_header:
            continue
        command = sent.get(status.cmd_ref) if status.msg_ref == msg_id else None
        if command is not None and status.cmd not in {"", command.name}:
            command = None
        text = status.data.strip()
        yield Answer(
            status=status,
            code=int(text) if re.fullmatch("[0-9]{3}", text) else 0,
            sent=command,
            uris=status.target_refs or (command.targets if command is not None else ()),
        )


def is_unknown(uri: LocUri) -> bool:
    """Whether the catalogue holds the CSP completely and has no such node, in whatever case."""
    csp = find_csp(uri)
    if csp is None or not csp.is_complete:
        return False
    return not any(
        len(node.path) == len(uri.segments)
        and all(
            part == "*" or part.startswith("{") or part.lower() == (segment or "").lower()
            for part, segment in zip_longest(node.path, uri.segments)
        )
        for node in csp.nodes
    )


def windows_build(scene: Scene) -> int | None:
    """The build of Windows 10 or later that the device says to be; ``None`` when not known."""
    build = _BUILD.match(scene.life.application_version)
    return int(build[1]) if build is not None else None


def _is_newer_than_device(node: CspNode, scene: Scene) -> bool:
    build = windows_build(scene)
    return build is not None and node.first_build is not None and build < node.first_build


def failure_rule(answer: Answer, scene: Scene) -> str:
    """The rule that a failing Status belongs to, ``command-failed-under-200`` if no better one."""
    uris = [parse_uri(uri) for uri in answer.uris]
    code, name = answer.code, answer.name
    if name == "Atomic":
        return "atomic-partial-failure"
    for uri in uris:
        found = _by_target(uri, name, code, scene)
        if found:
            return found
    return _BY_CODE.get((name, code), "command-failed-under-200")


_BY_CODE = {("Add", 418): "add-existing-418", ("Replace", 404): "replace-missing-404"}


def _by_target(uri: LocUri, name: str, code: int, scene: Scene) -> str:
    below = uri.segments[2:] if uri.segments[:2] == _VENDOR else ()
    if below == ("RemoteLock", "Lock") and (name, code) == ("Exec", 405):
        return "remotelock-405"
    if below[:1] == ("RemoteWipe",) and (name, code) == ("Exec", 500):
        return "remotewipe-500" if below[-1].lower().startswith(_WIPES) else ""
    if below[:1] == ("PolicyManager",) and code == 404 and scene.profile == "wp8":
        return "policymanager-on-wp80"
    if code in _REFUSALS and is_unknown(uri):
        return "csp-node-unknown"
    node = find_node(uri)
    if node is None:
        return ""
    if name == "Get" and not node.is_readable:
        return "get-on-write-only"
    if code in _REFUSALS and _is_newer_than_device(node, scene):
        return "edition-not-supported"
    return ""
