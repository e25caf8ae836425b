"""Documents in values: which ones a device reads."""

from __future__ import annotations

import pytest

from mdmcore.csp import find_node
from mdmcore.phone.device.payload import document, payload_code, rewritten
from mdmcore.phone.tree import Value

WLAN = "./Vendor/MSFT/WiFi/Profile/Net/WlanXml"
ADMX_POLICY = "./Vendor/MSFT/BitLocker/SystemDrivesMinimumPINLength"
PLAIN = "./Vendor/MSFT/WiFi/Profile/Net/Proxy"
NAMESPACE = "http://www.microsoft.com/networking/WLAN/profile/v1"


@pytest.mark.parametrize(
    ("uri", "text", "code"),
    [
        (WLAN, f'<WLANProfile xmlns="{NAMESPACE}"/>', 200),
        (WLAN, f' <?xml version="1.0"?> <WLANProfile xmlns="{NAMESPACE}"/>', 200),
        (WLAN, "<WLANProfile/>", 500),
        (WLAN, f'<Profile xmlns="{NAMESPACE}"/>', 500),
        (WLAN, '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 500),
        (WLAN, "\ud800", 500),
        (WLAN, "<a>" * 100_000, 500),
        (ADMX_POLICY, "<enabled/>", 200),
        (ADMX_POLICY, "\ud800", 500),
        (PLAIN, "<not a document", 200),
    ],
)
def test_a_value_is_what_its_node_must_hold(uri: str, text: str, code: int) -> None:
    node = find_node(uri)
    assert node is not None
    assert payload_code(node, Value(content=text)) == code


def test_a_policy_backed_by_admx_is_text() -> None:
    node = find_node(ADMX_POLICY)
    assert node is not None
    assert payload_code(node, Value(content="<enabled/>", format="int")) == 415


@pytest.mark.parametrize("text", ["", "\ud800", "<a>", "&lt;a/&gt;"])
def test_what_is_no_document(text: str) -> None:
    assert document(text) is None


def test_what_cannot_be_read_stays_as_it_is() -> None:
    assert rewritten("\ud800<a/>") == "\ud800<a/>"
