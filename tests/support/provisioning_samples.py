"""Right provisioning documents, one for each generation, written by hand.

After enrollment.md 9 and the samples of the vendor: our own builder takes no part in them. Each
is right for its profile and says what a test may replace.
"""

from __future__ import annotations

import base64
import hashlib

from tests.support import story

ROOT = story.authority().certificate
CLIENT = story.certificate()
NONCES = (story.NONCE_S2C, story.NONCE_C2S)

PHONE_KEY = r"HKLM\Software\Microsoft\Enrollment"
PC_KEY = r"HKLM\Security\MachineEnrollment"

RETRIES = """
      <parm name="NumRetries" value="8" datatype="integer"/>
      <parm name="RetryInterval" value="60" datatype="integer"/>
      <parm name="AuxNumRetries" value="10" datatype="integer"/>
      <parm name="AuxRetryInterval" value="15" datatype="integer"/>
      <parm name="Aux2NumRetries" value="0" datatype="integer"/>
      <parm name="Aux2RetryInterval" value="480" datatype="integer"/>"""

POLL = """
        <characteristic type="Poll">
          <parm name="NumberOfFirstRetries" value="8" datatype="integer"/>
          <parm name="IntervalForFirstSetOfRetries" value="15" datatype="integer"/>
          <parm name="NumberOfSecondRetries" value="5" datatype="integer"/>
          <parm name="IntervalForSecondSetOfRetries" value="60" datatype="integer"/>
          <parm name="NumberOfRemainingScheduledRetries" value="0" datatype="integer"/>
          <parm name="IntervalForRemainingScheduledRetries" value="1560" datatype="integer"/>
        </characteristic>"""

RENEW = """
      <characteristic type="WSTEP"><characteristic type="Renew">
        <parm name="ROBOSupport" value="true" datatype="boolean"/>
        <parm name="RenewPeriod" value="60" datatype="integer"/>
        <parm name="RetryInterval" value="4" datatype="integer"/>
      </characteristic></characteristic>"""

HUB = f"""
  <characteristic type="EnterpriseAppManagement">
    <characteristic type="{story.ENTERPRISE}">
      <parm datatype="string" name="EnrollmentToken" value="{story.HUB.enrollment_token}"/>
      <parm datatype="string" name="StoreProductId"
            value="{{11111111-2222-3333-4444-555555555555}}"/>
      <parm datatype="string" name="StoreURI" value="{story.STORE_URL}"/>
      <parm datatype="string" name="StoreName" value="Company Hub"/>
      <parm datatype="string" name="CertificateSearchCriteria" value="CN%3D{story.CERT_CN}"/>
      <parm datatype="string" name="CRLCheck" value="0"/>
    </characteristic>
  </characteristic>"""


def certificate_branch(der: bytes, below: str = "") -> str:
    """The characteristic of a certificate, named by its thumbprint."""
    name = hashlib.sha1(der, usedforsecurity=False).hexdigest().upper()
    value = base64.b64encode(der).decode()
    return (
        f'<characteristic type="{name}">'
        f'<parm name="EncodedCertificate" value="{value}"/>{below}</characteristic>'
    )


