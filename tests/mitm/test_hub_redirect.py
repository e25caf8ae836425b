"""Flows that are at the origin for a while; the addon's own tests show the whole way."""

from __future__ import annotations

import gc
from pathlib import Path

from mdmcore.mitm.hub_file import HubFile
from mdmcore.mitm.hub_origin import HubOrigin
from mdmcore.mitm.hub_redirect import HubRedirects
from tests.support.proxy import make_flow, write_hub

URL = "https://mdm.example.test:8443/CompanyHub/hub.xap"


def make_origin(folder: Path) -> HubOrigin:
    return HubOrigin(HubFile(write_hub(folder)[0]), token="secret")


def test_a_redirected_flow_is_known_until_it_is_restored(tmp_path: Path) -> None:
    redirects, flow = HubRedirects(), make_flow(URL, headers={"Host": "MDM.example.test:8443"})
    redirects.redirect(flow, make_origin(tmp_path))
    assert flow in redirects
    assert flow.request.path == "/secret"
    assert redirects.restore(flow)
    assert flow not in redirects
    assert flow.request.url == URL
    assert flow.request.headers["Host"] == "MDM.example.test:8443"
    assert not redirects.restore(flow)


def test_other_header_changes_meanwhile_are_kept(tmp_path: Path) -> None:
    redirects, flow = HubRedirects(), make_flow(URL)
    redirects.redirect(flow, make_origin(tmp_path))
    flow.request.headers["X-Other"] = "added by another addon"
    redirects.restore(flow)
    assert flow.request.headers["X-Other"] == "added by another addon"


def test_a_flow_that_vanished_is_forgotten(tmp_path: Path) -> None:
    redirects, flow = HubRedirects(), make_flow(URL)
    redirects.redirect(flow, make_origin(tmp_path))
    del flow
    gc.collect()
    assert len(redirects._targets) == 0
