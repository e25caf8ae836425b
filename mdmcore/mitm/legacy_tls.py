"""TLS 1.0 to 1.3 for the devices in front of us: Windows Phone 8.0 is believed to speak 1.0 only.

mitmproxy's own option for it crashes on OpenSSL 4 (its issue 8264), so the connection is built here
before mitmproxy does. HTTP/2 is not offered: phones do not know it.
"""

from __future__ import annotations

from mitmproxy import tls

from mdmcore.mitm.client_tls import TlsOffer, start_client
from mdmcore.mitm.guard import guarded
from mdmcore.mitm.tls_build import EVERYTHING

_OFFER = TlsOffer(lowest="TLS1", highest="TLS1_3", ciphers=EVERYTHING, http2=False)


class LegacyTls:
    """Hooks of ``addons/mdm_legacy_tls.py``."""

    name = "mdm_legacy_tls"

    @guarded
    def tls_start_client(self, data: tls.TlsData) -> None:
        """Give the connection what old phones can do; mitmproxy leaves one that is there alone."""
        if data.ssl_conn is None and not data.is_dtls:
            start_client(data, _OFFER)
