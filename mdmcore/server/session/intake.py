"""What a device's message brings: its commands judged one by one, its items taken.

Sources: session.md 2.1, 2.2, 2.5. A device may send Alert, Replace of its DevInfo, Results and
Status; whatever else it sends is refused and gets a Status all the same, as does each command in a
container. What the Statuses and Results in it answer is found in ``returned``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from mdmcore.namespaces import ALERT_NEXT_MESSAGE
from mdmcore.server.session.alert_types import (
    alert_status,
    is_typed,
    item_status,
    login_status,
)
from mdmcore.server.session.uploads import Uploads
from mdmcore.server.session.work import Upload, WaitingStatus
from mdmcore.syncml.model import (
    Alert,
    AnyCommand,
    Command,
    Container,
    Item,
    Results,
    Status,
    SyncML,
    UnknownCommand,
)

_OWN_TREE = "./DevInfo/"
_NOTHING = "412"
_ENVELOPE = "400"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """A message's commands, judged.

    ``values`` are accepted items of DevInfo, ``results`` what came of Gets, whole items only;
    ``events`` are accepted items of alerts with their code. ``upload`` is on its way,
    ``broken`` are objects that broke off. ``has_grown``: a chunk came.
    ``login`` is the last LoginStatus, ``None`` where none came.
    """

    statuses: tuple[WaitingStatus, ...]
    values: tuple[Item, ...]
    results: tuple[tuple[Results, tuple[Item, ...]], ...]
    events: tuple[tuple[str, Item], ...]
    upload: Upload | None
    broken: tuple[str, ...]
    has_grown: bool
    login: str | None


def take_in(message: SyncML, upload: Upload | None) -> Intake:
    """Judge every command. ``upload`` is what the messages before left unfinished."""
    reading = _Reading(msg_id=message.header.msg_id, uploads=Uploads(upload))
    for command in message.commands:
        if not isinstance(command, Status):
            reading.read(command)
    uploads = reading.uploads
    if uploads.current is not None and message.is_final and not uploads.has_grown:
        uploads.break_off()
    return Intake(
        statuses=() if message.header.no_resp else tuple(reading.statuses),
        values=tuple(reading.values),
        results=tuple(reading.results),
        events=tuple(reading.events),
        upload=uploads.current,
        broken=tuple(uploads.broken),
        has_grown=uploads.has_grown,
        login=next(reversed(list(login_status(reading.events))), None),
    )


def refused(message: SyncML, code: str) -> tuple[WaitingStatus, ...]:
    """The same Status for every command, for a message that is refused as a whole."""
    if message.header.no_resp:
        return ()
    return tuple(
        _status(message.header.msg_id, command, code)
        for command in message.walk()
        if not isinstance(command, Status | Results) and not _is_silent(command)
    )


@dataclass(slots=True, kw_only=True)
class _Reading:
    """One message being read."""

    msg_id: str
    uploads: Uploads
    statuses: list[WaitingStatus] = field(default_factory=list)
    values: list[Item] = field(default_factory=list)
    results: list[tuple[Results, tuple[Item, ...]]] = field(default_factory=list)
    events: list[tuple[str, Item]] = field(default_factory=list)

    def read(self, command: AnyCommand) -> None:
        match command:
            case Results():
                self._results(command)
            case Alert():
                self._alert(command)
            case Command(name="Replace") if not _misses_its_form(command):
                self._replace(command)
            case _:
                self.uploads.break_off()
                self.statuses += _refusals(self.msg_id, command)

    def _results(self, results: Results) -> None:
        """Results get a Status only where it is not 200 (session.md 1.4)."""
        whole, codes = [], []
        for item in results.items:
            key = f"Results {item.source or item.target or results.source_ref or ''}"
            taken = self.uploads.take(key, item, results.meta)
            codes.append(taken.code)
            if taken.item is not None:
                whole.append(taken.item)
        if whole:
            self.results.append((results, tuple(whole)))
        if set(codes) - {"200"}:
            self._say(results, results.items, codes)

    def _alert(self, alert: Alert) -> None:
        if alert.code != ALERT_NEXT_MESSAGE and not (alert.items and is_typed(alert.code)):
            self.uploads.break_off()
        if _misses_its_form(alert):
            self._say(alert, (), [_ENVELOPE])
        elif not is_typed(alert.code):
            self._say(alert, (), [alert_status(alert.code)])
        elif not alert.items:
            self._say(alert, (), [_NOTHING])
        else:
            self._say(alert, alert.items, [self._event(alert, item) for item in alert.items])

    def _event(self, alert: Alert, item: Item) -> str:
        key = f"Alert {alert.code} {item.source or item.target or ''}"
        taken = self.uploads.take(key, item, None)
        if taken.item is None:
            return taken.code
        code = item_status(alert.code, taken.item)
        if code == "200":
            self.events.append((alert.code, taken.item))
        return code

    def _replace(self, command: Command) -> None:
        if not command.items:
            self.uploads.break_off()
            self._say(command, (), [_NOTHING])
            return
        codes = [self._value(command, item) for item in command.items]
        self._say(command, command.items, codes)

    def _value(self, command: Command, item: Item) -> str:
        if not (item.source or "").startswith(_OWN_TREE):
            self.uploads.break_off()
            return "405"
        taken = self.uploads.take(f"Replace {item.source}", item, command.meta)
        if taken.item is not None:
            self.values.append(taken.item)
        return taken.code

    def _say(self, command: AnyCommand, items: Sequence[Item], codes: Sequence[str]) -> None:
        """One Status where all codes agree, else one for each item, which it names."""
        if _is_silent(command):
            return
        if len(set(codes)) == 1:
            self.statuses.append(_status(self.msg_id, command, codes[0]))
            return
        for item, code in zip(items, codes, strict=True):
            self.statuses.append(
                _status(self.msg_id, command, code, target=item.target, source=item.source)
            )


def _refusals(msg_id: str, command: AnyCommand) -> Iterator[WaitingStatus]:
    """A Status for a command that a device must not send, and for each one in it."""
    left = [command]
    while left:
        found = left.pop()
        if not _is_silent(found):
            yield _status(msg_id, found, _refusal(found))
        if isinstance(found, Container):
            left += reversed(found.commands)


def _refusal(command: AnyCommand) -> str:
    """400 for what is malformed, 405 for commands of the server's, 406 for what is none of DM."""
    if _misses_its_form(command):
        return _ENVELOPE
    return "405" if isinstance(command, Command) else "406"


def _misses_its_form(command: AnyCommand) -> bool:
    """No CmdID, or a Cred, which belongs into SyncHdr only (DMREP 4.1.1.6)."""
    if isinstance(command, UnknownCommand):
        return False
    return not command.cmd_id or (isinstance(command, Alert | Command) and command.cred is not None)


def _is_silent(command: AnyCommand) -> bool:
    return isinstance(command, Alert | Command | Container) and command.no_resp


def _status(
    msg_id: str,
    command: AnyCommand,
    code: str,
    *,
    target: str | None = None,
    source: str | None = None,
) -> WaitingStatus:
    return WaitingStatus(
        msg_ref=msg_id,
        cmd_ref=command.cmd_id,
        cmd=command.name,
        code=code,
        target=target,
        source=source,
    )
