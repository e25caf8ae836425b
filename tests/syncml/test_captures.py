"""Messages of real devices and of a real server, as they were captured."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from lxml import etree

from mdmcore.errors import XmlError
from mdmcore.syncml.model import Alert, Command, SyncML
from mdmcore.syncml.xml import parse_syncml, serialize_syncml
from tests.support.requirements import shared_file

LUMIA_ID = "urn:uuid:CE9DF168-3B6A-5099-83CB-A49FC6613F9D"
WINDOWS_ID = "1E08C6E95D8BB843B1278FF45BC60CC6"
SERVER = "https://pocmdmserver.com/ManagementServer/MDM.svc"


@pytest.fixture(scope="module")
def lumia() -> SyncML:
    """Package 1 of a Lumia 630 with Windows Phone 8.1."""
    path = shared_file("captures", "wp81-lumia", "lumia630_syncml_pkg1.xml")
    return parse_syncml(path.read_bytes())


@pytest.fixture(scope="module")
def bodies() -> list[bytes]:
    """The SyncML bodies of the Windows 10 log: request, answer, request; blanks as printed."""
    text = shared_file("captures", "win10-enrollment-log.md").read_text(encoding="utf-8")
    found = re.findall(r"-{5} \w+ Body -{5,}\n(.*?)\n *={20}", text, re.DOTALL)
    return [body.encode() for body in found if "<SyncML" in body]


def device_info(message: SyncML) -> dict[str | None, str | None]:
    (replace,) = (c for c in message.commands if isinstance(c, Command) and c.name == "Replace")
    return {item.source: item.data for item in replace.items}


def test_the_lumia_is_understood(lumia: SyncML) -> None:
    header = lumia.header
    assert (header.ver_dtd, header.ver_proto) == ("1.2", "DM/1.2")
    assert (header.session_id, header.msg_id) == ("1", "1")
    assert header.target == "https://dev-mdm.safekiddo.com/omadm/WindowsPhone.ashx"
    assert header.source == LUMIA_ID
    assert header.cred is not None
    assert (header.cred.type, header.cred.format) == ("syncml:auth-basic", "b64")
    assert header.cred.data == "ZHVtbXk6ZHVtbXk="
    assert lumia.commands[0] == Alert(cmd_id="2", code="1201")
    assert lumia.commands[1].cmd_id == "3"
    assert device_info(lumia) == {
        "./DevInfo/DevId": LUMIA_ID,
        "./DevInfo/Man": "NOKIA",
        "./DevInfo/Mod": "Lumia 630",
        "./DevInfo/DmV": "1.3",
        "./DevInfo/Lang": "en-US",
    }
    assert lumia.is_final
    assert (lumia.foreign, lumia.problems) == ((), ())


def test_the_lumia_s_message_is_written_as_the_lumia_wrote_it(lumia: SyncML) -> None:
    written = serialize_syncml(lumia, declaration=True)
    assert written == lumia.raw.rstrip().replace(b"<Final />", b"<Final/>")


def test_the_windows_10_requests_are_read_as_they_stand(bodies: list[bytes]) -> None:
    assert len(bodies) == 3
    first, last = parse_syncml(bodies[0]), parse_syncml(bodies[2])
    for message, msg_id in ((first, "1"), (last, "2")):
        assert (message.header.session_id, message.header.msg_id) == ("1", msg_id)
        assert (message.header.target, message.header.source) == (SERVER, WINDOWS_ID)
        assert message.header.cred is None
        assert message.is_final
        assert message.foreign == ()
    assert [alert.code for alert in first.alerts] == ["1201", "1224"]
    (login,) = first.alerts[1].items
    assert login.meta is not None
    assert (login.meta.type, login.data) == ("com.microsoft/MDM/LoginStatus", "user")
    assert device_info(first)["./DevInfo/Man"] == "VMware, Inc."
    assert [(status.cmd_ref, status.cmd, status.data) for status in last.statuses] == [
        ("0", "SyncHdr", "200"),
        ("5", "Replace", "202"),
        ("6", "Replace", "202"),
    ]


def test_the_server_s_answer_is_read_with_its_wrong_namespaces(bodies: list[bytes]) -> None:
    message = parse_syncml(bodies[1].strip())
    assert message.header.target == WINDOWS_ID
    assert message.header_status is not None
    assert message.header_status.data == "200"
    replaces = [c for c in message.commands if isinstance(c, Command)]
    assert [(c.name, c.cmd_id, c.items[0].target) for c in replaces] == [
        ("Replace", "5", "./Vendor/MSFT/Personalization/DesktopImageUrl"),
        ("Replace", "6", "./Vendor/MSFT/Personalization/LockScreenImageUrl"),
    ]
    meta = replaces[0].items[0].meta
    assert meta is not None
    assert (meta.format, meta.type) == ("chr", "text/plain")
    assert [(found.name, found.namespace, found.place) for found in message.foreign] == [
        ("Type", "SYNCML:SYNCML1.2", f"/SyncML/SyncBody/Replace[{number}]/Item/Meta/Type")
        for number in (1, 2)
    ]
    assert message.problems == ()


def test_blanks_before_the_declaration_are_refused_or_told(bodies: list[bytes]) -> None:
    """The log was printed with an indentation, which no declaration may have before it."""
    with pytest.raises(XmlError):
        parse_syncml(bodies[1])
    message = parse_syncml(bodies[1], strict=False)
    assert message == parse_syncml(bodies[1].strip())
    assert message.problems[0].place.startswith("line ")


def test_the_places_of_the_answer_lead_to_its_elements(bodies: list[bytes]) -> None:
    root = etree.fromstring(bodies[1].strip())
    message = parse_syncml(bodies[1].strip())
    places = [command.place for command in message.walk()] + [f.place for f in message.foreign]
    found = [root.xpath(re.sub(r"/(\w+)", r"/*[local-name()='\1']", place)) for place in places]
    assert all(len(elements) == 1 for elements in found)
    assert all(a is not b for (a,), (b,) in pairwise(found))


def test_what_was_captured_survives_writing_and_reading(bodies: list[bytes]) -> None:
    for body in bodies:
        message = parse_syncml(body.strip())
        assert parse_syncml(serialize_syncml(message)) == message
