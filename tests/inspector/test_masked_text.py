"""What gives access is masked in URLs and other text; names of people and the rest stay."""

from __future__ import annotations

import pytest

from mdmcore.inspector.masked_text import masked_text, masked_url
from mdmcore.inspector.masking import Mask


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a:b@h.test/p", "https://a:***@h.test/p"),
        ("https://h.test/p?sv=1&sig=x%3D&sp=r", "https://h.test/p?sv=1&sig=***&sp=r"),
        ("https://h.test/#access_token=x&state=1", "https://h.test/#access_token=***&state=1"),
        ("https://h.test/?login_hint=a%40b.test", "https://h.test/?login_hint=a%40b.test"),
        ("https://h.test:443/a@b?mode=Maintenance", "https://h.test:443/a@b?mode=Maintenance"),
        ("./DevInfo/Man?list=StructData", "./DevInfo/Man?list=StructData"),
    ],
)
def test_urls(url: str, shown: str) -> None:
    assert masked_url(url) == shown
    assert masked_text(f"see {url} there") == f"see {shown} there"
    assert Mask(show_secrets=True).url(url) == url


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "<keyMaterial>x</keyMaterial><SSID>g</SSID>",
            "<keyMaterial>***</keyMaterial><SSID>g</SSID>",
        ),
        ("<a b='1' userPassword='x'/>", "<a b='1' userPassword=\"***\"/>"),
        ("/parm[@name='AAUTHSECRET']/@value", "/parm[@name='AAUTHSECRET']/@value"),
    ],
)
def test_elements_and_attributes(text: str, shown: str) -> None:
    assert masked_text(text) == shown
    assert Mask(show_secrets=True).text(text) == text


@pytest.mark.parametrize("leaf", ["DevicePasswordEnabled", "AllowSimpleDevicePassword", "Server"])
def test_policies_about_passwords_are_no_secrets(leaf: str) -> None:
    assert Mask().node(f"./Vendor/MSFT/DeviceLock/{leaf}", "1") == "1"


@pytest.mark.parametrize("name", ["AUTHSECRET", "Password", "PreSharedKey", "keyMaterial"])
def test_names_that_end_in_secret(name: str) -> None:
    assert Mask().node(f"./X/{name}", "x") == Mask().parm(name, "x") == "***"
