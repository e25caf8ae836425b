"""``mdmproxy lint`` finds in a file each mistake that one SyncML message can show, XML or WBXML.

The messages are text by hand. The WBXML is made of the same text, element by element, so that
what is wrong in it stays wrong.
"""

from __future__ import annotations

import json
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from mdmcore.cli.main import run
from mdmcore.syncml.wbxml import element_document, encode_document
from mdmcore.xml import parse_strict
from tests.rules.test_catalogue import index_rows

SECTIONS = {"session", "authentication", "transport-dm", "commands-csp"}
DEVICE = "urn:uuid:00000000-0000-4000-8000-00000000ABCD"
URL = "https://mdm.example.test/dm"
MSFT = "./Vendor/MSFT"
POLICY = "./Device/Vendor/MSFT/Policy"
ADMX = f"{POLICY}/ConfigOperations/ADMXInstall/App/Policy/App01"
RESTRICTIONS = f"{POLICY}/Config/ApplicationManagement/ApplicationRestrictions"
WLAN = "http://www.microsoft.com/networking/WLAN/profile/v1"
WIPE = f"{MSFT}/RemoteWipe/doWipe"
MD5 = "syncml:auth-md5"


def meta(**values: str) -> str:
    parts = (f'<{name} xmlns="syncml:metinf">{text}</{name}>' for name, text in values.items())
    return f"<Meta>{''.join(parts)}</Meta>"


def status(ref: str, name: str, code: str, *, chal: str = "", cmd_id: str = "") -> str:
    return (
        f"<Status><CmdID>{cmd_id or '1' + ref}</CmdID><MsgRef>1</MsgRef><CmdRef>{ref}</CmdRef>"
        f"<Cmd>{name}</Cmd>{chal}<Data>{code}</Data></Status>"
    )


def item(uri: str, data: str | None = None, form: str = "chr") -> str:
    value = "" if data is None else f"{meta(Format=form) if form else ''}<Data>{data}</Data>"
    return f"<Item><Target><LocURI>{uri}</LocURI></Target>{value}</Item>"


def command(name: str, uri: str, data: str | None = None, form: str = "chr", id: str = "9") -> str:
    return f"<{name}><CmdID>{id}</CmdID>{item(uri, data, form)}</{name}>"


def atomic(*commands: str, id: str = "30") -> str:
    return f"<Atomic><CmdID>{id}</CmdID>{''.join(commands)}</Atomic>"


ANSWERED = (
    status("0", "SyncHdr", "212") + status("2", "Alert", "200") + status("3", "Replace", "200")
)
GET = command("Get", "./DevDetail/SwV", id="5")


def server(
    body: str, *, header: str = "", final: str = "<Final/>", answered: str = ANSWERED
) -> str:
    """The server's second package."""
    return _message(DEVICE, URL, header, answered + body + final)


def device(body: str, *, header: str = "") -> str:
    return _message(URL, DEVICE, header, body + "<Final/>")


def _message(target: str, source: str, header: str, body: str) -> str:
    return (
        '<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr><VerDTD>1.2</VerDTD>'
        "<VerProto>DM/1.2</VerProto><SessionID>1A</SessionID><MsgID>1</MsgID>"
        f"<Target><LocURI>{target}</LocURI></Target><Source><LocURI>{source}</LocURI></Source>"
        f"{header}</SyncHdr><SyncBody>{body}</SyncBody></SyncML>"
    )


def challenged(chal: str, code: str = "401", body: str = "") -> str:
    refused = status("2", "Alert", code) + status("3", "Replace", code)
    return server(body, answered=status("0", "SyncHdr", code, chal=chal) + refused)


def chal(**values: str) -> str:
    return f"<Chal>{meta(**values)}</Chal>"


def admx(key: str, category: str = "Own") -> str:
    return escape(
        '<policyDefinitions revision="1.0"><policyNamespaces><target prefix="app" '
        'namespace="Example.App"/></policyNamespaces><categories><category name="Own"/>'
        f'</categories><policies><policy name="a" class="Machine" key="{key}">'
        f'<parentCategory ref="{category}"/></policy></policies></policyDefinitions>'
    )


def wlan(name: str, namespace: str = WLAN) -> str:
    return escape(
        f'<WLANProfile xmlns="{namespace}"><name>{name}</name><SSIDConfig><SSID><name>{name}</name>'
        "</SSID></SSIDConfig></WLANProfile>"
    )


def apps(product: str) -> str:
    return escape(
        '<AppPolicy Version="1" xmlns="http://schemas.microsoft.com/phone/2013/policy"><Allow>'
        f'<App ProductId="{product}"/></Allow></AppPolicy>'
    )


