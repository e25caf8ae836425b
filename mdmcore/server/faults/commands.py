"""Mistakes in the commands of a session: what is added to the first message that has commands.

Sources: session.md 2, 7, 8.5; field-problems.md 2.3, 3.3. Each is a list of commands as a server
would send them, wrong in one thing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from mdmcore.http import Response
from mdmcore.server.faults.messages import (
    appended,
    is_xml,
    with_message,
    work_of,
)
from mdmcore.server.faults.model import Answered, Step, fault
from mdmcore.server.faults.server_proof import account_of
from mdmcore.server.faults.texts import replaced, with_body
from mdmcore.syncml.dmacc import dm_account_uid
from mdmcore.syncml.model import (
    AnyCommand,
    Command,
    Container,
    Item,
    Meta,
    OtherElement,
    SyncML,
    UnknownCommand,
)

_VENDOR = "./Vendor/MSFT"
_DEVICE_LOCK = f"{_VENDOR}/DeviceLock/Provider/MDMProxy"
_POLICY = f"{_VENDOR}/PolicyManager/My"
_CONFIG = "./Device/Vendor/MSFT/Policy/Config"
_FIREWALL = f"{_VENDOR}/Firewall/MdmStore/FirewallRules/Web"
_APP = f"{_VENDOR}/EnterpriseAppManagement/4000000001/EnterpriseApps"
_PRODUCT = "%7B11111111-2222-3333-4444-555555555555%7D"
_WLAN = "http://www.microsoft.com/networking/WLAN/profile/v1"
_ADMX = "./Device/Vendor/MSFT/Policy/ConfigOperations/ADMXInstall/App/Policy/App01"
_APPS = (
    '<AppPolicy Version="1" xmlns="http://schemas.microsoft.com/phone/2013/policy"><Allow>'
    '<App ProductId="{AAAA1111-2222-3333-4444-555555555555}"/></Allow></AppPolicy>'
)


def _one(
    name: str, uri: str, data: str | None = None, format: str | None = None, **more: object
) -> Command:
    meta = None if format is None else Meta(format=format)
    item = Item(target=uri, meta=meta, data=data)
    return Command(name=name, cmd_id="", items=(item,), **more)  # type: ignore[arg-type]


def _get(uri: str) -> Command:
    return _one("Get", uri)


def _atomic(*commands: AnyCommand) -> Container:
    return Container(name="Atomic", cmd_id="", commands=commands)  # type: ignore[arg-type]


def _wlan(name: str, namespace: str = _WLAN) -> str:
    return (
        f'<?xml version="1.0"?><WLANProfile xmlns="{namespace}"><name>{name}</name><SSIDConfig>'
        f"<SSID><name>{name}</name></SSID></SSIDConfig></WLANProfile>"
    )


def _admx(key: str, category: str = "App") -> str:
    return (
        '<policyDefinitions revision="1.0" schemaVersion="1.0"><categories><category name="App"/>'
        f'</categories><policies><policy name="Setting" class="Machine" key="{key}" '
        f'valueName="Setting"><parentCategory ref="{category}"/></policy></policies>'
        "</policyDefinitions>"
    )


COMMANDS: Mapping[str, tuple[AnyCommand, ...]] = MappingProxyType(
    {
        "data-double-escaped": (
            _one(
                "Add",
                f"{_VENDOR}/WiFi/Profile/Net/WlanXml",
                _wlan("Net").replace("<", "&lt;").replace(">", "&gt;"),
                "chr",
            ),
        ),
        "non-dm-command": (
            UnknownCommand(
                name="Put",
                cmd_id="",
                others=(
                    OtherElement(
                        name="Item",
                        namespace="SYNCML:SYNCML1.2",
                        content="<Source><LocURI>./A</LocURI></Source>",
                    ),
                ),
            ),
        ),
        "locuri-leading-slash": (_get("/DevDetail/SwV"),),
        "locuri-dot-segment": (_get("./DevDetail/../DevInfo/Man"),),
        "locuri-unencoded-brace": (
            _get(f"{_APP}/Inventory/{{11111111-2222-3333-4444-555555555555}}/Version"),
        ),
        "locuri-whitespace": (_get("./DevDetail/Ext/Microsoft/Device Name"),),
        "locuri-backslash": (_get(".\\DevDetail\\SwV"),),
        "locuri-scope-missing": (_get("./Vendor/MSFT/Policy/Result/Camera/AllowCamera"),),
        "csp-node-unknown": (_get(f"{_VENDOR}/DeviceLock/DeviceValue/Colour"),),
        "atomic-contains-get": (_atomic(_get("./DevDetail/SwV")),),
        "nested-atomic": (
            _atomic(_atomic(_one("Replace", f"{_DEVICE_LOCK}/DevicePasswordHistory", "2", "int"))),
        ),
        "atomic-add-then-replace": (
            _atomic(
                _one("Add", f"{_DEVICE_LOCK}/DevicePasswordHistory", "2", "int"),
                _one("Replace", f"{_DEVICE_LOCK}/DevicePasswordHistory", "3", "int"),
            ),
        ),
        "exec-in-atomic": (
            _atomic(
                _one("Replace", f"{_VENDOR}/DMClient/Provider/MDMProxy/EntDMID", "x", "chr"),
                _one("Exec", f"{_VENDOR}/RemoteRing/Ring"),
            ),
        ),
        "add-existing-418": (
            _one("Add", f"{_VENDOR}/DMClient/Provider/MDMProxy/EntDMID", "again", "chr"),
        ),
        "replace-missing-404": (
            _one("Replace", f"{_DEVICE_LOCK}/DevicePasswordHistory", "2", "int"),
        ),
        "missing-format": (_one("Add", f"{_DEVICE_LOCK}/DevicePasswordHistory", "2"),),
        "bool-case": (_one("Replace", f"{_VENDOR}/Storage/Disable", "true", "bool"),),
        "exec-before-add": (
            _one("Exec", f"{_APP}/Download/{_PRODUCT}/DownloadInstall", "0", "int"),
            _one("Add", f"{_APP}/Download/{_PRODUCT}/Name", "App", "chr"),
        ),
        "get-on-write-only": (
            _get(f"./SyncML/DMAcc/{dm_account_uid('MDMProxy')}/AppAuth/SRVCRED/AAuthSecret"),
        ),
        "reboot-command-with-others": (
            _one("Exec", f"{_VENDOR}/RemoteWipe/doWipe", format="chr"),
            _get("./DevDetail/SwV"),
        ),
        "resend-loop": (_get("./Vendor/MSFT/NoSuchCSP/Node"),),
        "user-scope-without-user": (
            _one("Replace", "./User/Vendor/MSFT/Policy/Config/Experience/AllowCortana", "0", "int"),
        ),
        "devicelock-inverted": (
            _one("Add", f"{_DEVICE_LOCK}/DevicePasswordEnabled", "1", "int"),
            _one("Add", f"{_DEVICE_LOCK}/MinDevicePasswordLength", "6", "int"),
        ),
        "devicelock-range": (_one("Add", f"{_DEVICE_LOCK}/MinDevicePasswordLength", "40", "int"),),
        "policymanager-without-atomic": (
            _one("Add", f"{_POLICY}/WiFi/AllowWiFi", "0", "int"),
            _one("Add", f"{_POLICY}/WiFi/AllowInternetSharing", "0", "int"),
        ),
        "policymanager-on-wp80": (_get(f"{_VENDOR}/PolicyManager/Device/WiFi/AllowWiFi"),),
        "activesync-guid-reused": (
            _one(
                "Add",
                f"{_VENDOR}/ActiveSync/Accounts/{_PRODUCT}/AccountName",
                "Mail",
                "chr",
            ),
        ),
        "wlanxml-namespace": (
            _one(
                "Add",
                f"{_VENDOR}/WiFi/Profile/Net/WlanXml",
                _wlan("Net", "http://example.test/WLAN"),
                "chr",
            ),
        ),
        "wifi-profile-name-mismatch": (
            _one("Add", f"{_VENDOR}/WiFi/Profile/Office/WlanXml", _wlan("Guests"), "chr"),
        ),
        "admx-payload-format": (
            _one("Add", f"{_CONFIG}/AppVirtualization/AllowAppVClient", "1", "chr"),
        ),
        "admx-forbidden-key": (
            _one("Add", _ADMX, _admx("Software\\Policies\\Microsoft\\App"), "chr"),
        ),
        "admx-undefined-category": (
            _one("Add", _ADMX, _admx("Software\\Policies\\Example\\App", "NoSuch"), "chr"),
        ),
        "firewall-rule-without-atomic": (_one("Add", f"{_FIREWALL}/Protocol", "6", "int"),),
        "scep-enroll-exec-missing": (
            _one("Add", f"{_VENDOR}/CertificateStore/MY/SCEP/One", format="node"),
            _one(
                "Add",
                f"{_VENDOR}/CertificateStore/MY/SCEP/One/Install/ServerURL",
                "https://scep.example.test/scep",
                "chr",
            ),
        ),
        "apprestrictions-product-id": (
            _one(
                "Add",
                f"{_CONFIG}/ApplicationManagement/ApplicationRestrictions",
                _APPS,
                "chr",
            ),
        ),
        "client-cert-both-stores": tuple(
            _one(
                "Add",
                f"./{scope}/Vendor/MSFT/ClientCertificateInstall/SCEP/One",
                format="node",
            )
            for scope in ("Device", "User")
        ),
        "unenroll-data-missing": (_one("Exec", f"{_VENDOR}/DMClient/Unenroll", format="chr"),),
        "unenroll-wrong-providerid": (
            _one("Exec", f"{_VENDOR}/DMClient/Unenroll", "OtherMDM", "chr"),
        ),
        "omadmretry-changed-after-enrollment": (
            _one(
                "Replace",
                "./Vendor/MSFT/Registry/HKLM/Software/Microsoft/Enrollment/OmaDmRetry/"
                "AuxRetryInterval",
                "5",
                "int",
            ),
        ),
    }
)
"""Rule -> the commands that make its mistake; CmdIDs are given when they go out."""

FOR_WINDOWS_10: Mapping[str, tuple[AnyCommand, ...]] = MappingProxyType(
    {
        "missing-format": (_one("Add", f"{_CONFIG}/DeviceLock/DevicePasswordHistory", "2"),),
        "devicelock-range": (
            _one("Add", f"{_CONFIG}/DeviceLock/MinDevicePasswordLength", "40", "int"),
        ),
    }
)
"""The same for devices that have no DeviceLock, where the mistake can be made elsewhere."""


def _adding(rule_id: str) -> Callable[[Answered], Response | None]:
    def change(answered: Answered) -> Response | None:
        account = account_of(answered)
        is_newer = account is not None and account.profile == "win10"
        found = FOR_WINDOWS_10.get(rule_id) if is_newer else None
        return with_commands(answered, *(found or COMMANDS[rule_id]))

    change.__doc__ = f"Adds the commands of ``COMMANDS`` for {rule_id}."
    return change


for _rule in COMMANDS:
    fault(_rule, Step.MANAGE)(_adding(_rule))


def with_commands(answered: Answered, *commands: AnyCommand) -> Response | None:
    """The answer with more commands, where it has some already: no challenge and no last word."""

    def change(message: SyncML) -> SyncML | None:
        return numbered(message, *commands) if work_of(message) else None

    return with_message(answered, change)


def numbered(message: SyncML, *commands: AnyCommand) -> SyncML:
    """The message with commands behind the others, those inside containers numbered, too."""
    for command in commands:
        message = appended(message, command)
        *before, last = message.commands
        if isinstance(last, Container):
            last = _numbered_inside(last)
        message = replace(message, commands=(*before, last))
    return message


def _numbered_inside(container: Container) -> Container:
    inner = []
    for number, one in enumerate(container.commands, start=1):
        one = replace(one, cmd_id=f"{container.cmd_id}-{number}")
        inner.append(_numbered_inside(one) if isinstance(one, Container) else one)
    return replace(container, commands=tuple(inner))


@fault("unescaped-data-xml", Step.MANAGE)
def raw_xml(answered: Answered) -> Response | None:
    """A profile stands in Data without escaping."""
    item = Item(
        target=f"{_VENDOR}/WiFi/Profile/Net/WlanXml",
        meta=Meta(format="chr"),
        data_xml=_wlan("Net").partition("?>")[2],
    )
    return with_commands(answered, Command(name="Add", cmd_id="", items=(item,)))


@fault("cdata-in-data", Step.MANAGE)
def cdata(answered: Answered) -> Response | None:
    """Data is a CDATA section."""
    if not is_xml(answered):
        return None
    mark = "text-to-be-wrapped"
    command = _one("Replace", f"{_VENDOR}/DMClient/Provider/MDMProxy/EntDMID", mark, "chr")
    response = with_commands(answered, command)
    if response is None:
        return None
    old, new = f"<Data>{mark}</Data>", f"<Data><![CDATA[{mark}]]></Data>"
    return with_body(response, replaced(response.body or b"", old.encode(), new.encode()))
