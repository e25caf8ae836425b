"""Judging the signature of a device's DM messages (MS-Signature) beside their credentials.

Sources: [MS-MDM] 2.1 note 4; field-problems.md 31. A signature that does not hold, and one that is
missing where the device was told to sign, turn a proven message into one with wrong credentials:
401, so that nobody can tell one refusal from the other. The signer must be the holder of the
enrolment's certificate, or of the one before while a renewal is under way. An account given by hand
has no certificate known here, so nothing is asked of it.
"""

from __future__ import annotations

import logging

from mdmcore.errors import MdmError
from mdmcore.http import Request
from mdmcore.pki.certificate import Certificate, parse_certificate
from mdmcore.profiles import device_profile
from mdmcore.records import Account, SessionState
from mdmcore.server.authentication import Proof, Verdict
from mdmcore.server.ports import Clock, StateStore
from mdmcore.server.settings import ServerSettings
from mdmcore.syncml.message_signature import signature_header, signature_problem

logger = logging.getLogger(__name__)


class MessageSignatures:
    """Judges the signatures of messages whose sender is known."""

    def __init__(self, settings: ServerSettings, *, store: StateStore, clock: Clock) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock

    def judge(self, proof: Proof, request: Request) -> Proof:
        """The proof as it is once the signature has been looked at, too."""
        if proof.verdict is not Verdict.ACCEPTED or proof.account is None:
            return proof
        problem = self.problem(request, proof.account)
        if problem is None:
            return proof
        logger.info("DM message of account %s refused: %s", proof.account.name, problem)
        return Proof(verdict=Verdict.WRONG, is_forged=True)

    def is_good_copy(self, request: Request, session: SessionState) -> bool:
        """Whether a repeated message may be given the answer that the session keeps for it.

        Without an account that answer is a challenge, which anybody may have.
        """
        if session.account is None:
            return True
        account = self._store.enrolled_account(session.account)
        return account is None or self.problem(request, account) is None

    def problem(self, request: Request, account: Account) -> str | None:
        """Why the signature of the account's message does not do; ``None`` when it does."""
        if account.certificate_serial is None:
            return None
        text = signature_header(request.headers)
        if text is None:
            return "it is not signed" if self._is_required(account) else None
        holders = self._holders(account)
        return signature_problem(text, request.body or b"", holders=holders)

    def _is_required(self, account: Account) -> bool:
        """Whether the account's provisioning document asked for signatures."""
        profile = device_profile(account.profile or self._settings.profile)
        return self._settings.require_message_signing and profile.signs_messages

    def _holders(self, account: Account) -> tuple[Certificate, ...]:
        """The enrolment's certificates that are good now."""
        found = []
        for serial in (account.certificate_serial, account.previous_serial):
            issued = None if serial is None else self._store.certificate(serial)
            if issued is None or issued.revoked is not None or issued.not_after < self._clock():
                continue
            try:
                found.append(parse_certificate(issued.der))
            except MdmError:
                continue
        return tuple(found)
