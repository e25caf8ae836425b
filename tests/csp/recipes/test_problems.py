"""Lists of commands held against the catalogue, each mistake alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.csp.recipes import command_problems
from mdmcore.syncml.fragment import parse_commands
from mdmcore.syncml.model import Alert, Command, Container, Item, Meta, Status

CONFIG = "./Vendor/MSFT/Policy/Config"
WLAN = "./Vendor/MSFT/WiFi/Profile/a/WlanXml"
MSI = "./Vendor/MSFT/EnterpriseDesktopAppManagement/MSI/%7Ba%7D/DownloadInstall"
LOCK = "./Vendor/MSFT/DeviceLock/Provider/ExampleMDM"
EAM = "./Vendor/MSFT/EnterpriseAppManagement/4000000001/EnterpriseApps/Download/%7Ba%7D"


def command(
    name: str, target: str | None, data: str | None = None, format: str | None = None
) -> Command:
    meta = None if format is None else Meta(format=format)
    return Command(name=name, cmd_id="", items=(Item(target=target, meta=meta, data=data),))


def container(name: str, *commands: Command | Container) -> Container:
    return Container(name=name, cmd_id="", commands=commands)


def found(
    *commands: Command | Container | Alert | Status,
    profile: str = "wp8",
    provider: str = "ExampleMDM",
) -> list[tuple[str, bool]]:
    problems = command_problems(commands, profile=profile, provider=provider)
    return [(problem.message, problem.is_error) for problem in problems]


@pytest.mark.parametrize(
    ("sent", "profile", "words"),
    [
        (command("Get", None), "wp8", "Get has no target"),
        (command("Get", "/DevInfo/Man"), "wp8", "begins with /"),
        (command("Get", "./DevInfo/./Man"), "wp8", "has a segment . or .."),
        (command("Get", "./Vendor/MSFT/{a}"), "wp8", "has braces"),
        (command("Get", "./DevInfo/Man "), "wp8", "has blanks"),
        (command("Get", ".\\DevInfo\\Man"), "wp8", "has a backslash"),
        (command("Get", "./DevInfo//Man"), "wp8", "has an empty segment"),
        (command("Get", "./DevInfo/Man/"), "wp8", "has an empty segment"),
        (command("Get", "./Vendor/MSFT/WiFi/Profile/*"), "wp81", "a segment that is only *"),
        (command("Get", "./User/Vendor/MSFT/WiFi/Profile"), "wp81", "names a context, which wp81"),
        (
            command("Get", "./User/Vendor/MSFT/RemoteLock/Lock"),
            "win10",
            "not in the context of the user",
        ),
        (command("Get", f"{LOCK}/NoSuchPolicy"), "wp8", "is no node of DeviceLock"),
        (
            command("Get", "./Vendor/MSFT/DeviceLock/Provider/Other/DevicePasswordHistory"),
            "wp8",
            "is not of the provider ExampleMDM",
        ),
        (
            command("Get", f"{LOCK}/DevicePasswordHistory"),
            "win10",
            "is for wp8 and wp81, not for win10",
        ),
        (
            command("Get", "./Vendor/MSFT/Policy/Config/Camera/AllowCamera"),
            "wp81",
            "is for win10, not for wp81",
        ),
        (command("Get", "./Vendor/MSFT/Reboot/Unknown"), "wp8", "is for win10, not for wp8"),
        (
            command("Replace", "./DevInfo/Man", "x", "chr"),
            "wp8",
            "does not allow Replace, only Get",
        ),
        (command("Exec", "./DevInfo/Man"), "wp8", "does not allow Exec"),
        (command("Copy", "./DevInfo/Man"), "wp8", "does not allow Copy"),
        (
            command("Get", "./SyncML/DMAcc/a/AppAuth/b/AAuthSecret"),
            "wp8",
            "does not allow Get, only Replace",
        ),
        (
            command("Add", f"{LOCK}/MinDevicePasswordLength", "6"),
            "wp8",
            "without Format, it is int",
        ),
        (command("Add", f"{LOCK}/MinDevicePasswordLength", "6", "chr"), "wp8", "is int, not chr"),
        (
            command("Add", f"{LOCK}/MinDevicePasswordLength", "3", "int"),
            "wp8",
            "not within 4 to 18",
        ),
        (
            command("Add", f"{LOCK}/MinDevicePasswordLength", None, "int"),
            "wp8",
            "is sent without Data",
        ),
        (command("Add", LOCK, None, None), "wp8", "without Format, it is node"),
        (command("Add", LOCK, "x", "node"), "wp8", "has no value"),
        (
            command("Replace", "./Vendor/MSFT/Storage/Disable", "true", "bool"),
            "wp8",
            "none of True, False",
        ),
        (command("Add", WLAN, "<a>", "chr"), "wp81", "is not well-formed XML"),
        (command("Add", WLAN, "&lt;a/&gt;", "chr"), "wp81", "is escaped twice"),
        (
            command("Add", f"{CONFIG}/A~Policy~B/C", "1", "int"),
            "win10",
            "backed by ADMX, so its Format is chr, not int",
        ),
        (
            command("Add", f"{CONFIG}/A~Policy~B/C", "1", "chr"),
            "win10",
            "neither <enabled/> nor <disabled/>",
        ),
        (command("Exec", MSI, "&lt;MsiInstallJob/&gt;", "xml"), "win10", "is escaped twice"),
    ],
)
def test_a_mistake_in_an_item_is_an_error(sent: Command, profile: str, words: str) -> None:
    ((message, is_error),) = found(sent, profile=profile)
    assert words in message
    assert is_error


@pytest.mark.parametrize(
    ("sent", "profile", "words"),
    [
        (command("Get", "./Vendor/OEM/Thing"), "wp8", "is in no CSP of the catalogue"),
        (command("Get", "./DevDetail/Ext/OEM"), "wp8", "does not have all of DevDetail"),
        (command("Get", "./Device/DevInfo/Man"), "wp8", "names a context, which wp8"),
        (command("Exec", "./Vendor/MSFT/RemoteWipe/doWipe", None, "xml"), "wp8", "is chr or null"),
    ],
)
def test_what_may_be_right_is_a_warning(sent: Command, profile: str, words: str) -> None:
    ((message, is_error),) = found(sent, profile=profile)
    assert words in message
    assert not is_error


@pytest.mark.parametrize(
    ("sent", "profile"),
    [
        (command("Get", "./DevInfo/Man"), "wp8"),
        (command("Get", "DevInfo/Man"), "wp8"),
        (command("Get", "./DevInfo?list=StructData"), "wp8"),
        (command("Replace", "./DevInfo/Man?prop=Title", "x", "chr"), "wp8"),
        (command("Add", LOCK, None, "node"), "wp8"),
        (command("Add", f"{LOCK}/MinDevicePasswordLength", "18", "int"), "wp8"),
        (
            command("Add", "./Vendor/MSFT/EnterpriseDesktopAppManagement/MSI/a/DownloadInstall"),
            "win10",
        ),
        (command("Add", "./User/Vendor/MSFT/Policy/Config/X/Y", "text", "chr"), "win10"),
        (command("Add", f"{CONFIG}/A~Policy~B/C", "<enabled/>", "chr"), "win10"),
        (container("Sequence", command("Get", "./DevInfo/Man")), "win10"),
        (Alert(cmd_id="", code="1100"), "wp8"),
    ],
)
def test_what_is_right_is_silent(sent: Command | Container | Alert, profile: str) -> None:
    assert found(sent, profile=profile) == []


def test_elements_in_data_must_be_escaped() -> None:
    text = """<SyncBody xmlns="SYNCML:SYNCML1.2"><Add><Item><Target>
      <LocURI>./Vendor/MSFT/WiFi/Profile/a/WlanXml</LocURI></Target>
      <Meta><Format xmlns="syncml:metinf">chr</Format></Meta><Data><a/></Data>
      </Item></Add></SyncBody>"""
    (problem,) = command_problems(parse_commands(text), profile="wp81", provider="")
    assert "holds elements instead of escaped text" in problem.message
    assert problem.place == "/SyncBody/Add/Item"


def test_format_may_stand_at_the_command() -> None:
    sent = Command(
        name="Add",
        cmd_id="",
        meta=Meta(format="int"),
        items=(Item(target=f"{LOCK}/MinDevicePasswordLength", data="6"),),
    )
    assert found(sent) == []


@pytest.mark.parametrize(
    ("profile", "is_error"), [("wp8", False), ("wp81", False), ("win81", True), ("win10", True)]
)
def test_phones_answer_a_get_in_an_atomic(profile: str, is_error: bool) -> None:
    sent = container("Atomic", container("Sequence", command("Get", "./DevInfo/Man")))
    ((message, found_error),) = found(sent, profile=profile)
    assert "stands in an Atomic; use Sequence" in message
    assert found_error is is_error


def test_an_exec_in_an_atomic_is_for_those_that_document_it() -> None:
    wipe = command("Exec", "./Vendor/MSFT/RemoteWipe/doWipe", None, "chr")
    ((message, is_error),) = found(container("Atomic", wipe))
    assert "the Exec of ./Vendor/MSFT/RemoteWipe/doWipe stands in an Atomic" in message
    assert not is_error
    install = command("Exec", f"{EAM}/DownloadInstall", "0", "int")
    assert found(container("Atomic", install)) == []


def test_an_atomic_in_an_atomic_is_an_error() -> None:
    inner = container("Atomic", command("Delete", LOCK))
    assert found(container("Atomic", inner)) == [
        ("an Atomic stands in an Atomic: the device answers 500 and 507", True)
    ]


def test_a_container_must_hold_something() -> None:
    assert found(container("Sequence")) == [("Sequence holds no commands", True)]
    assert found(Command(name="Get", cmd_id="")) == [("Get has no Item", True)]


def test_exec_takes_one_item() -> None:
    item = Item(target="./Vendor/MSFT/RemoteWipe/doWipe")
    assert found(Command(name="Exec", cmd_id="", items=(item, item))) == [
        ("Exec takes one Item", True)
    ]


def test_a_status_is_no_command_of_a_server() -> None:
    sent = Status(cmd_id="", msg_ref="1", cmd_ref="1", cmd="Get", data="200")
    assert found(sent) == [("Status is no command of a server", True)]


@pytest.mark.parametrize(("name", "count"), [("Atomic", 1), ("Sequence", 0)])
def test_one_atomic_does_not_add_and_replace_a_node(name: str, count: int) -> None:
    uri = f"{LOCK}/DevicePasswordHistory"
    both = (command("Add", uri, "1", "int"), command("Replace", uri, "2", "int"))
    messages = found(container(name, *both))
    assert messages == [(f"{uri} is added and then replaced in one Atomic", True)][:count]
    assert found(container("Atomic", both[0]), container("Atomic", both[1])) == []


@pytest.mark.parametrize("added", ["", "/DownloadInstall"])
def test_an_add_comes_before_the_exec_that_needs_it(added: str) -> None:
    """field-problems.md 2.3, 50: the Exec gives 404, and the Add makes a dead node."""
    execute = command("Exec", f"{EAM}/DownloadInstall", "0", "int")
    add = command("Add", EAM + added, "0" if added else None, "int" if added else "node")
    assert found(container("Sequence", add, execute)) == []
    assert found(execute, add) == [(f"{EAM}{added} is added after the Exec that needs it", True)]


def test_problems_come_in_document_order_with_their_place() -> None:
    sent = (
        command("Get", "./DevInfo/Man"),
        container("Sequence", command("Get", "./x y"), command("Get", "/x")),
        Command(name="Get", cmd_id="", items=(Item(target="./DevInfo"), Item(target="./a/{"))),
    )
    problems = command_problems(sent, profile="wp8", provider="")
    assert [problem.place for problem in problems] == [
        "/SyncBody/Sequence[1]/Get[1]/Item",
        "/SyncBody/Sequence[1]/Get[2]/Item",
        "/SyncBody/Get[2]/Item[2]",
    ]


def test_a_device_that_is_not_known_is_not_judged_by_its_kind() -> None:
    assert found(command("Get", f"{LOCK}/DevicePasswordHistory"), profile="", provider="") == []
    assert found(command("Get", "./User/Vendor/MSFT/WiFi/Profile"), profile="", provider="") == []
    sent = container("Atomic", command("Get", "./DevInfo/Man"))
    assert [is_error for _, is_error in found(sent, profile="")] == [False]


def test_many_levels_are_walked_without_recursion() -> None:
    sent: Command | Container = command("Get", "./DevInfo/Man")
    for _ in range(5000):
        sent = container("Sequence", sent)
    assert found(sent) == []


@given(
    name=st.sampled_from(["Add", "Replace", "Delete", "Get", "Exec", "Copy"]),
    target=st.one_of(
        st.none(), st.text(max_size=30), st.sampled_from([LOCK, "./DevInfo/Man", EAM])
    ),
    data=st.one_of(st.none(), st.text(max_size=20)),
    format=st.one_of(st.none(), st.text(max_size=5), st.sampled_from(["int", "node", "chr"])),
    profile=st.sampled_from(["", "wp8", "wp81", "win81", "win10", "other"]),
)
def test_nothing_makes_it_fail(
    name: str, target: str | None, data: str | None, format: str | None, profile: str
) -> None:
    for problem in command_problems(
        (command(name, target, data, format),), profile=profile, provider="ExampleMDM"
    ):
        assert problem.message
