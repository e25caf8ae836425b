"""Mistakes in sessions that prove themselves by HMAC, which knows no Cred and no 212 (DMSEC 5.4).

They have room where a device was asked for HMAC: with an account of that scheme.
"""

from __future__ import annotations

from dataclasses import replace

from mdmcore.http import Response
from mdmcore.server.faults.messages import (
    answer_message,
    with_header_fields,
    with_header_status,
)
from mdmcore.server.faults.model import Answered, Step, fault
from mdmcore.server.faults.server_proof import account_of
from mdmcore.syncml.credentials import digest_cred
from mdmcore.syncml.hmac_header import HMAC_HEADER


@fault("hmac-with-cred", Step.MANAGE)
def cred_beside(answered: Answered) -> Response | None:
    """A Cred stands beside the server's HMAC."""
    account = account_of(answered)
    if account is None or account.server_secret is None:
        return None
    if HMAC_HEADER not in answered.response.headers:
        return None
    user = answered.tools.settings.provider_id
    cred = digest_cred(user, account.server_secret, account.nonce_s2c)
    return with_header_fields(answered, lambda header: replace(header, cred=cred))


@fault("hmac-212", Step.MANAGE)
def proven_for_good(answered: Answered) -> Response | None:
    """The HMAC of one message is answered with 212, as if it proved the session."""
    if not _is_accepted(answered):
        return None
    return with_header_status(answered, lambda status: replace(status, data="212"))


@fault("hmac-no-nextnonce", Step.MANAGE)
def no_next_nonce(answered: Answered) -> Response | None:
    """The HMAC of a message is accepted, and the nonce for the next one is left out."""
    if not _is_accepted(answered):
        return None
    return with_header_status(answered, lambda status: replace(status, chal=None))


def _is_accepted(answered: Answered) -> bool:
    """Whether the right answer takes the HMAC of the device's message."""
    message = answer_message(answered)
    status = None if message is None else message.header_status
    is_mac = HMAC_HEADER in answered.request.headers
    return is_mac and status is not None and status.data == "200" and status.chal is not None
