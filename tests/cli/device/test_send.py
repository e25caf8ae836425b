"""``device send``: commands of one's own, held against the catalogue first."""

from __future__ import annotations

import base64
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from mdmcore.store import Database
from mdmcore.syncml import encode_wbxml, parse_syncml
from tests.cli.device.support import DEVICE, Cli, enroll, waiting

DISABLE = "./Vendor/MSFT/Storage/Disable"
CERTIFICATE = "./Vendor/MSFT/CertificateStore/ROOT/System/ABCD/EncodedCertificate"
MESSAGE = (
    "<SyncML xmlns='SYNCML:SYNCML1.2'><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>"
    "<SessionID>1</SessionID><MsgID>1</MsgID><Target><LocURI>d</LocURI></Target>"
    "<Source><LocURI>s</LocURI></Source></SyncHdr><SyncBody><Status><CmdID>1</CmdID>"
    "<MsgRef>1</MsgRef><CmdRef>0</CmdRef><Cmd>SyncHdr</Cmd><Data>212</Data></Status>"
    "<Get><CmdID>2</CmdID><Item><Target><LocURI>./DevInfo/Man</LocURI></Target></Item></Get>"
    "<Final/></SyncBody></SyncML>"
)


def sent(store: Database) -> str:
    """The commands of the last job without its root."""
    text = waiting(store)[-1].commands
    return text.removeprefix('<SyncBody xmlns="SYNCML:SYNCML1.2">').removesuffix("</SyncBody>")


def command(name: str, uri: str, *, meta: str = "", data: str = "") -> str:
    meta = f"<Meta>{meta}</Meta>" if meta else ""
    data = f"<Data>{data}</Data>" if data else ""
    item = f"<Item><Target><LocURI>{uri}</LocURI></Target>{meta}{data}</Item>"
    return f"<{name}>{item}</{name}>"


def form(name: str) -> str:
    return f'<Format xmlns="syncml:metinf">{name}</Format>'


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("get", "./DevInfo/Man"), command("Get", "./DevInfo/Man")),
        (
            ("replace", DISABLE, "--data", "True"),
            command("Replace", DISABLE, meta=form("bool"), data="True"),
        ),
        (
            ("exec", "./Vendor/MSFT/RemoteWipe/doWipe"),
            command("Exec", "./Vendor/MSFT/RemoteWipe/doWipe"),
        ),
        (
            ("delete", "./Vendor/MSFT/ActiveSync/Accounts/%7BA%7D"),
            command("Delete", "./Vendor/MSFT/ActiveSync/Accounts/%7BA%7D"),
        ),
        (
            ("exec", "./Vendor/MSFT/DMClient/Unenroll", "--data", "@@home", "--format", "chr"),
            command("Exec", "./Vendor/MSFT/DMClient/Unenroll", meta=form("chr"), data="@home"),
        ),
    ],
)
def test_one_command_takes_its_format_from_the_catalogue(
    store: Database, cli: Cli, arguments: tuple[str, ...], expected: str
) -> None:
    enroll(store)
    assert cli.out("send", DEVICE, *arguments) == f"send is queued for {DEVICE} (job 1)\n"
    assert sent(store) == expected


def test_the_content_of_a_file_is_text_or_base64_by_format(
    store: Database, cli: Cli, tmp_path: Path
) -> None:
    enroll(store)
    file = tmp_path / "value"
    file.write_bytes(b"\x00\xff")
    cli("send", DEVICE, "add", CERTIFICATE, "--data", f"@{file}", "--force")
    data = base64.b64encode(b"\x00\xff").decode()
    assert sent(store) == command("Add", CERTIFICATE, meta=form("b64"), data=data)
    assert "not UTF-8 at offset 1" in cli.error(
        "send", DEVICE, "replace", DISABLE, "--data", f"@{file}"
    )
    file.write_text("\ufeffTrue", encoding="utf-8")
    cli.out("send", DEVICE, "replace", DISABLE, "--data", f"@{file}", "--type", "text/plain")
    meta = form("bool") + '<Type xmlns="syncml:metinf">text/plain</Type>'
    assert sent(store) == command("Replace", DISABLE, meta=meta, data="True")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("replace", DISABLE, "--data", "1"), "neither true nor false"),
        (("replace", DISABLE, "--data", "True", "--format", "int"), "is bool, not int"),
        (("replace", "./DevInfo/Man", "--data", "x"), "does not allow Replace"),
        (("get", "/DevInfo/Man"), "LocURI"),
    ],
)
def test_an_error_is_refused_unless_forced(
    store: Database, cli: Cli, arguments: tuple[str, ...], reason: str
) -> None:
    enroll(store)
    line = cli.error("send", DEVICE, *arguments)
    assert reason in line
    assert line.endswith("--force sends it all the same")
    assert waiting(store) == ()
    code, _, err = cli("send", DEVICE, *arguments, "--force")
    assert code == 0
    assert err.startswith("mdmproxy: warning: ")
    assert len(waiting(store)) == 1


