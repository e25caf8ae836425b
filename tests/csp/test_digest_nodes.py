"""Every node that session.md section 7 names is in the catalogue, with what is said of it there.

The lists are copied by hand from the digest. Access is written as letters, as in the catalogue: a
node may allow more than the digest says (it leaves out what nobody needed), never less.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from mdmcore.csp import Access, find_node
from mdmcore.csp.model import PROFILE_NAMES

MSFT = "./Vendor/MSFT"
CLIENT = f"{MSFT}/DMClient/Provider/Example"
LOCK = f"{MSFT}/DeviceLock/Provider/Example"
EAM = f"{MSFT}/EnterpriseAppManagement/4000000001"
APPS = f"{EAM}/EnterpriseApps"
MODERN = f"{MSFT}/EnterpriseModernAppManagement"
STORE = f"{MSFT}/CertificateStore"
HASH = "0123456789ABCDEF0123456789ABCDEF01234567"
SYNC = f"{MSFT}/ActiveSync/Accounts/%7B11111111-2222-3333-4444-555555555555%7D"
PRODUCT = "%7B99999999-2222-3333-4444-555555555555%7D"
ALL = set(PROFILE_NAMES)
PHONES = {"wp8", "wp81"}
LATER = {"wp81", "win10"}


class Named(NamedTuple):
    """What the digest says of a node; no format where it says none."""

    uri: str
    access: str
    format: str = "chr"
    profiles: frozenset[str] = frozenset()


def named(
    root: str, leaves: str, access: str, format: str = "chr", profiles: set[str] = ALL
) -> Iterator[Named]:
    for leaf in leaves.split():
        yield Named(f"{root}/{leaf}", access, format, frozenset(profiles))


def rows() -> Iterator[Named]:
    yield from named("./DevInfo", "DevId Man Mod DmV Lang", "G")
    yield from named("./DevDetail", "DevTyp OEM FwV SwV HwV", "G")
    yield from named("./DevDetail", "LrgObj", "G", "bool")
    yield from named("./DevDetail/URI", "MaxDepth MaxTotLen MaxSegLen", "G", "")
    yield from named(
        "./DevDetail/Ext/Microsoft",
        "MobileID RadioSwV Resolution CommercializationOperator ProcessorArchitecture "
        "ProcessorType OSPlatform LocalTime DeviceName",
        "G",
    )
    yield from named("./DevDetail/Ext/Microsoft", "DeviceName", "GR", profiles={"win10"})
    yield from named("./DevDetail/Ext", "WLANMACAddress", "G")
    yield from named(
        "./DevDetail/Ext", "WlanIPv4Address WlanIPv6Address WlanDnsSuffix WlanSubnetMask", "G",
        profiles=LATER,
    )  # fmt: skip
    account = "./SyncML/DMAcc/0x0000800cABF8/AppAuth/CLCRED"
    yield from named(account, "AAuthName", "R")
    yield from named(account, "AAuthSecret", "R")
    yield from named(account, "AAuthData", "R", "")
    yield from dm_client()
    yield from named(
        LOCK,
        "DevicePasswordEnabled AllowSimpleDevicePassword MinDevicePasswordLength "
        "AlphanumericDevicePasswordRequired DevicePasswordExpiration DevicePasswordHistory "
        "MaxDevicePasswordFailedAttempts MaxInactivityTimeDeviceLock "
        "MinDevicePasswordComplexCharacters",
        "AGR", "int", PHONES,
    )  # fmt: skip
    yield Named(LOCK, "ADG", "node", frozenset(PHONES))
    yield from named(
        f"{MSFT}/DeviceLock/DeviceValue", "MinDevicePasswordLength", "G", "int", PHONES
    )
    yield from policy_manager()
    yield from app_management()
    yield from named(f"{MSFT}/RemoteWipe", "doWipe", "E", "")
    yield from named(f"{MSFT}/RemoteWipe", "doWipePersistProvisionedData", "E", "", LATER)
    yield from named(f"{MSFT}/RemoteLock", "Lock", "GE", "", LATER)
    yield from named(f"{MSFT}/RemoteLock", "LockAndResetPIN", "E", "", LATER)
    yield from named(f"{MSFT}/RemoteLock", "NewPINValue", "G", "chr", LATER)
    yield from named(f"{MSFT}/RemoteLock", "LockAndRecoverPIN", "E", "", {"win10"})
    yield from named(f"{MSFT}/RemoteRing", "Ring", "E", "", {"wp81"})
    yield from named(f"{MSFT}/Storage", "Disable", "GR", "bool", PHONES)
    yield from certificate_store()
    yield from active_sync()
    yield from named(f"{MSFT}/WiFi/Profile/My%20Net", "WlanXml Proxy", "AGRD", "chr", LATER)
    yield from windows_10()


def dm_client() -> Iterator[Named]:
    yield from named(CLIENT, "EntDeviceName EntDMID", "GA")
    yield from named(CLIENT, "SignedEntDMID CertRenewTimeStamp PublisherDeviceID ExchangeID", "G")
    yield from named(CLIENT, "ManagementServiceAddress", "AGR")
    yield from named(CLIENT, "UPN", "GR", profiles={"wp81", "win81", "win10"})
    yield from named(CLIENT, "HelpPhoneNumber HelpWebsite HelpEmailAddress", "GRD", profiles=LATER)
    yield from named(CLIENT, "RequireMessageSigning", "GR", "bool", {"win81", "win10"})
    yield from named(
        CLIENT, "SyncApplicationVersion MaxSyncApplicationVersion", "G", "chr", {"win10"}
    )
    yield Named(f"{CLIENT}/Poll", "A", "node", frozenset(LATER))
    yield from named(
        f"{CLIENT}/Poll",
        "IntervalForFirstSetOfRetries NumberOfFirstRetries IntervalForSecondSetOfRetries "
        "NumberOfSecondRetries IntervalForRemainingScheduledRetries "
        "NumberOfRemainingScheduledRetries",
        "AGR", "int", LATER,
    )  # fmt: skip
    yield from named(f"{CLIENT}/Push", "PFN", "AR", "chr", LATER)
    yield from named(f"{CLIENT}/Push", "ChannelURI", "G", "chr", LATER)
    yield from named(f"{CLIENT}/Push", "Status", "G", "int", LATER)
    yield from named(CLIENT, "Unenroll", "GE", profiles=LATER)
    yield from named(f"{MSFT}/DMClient", "Unenroll", "GE")


POLICIES = {
    "WiFi": "AllowWiFi AllowInternetSharing AllowAutoConnectToWiFiSenseHotspots "
    "AllowWiFiHotSpotReporting AllowManualWiFiConfiguration",
    "Connectivity": "AllowNFC AllowCellularDataRoaming AllowUSBConnection AllowVPNOverCellular "
    "AllowVPNRoamingOverCellular AllowBluetooth",
    "System": "AllowStorageCard AllowLocation AllowTelemetry AllowUserToResetPhone",
    "Experience": "AllowSaveAsOfOfficeFiles AllowCopyPaste AllowScreenCapture AllowVoiceRecording "
    "AllowCortana AllowSyncMySettings AllowManualMDMUnenrollment AllowSharingOfOfficeFiles",
    "Accounts": "AllowMicrosoftAccountConnection AllowAddingNonMicrosoftAccountsManually",
    "Security": "AllowManualRootCertificateInstallation RequireDeviceEncryption",
    "Browser": "AllowBrowser",
    "Camera": "AllowCamera",
    "ApplicationManagement": "AllowStore AllowDeveloperUnlock",
    "Search": "AllowSearchToUseLocation SafeSearchPermissions AllowStoringImagesFromVisionSearch",
    "AboveLock": "AllowActionCenterNotifications",
    "DeviceLock": "MinDevicePasswordLength",
}


def policy_manager() -> Iterator[Named]:
    for area, policies in POLICIES.items():
        yield from named(f"{MSFT}/PolicyManager/My/{area}", policies, "AGDR", "int", {"wp81"})
        yield from named(f"{MSFT}/PolicyManager/Device/{area}", policies, "G", "", {"wp81"})
    restrictions = "ApplicationRestrictions"
    area = f"{MSFT}/PolicyManager/My/ApplicationManagement"
    yield from named(area, restrictions, "AGDR", "chr", {"wp81"})


def app_management() -> Iterator[Named]:
    yield from named(EAM, "EnrollmentToken", "AGR", "chr", PHONES)
    yield from named(EAM, "StoreProductID StoreUri CertificateSearchCriteria", "AG", "chr", PHONES)
    yield from named(EAM, "CRLCheck", "G", "chr", PHONES)
    yield from named(EAM, "Status", "G", "int", PHONES)
    inventory, download = f"{APPS}/Inventory/{PRODUCT}", f"{APPS}/Download/{PRODUCT}"
    yield Named(inventory, "D", "node", frozenset(PHONES))
    yield from named(inventory, "Version Title Publisher InstallDate", "G", "chr", PHONES)
    yield from named(download, "Name URL Version", "AGR", "chr", PHONES)
    yield from named(download, "Status LastError", "G", "int", PHONES)
    yield from named(download, "LastErrorDesc", "G", "chr", PHONES)
    yield from named(download, "DownloadInstall", "E", "int", PHONES)


def certificate_store() -> Iterator[Named]:
    for place in ("ROOT/System", "CA/System", "MY/User"):
        below = f"{STORE}/{place}/{HASH}"
        yield Named(below, "DG", "node", frozenset(ALL))
        yield from named(below, "EncodedCertificate", "AGR", "b64")
        yield from named(below, "IssuedBy IssuedTo ValidFrom ValidTo TemplateName", "G")
    renew = f"{STORE}/MY/WSTEP/Renew"
    yield from named(renew, "RenewPeriod RetryInterval", "GR", "int", LATER)
    yield from named(renew, "ROBOSupport", "GR", "bool", LATER)
    yield from named(renew, "ServerURL", "GR", "chr", LATER)
    yield from named(renew, "Status ErrorCode", "G", "int", LATER)
    yield from named(renew, "RenewNow", "E", "", {"win10"})
    yield from named(renew, "LastRenewalAttemptTime", "G", "", {"win10"})
    scep = f"{STORE}/MY/SCEP/Office"
    yield from named(f"{scep}/Install", "ServerURL Challenge SubjectName", "AR", "chr", LATER)
    yield from named(f"{scep}/Install", "Enroll", "E", "", LATER)


def active_sync() -> Iterator[Named]:
    yield from named(
        SYNC,
        "AccountIcon AccountName AccountType Domain EmailAddress Password ServerName UserName",
        "ADGR", "chr", PHONES,
    )  # fmt: skip
    yield from named(
        f"{SYNC}/Options",
        "CalendarAgeFilter Logging MailAgeFilter MailBodyType MailHTMLTruncation "
        "MailPlainTextTruncation Schedule UseSSL",
        "GR", "", PHONES,
    )  # fmt: skip
    content = f"{SYNC}/Options/ContentTypes/%7B22222222-2222-3333-4444-555555555555%7D"
    yield from named(content, "Enabled Name", "GR", "", PHONES)


def windows_10() -> Iterator[Named]:
    only = {"win10"}
    yield from named(f"{MODERN}/AppManagement", "AppInventoryQuery", "RG", "", only)
    yield from named(f"{MODERN}/AppManagement", "AppInventoryResults", "G", "", only)
    yield from named(f"{MODERN}/AppManagement", "UpdateScan RemovePackage", "E", "", only)
    for kind in ("AppStore", "nonStore", "System"):
        family = f"{MODERN}/AppManagement/{kind}/Example_8wekyb3d8bbwe"
        yield Named(family, "G", "node", frozenset(only))
        yield Named(f"{family}/Example_1.0.0.0_x64__8wekyb3d8bbwe", "G", "node", frozenset(only))
    install = f"{MODERN}/AppInstallation/Example_8wekyb3d8bbwe"
    yield from named(install, "StoreInstall HostedInstall", "E", "", only)
    yield from named(install, "Status LastError LastErrorDesc ProgressStatus", "G", "", only)
    yield Named(f"{MODERN}/AppLicenses/StoreLicenses/L1", "G", "node", frozenset(only))
    for csp in (
        *("DeviceStatus", "HealthAttestation", "EnterpriseAPN", "AppLocker", "VPNv2"),
        "DMSessionActions",
    ):
        yield Named(f"{MSFT}/{csp}", "G", "node", frozenset(only))


ROWS = tuple(rows())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.uri)
def test_the_node_is_there(row: Named) -> None:
    for profile in sorted(row.profiles):
        node = find_node(row.uri, profile=profile)
        assert node is not None, profile
        assert set(map(Access, row.access)) <= node.access
        assert not row.format or row.format in node.formats


def test_the_list_is_no_stub() -> None:
    assert len(ROWS) > 200


def test_secrets_are_write_only() -> None:
    for leaf in ("AAuthSecret", "AAuthData"):
        node = find_node(f"./SyncML/DMAcc/0x00/AppAuth/CLCRED/{leaf}")
        assert node is not None
        assert not node.is_readable
