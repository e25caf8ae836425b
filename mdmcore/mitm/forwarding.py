"""Handing the certificate that a device shows us on to a server that takes it from a header.

The one exception to "nothing is changed", and off until somebody names the header. A header of that
name from the device is always taken away: anybody could claim to be anyone. It is about the server
that a reverse proxy stands before, and hosts that were named; nobody else gets the certificate.
"""

from __future__ import annotations

import logging
from typing import Any

from mitmproxy import connection, http, tls
from mitmproxy.proxy.mode_specs import ReverseMode
from OpenSSL import SSL, crypto

from mdmcore.capture.forwarded_header import FORWARDED_FIELD
from mdmcore.mitm.annotate import METADATA_KEY
from mdmcore.mitm.certificate_header import CertificateHeader
from mdmcore.mitm.convert import connection_hosts
from mdmcore.mitm.host_patterns import HostPatterns
from mdmcore.report.annotation import SCHEMA

logger = logging.getLogger(__name__)

_DISCOVERY_PREFIX = "enterpriseenrollment."
_WEB = frozenset({"http", "https"})


class CertificateForwarding:
    """Remembers the certificate (DER) of each open connection, and writes the header."""

    def __init__(self, header: CertificateHeader, hosts: HostPatterns) -> None:
        self._header = header
        self._hosts = hosts
        self._shown: dict[str, bytes] = {}

    def __len__(self) -> int:
        return len(self._shown)

    def asks(self, client: connection.Client, host: str | None) -> bool:
        """Whether a device is to be asked for its certificate on this connection.

        Not where it discovers its server: Windows 10 gives up there (tls-client-cert-asked-early).
        """
        name = (host or "").lower()
        return self._is_for(client, (name,)) and not name.startswith(_DISCOVERY_PREFIX)

    def established(self, data: tls.TlsData) -> None:
        """Remember what the device has shown; mitmproxy itself drops what it cannot parse."""
        der = None if data.ssl_conn is None else _shown_certificate(data.ssl_conn)
        address = data.context.server.address
        host = data.conn.sni or (address[0] if address else None)
        if der is not None and self.asks(data.context.client, host):
            self._shown[data.context.client.id] = der

    def forget(self, client: connection.Client) -> None:
        """A device left."""
        self._shown.pop(client.id, None)

    def apply(self, flow: http.HTTPFlow) -> None:
        """Write the header into a request that goes to the server, and note that on the flow."""
        client = flow.client_conn
        if not flow.live or not self._is_for(client, connection_hosts(flow)):
            return
        header, fields = self._header, flow.request.headers.fields
        kept = [one for one in fields if not header.is_meant_by(one[0].decode("latin-1"))]
        removed = len(fields) - len(kept)
        der = self._shown.get(client.id)
        if der is not None:
            is_lower = flow.request.is_http2 or flow.request.is_http3
            name = header.name.lower() if is_lower else header.name
            kept.append((name.encode("latin-1"), header.value(der).encode("latin-1")))
        if der is None and not removed:
            return
        if removed:
            logger.warning(
                "mdm: the device sent %s itself: taken away, it proves nothing", header.name
            )
        flow.request.headers = http.Headers(kept)
        before = flow.metadata.get(METADATA_KEY)
        empty = {"schema": SCHEMA, "summary": "not inspected", "findings": []}
        note = {"header": header.name, "is_sent": der is not None, "removed": removed}
        flow.metadata[METADATA_KEY] = {
            **(before if isinstance(before, dict) else empty),
            FORWARDED_FIELD: note,
        }

    def _is_for(self, client: connection.Client, names: tuple[str, ...]) -> bool:
        mode = client.proxy_mode
        if isinstance(mode, ReverseMode):
            return mode.scheme in _WEB
        return any(name in self._hosts for name in names)


def _shown_certificate(stream: SSL.Connection) -> bytes | None:
    found: Any = stream.get_peer_certificate()
    return None if found is None else crypto.dump_certificate(crypto.FILETYPE_ASN1, found)