def test_a_warning_is_told_and_does_not_stop(store: Database, cli: Cli) -> None:
    enroll(store)
    code, out, err = cli("send", DEVICE, "get", "./Vendor/MSFT/Nobody/Knows")
    assert code == 0
    assert "is queued" in out
    assert "is in no CSP of the catalogue" in err


@pytest.mark.parametrize(
    "content",
    [
        MESSAGE.encode(),
        encode_wbxml(parse_syncml(MESSAGE.encode())),
        b"\xef\xbb\xbf<?xml version='1.0'?>\n<SyncBody xmlns='SYNCML:SYNCML1.2'>"
        b"<Get><CmdID>9</CmdID><Item><Target><LocURI>./DevInfo/Man</LocURI></Target></Item></Get><Final/></SyncBody>",
        b"<Get><Item><Target><LocURI>./DevInfo/Man</LocURI></Target></Item></Get>",
    ],
    ids=["message", "wbxml", "body", "command"],
)
def test_a_file_in_any_form(store: Database, cli: Cli, tmp_path: Path, content: bytes) -> None:
    enroll(store)
    file = tmp_path / "commands"
    file.write_bytes(content)
    cli.out("send", DEVICE, "--syncml", str(file))
    assert sent(store) == command("Get", "./DevInfo/Man")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "commands: "),
        (b"<SyncBody", "commands: "),
        (b"<wap-provisioningdoc/>", "root element is wap-provisioningdoc"),
        (b"<SyncBody xmlns='SYNCML:SYNCML1.2'><Final/></SyncBody>", "no command for a device"),
        (b"\x02\xa4\x01\x6a\x00", "commands: "),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><Get>&b;</Get>", "commands: "),
    ],
)
def test_a_file_that_is_none_is_one_line(
    store: Database, cli: Cli, tmp_path: Path, content: bytes, reason: str
) -> None:
    enroll(store)
    file = tmp_path / "commands"
    file.write_bytes(content)
    assert reason in cli.error("send", DEVICE, "--syncml", str(file))
    assert waiting(store) == ()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((), "name a command and its URI, or a file with --syncml"),
        (("get",), "get needs the URI of a node"),
        (("get", "./A", "--data", "x"), "get takes neither --data nor"),
        (("get", "./A", "--syncml", "f"), "name a command and its URI, or a file"),
        (("--syncml", "f", "--data", "x"), "are for a single command"),
        (("--syncml", "no-such-file"), "no-such-file: no such file"),
        (("replace", DISABLE, "--data", "@no-such-file"), "no-such-file: no such file"),
        (("fetch", "./A"), "'fetch'"),
    ],
)
def test_bad_usage_is_one_line(
    store: Database, cli: Cli, arguments: tuple[str, ...], reason: str
) -> None:
    enroll(store)
    assert reason in cli.error("send", DEVICE, *arguments)


def test_a_dry_run_masks_secrets(store: Database, cli: Cli) -> None:
    enroll(store)
    uri = "./Vendor/MSFT/ActiveSync/Accounts/%7BA%7D/Password"
    arguments = ("send", DEVICE, "add", uri, "--data", "hunter2", "--dry-run")
    out = cli.out(*arguments)
    assert ET.fromstring(out).findtext(".//{*}Data") == "***"
    assert "hunter2" in cli.out(*arguments, "--show-secrets")
    assert waiting(store) == ()
