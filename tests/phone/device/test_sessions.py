"""What the server's messages do on the device, from their text (WP-612, WP-613, WP-616)."""

from __future__ import annotations

from mdmcore.phone.commands import execute
from mdmcore.phone.tree import DeviceTree
from mdmcore.syncml.xml import parse_syncml
from tests.phone.device.trees import MSFT, read, tree_of
from tests.phone.scripted import DEVICE_ID, DM_URL

EXEC_RESET = (
    "<Exec><CmdID>11</CmdID><Item><Target><LocURI>./Vendor/MSFT/RemoteLock/LockAndResetPIN"
    "</LocURI></Target></Item></Exec>"
)
GET_PIN = (
    "<Get><CmdID>12</CmdID><Item><Target><LocURI>./Vendor/MSFT/RemoteLock/NewPINValue</LocURI>"
    "</Target></Item></Get>"
)
DEVICE_LOCK_AREA = "".join(
    f"<Add><CmdID>{20 + number}</CmdID><Item><Target><LocURI>./Vendor/MSFT/PolicyManager/My/"
    f'DeviceLock/{name}</LocURI></Target><Meta><Format xmlns="syncml:metinf">int</Format></Meta>'
    f"<Data>{value}</Data></Item></Add>"
    for number, (name, value) in enumerate(
        [
            ("DevicePasswordEnabled", 0),
            ("MinDevicePasswordLength", 6),
            ("DevicePasswordHistory", 51),
        ]
    )
)


def said(tree: DeviceTree, body: str) -> list[tuple[str, int, str | None]]:
    """Number, code and first result of each answer to a message."""
    text = (
        '<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>'
        f"<SessionID>1</SessionID><MsgID>2</MsgID><Target><LocURI>{DEVICE_ID}</LocURI></Target>"
        f"<Source><LocURI>{DM_URL}</LocURI></Source></SyncHdr>"
        f"<SyncBody>{body}<Final/></SyncBody></SyncML>"
    )
    answers = execute(parse_syncml(text.encode()).commands, tree)
    return [
        (done.cmd_id, done.code, done.results[0].data if done.results else None) for done in answers
    ]


def sequence(content: str) -> str:
    return f"<Sequence><CmdID>10</CmdID>{content}</Sequence>"


def atomic(content: str) -> str:
    return f"<Atomic><CmdID>10</CmdID>{content}</Atomic>"


def test_the_new_pin_is_read_in_the_sequence_that_made_it() -> None:
    tree = tree_of("wp81", pin="4711")
    answers = said(tree, sequence(EXEC_RESET + GET_PIN))
    assert [(number, code) for number, code, _result in answers] == [
        ("10", 200),
        ("11", 200),
        ("12", 200),
    ]
    assert answers[2][2] == tree.device.pin
    assert said(tree, GET_PIN) == [("12", 200, "")]


def test_in_another_message_the_new_pin_is_null() -> None:
    tree = tree_of("wp81", pin="4711")
    assert said(tree, EXEC_RESET) == [("11", 200, None)]
    assert said(tree, GET_PIN) == [("12", 200, "")]


def test_without_a_pin_the_sequence_stops() -> None:
    assert [answer[:2] for answer in said(tree_of("wp81"), sequence(EXEC_RESET + GET_PIN))] == [
        ("10", 200),
        ("11", 405),
        ("12", 215),
    ]


def test_an_area_in_an_atomic_is_all_or_nothing() -> None:
    tree = tree_of("wp81")
    answers = [answer[:2] for answer in said(tree, atomic(DEVICE_LOCK_AREA))]
    assert answers == [("10", 507), ("20", 216), ("21", 216), ("22", 500)]
    assert read(tree, f"{MSFT}/PolicyManager/Device") == ""
    assert not tree.device.policies
    good = DEVICE_LOCK_AREA.replace("<Data>51<", "<Data>50<")
    assert {code for _number, code, _result in said(tree, atomic(good))} == {200}
    assert read(tree, f"{MSFT}/PolicyManager/Device/DeviceLock/MinDevicePasswordLength") == "6"


def test_outside_an_atomic_the_area_is_partial() -> None:
    tree = tree_of("wp81")
    assert [answer[1] for answer in said(tree, DEVICE_LOCK_AREA)] == [200, 200, 500]
    assert read(tree, f"{MSFT}/PolicyManager/Device/DeviceLock/MinDevicePasswordLength") == "6"


def test_on_windows_phone_8_there_is_no_such_area() -> None:
    tree = tree_of("wp8")
    answers = [answer[:2] for answer in said(tree, atomic(DEVICE_LOCK_AREA))]
    assert answers == [("10", 507), ("20", 404), ("21", 215), ("22", 215)]


def test_a_wipe_in_a_failed_atomic_cannot_be_taken_back() -> None:
    wipe = (
        "<Exec><CmdID>11</CmdID><Item><Target><LocURI>./Vendor/MSFT/RemoteWipe/doWipe</LocURI>"
        "</Target></Item></Exec>"
    )
    nowhere = GET_PIN.replace("NewPINValue", "Nowhere")
    answers = said(tree_of("wp81"), atomic(wipe + nowhere))
    assert [answer[:2] for answer in answers] == [("10", 507), ("11", 516), ("12", 404)]
