"""Every URI, action, content type, and code of the protocol family, each with its source.

Constants only. Values are wire values, byte for byte. Sources: [MS-MDE] v20240423, [MS-MDE2]
v20260126, [MS-XCEP], [MS-WSTEP], OMA SyncML RepPro 1.2 (DMREP), OMA DM Protocol 1.2.1 (DMPRO).
"""

from __future__ import annotations

from types import MappingProxyType

# --- namespaces of the SOAP messages (MS-MDE2 2.2.1, schema appendix) -------------------------
SOAP = "http://www.w3.org/2003/05/soap-envelope"
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
ADDRESSING = "http://www.w3.org/2005/08/addressing"
DISCOVERY = "http://schemas.microsoft.com/windows/management/2012/01/enrollment"
POLICY = "http://schemas.microsoft.com/windows/pki/2009/01/enrollmentpolicy"
ENROLLMENT = "http://schemas.microsoft.com/windows/pki/2009/01/enrollment"
TRUST = "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
SECEXT = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
UTILITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
AUTHORIZATION = "http://schemas.xmlsoap.org/ws/2006/12/authorization"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
DIAGNOSTICS = "http://schemas.microsoft.com/2004/09/ServiceModel/Diagnostics"
WCF_FAULT = "http://schemas.microsoft.com/net/2005/12/windowscommunicationfoundation/dispatcher"
XML = "http://www.w3.org/XML/1998/namespace"

# --- WS-Addressing actions (MS-MDE 3.1.4.1, 3.3.4.1, 3.4.4.1) ---------------------------------
ACTION_DISCOVER = f"{DISCOVERY}/IDiscoveryService/Discover"
ACTION_DISCOVER_RESPONSE = f"{DISCOVERY}/IDiscoveryService/DiscoverResponse"
ACTION_GET_POLICIES = f"{POLICY}/IPolicy/GetPolicies"
ACTION_GET_POLICIES_RESPONSE = f"{POLICY}/IPolicy/GetPoliciesResponse"
ACTION_RST = f"{ENROLLMENT}/RST/wstep"
ACTION_RSTRC = f"{ENROLLMENT}/RSTRC/wstep"
ANONYMOUS = f"{ADDRESSING}/anonymous"

# --- token and value types (MS-MDE 3.4.4.1.1, MS-MDE2 3.3.4.1.1.1) ----------------------------
CONFIGMGR_ENROLLMENT = "http://schemas.microsoft.com/5.0.0.0/ConfigurationManager/Enrollment"
TOKEN_TYPE_DEVICE = f"{CONFIGMGR_ENROLLMENT}/DeviceEnrollmentToken"
VALUE_TYPE_PROVISION_DOC = f"{CONFIGMGR_ENROLLMENT}/DeviceEnrollmentProvisionDoc"
VALUE_TYPE_USER_TOKEN = f"{CONFIGMGR_ENROLLMENT}/DeviceEnrollmentUserToken"
VALUE_TYPE_JWT = "urn:ietf:params:oauth:token-type:jwt"
VALUE_TYPE_PKCS10 = f"{ENROLLMENT}#PKCS10"
VALUE_TYPES_PKCS7 = (f"{ENROLLMENT}#PKCS7", f"{SECEXT}#PKCS7")
ENCODING_BASE64 = f"{SECEXT}#base64binary"
REQUEST_TYPE_ISSUE = f"{TRUST}/Issue"
REQUEST_TYPE_RENEW = f"{TRUST}/Renew"
PASSWORD_TEXT = (
    "http://docs.oasis-open.org/wss/2004/01/"
    "oasis-200401-wss-username-token-profile-1.0#PasswordText"
)
USERNAME_TOKEN_ID = "uuid-cc1ccc1f-2fba-4bcf-b063-ffc0cac77917-4"
"""The constant ``u:Id`` of the UsernameToken (MS-MDE2 3.3.4.1.1.1.3)."""

# --- paths (MS-MDE 3.1) -----------------------------------------------------------------------
DISCOVERY_PATH = "/EnrollmentServer/Discovery.svc"
"""The only path the protocol fixes; all others are handed out. Compared without case."""

