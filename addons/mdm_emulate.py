"""mitmproxy script: an emulated MDM server for the hosts of ``mdm_domains``.

    mitmdump -s addons/mdm_emulate.py --set mdm_domains=example.test

The work is done by mdmcore, which must be installed in the environment that runs mitmproxy.
"""

from __future__ import annotations

import logging

try:
    from mdmcore.mitm.emulate import Emulate

    addons: list[object] = [Emulate()]
except ImportError as error:
    logging.getLogger(__name__).error(
        "mdm_emulate.py needs mdmproxy in the same Python environment as mitmproxy (%s): "
        "install it there with `pip install mdmproxy`; mitmproxy's own binaries cannot load it",
        error,
    )
    addons = []