GOOD_CHAL = chal(Format="b64", Type=MD5, NextNonce="//79/Pv6+fj39vX08/Lx8A==")
HEX_DIGEST = "ODc0Y2E2MzhhOTMzZmRkZjMzN2M4MGE5MTE3ZmE5MTY="
LOCK = f"{MSFT}/DeviceLock/Provider/Example"
NODE = f"{MSFT}/Vendor/a"
JOB = f"{MSFT}/WiFi/Profile/Net/WlanXml"
SCEP = "Vendor/MSFT/ClientCertificateInstall/SCEP/A/Install/ServerURL"
RULE_NODE = f"{MSFT}/Firewall/MdmStore/FirewallRules/One"
PM = f"{MSFT}/PolicyManager/My/Connectivity"
FILES: dict[str, tuple[str, str]] = {
    # session
    "cmdid-zero": ("wp8", server(command("Get", "./DevDetail/SwV", id="0"))),
    "duplicate-cmdid": ("wp8", server(GET + GET)),
    "element-order": (
        "wp8", server(f"<Get>{item('./DevDetail/SwV')}<CmdID>5</CmdID></Get>"),
    ),
    "missing-cmdid": ("wp8", server(f"<Get>{item('./DevDetail/SwV')}</Get>")),
    "missing-final": ("wp8", server(GET, final="")),
    "missing-synchdr-status": ("wp8", server(GET, answered=status("2", "Alert", "200"))),
    "results-before-status": (
        "wp8",
        device(
            status("0", "SyncHdr", "212")
            + "<Results><CmdID>7</CmdID><MsgRef>1</MsgRef><CmdRef>5</CmdRef><Item><Source><LocURI>"
            "./DevDetail/SwV</LocURI></Source><Data>8.0</Data></Item></Results>"
            + status("5", "Get", "200")
        ),
    ),
    "synchdr-meta-ignored": ("wp8", server(GET, header=meta(MaxMsgSize="4096"))),
    "synchdr-status-not-first": (
        "wp8", server(GET, answered=status("2", "Alert", "200") + status("0", "SyncHdr", "212")),
    ),
    "version-mismatch": (
        "wp8", server(GET).replace("<VerProto>DM/1.2<", "<VerProto>DM/1.3<"),
    ),
    "wrong-namespace": (
        "wp8",
        server(command("Replace", NODE, "1")).replace('"syncml:metinf"', '"syncml:metinfo"'),
    ),
    "xml-not-wellformed": ("wp8", server(GET).replace("</Get>", "</get>")),
    # authentication
    "chal-missing-format-or-type": (
        "wp8", challenged(chal(Type=MD5, NextNonce="//79/Pv6+fj39vX08/Lx8A==")),
    ),
    "challenge-with-commands": ("wp8", challenged(GOOD_CHAL, body=GET)),
    "challenge-without-chal": ("wp8", challenged("", "407")),
    "cred-in-command": (
        "wp8",
        server(
            f"<Get><CmdID>5</CmdID><Cred>{meta(Format='b64', Type=MD5)}<Data>AAAA</Data></Cred>"
            f"{item('./DevDetail/SwV')}</Get>"
        ),
    ),
    "cred-missing-meta": (
        "wp8", server(GET, header="<Cred><Data>h0ymOKkz/d8zfICpEX+pFg==</Data></Cred>"),
    ),
    "digest-hex-then-base64": (
        "wp8",
        server(
            GET,
            header=f"<Cred>{meta(Format='b64', Type=MD5)}<Data>{HEX_DIGEST}</Data></Cred>",
        ),
    ),
    "nonce-short": ("wp8", challenged(chal(Format="b64", Type=MD5, NextNonce="AAEC"))),
    # transport-dm
    "wrong-charset": ("wp8", '<?xml version="1.0" encoding="iso-8859-1"?>' + server(GET)),
    # commands-csp
    "admx-forbidden-key": ("win10", server(command("Add", ADMX, admx(r"System\Own")))),
    "admx-payload-format": (
        "win10",
        server(command("Replace", f"{POLICY}/Config/AppVirtualization/AllowAppVClient", "1")),
    ),
    "admx-undefined-category": (
        "win10", server(command("Add", ADMX, admx(r"Software\Policies\Own", "Other"))),
    ),
    "apprestrictions-product-id": (
        "win10",
        server(command("Replace", RESTRICTIONS, apps("{11111111-2222-3333-4444-55555555ABCD}"))),
    ),
    "atomic-add-then-replace": (
        "wp8",
        server(atomic(command("Add", NODE, "1", id="31"), command("Replace", NODE, "2", id="32"))),
    ),
    "atomic-contains-get": ("win10", server(atomic(GET))),
    "bool-case": ("wp8", server(command("Replace", f"{MSFT}/Storage/Disable", "true", "bool"))),
    "cdata-in-data": ("win10", server(command("Replace", NODE, "<![CDATA[a<b&c]]>"))),
    "client-cert-both-stores": (
        "win10",
        server(
            command("Add", f"./Device/{SCEP}", "https://ca.test", id="31")
            + command("Add", f"./User/{SCEP}", "https://ca.test", id="32")
        ),
    ),
    "data-double-escaped": ("wp81", server(command("Add", JOB, escape(wlan("Net"))))),
    "devicelock-range": (
        "wp8", server(command("Replace", f"{LOCK}/MinDevicePasswordLength", "3", "int")),
    ),
    "exec-in-atomic": ("wp8", server(atomic(command("Exec", f"{MSFT}/X/Run", "", "chr")))),
    "firewall-rule-without-atomic": (
        "win10", server(command("Replace", f"{RULE_NODE}/Enabled", "true", "bool")),
    ),
    "locuri-backslash": ("wp8", server(command("Get", r"./Vendor\MSFT\X"))),
    "locuri-dot-segment": ("wp8", server(command("Get", "./Vendor/./MSFT/X"))),
    "locuri-leading-slash": ("wp8", server(command("Get", "/Vendor/MSFT/X"))),
    "locuri-scope-missing": (
        "win10", server(command("Replace", f"{MSFT}/Policy/Config/Camera/AllowCamera", "1", "int")),
    ),
    "locuri-unencoded-brace": ("wp8", server(command("Get", "./Vendor/MSFT/{1}"))),
    "locuri-whitespace": ("wp8", server(command("Get", "./Vendor/MSFT/a b"))),
    "missing-format": (
        "wp8", server(command("Replace", f"{LOCK}/MinDevicePasswordLength", "4", "")),
    ),
    "nested-atomic": (
        "wp8", server(atomic(atomic(command("Replace", NODE, "1", id="32"), id="31"))),
    ),
    "non-dm-command": ("wp8", server("<Put><CmdID>9</CmdID></Put>")),
    "policymanager-without-atomic": (
        "wp81",
        server(
            command("Replace", f"{PM}/AllowNFC", "0", "int", id="31")
            + command("Replace", f"{PM}/AllowBluetooth", "0", "int", id="32")
        ),
    ),
    "reboot-command-with-others": ("wp8", server(command("Exec", WIPE, "") + GET)),
    "unescaped-data-xml": ("wp8", server(command("Replace", NODE, "<a xmlns=''>1</a>"))),
    "wifi-profile-name-mismatch": ("wp81", server(command("Add", JOB, wlan("Guests")))),
    "wlanxml-namespace": ("wp81", server(command("Add", JOB, wlan("Net", "http://x.test/")))),
}  # fmt: skip
"""For each rule a profile that it speaks for, and a message with that mistake."""