def _document(
    *, my: str, registry: str = "", provider: str = "", application: str = "", more: str = ""
) -> bytes:
    s2c, c2s = (base64.b64encode(nonce).decode() for nonce in NONCES)
    return f"""<?xml version="1.0" encoding="utf-8"?>
<wap-provisioningdoc version="1.1">
  <characteristic type="CertificateStore">
    <characteristic type="Root"><characteristic type="System">
      {certificate_branch(ROOT)}
    </characteristic></characteristic>
    <characteristic type="My">{my}
    </characteristic>
  </characteristic>
  <characteristic type="APPLICATION">
    <parm name="APPID" value="w7"/>
    <parm name="PROVIDER-ID" value="{story.PROVIDER}"/>
    <parm name="NAME" value="Größe &amp; Söhne"/>
    <parm name="ADDR" value="{story.DM_URL}"/>{application}
    <parm name="CONNRETRYFREQ" value="6"/>
    <parm name="INITIALBACKOFFTIME" value="30000"/>
    <parm name="MAXBACKOFFTIME" value="120000"/>
    <parm name="BACKCOMPATRETRYDISABLED"/>
    <parm name="DEFAULTENCODING" value="application/vnd.syncml.dm+xml"/>
    <parm name="SSLCLIENTCERTSEARCHCRITERIA"
          value="Subject=CN%3D{story.CERT_CN}&amp;Stores=My%5CUser"/>
    <characteristic type="APPAUTH">
      <parm name="AAUTHLEVEL" value="CLIENT"/><parm name="AAUTHTYPE" value="DIGEST"/>
      <parm name="AAUTHSECRET" value="{story.SERVER_SECRET}"/>
      <parm name="AAUTHDATA" value="{s2c}"/>
    </characteristic>
    <characteristic type="APPAUTH">
      <parm name="AAUTHLEVEL" value="APPSRV"/><parm name="AAUTHTYPE" value="DIGEST"/>
      <parm name="AAUTHNAME" value="{story.CERT_CN}"/>
      <parm name="AAUTHSECRET" value="{story.DEVICE_SECRET}"/>
      <parm name="AAUTHDATA" value="{c2s}"/>
    </characteristic>
  </characteristic>{registry}
  <characteristic type="DMClient"><characteristic type="Provider">
    <characteristic type="{story.PROVIDER}">
        <parm name="EntDeviceName" value="Anna's phone" datatype="string"/>
        <parm name="EntDMID" value="{story.CERT_CN}" datatype="string"/>{provider}
    </characteristic>
  </characteristic></characteristic>{more}
</wap-provisioningdoc>
""".encode()


def _registry(key: str, days: int) -> str:
    return f"""
  <characteristic type="Registry">
    <characteristic type="{key}">
      <parm name="RenewalPeriod" value="{days}" datatype="integer"/>
    </characteristic>
    <characteristic type="{key}\\OmaDmRetry">{RETRIES}
    </characteristic>
  </characteristic>"""


_PHONE_STORE = f"""
      <characteristic type="User">
        {certificate_branch(CLIENT)}
        <characteristic type="PrivateKeyContainer"/>
      </characteristic>"""

# MS-MDE 3.6: the container has parms and stands in the certificate's own branch.
_PC_CONTAINER = (
    '<characteristic type="PrivateKeyContainer"><parm name="KeySpec" value="2"/>'
    '<parm name="ContainerName" value="ConfigMgrEnrollment"/>'
    '<parm name="ProviderType" value="1"/></characteristic>'
)

RIGHT: dict[str, bytes] = {
    "wp8": _document(my=_PHONE_STORE, registry=_registry(PHONE_KEY, 42), more=HUB),
    "wp81": _document(my=_PHONE_STORE + RENEW, provider=POLL, more=HUB),
    "win81": _document(
        my=f'<characteristic type="User">{certificate_branch(CLIENT, _PC_CONTAINER)}'
        "</characteristic>",
        registry=_registry(PC_KEY, 60),
        application="""
    <parm name="SSPHyperlink" value="https://mdm.example.test/portal"/>
    <parm name="ServerList" value="https://mdm.example.test/omadm"/>
    <parm name="ROLE" value="4294967295"/>
    <parm name="CRLCheck" value="0"/>""",
    ),
    "win10": _document(
        # Device context: the client certificate of a PC may stand below System.
        my=_PHONE_STORE.replace('"User"', '"System"') + RENEW,
        provider=POLL,
    ),
}
"""Profile -> a document without a mistake for it."""

RENEWAL = f"""<wap-provisioningdoc version="1.1">
  <characteristic type="CertificateStore"><characteristic type="My"><characteristic type="User">
    {certificate_branch(CLIENT, '<characteristic type="PrivateKeyContainer"/>')}
  </characteristic></characteristic></characteristic>
  <characteristic type="APPLICATION"><parm name="PROVIDER-ID" value="{story.PROVIDER}"/>
  </characteristic>
</wap-provisioningdoc>
""".encode()
"""The answer to a renewal, as the vendor's sample has it."""


def changed(profile: str, old: str, new: str) -> bytes:
    """The right document of a profile with one text replaced, which must stand in it once."""
    assert RIGHT[profile].count(old.encode()) == 1, old
    return RIGHT[profile].replace(old.encode(), new.encode())
