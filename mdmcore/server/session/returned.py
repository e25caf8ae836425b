"""What the device answers to our commands: Statuses and Results, each for the command it names.

Sources: session.md 2.1, 2.2 (MsgRef and CmdRef; Results without them mean 1), field note
results-uri-prefix-differs: a device may leave ``./`` or ``./Device`` out. Results may come before
or after their Status; both end in one row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import dropwhile, islice

from mdmcore.csp import parse_uri
from mdmcore.records import CommandStatus, InventoryValue, JobResult, SessionState
from mdmcore.server.device_message import inventory_value
from mdmcore.server.session.work import Package, SentCommand
from mdmcore.syncml.model import Item, Meta, Results, Status

_IN_PROGRESS = "101"
_GOES_ON = {"200", "213"}
"""What lets the next chunk of an object go out."""

_UNNAMED = "1"
_FAILED = "400"


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """The package with its answered commands, and what is to be kept of the answers."""

    package: Package | None
    results: tuple[JobResult, ...] = ()
    statuses: tuple[CommandStatus, ...] = ()
    inventory: tuple[InventoryValue, ...] = ()


def read_returned(
    statuses: Iterable[Status],
    results: Iterable[tuple[Results, tuple[Item, ...]]],
    *,
    session: SessionState,
    package: Package | None,
    stored: Sequence[JobResult],
    now: datetime,
) -> Returned:
    """Match each Status and each Results; what names no command of ours is left out, but for
    values, which are the device's word anyway.

    ``stored`` are the rows that the job of the package has already.
    """
    reading = _Reading(session=session, package=package, now=now)
    for row in stored:
        reading.rows.setdefault(row.position, {})[row.item] = row
    for status in statuses:
        reading.status(status)
    for found, items in results:
        reading.results(found, items)
    return Returned(
        package=reading.after(),
        results=tuple(reading.rows[position][item] for position, item in reading.changed),
        statuses=tuple(reading.statuses),
        inventory=tuple(reading.inventory),
    )


class _Reading:
    """The commands that wait for an answer, as one message answers them."""

    def __init__(self, *, session: SessionState, package: Package | None, now: datetime) -> None:
        self._session = session
        self._package = package
        self._now = now
        sent = () if package is None else package.sent
        self._sent = {(command.msg_id, command.cmd_id): command for command in sent}
        self._by_uri = {
            _key(uri): (command.msg_id, command.cmd_id)
            for command in sent
            if command.name == "Get"
            for uri in command.uris
        }
        self._last = str(session.server_msg_id)
        self._skips = False
        self._free: dict[int, int] = {}
        self._indexes: dict[int, dict[str, int]] = {}
        self.rows: dict[int, dict[int, JobResult]] = {}
        self.changed: dict[tuple[int, int], None] = {}
        self.statuses: list[CommandStatus] = []
        self.inventory: list[InventoryValue] = []

    def after(self) -> Package | None:
        """The package as the message leaves it."""
        package = self._package
        if package is None:
            return None
        package = replace(package, sent=tuple(self._sent.values()))
        if self._skips:  # an object that the device did not take to its end
            package = replace(package, next=package.next + 1, offset=0)
        return package

    # --- Status -----------------------------------------------------------------------------

    def status(self, status: Status) -> None:
        reference = (status.msg_ref or self._last, status.cmd_ref)
        command = self._sent.get(reference)
        if command is None or status.data == _IN_PROGRESS:
            return
        items = _named_items(command, status)
        answered = tuple(sorted({*command.answered, *items}))
        self._sent[reference] = replace(command, answered=answered)
        if command.inner and status.data >= _FAILED:
            self._give_up_inner(reference, command.inner)
        for item in items:
            self._note(command, item, status)
        if command.is_chunk:
            if status.data in _GOES_ON:
                return
            self._skips = True
        if self._package is not None and self._package.job is not None:
            for item in items:
                self._code(self._package.job, command, item, status)

    def _give_up_inner(self, reference: tuple[str, str], inner: int) -> None:
        """A container that failed as a whole: what it holds need not get Statuses of its own."""
        keys = list(islice(dropwhile(lambda key: key != reference, self._sent), 1, inner + 1))
        for key in keys:
            command = self._sent[key]
            everything = tuple(range(max(1, len(command.uris))))
            self._sent[key] = replace(command, answered=everything)

    def _note(self, command: SentCommand, item: int, status: Status) -> None:
        self.statuses.append(
            CommandStatus(
                device_id=self._session.device_id,
                session_id=self._session.session_id,
                uri=_uri_of(command, item),
                command=status.cmd or command.name,
                code=status.data,
                at=self._now,
            )
        )

    def _code(self, job: int, command: SentCommand, item: int, status: Status) -> None:
        row = self._row(job, command, item, _uri_of(command, item))
        self._put(replace(row, code=status.data, original_error=status.original_error))
        if item == 0:  # what a listing brought has no Status of its own
            for other in tuple(self.rows[command.position].values()):
                if other.value is not None and not other.code:
                    self._put(replace(other, code=status.data))

    # --- Results ----------------------------------------------------------------------------

    def results(self, results: Results, items: Sequence[Item]) -> None:
        command = self._asked(results, items)
        for item in items:
            item = _with_meta(item, results.meta)
            uri = item.source or results.source_ref or item.target or results.target_ref or ""
            index = None if command is None else self._index(command, uri, is_only=len(items) == 1)
            if command is not None and index is not None and index < len(command.uris):
                uri = command.uris[index]
            self._keep_value(uri, item)
            job = None if self._package is None else self._package.job
            if command is None or index is None or job is None:
                continue
            value = inventory_value(item, uri=uri, now=self._now)
            row = self._row(job, command, index, uri)
            first = self.rows.get(command.position, {}).get(0)
            code = row.code or (first.code if first is not None else "")
            given = item.meta.format if item.meta is not None else None
            self._put(
                replace(
                    row,
                    code=code,
                    value=value.value,
                    format=value.format if item.is_binary else given or "",
                    type=value.type,
                )
            )

    def _asked(self, results: Results, items: Sequence[Item]) -> SentCommand | None:
        """The Get that these answer: by reference, else by URI."""
        cmd_ref = results.cmd_ref or _UNNAMED
        for msg_ref in (results.msg_ref or _UNNAMED, self._last):
            command = self._sent.get((msg_ref, cmd_ref))
            if command is not None:
                return command
            if results.msg_ref:
                break
        for item in items:
            found = self._by_uri.get(_key(item.source or results.source_ref or ""))
            if found is not None:
                return self._sent[found]
        return None

    def _index(self, command: SentCommand, uri: str, *, is_only: bool) -> int:
        """Which item of the command: the one of that URI, else one behind them all."""
        position = command.position
        if position not in self._indexes:
            # What a listing brought in an earlier session keeps its place.
            known = {_key(row.uri): item for item, row in self.rows.get(position, {}).items()}
            own = {_key(own): index for index, own in enumerate(command.uris)}
            self._indexes[position] = known | own
        index = self._indexes[position].get(_key(uri))
        if index is not None:
            return index
        rows = self.rows.get(position, {})
        is_listing = any(parse_uri(own).listing for own in command.uris)
        if is_only and len(command.uris) == 1 and not is_listing:
            return 0
        free = self._free.get(position)
        if free is None:
            free = max(len(command.uris), max(rows, default=-1) + 1)
        self._free[position] = free + 1
        return free

    def _keep_value(self, uri: str, item: Item) -> None:
        """In the inventory, but for a property of a node, which is not its value."""
        if uri and item.data is not None and not parse_uri(uri).prop:
            node = uri.partition("?")[0]
            self.inventory.append(inventory_value(item, uri=node, now=self._now))

    # --- rows -------------------------------------------------------------------------------

    def _row(self, job: int, command: SentCommand, item: int, uri: str) -> JobResult:
        found = self.rows.get(command.position, {}).get(item)
        if found is not None:
            return replace(found, at=self._now)
        return JobResult(
            job=job,
            position=command.position,
            item=item,
            command=command.name,
            uri=uri,
            at=self._now,
        )

    def _put(self, row: JobResult) -> None:
        self.rows.setdefault(row.position, {})[row.item] = row
        self.changed[row.position, row.item] = None


def _named_items(command: SentCommand, status: Status) -> tuple[int, ...]:
    """The items that a Status is for: those it names, else all."""
    everything = tuple(range(max(1, len(command.uris))))
    if len(everything) == 1:
        return everything
    named = {_key(uri) for uri in (*status.target_refs, *status.source_refs)}
    found = tuple(index for index in everything if _key(command.uris[index]) in named)
    return found or everything


def _uri_of(command: SentCommand, item: int) -> str:
    return command.uris[item] if item < len(command.uris) else ""


def _key(uri: str) -> str:
    """What two spellings of one node have in common; its properties and a listing of what is
    below it are other things than its value."""
    parsed = parse_uri(uri)
    query = parsed.prop or parsed.listing
    return f"{parsed.key}?{query}" if query else parsed.key


def _with_meta(item: Item, meta: Meta | None) -> Item:
    """The item with what its Results say of all their items."""
    if meta is None:
        return item
    own = item.meta or Meta()
    return replace(
        item,
        meta=replace(own, format=own.format or meta.format, type=own.type or meta.type),
    )