# --- media types ------------------------------------------------------------------------------
SOAP_CONTENT_TYPE = "application/soap+xml; charset=utf-8"
SOAP_MEDIA_TYPE = "application/soap+xml"
SYNCML_XML_MEDIA_TYPE = "application/vnd.syncml.dm+xml"
SYNCML_WBXML_MEDIA_TYPE = "application/vnd.syncml.dm+wbxml"
SYNCML_XML_MEDIA_TYPES = frozenset({SYNCML_XML_MEDIA_TYPE, "application/vnd.syncml+xml"})
SYNCML_WBXML_MEDIA_TYPES = frozenset({SYNCML_WBXML_MEDIA_TYPE, "application/vnd.syncml+wbxml"})
"""With those of SyncML at large, which OMA DM clients other than Windows' may use."""
XAP_MEDIA_TYPE = "application/x-silverlight-app"
APPX_MEDIA_TYPE = "application/appx"
HUB_MEDIA_TYPES = MappingProxyType(
    {
        ".xap": XAP_MEDIA_TYPE,
        ".appx": APPX_MEDIA_TYPE,
        ".appxbundle": "application/appxbundle",
        ".msi": "application/x-msi",
    }
)

# --- SyncML (DMREP, DMPRO) --------------------------------------------------------------------
SYNCML_12 = "SYNCML:SYNCML1.2"
SYNCML_11 = "SYNCML:SYNCML1.1"
SYNCML_10 = "SYNCML:SYNCML1.0"
METINF = "syncml:metinf"
DEVINF = "syncml:devinf"
DMDDF_12 = "syncml:dmddf1.2"
WBXML_NOTE = "urn:mdmproxy:wbxml"
"""Ours: the attribute ``opaque`` on an element whose text is base64 of bytes that WBXML carried."""
MSFT_DM = "http://schemas.microsoft.com/MobileDevice/MDM"
"""Namespace of the attribute ``originalerror`` on Data (MS-MDM 2.2.5.1)."""
WLAN_PROFILE = "http://www.microsoft.com/networking/WLAN/profile/v1"
APP_POLICY = "http://schemas.microsoft.com/phone/2013/policy"
"""Of documents inside Data: WlanXml, and ApplicationRestrictions."""
AUTH_BASIC = "syncml:auth-basic"
AUTH_MD5 = "syncml:auth-md5"
AUTH_MAC = "syncml:auth-MAC"

ALERT_SERVER_INITIATED = "1200"
ALERT_CLIENT_INITIATED = "1201"
ALERT_NEXT_MESSAGE = "1222"
ALERT_SESSION_ABORT = "1223"
ALERT_CLIENT_EVENT = "1224"
ALERT_NO_END_OF_DATA = "1225"
ALERT_GENERIC = "1226"
LOGIN_STATUS_TYPE = "com.microsoft/MDM/LoginStatus"
"""Type of the alert 1224 that tells who is logged on (session.md 1.2, 2.5)."""

UNENROLL_ALERT_TYPE = "com.microsoft:mdm.unenrollment.userrequest"

# --- SOAP fault subcodes (MS-MDE2 2.2.10, mdmregistration.h) ----------------------------------
FAULT_HRESULTS = MappingProxyType(
    {
        "MessageFormat": 0x80180001,
        "Authentication": 0x80180002,
        "Authorization": 0x80180003,
        "CertificateRequest": 0x80180004,
        "EnrollmentServer": 0x80180005,
        "InternalServiceFault": 0x80180006,
        "InvalidSecurity": 0x80180007,
    }
)

DETAIL_HRESULTS = MappingProxyType(
    {
        "DeviceCapReached": 0x80180013,
        "DeviceNotSupported": 0x80180014,
        "NotSupported": 0x80180015,
        "NotEligibleToRenew": 0x80180016,
        "InMaintenance": 0x80180017,
        "UserLicense": 0x80180018,
        "InvalidEnrollmentData": 0x80180019,
        "CustomServerError": 0x80180032,
    }
)
"""ErrorType of the fault detail (Windows 10 and later) and what the client makes of it."""

DEFAULT_CSR_COMMON_NAME = "B1C43CD0-1624-5FBB-8E54-34CF17DFD3A1"
"""The CN that every Windows Phone puts into its CSR, a NUL byte behind it (enrollment.md 8.1)."""

OMA_DM_RETRY_KEY = r"HKLM\Software\Microsoft\Enrollment\OmaDmRetry"
ENROLLMENT_KEY = r"HKLM\Software\Microsoft\Enrollment"
MACHINE_ENROLLMENT_KEY = r"HKLM\Security\MachineEnrollment"
MACHINE_OMA_DM_RETRY_KEY = rf"{MACHINE_ENROLLMENT_KEY}\OmaDmRetry"
"""The keys of Windows 8.1 PCs (MS-MDE 3.6)."""
