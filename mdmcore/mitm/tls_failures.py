"""Saying why a device's TLS handshake failed: no flow exists, so the log is all there is.

mitmproxy's own line gives OpenSSL's words; where versions or suites did not meet, ours says what
the device offered and what this build lacks.
"""

from __future__ import annotations

import logging

from mitmproxy import connection, tls

from mdmcore.mitm.client_offer import MISMATCHES, ClientOffer, client_offer, explain_mismatch
from mdmcore.mitm.tls_build import suites_of, suites_of_build, tls_build

logger = logging.getLogger(__name__)


class TlsFailures:
    """Remembers what each open connection offered, until its handshake has ended."""

    def __init__(self) -> None:
        self._offers: dict[str, ClientOffer] = {}

    def __len__(self) -> int:
        return len(self._offers)

    def heard(self, data: tls.ClientHelloData) -> None:
        """A ClientHello came."""
        hello = data.client_hello
        self._offers[data.context.client.id] = client_offer(
            hello.raw_bytes(wrap_in_record=False), hello.cipher_suites, hello.extensions
        )

    def forget(self, client: connection.Client) -> None:
        """The handshake ended well, or the connection is gone."""
        self._offers.pop(client.id, None)

    def failed(self, data: tls.TlsData) -> None:
        """The handshake failed; one line where versions or suites did not meet."""
        offer = self._offers.pop(data.context.client.id, None)
        reason = data.conn.error or ""
        if offer is None or not any(words in reason for words in MISMATCHES):
            return
        known = suites_of_build(offer.suites)
        enabled = known if data.ssl_conn is None else suites_of(data.ssl_conn, known)
        peer = data.context.client.peername
        logger.warning(
            "mdm: TLS of %s for %s failed, %s",
            peer[0] if peer else "a device",
            data.context.client.sni or "a host it does not name",
            explain_mismatch(offer, reason, build=tls_build(), known=known, enabled=enabled),
        )
