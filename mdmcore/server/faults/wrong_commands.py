"""The commands that make a mistake each, as a server would send them: wrong in one thing.

Sources: session.md 2, 7, 8.5; field-problems.md 2.3, 3.3. How they get into a message is the
concern of ``commands``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from mdmcore.syncml.dmacc import dm_account_uid
from mdmcore.syncml.model import (
    AnyCommand,
    Command,
    Container,
    Item,
    Meta,
    OtherElement,
    UnknownCommand,
)

VENDOR = "./Vendor/MSFT"
"""Where the nodes of most CSPs stand."""

_DEVICE_LOCK = f"{VENDOR}/DeviceLock/Provider/MDMProxy"
_POLICY = f"{VENDOR}/PolicyManager/My"
_CONFIG = "./Device/Vendor/MSFT/Policy/Config"
_FIREWALL = f"{VENDOR}/Firewall/MdmStore/FirewallRules/Web"
_APP = f"{VENDOR}/EnterpriseAppManagement/4000000001/EnterpriseApps"
_PRODUCT = "%7B11111111-2222-3333-4444-555555555555%7D"
_WLAN = "http://www.microsoft.com/networking/WLAN/profile/v1"
_ADMX = "./Device/Vendor/MSFT/Policy/ConfigOperations/ADMXInstall/App/Policy/App01"
_APPS = (
    '<AppPolicy Version="1" xmlns="http://schemas.microsoft.com/phone/2013/policy"><Allow>'
    '<App ProductId="{AAAA1111-2222-3333-4444-555555555555}"/></Allow></AppPolicy>'
)


def one_command(
    name: str, uri: str, data: str | None = None, format: str | None = None, **more: object
) -> Command:
    """A command with one item."""
    meta = None if format is None else Meta(format=format)
    item = Item(target=uri, meta=meta, data=data)
    return Command(name=name, cmd_id="", items=(item,), **more)  # type: ignore[arg-type]


def _get(uri: str) -> Command:
    return one_command("Get", uri)


def _atomic(*commands: AnyCommand) -> Container:
    return Container(name="Atomic", cmd_id="", commands=commands)  # type: ignore[arg-type]


def wlan_profile(name: str, namespace: str = _WLAN) -> str:
    """A Wi-Fi profile of that name, for the WiFi CSP."""
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
            one_command(
                "Add",
                f"{VENDOR}/WiFi/Profile/Net/WlanXml",
                wlan_profile("Net").replace("<", "&lt;").replace(">", "&gt;"),
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
        "csp-node-unknown": (_get(f"{VENDOR}/DeviceLock/DeviceValue/Colour"),),
        "atomic-contains-get": (_atomic(_get("./DevDetail/SwV")),),
        "nested-atomic": (
            _atomic(
                _atomic(one_command("Replace", f"{_DEVICE_LOCK}/DevicePasswordHistory", "2", "int"))
            ),
        ),
        "atomic-add-then-replace": (
            _atomic(
                one_command("Add", f"{_DEVICE_LOCK}/DevicePasswordHistory", "2", "int"),
                one_command("Replace", f"{_DEVICE_LOCK}/DevicePasswordHistory", "3", "int"),
            ),
        ),
        "exec-in-atomic": (
            _atomic(
                one_command("Replace", f"{VENDOR}/DMClient/Provider/MDMProxy/EntDMID", "x", "chr"),
                one_command("Exec", f"{VENDOR}/RemoteRing/Ring"),
            ),
        ),
        "add-existing-418": (
            one_command("Add", f"{VENDOR}/DMClient/Provider/MDMProxy/EntDMID", "again", "chr"),
        ),
        "replace-missing-404": (
            one_command("Replace", f"{_DEVICE_LOCK}/DevicePasswordHistory", "2", "int"),
        ),
        "missing-format": (one_command("Add", f"{_DEVICE_LOCK}/DevicePasswordHistory", "2"),),
        "bool-case": (one_command("Replace", f"{VENDOR}/Storage/Disable", "true", "bool"),),
        "exec-before-add": (
            one_command("Exec", f"{_APP}/Download/{_PRODUCT}/DownloadInstall", "0", "int"),
            one_command("Add", f"{_APP}/Download/{_PRODUCT}/Name", "App", "chr"),
        ),
        "get-on-write-only": (
            _get(f"./SyncML/DMAcc/{dm_account_uid('MDMProxy')}/AppAuth/SRVCRED/AAuthSecret"),
        ),
        "reboot-command-with-others": (
            one_command("Exec", f"{VENDOR}/RemoteWipe/doWipe", format="chr"),
            _get("./DevDetail/SwV"),
        ),
        "resend-loop": (_get("./Vendor/MSFT/NoSuchCSP/Node"),),
        "user-scope-without-user": (
            one_command(
                "Replace", "./User/Vendor/MSFT/Policy/Config/Experience/AllowCortana", "0", "int"
            ),
        ),
        "devicelock-inverted": (
            one_command("Add", f"{_DEVICE_LOCK}/DevicePasswordEnabled", "1", "int"),
            one_command("Add", f"{_DEVICE_LOCK}/MinDevicePasswordLength", "6", "int"),
        ),
        "devicelock-range": (
            one_command("Add", f"{_DEVICE_LOCK}/MinDevicePasswordLength", "40", "int"),
        ),
        "policymanager-without-atomic": (
            one_command("Add", f"{_POLICY}/WiFi/AllowWiFi", "0", "int"),
            one_command("Add", f"{_POLICY}/WiFi/AllowInternetSharing", "0", "int"),
        ),
        "policymanager-on-wp80": (_get(f"{VENDOR}/PolicyManager/Device/WiFi/AllowWiFi"),),
        "activesync-guid-reused": (
            one_command(
                "Add",
                f"{VENDOR}/ActiveSync/Accounts/{_PRODUCT}/AccountName",
                "Mail",
                "chr",
            ),
        ),
        "wlanxml-namespace": (
            one_command(
                "Add",
                f"{VENDOR}/WiFi/Profile/Net/WlanXml",
                wlan_profile("Net", "http://example.test/WLAN"),
                "chr",
            ),
        ),
        "wifi-profile-name-mismatch": (
            one_command(
                "Add", f"{VENDOR}/WiFi/Profile/Office/WlanXml", wlan_profile("Guests"), "chr"
            ),
        ),
        "admx-payload-format": (
            one_command("Add", f"{_CONFIG}/AppVirtualization/AllowAppVClient", "1", "chr"),
        ),
        "admx-forbidden-key": (
            one_command("Add", _ADMX, _admx("Software\\Policies\\Microsoft\\App"), "chr"),
        ),
        "admx-undefined-category": (
            one_command("Add", _ADMX, _admx("Software\\Policies\\Example\\App", "NoSuch"), "chr"),
        ),
        "firewall-rule-without-atomic": (one_command("Add", f"{_FIREWALL}/Protocol", "6", "int"),),
        "scep-enroll-exec-missing": (
            one_command("Add", f"{VENDOR}/CertificateStore/MY/SCEP/One", format="node"),
            one_command(
                "Add",
                f"{VENDOR}/CertificateStore/MY/SCEP/One/Install/ServerURL",
                "https://scep.example.test/scep",
                "chr",
            ),
        ),
        "apprestrictions-product-id": (
            one_command(
                "Add",
                f"{_CONFIG}/ApplicationManagement/ApplicationRestrictions",
                _APPS,
                "chr",
            ),
        ),
        "client-cert-both-stores": tuple(
            one_command(
                "Add",
                f"./{scope}/Vendor/MSFT/ClientCertificateInstall/SCEP/One",
                format="node",
            )
            for scope in ("Device", "User")
        ),
        "unenroll-data-missing": (
            one_command("Exec", f"{VENDOR}/DMClient/Unenroll", format="chr"),
        ),
        "unenroll-wrong-providerid": (
            one_command("Exec", f"{VENDOR}/DMClient/Unenroll", "OtherMDM", "chr"),
        ),
        "omadmretry-changed-after-enrollment": (
            one_command(
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
        "missing-format": (one_command("Add", f"{_CONFIG}/DeviceLock/DevicePasswordHistory", "2"),),
        "devicelock-range": (
            one_command("Add", f"{_CONFIG}/DeviceLock/MinDevicePasswordLength", "40", "int"),
        ),
    }
)
"""The same for devices that have no DeviceLock, where the mistake can be made elsewhere."""
