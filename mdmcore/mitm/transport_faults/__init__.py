"""Mistakes below HTTP, made by a TLS listener of our own on loopback.

mitmproxy repairs or refuses such things, so bytes of a device that is to meet one pass it untouched
(``tls_clienthello``, ignore_connection) and end at ``listener``. What there is to do wrong is data:
``mdmcore.server.faults.below``.
"""

from __future__ import annotations

from mdmcore.mitm.transport_faults.listener import TransportListener

__all__ = ["TransportListener"]
