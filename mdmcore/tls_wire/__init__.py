"""TLS as it passes by, read and never spoken: what both sides say before they encrypt.

Bytes in, facts out (RFC 2246, 4346, 5246 and 8446). Nothing is decrypted, no signature is checked
and nobody is asked anything.
"""

from mdmcore.tls_wire.observer import TlsObserver
from mdmcore.tls_wire.seen import TLS13, Seen, Side

__all__ = ["TLS13", "Seen", "Side", "TlsObserver"]