XML_ALONE = {
    "wrong-namespace": "code pages stand for namespaces",
    "xml-not-wellformed": "there are no tags that could be wrong",
    "wrong-charset": "the header names the charset by a number",
    "cdata-in-data": "opaque data are bytes, however they were written in XML",
}
"""Mistakes that WBXML cannot hold, and why."""


def found(path: Path, profile: str, capsys: pytest.CaptureFixture[str]) -> set[str]:
    """The rules that ``lint`` names."""
    run(["lint", str(path), "--profile", profile, "--format", "json"])
    analysis = json.loads(capsys.readouterr().out)
    assert [capture["decoded"]["kind"] for capture in analysis["captures"]] == ["syncml"]
    return {finding["rule"] for finding in analysis["findings"]}


def test_the_table_has_every_rule_of_one_message() -> None:
    wanted = {
        rule
        for rule, (phase, _, _, scopes, _, _) in index_rows().items()
        if phase in SECTIONS and "artifact" in scopes
    }
    assert FILES.keys() == wanted
    assert XML_ALONE.keys() < wanted


@pytest.mark.parametrize("rule", FILES)
def test_lint_finds_it_in_xml(
    rule: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    profile, text = FILES[rule]
    path = tmp_path / "message.xml"
    path.write_text(text, encoding="utf-8")
    assert rule in found(path, profile, capsys)


@pytest.mark.parametrize("rule", sorted(FILES.keys() - XML_ALONE.keys()))
def test_lint_finds_it_in_wbxml(
    rule: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    profile, text = FILES[rule]
    root = parse_strict(text.encode())
    path = tmp_path / "message.wbxml"
    path.write_bytes(encode_document(element_document(root)))
    assert rule in found(path, profile, capsys)


def test_a_right_message_has_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "message.xml"
    path.write_text(server(GET + command("Replace", NODE, "1", id="6")), encoding="utf-8")
    assert found(path, "wp8", capsys) == set()
