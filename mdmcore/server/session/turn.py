"""One message of an authenticated device: what it brings, and what the server says to it.

The state machine of session.md 1.8 behind AUTH. The order is always the same: the device's verdict
on our proof, its commands, its answers to ours, and then one of: the rest of its package is asked
for, the rest of ours goes out, the next package begins, the session ends.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from mdmcore.profiles import device_profile
from mdmcore.records import (
    Account,
    CommandStatus,
    InventoryValue,
    JobResult,
    SessionState,
)
from mdmcore.server.device_message import asks_next, inventory_value, is_abort
from mdmcore.server.message import AnswerBuilder, no_end_of_data
from mdmcore.server.session.changes import Changes
from mdmcore.server.session.intake import Intake, take_in
from mdmcore.server.session.limits import (
    LARGEST_MESSAGE,
    LOGIN_CHARACTERS,
    MAX_MESSAGES,
    MAX_UNFINISHED,
    MAX_WAITING_STATUSES,
)
from mdmcore.server.session.own_proof import OwnProof, Standing, read_verdict
from mdmcore.server.session.packages import Packages, rewound
from mdmcore.server.session.queue import Queue
from mdmcore.server.session.returned import read_returned
from mdmcore.server.session.sending import DeviceLimits, Sending, with_device_limits
from mdmcore.server.session.size import Sizes
from mdmcore.server.session.work import Work
from mdmcore.syncml.model import SyncML
from mdmcore.syncml.unenrollment import tells_unenrollment

logger = logging.getLogger(__name__)

_LARGE_OBJECTS = "./DevDetail/LrgObj"


@dataclass(slots=True, kw_only=True)
class Turn:
    """The turn of a message whose Status for SyncHdr stands in ``answer`` already.

    ``session`` has the MsgID of the answer before. ``inventory_of`` gives the values that are
    known of the device.
    """

    message: SyncML
    answer: AnswerBuilder
    sizes: Sizes
    session: SessionState
    work: Work
    account: Account
    queue: Queue
    profile: str
    provider_id: str
    now: datetime
    inventory_of: Callable[[], dict[str, str]]
    results: dict[tuple[int, int, int], JobResult] = field(default_factory=dict)
    statuses: list[CommandStatus] = field(default_factory=list)
    inventory: list[InventoryValue] = field(default_factory=list)
    proof: OwnProof | None = None

    def run(self) -> Changes:
        """Put the rest of the answer together."""
        standing = self._hear_verdict()
        self._prove(is_last=True)
        intake = take_in(self.message, self.work.upload)
        self.work = with_device_limits(self.work, self.message)
        self._keep(intake)
        if tells_unenrollment(self.message):
            self._leave(intake)
        elif is_abort(self.message):
            logger.info("%s broke the session off", self.session.device_id)
            self._hear_answers(intake, is_refused=standing.is_refused)
            self._put_last_statuses(intake)
            self._end_waiting()
        elif standing.gives_up or self._has_no_end():
            self._give_up(intake)
        else:
            self._hear_answers(intake, is_refused=standing.is_refused)
            self._say(intake, is_refused=standing.is_refused)
        return Changes(
            session=self.session,
            work=self.work,
            account=self.account,
            jobs=self.queue.changed,
            results=tuple(self.results.values()),
            statuses=tuple(self.statuses),
            inventory=tuple(self.inventory),
            proof=self.proof,
        )

    def _has_no_end(self) -> bool:
        work = self.work
        return work.messages > MAX_MESSAGES or work.unfinished >= MAX_UNFINISHED

    # --- what it brings ---------------------------------------------------------------------

    def _hear_verdict(self) -> Standing:
        standing = read_verdict(self.message, self.account, self.session, self.work)
        self.account, self.session, self.work = standing.account, standing.session, standing.work
        return standing

    def _keep(self, intake: Intake) -> None:
        login = self.work.login if intake.login is None else intake.login[:LOGIN_CHARACTERS]
        self.work = replace(self.work, upload=intake.upload, login=login)
        for item in intake.values:
            if item.source and item.data is not None:
                self.inventory.append(inventory_value(item, uri=item.source, now=self.now))

    def _hear_answers(self, intake: Intake, *, is_refused: bool) -> None:
        package = self.work.package
        job = None if package is None else package.job
        returned = read_returned(
            () if is_refused else self.message.statuses,
            intake.results,
            session=self.session,
            package=package,
            stored=() if job is None else self.queue.results(job),
            now=self.now,
        )
        self.work = replace(self.work, package=returned.package)
        self.inventory += returned.inventory
        self.statuses += returned.statuses
        for row in returned.results:
            self.results[row.job, row.position, row.item] = row

    # --- what the server says -----------------------------------------------------------------

    def _say(self, intake: Intake, *, is_refused: bool) -> None:
        if is_refused:
            self.work = rewound(self.work, server_msg_id=self.session.server_msg_id)
        self._prove(is_last=False)
        sending = self._sending()
        if not self._put_statuses(intake, sending):
            return
        package = self.work.package
        is_waiting = package is not None and package.is_waiting
        # While our package is open the device's has no Final either: it asks for the rest when it
        # has said all that it had to say.
        is_through = self.work.is_complete and not is_waiting and asks_next(self.message)
        is_complete = self.message.is_final or is_through
        if self.work.upload is not None or not is_complete:
            self._ask_for_more(intake)
            return
        self.work = replace(self.work, unfinished=0)
        if is_waiting:
            self._end_waiting()
        elif package is not None and package.has_more:
            self._send(sending)
        else:
            self._begin_next(sending)

    def _prove(self, *, is_last: bool) -> None:
        """Our proof; the last message of a session that breaks off has no Cred."""
        proof = OwnProof(self.account, self.session, self.work, provider_id=self.provider_id)
        if proof.is_mac or not is_last:
            proof.put(self.answer)
            self.proof = proof

    def _ask_for_more(self, intake: Intake) -> None:
        """Alert 1222; it is counted where it led to nothing."""
        self.answer.next_message()
        unfinished = 0 if intake.has_grown else self.work.unfinished + 1
        self.work = replace(self.work, unfinished=unfinished)

    def _put_statuses(self, intake: Intake, sending: Sending) -> bool:
        """Whether they all had room; nothing else is said while some wait."""
        waiting = sending.put_statuses((*self.work.statuses, *intake.statuses))
        for uri in intake.broken:
            sending.put(no_end_of_data(uri))
        self.work = replace(self.work, statuses=waiting)
        if len(waiting) > MAX_WAITING_STATUSES:
            logger.warning("%s lets too many Statuses wait", self.session.device_id)
            self.work = replace(self.work, statuses=())
            self._abort()
            return False
        if waiting:
            self.answer.leave_open()
            self._leave_open()
        return not waiting

    def _sending(self) -> Sending:
        limit = self.work.max_message
        if limit is None and self.queue.has_large:
            limit = LARGEST_MESSAGE
        limits = DeviceLimits(
            message=limit,
            object=self.work.max_object,
            takes_large_objects=self._takes_large_objects,
        )
        return Sending(self.answer, self.sizes, limits)

    def _takes_large_objects(self) -> bool:
        if device_profile(self.profile).takes_large_objects:
            return True
        return self.inventory_of().get(_LARGE_OBJECTS, "").strip().lower() == "true"

    def _leave_open(self) -> None:
        """More of our package is to come; if the device has closed its own, that stays so."""
        is_complete = self.message.is_final or self.work.is_complete
        self.work = replace(self.work, is_complete=is_complete)

    @property
    def _packages(self) -> Packages:
        return Packages(queue=self.queue, profile=self.profile, now=self.now)

    # --- packages -----------------------------------------------------------------------------

    def _begin_next(self, sending: Sending) -> None:
        """The package before is answered: the next job, then the inventory, then the end."""
        packages = self._packages
        if packages.tells_to_leave(self.work):
            self._end_waiting()
            return
        self.work = packages.settled(self.work, self.results.values())
        while (package := packages.following(self.work)) is not None:
            commands, _ = packages.commands_of(package)
            problem = sending.problem(commands)
            if problem is not None:
                self.work = packages.refused(self.work, package, problem)
                continue
            self.work, self.account = packages.opened(
                self.work, package, self.account, session_id=self.session.session_id
            )
            if commands:
                self._send(sending)
                return
            # What cannot be read is answered at once.
            self.work = packages.settled(self.work, self.results.values())
        self._end_well()

    def _send(self, sending: Sending) -> None:
        package = self.work.package
        assert package is not None
        commands, position = self._packages.commands_of(package)
        if len(commands) < package.total:  # somebody took the job back in the meantime
            self.work = replace(self.work, package=None)
            self._begin_next(sending)
            return
        package = sending.put_package(package, commands, position)
        self.work = replace(self.work, package=package)
        if package.has_more:
            self._leave_open()
        else:
            self.work = replace(self.work, is_complete=False)

    # --- the end ------------------------------------------------------------------------------

    def _end_well(self) -> None:
        """Nothing more to say: statuses and Final (session.md 1.6)."""
        self.session = replace(self.session, is_closed=True)

    def _end_waiting(self) -> None:
        """The device closed its package without a Status for each command: no new ones may
        follow, so the job goes back, or has been told to leave."""
        self.work = self._packages.lost(self.work)
        self._end_well()

    def _leave(self, intake: Intake) -> None:
        """The device has left: answered, and a stranger from now on."""
        logger.info("%s has left (account %s)", self.session.device_id, self.account.name)
        self._put_last_statuses(intake)
        self.account = self.queue.leave(self.account, now=self.now)
        self.inventory.clear()
        self._end_well()

    def _give_up(self, intake: Intake) -> None:
        """Alert 1223: the device refuses our proof for good, or the session has no end."""
        logger.warning("the session of %s is broken off", self.session.device_id)
        self._put_last_statuses(intake)
        self._abort()

    def _abort(self) -> None:
        self.answer.abort()
        self._end_waiting()

    def _put_last_statuses(self, intake: Intake) -> None:
        """In the last message: what has no room in it is never said."""
        self._sending().put_statuses((*self.work.statuses, *intake.statuses))
        self.work = replace(self.work, statuses=())
