"""Wireless networks: WlanXml made, or given as a whole (WLAN_profile schema v1)."""

from __future__ import annotations

import pytest
from lxml import etree

from mdmcore.errors import ConfigError
from tests.support.recipes import built, sent_values

WIFI = "./Vendor/MSFT/WiFi/Profile"
NET = f"{WIFI}/Example%20Net"
NAMESPACE = "http://www.microsoft.com/networking/WLAN/profile/v1"

WPA2 = f"""<WLANProfile xmlns="{NAMESPACE}"><name>Example Net</name>
 <SSIDConfig><SSID><hex>4578616D706C65204E6574</hex><name>Example Net</name></SSID>
  <nonBroadcast>true</nonBroadcast></SSIDConfig>
 <connectionType>ESS</connectionType><connectionMode>manual</connectionMode>
 <MSM><security>
  <authEncryption><authentication>WPA2PSK</authentication><encryption>AES</encryption>
   <useOneX>false</useOneX></authEncryption>
  <sharedKey><keyType>passPhrase</keyType><protected>false</protected>
   <keyMaterial>a&lt;b&amp;c"d'e</keyMaterial></sharedKey>
 </security></MSM></WLANProfile>"""


def c14n(text: str | None) -> str:
    parser = etree.XMLParser(remove_blank_text=True)
    return etree.tostring(etree.fromstring(text or "", parser), method="c14n2").decode()


def test_a_network_with_a_password() -> None:
    values = sent_values(
        built(
            "wifi",
            "wp81",
            ssid="Example Net",
            security="wpa2-personal",
            key="""a<b&c"d'e""",
            hidden="yes",
            auto_connect="no",
            proxy="proxy.example.test:8080",
        )
    )
    assert list(values) == [f"{NET}/WlanXml", f"{NET}/Proxy"]
    assert c14n(values[f"{NET}/WlanXml"]) == c14n(WPA2)
    assert values[f"{NET}/Proxy"] == "proxy.example.test:8080"


@pytest.mark.parametrize(
    ("security", "key", "authentication", "encryption", "key_type"),
    [
        (None, None, "open", "none", None),
        ("open", None, "open", "none", None),
        ("wep", "0123456789", "open", "WEP", "networkKey"),
        ("wpa-personal", "12345678", "WPAPSK", "TKIP", "passPhrase"),
        ("wpa3-personal", "a" * 63, "WPA3SAE", "AES", "passPhrase"),
    ],
)
def test_each_kind_of_protection(
    security: str | None, key: str | None, authentication: str, encryption: str, key_type: str
) -> None:
    given = {"security": security, "key": key}
    named = {name: text for name, text in given.items() if text is not None}
    (text,) = sent_values(built("wifi", "wp81", ssid="n", **named)).values()
    root = etree.fromstring(text or "")
    names = {"w": NAMESPACE}
    assert root.findtext(".//w:authentication", namespaces=names) == authentication
    assert root.findtext(".//w:encryption", namespaces=names) == encryption
    assert root.findtext(".//w:keyType", namespaces=names) == key_type
    assert root.findtext(".//w:keyMaterial", namespaces=names) == key


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "wifi needs ssid or profile"),
        ({"ssid": "n", "key": "12345678"}, "key must not be given with security=open"),
        ({"ssid": "n", "security": "wpa2-personal"}, "key must be 8 to 63 characters of ASCII"),
        (
            {"ssid": "n", "security": "wpa2-personal", "key": "1234567"},
            "key must be 8 to 63 characters of ASCII with security=wpa2-personal",
        ),
        ({"ssid": "n", "security": "wep", "key": "1234567"}, "key must be 5 or 13 characters"),
        ({"ssid": "ü" * 17}, "ssid must have 32 octets in UTF-8 at most"),
        ({"ssid": "n", "security": "wpa9"}, "security must be one of open, wep, wpa-personal"),
        ({"ssid": "n", "proxy": "http://p"}, "proxy must be a host or host:port"),
        ({"profile": "<WLANProfile><name>n</name></WLANProfile>"}, "profile must be a WLANProfile"),
        ({"profile": f'<WLANProfile xmlns="{NAMESPACE}"/>'}, "profile must have a name"),
        ({"profile": WPA2, "ssid": "other"}, "ssid must be 'Example Net', as the profile says"),
        ({"profile": WPA2, "key": "12345678"}, "key is part of the profile, give one or the other"),
        ({"profile": "<WLANProfile>"}, "profile must be a well-formed XML document"),
    ],
)
def test_what_makes_no_network_is_refused(values: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError) as error:
        built("wifi", "wp81", **values)
    assert str(error.value).startswith(message)
    assert values.get("key", "!") not in str(error.value)


def test_a_whole_profile_goes_as_it_is_to_the_node_of_its_name() -> None:
    values = sent_values(built("wifi", "win10", profile=WPA2, scope="user"))
    assert values == {"./User/Vendor/MSFT/WiFi/Profile/Example%20Net/WlanXml": WPA2}


def test_a_proxy_of_a_pc_is_a_pac_file() -> None:
    with pytest.raises(ConfigError, match="proxy-pac is for win10, not for wp81"):
        built("wifi", "wp81", ssid="n", proxy_pac="https://pac.example.test/p.pac")
    values = sent_values(built("wifi", "win10", ssid="n", proxy_pac="https://h.test/p.pac"))
    assert values["./Device/Vendor/MSFT/WiFi/Profile/n/ProxyPacUrl"] == "https://h.test/p.pac"


def test_a_network_is_forgotten() -> None:
    assert list(sent_values(built("wifi-remove", "wp81", ssid="a/b c"))) == [f"{WIFI}/a%2Fb%20c"]
