"""mitmproxy script: decodes MDM exchanges and writes what it finds to the flows.

    mitmdump -s addons/mdm_inspect.py -w session.mitm

The work is done by mdmcore, which must be installed in the environment that runs mitmproxy.
"""

from __future__ import annotations

import logging

try:
    from mdmcore.mitm.inspect import Inspect

    addons: list[object] = [Inspect()]
except ImportError as error:
    logging.getLogger(__name__).error(
        "mdm_inspect.py needs mdmproxy in the same Python environment as mitmproxy (%s): "
        "install it there with `pip install mdmproxy`; mitmproxy's own binaries cannot load it",
        error,
    )
    addons = []
