"""The nodes of the device's management tree (session.md section 7).

The same for all profiles; a device that knows no value for a node, and lets nobody add it, does
not have the node.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node of the management tree.

    ``uri`` may hold ``{provider}`` and ``{enterprise}``. ``access`` has the letters A add,
    R replace, G get, D delete; without A, R and D the node is permanent. ``value`` names the fact
    that the phone fills in (``tree``); a fact that is unknown leaves the node to be added.
    """

    uri: str
    value: str
    format: str = "chr"
    access: str = "G"


_PROVIDER = "./Vendor/MSFT/DMClient/Provider/{provider}"
_RENEW = "./Vendor/MSFT/CertificateStore/MY/WSTEP/Renew"
_ENTERPRISE = "./Vendor/MSFT/EnterpriseAppManagement/{enterprise}"

NODES = (
    Node(uri="./DevInfo/DevId", value="device_id"),
    Node(uri="./DevInfo/Man", value="manufacturer"),
    Node(uri="./DevInfo/Mod", value="model"),
    Node(uri="./DevInfo/DmV", value="dm_version"),
    Node(uri="./DevInfo/Lang", value="language"),
    Node(uri="./DevDetail/DevTyp", value="device_type"),
    Node(uri="./DevDetail/OEM", value="manufacturer"),
    Node(uri="./DevDetail/FwV", value="firmware_version"),
    Node(uri="./DevDetail/SwV", value="os_version"),
    Node(uri="./DevDetail/HwV", value="hardware_version"),
    Node(uri="./DevDetail/LrgObj", format="bool", value="large_objects"),
    Node(uri="./DevDetail/URI/MaxDepth", format="int", value="zero"),
    Node(uri="./DevDetail/URI/MaxTotLen", format="int", value="zero"),
    Node(uri="./DevDetail/URI/MaxSegLen", format="int", value="zero"),
    Node(uri="./DevDetail/Ext/Microsoft/RadioSwV", value="firmware_version"),
    Node(uri="./DevDetail/Ext/Microsoft/Resolution", value="resolution"),
    Node(uri="./DevDetail/Ext/Microsoft/ProcessorArchitecture", value="processor_architecture"),
    Node(uri="./DevDetail/Ext/Microsoft/ProcessorType", value="processor_type"),
    Node(uri="./DevDetail/Ext/Microsoft/OSPlatform", value="os_platform"),
    Node(uri="./DevDetail/Ext/Microsoft/DeviceName", value="device_name"),
    Node(uri=f"{_PROVIDER}/EntDeviceName", access="AG", value="ent_device_name"),
    Node(uri=f"{_PROVIDER}/EntDMID", access="AGR", value="ent_dmid"),
    Node(uri=f"{_PROVIDER}/UPN", access="GR", value="upn"),
    Node(uri=f"{_PROVIDER}/ManagementServiceAddress", access="AGR", value="addr"),
    Node(
        uri=f"{_PROVIDER}/RequireMessageSigning",
        format="bool",
        access="GR",
        value="require_message_signing",
    ),
    Node(uri=f"{_RENEW}/Status", format="int", value="renew_status"),
    Node(uri=f"{_RENEW}/ErrorCode", format="int", value="renew_error_code"),
    Node(uri=f"{_RENEW}/RenewPeriod", format="int", value="renew_period"),
    Node(uri=f"{_RENEW}/RetryInterval", format="int", value="renew_retry_interval"),
    Node(uri=f"{_RENEW}/ROBOSupport", format="bool", value="robo_support"),
    Node(uri=f"{_ENTERPRISE}/EnrollmentToken", access="AGR", value="enrollment_token"),
    Node(uri=f"{_ENTERPRISE}/StoreProductID", access="AG", value="store_product_id"),
    Node(uri=f"{_ENTERPRISE}/StoreUri", access="AG", value="store_uri"),
    Node(
        uri=f"{_ENTERPRISE}/CertificateSearchCriteria",
        access="AG",
        value="certificate_search_criteria",
    ),
    Node(uri=f"{_ENTERPRISE}/CRLCheck", access="AG", value="crl_check"),
    Node(uri=f"{_ENTERPRISE}/Status", format="int", value="zero"),
)
