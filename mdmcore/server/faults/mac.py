"""The HMAC of an answer whose body a mistake has changed (session.md 4.2).

It is made anew, as the server that makes the mistake would make it: a mistake in a message must not
look like one in its HMAC.
"""

from __future__ import annotations

from dataclasses import replace

from mdmcore.errors import MdmError
from mdmcore.http import Response
from mdmcore.server.faults.model import Answered
from mdmcore.syncml.hmac_header import HMAC_HEADER, mac, parse_mac_header
from mdmcore.syncml.model import SyncML


def signed_again(answered: Answered, sent: SyncML | None, changed: Response) -> Response:
    """The changed answer with an HMAC over its new body, where the right answer has a right one.

    ``sent`` is the device's message. Left as it is: an answer without HMAC, and one to a device
    whose account has ended.
    """
    text = answered.response.headers.get(HMAC_HEADER)
    if text is None or sent is None:
        return changed
    store, header = answered.tools.store, sent.header
    accounts = store.accounts_for(header.source, None)
    session = store.session(header.source, header.session_id)
    secret = accounts[0].server_secret if accounts else None
    if secret is None or session is None:
        return changed
    nonce = session.server_nonce_now or accounts[0].nonce_s2c
    try:
        given = parse_mac_header(text)
    except MdmError:
        return changed
    if not given.verify(secret, nonce, answered.body):
        return changed
    new = mac(given.username, secret, nonce, changed.body or b"")
    value = text.replace(given.mac, new)
    return replace(changed, headers=changed.headers.replaced(HMAC_HEADER, value))
