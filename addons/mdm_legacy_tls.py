"""mitmproxy script: TLS 1.0 to 1.3 for devices, and no HTTP/2.

    mitmdump -s addons/mdm_legacy_tls.py -s addons/mdm_emulate.py

The work is done by mdmcore, which must be installed in the environment that runs mitmproxy.
"""

from __future__ import annotations

import logging

try:
    from mdmcore.mitm.legacy_tls import LegacyTls

    addons: list[object] = [LegacyTls()]
except ImportError as error:
    logging.getLogger(__name__).error(
        "mdm_legacy_tls.py needs mdmproxy in the same Python environment as mitmproxy (%s): "
        "install it there with `pip install mdmproxy`; mitmproxy's own binaries cannot load it",
        error,
    )
    addons = []
