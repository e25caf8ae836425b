"""No output tells a secret that stands inside data or a URL, unless it is asked for."""

from __future__ import annotations

import json
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from mdmcore.base64_text import encode_base64
from mdmcore.cli.main import run
from mdmcore.http import Exchange, Headers, Request, Response
from mdmcore.syncml.model import Command, Item
from mdmcore.syncml.wbxml import encode_wbxml
from tests.support.converting import notes_in
from tests.support.flow_capture import write_flows
from tests.support.story import DM_URL, Recorded, answer, package1

SECRET = "S3cr3t-planted-value"
FORMATS = ("text", "json", "jsonl", "html", "sarif", "junit", "markdown")

WLAN = (
    "<WLANProfile><SSID>guests</SSID>"
    f"<sharedKey><keyMaterial>{SECRET}</keyMaterial></sharedKey></WLANProfile>"
)
MAIL = (
    '<wap-provisioningdoc><characteristic type="EMAIL2"><parm name="SERVER" value="imap.test"/>'
    f'<parm name="AUTHSECRET" value="{SECRET}"/></characteristic></wap-provisioningdoc>'
)
VPN = (
    "<VPNProfile><Server>vpn.test</Server><L2tpPsk>x</L2tpPsk>"
    f"<PreSharedKey>{SECRET}</PreSharedKey></VPNProfile>"
)
URL_IN_DATA = f"https://cdn.test/a.xap?sv=1&sig={SECRET}&sp=r"
DATA = {
    "./Vendor/MSFT/Odd/Wlan": WLAN,
    "./Vendor/MSFT/Odd/Mail": MAIL,
    "./Vendor/MSFT/Odd/Twice": f"<Outer><Inner>{escape(WLAN)}</Inner></Outer>",
    "./Vendor/MSFT/Odd/Packed": encode_base64(MAIL.encode()),
    "./Vendor/MSFT/Odd/Json": f'{{"Password": "{SECRET}"}}',
    "./Vendor/MSFT/Odd/Broken": MAIL[:-30],
    "./Vendor/MSFT/Odd/Vpn": VPN,
    "./Vendor/MSFT/Odd/Uri": URL_IN_DATA,
    "./Vendor/MSFT/Odd/Login": f"https://user:{SECRET}@vpn.test/x",
    "./Vendor/MSFT/EMAIL2/x/AUTHSECRET": SECRET,
    "./Vendor/MSFT/ClientCertificateInstall/PFXCertInstall/x/PFXCertPassword": SECRET,
}
REQUESTS = (
    f"https://user:{SECRET}@sts.test/login?wa=wsignin1.0&wresult={SECRET}&login_hint=a%40b.test",
    f"https://cdn.test/app.xap?sig={SECRET}&access_token={SECRET}&code={SECRET}",
)


def _message(name: str) -> Command:
    items = tuple(Item(target=uri, data=data) for uri, data in DATA.items())
    return Command(name=name, cmd_id="7", items=items)


@pytest.fixture(scope="module")
def exchanges() -> list[Exchange]:
    found: list[Exchange] = []
    story = Recorded("wp8", found.append)
    story.enrolled()
    sent = answer("1", "200", "1", _message("Replace"), is_proved=False)
    story.sync(package1(), sent)
    kind = Headers([("Content-Type", "application/vnd.syncml.dm+wbxml")])
    story.tell(
        Request(
            method="POST", url=DM_URL, headers=kind, body=encode_wbxml(package1(session_id="2"))
        ),
        Response(status=200, headers=kind, body=encode_wbxml(sent)),
    )
    for url in REQUESTS:
        odd = Headers([("Location", url), ("X-Auth-Token", SECRET)])
        story.tell(Request(method="GET", url=url), Response(status=302, headers=odd, body=b""))
    return found


@pytest.fixture
def capture(exchanges: list[Exchange], tmp_path: Path) -> Path:
    return write_flows(tmp_path / "planted.mitm", exchanges)


def _tells(text: str) -> bool:
    packed = encode_base64(MAIL.encode())
    return SECRET in text or packed in text.replace("\n", "")


@pytest.mark.parametrize("form", FORMATS)
def test_analyze_tells_none(form: str, capture: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(["analyze", str(capture), "--format", form, "-o", str(out)])
    assert out.stat().st_size > 0
    assert not _tells(out.read_text())


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_analyze_shows_all_when_asked(form: str, capture: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(["analyze", str(capture), "--format", form, "--show-secrets", "-o", str(out)])
    assert out.read_text().count(SECRET) >= 2 * (len(DATA) - 1) + 4


def test_the_rest_stays_readable(capture: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(["analyze", str(capture), "--format", "json", "-o", str(out)])
    document = json.loads(out.read_bytes())
    urls = [one["url"] for one in document["exchanges"]]
    assert "https://sts.test/login?wa=wsignin1.0&wresult=***&login_hint=a%40b.test" in urls
    assert "https://cdn.test/app.xap?sig=***&access_token=***&code=***" in urls
    messages = [one for one in document["exchanges"] if one["kind"] == "syncml"]
    assert len(messages) == 2
    for one in messages:
        commands = one["decoded"]["response"]["syncml"]["commands"]
        items = next(each["items"] for each in commands if each["command"] == "Replace")
        shown = {each["target"].rpartition("/")[2]: each["data"] for each in items}
        assert "<SSID>guests</SSID>" in shown["Wlan"]
        assert 'name="SERVER" value="imap.test"' in shown["Mail"]
        assert "<Server>vpn.test</Server>" in shown["Vpn"]
        assert shown["Uri"] == "https://cdn.test/a.xap?sv=1&sig=***&sp=r"
        assert shown["Login"] == "https://user:***@vpn.test/x"
        assert shown["Packed"] == shown["Json"] == shown["Broken"] == "***"


def test_findings_are_the_same(capture: Path, tmp_path: Path) -> None:
    found = []
    for options in ([], ["--show-secrets"]):
        out = tmp_path / "out"
        run(["analyze", str(capture), "--format", "json", "-o", str(out), *options])
        rows = json.loads(out.read_bytes())["findings"]
        found.append([(one["rule"], one["severity"], one["count"]) for one in rows])
    assert found[0] == found[1]
    assert found[0]


@pytest.mark.parametrize("form", ["text", "json"])
def test_diff_tells_none(
    form: str, capture: Path, exchanges: list[Exchange], tmp_path: Path
) -> None:
    other, out = tmp_path / "other.mitm", tmp_path / "out"
    write_flows(other, exchanges[:4])
    run(["analyze", "--diff", str(capture), str(other), "--format", form, "-o", str(out)])
    assert out.stat().st_size > 0
    assert not _tells(out.read_text())


def test_annotations_of_flows_tell_none(capture: Path, tmp_path: Path) -> None:
    target = tmp_path / "noted.mitm"
    assert run(["convert", "--annotate", str(capture), str(target)]) == 0
    told = [repr(one) for one in notes_in(target)]
    assert told
    assert not any(map(_tells, told))


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("is_wbxml", [False, True])
def test_lint_tells_none(
    form: str,
    is_wbxml: bool,
    exchanges: list[Exchange],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    answered = [
        one.response.body
        for one in exchanges
        if one.request.url == DM_URL and one.response is not None
    ]
    path = tmp_path / "message"
    path.write_bytes(answered[is_wbxml] or b"")
    run(["lint", str(path), "--format", form])
    said = capsys.readouterr().out
    assert "Replace" in said or "guests" in said
    assert not _tells(said)
