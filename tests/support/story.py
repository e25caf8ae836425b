"""A device's life for tests of rules and inspector: right in every step, unless a test deviates.

Each step takes what it shall say as bytes or values and returns the inspection of its exchange.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from mdmcore.base64_text import encode_base64
from mdmcore.enrollment.aetx import Aetx, serialize_aet
from mdmcore.enrollment.discovery import (
    DiscoverRequest,
    DiscoverResponse,
    serialize_discover,
    serialize_discover_response,
)
from mdmcore.enrollment.policies import (
    PolicyResponse,
    serialize_get_policies,
    serialize_get_policies_response,
)
from mdmcore.enrollment.provisioning import serialize_provisioning
from mdmcore.enrollment.provisioning_view import AppManagement
from mdmcore.enrollment.security import username_token
from mdmcore.enrollment.token import serialize_rst, serialize_rstrc
from mdmcore.http import Exchange, Headers, Request, Response, TlsFacts
from mdmcore.inspector import Inspection, Inspector
from mdmcore.inspector.known_secrets import NO_SECRETS, SecretsFile
from mdmcore.namespaces import SOAP_CONTENT_TYPE, SYNCML_XML_MEDIA_TYPE
from mdmcore.pki.asn1.name import PRINTABLE_STRING
from mdmcore.pki.authority import Authority, create_authority
from mdmcore.pki.certificate import parse_certificate
from mdmcore.pki.certificate_builder import CertificateForm, encode_common_name, sign_certificate
from mdmcore.pki.criteria import hub_criteria, ssl_client_criteria
from mdmcore.pki.request import build_phone_csr
from mdmcore.records import Account, AuthScheme
from mdmcore.rules import Finding
from mdmcore.syncml.credentials import digest_cred
from mdmcore.syncml.model import (
    Alert,
    AnyCommand,
    Chal,
    Command,
    Cred,
    Item,
    Status,
    SyncHdr,
    SyncML,
)
from mdmcore.syncml.xml import serialize_syncml
from tests.support.keys import load_key, spki
from tests.support.provisioning import build_profile_document

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOST = "https://mdm.example.test"
DISCOVERY_URL = "https://enterpriseenrollment.example.test/EnrollmentServer/Discovery.svc"
POLICY_URL = f"{HOST}/EnrollmentServer/Policy.svc"
ENROLLMENT_URL = f"{HOST}/EnrollmentServer/Enrollment.svc"
DM_URL = f"{HOST}/omadm"
STORE_URL = f"{HOST}/hub/CompanyHub.xap"
EMAIL = "anna@example.test"
DEVICE_ID = "urn:uuid:00000000-0000-4000-8000-00000000ABCD"
CERT_CN = "3F2504E0-4F89-11D3-9A0C-0305E82C3301"
PROVIDER = "ExampleMDM"
SERVER_SECRET = "server-secret"
DEVICE_SECRET = "device-secret"
NONCE_S2C = bytes(range(16))
NONCE_C2S = bytes(range(16, 32))
MESSAGE_ID = "urn:uuid:11111111-2222-3333-4444-555555555555"


def rules_of(findings: Iterable[Finding]) -> set[str]:
    """The rule ids of findings."""
    return {finding.rule for finding in findings}


@functools.cache
def authority() -> Authority:
    """A CA for all stories."""
    return create_authority(
        common_name="Story CA",
        private_key=load_key("authority"),
        now=NOW,
        serial=1,
        lifetime=timedelta(days=3650),
    )


@functools.cache
def phone_csr() -> bytes:
    """The CSR of the key ``device`` in a phone's shape."""
    return build_phone_csr(load_key("device"))


@functools.cache
def certificate(
    common_name: bytes = CERT_CN.encode(),
    tag: int = PRINTABLE_STRING,
    key: str = "device",
    days: int = 365,
) -> bytes:
    """A client certificate with that CN, string type and key; no extensions."""
    form = CertificateForm(
        serial=2,
        issuer=authority().parsed.subject.raw,
        subject=encode_common_name(common_name, tag),
        spki=spki(key),
        not_before=NOW - timedelta(hours=1),
        not_after=NOW + timedelta(days=days),
        extensions=(),
    )
    return sign_certificate(form, load_key("authority"))


def account(name: str = CERT_CN, scheme: AuthScheme = AuthScheme.MD5) -> Account:
    """The DM account of a story."""
    return Account(
        name=name,
        secret=DEVICE_SECRET,
        scheme=scheme,
        server_secret=SERVER_SECRET,
        nonce_s2c=NONCE_S2C,
        nonce_c2s=NONCE_C2S,
    )


ENTERPRISE = "4000000001"

HUB = AppManagement(
    enterprise_id=ENTERPRISE,
    enrollment_token=encode_base64(serialize_aet(ENTERPRISE)),
    store_product_id="{11111111-2222-3333-4444-555555555555}",
    store_uri=STORE_URL,
    store_name="Hub",
    certificate_search_criteria=hub_criteria(CERT_CN),
    crl_check="0",
)


def document(
    *,
    client: bytes | None = None,
    dm_account: Account | None = None,
    criteria: str = ssl_client_criteria(CERT_CN),
    provider_id: str = PROVIDER,
    hub: AppManagement | None = HUB,
    profile: str = "wp8",
) -> bytes:
    """A provisioning document without a mistake; a test may replace bytes in it.

    The hub's criteria are those of the client certificate, unless another hub is given.
    """
    client = client or certificate()
    if hub is HUB:
        name = parse_certificate(client).subject.common_name or ""
        hub = replace(HUB, certificate_search_criteria=hub_criteria(name.split("\0")[0]))
    built = build_profile_document(
        profile,
        root_certificate=authority().certificate,
        client_certificate=client,
        provider_id=provider_id,
        name="Example",
        addr=DM_URL,
        account=dm_account or account(),
        criteria=criteria,
        device_name="Phone",
        ent_dmid=CERT_CN,
        hub=hub,
    )
    return serialize_provisioning(built)


def package1(
    msg_id: str = "1",
    *,
    session_id: str = "1",
    cred: Cred | None = None,
    status: Status | None = None,
    source: str = DEVICE_ID,
) -> SyncML:
    """A device's first message."""
    leaves = (
        ("DevId", source),
        ("Man", "NOKIA"),
        ("Mod", "Lumia 820"),
        ("DmV", "1.3"),
        ("Lang", "en-US"),
    )
    items = tuple(Item(source=f"./DevInfo/{name}", data=data) for name, data in leaves)
    commands: list[AnyCommand] = [] if status is None else [status]
    commands += [
        Alert(cmd_id="2", code="1201"),
        Command(name="Replace", cmd_id="3", items=items),
    ]
    header = SyncHdr(session_id=session_id, msg_id=msg_id, target=DM_URL, source=source, cred=cred)
    return SyncML(header=header, commands=tuple(commands))


def package(
    msg_id: str,
    *commands: AnyCommand,
    session_id: str = "1",
    cred: Cred | None = None,
    from_server: bool = False,
) -> SyncML:
    """Any message, from the device unless said otherwise."""
    target, source = (DEVICE_ID, DM_URL) if from_server else (DM_URL, DEVICE_ID)
    header = SyncHdr(session_id=session_id, msg_id=msg_id, target=target, source=source, cred=cred)
    return SyncML(header=header, commands=commands)


def header_status(code: str, msg_ref: str = "1", *, next_nonce: bytes | None = None) -> Status:
    """A Status for SyncHdr, with a Chal when there is a nonce."""
    chal = None
    if next_nonce is not None:
        chal = Chal(type="syncml:auth-md5", format="b64", next_nonce=next_nonce)
    return Status(cmd_id="1", msg_ref=msg_ref, cmd_ref="0", cmd="SyncHdr", data=code, chal=chal)


def package1_statuses(msg_ref: str = "1", data: str = "200") -> tuple[Status, ...]:
    """The server's Statuses for the commands of ``package1``, each with that code."""
    return tuple(
        Status(cmd_id=f"10{ref}", msg_ref=msg_ref, cmd_ref=ref, cmd=name, data=data)
        for ref, name in (("2", "Alert"), ("3", "Replace"))
    )


def answer(
    msg_id: str,
    code: str,
    msg_ref: str = "1",
    *commands: AnyCommand,
    next_nonce: bytes | None = None,
    session_id: str = "1",
    cred: Cred | None = None,
    is_proved: bool = True,
) -> SyncML:
    """A server's message that begins with a Status for SyncHdr; in answer to message 1 it has
    those for the commands of ``package1`` too. ``is_proved``: one that takes the credentials of a
    first message has the server's own, made with the provisioned nonce unless given."""
    if cred is None and is_proved and msg_ref == "1" and code in ("200", "212"):
        cred = server_cred()
    statuses = [header_status(code, msg_ref, next_nonce=next_nonce)]
    if msg_ref == "1":
        statuses += package1_statuses(data=code if code in ("401", "407") else "200")
    return package(msg_id, *statuses, *commands, session_id=session_id, cred=cred, from_server=True)


def device_cred(nonce: bytes = NONCE_C2S, secret: str = DEVICE_SECRET) -> Cred:
    """The device's digest."""
    return digest_cred(CERT_CN, secret, nonce)


def server_cred(nonce: bytes = NONCE_S2C) -> Cred:
    """The server's digest."""
    return digest_cred(PROVIDER, SERVER_SECRET, nonce)


class Story:
    """One inspector and the exchanges told to it, a minute apart."""

    def __init__(
        self,
        profile: str = "auto",
        *,
        peer: str | None = "192.0.2.7",
        show_secrets: bool = False,
        aetx: Aetx | None = None,
        secrets: SecretsFile = NO_SECRETS,
    ) -> None:
        self.inspector = Inspector(profile, show_secrets=show_secrets, aetx=aetx, secrets=secrets)
        self.peer = peer
        self.verbatim = True
        self.now = NOW
        self._told = 0

    def tell(
        self,
        request: Request,
        response: Response | None,
        *,
        tls: TlsFacts | None = None,
        error: str | None = None,
    ) -> Inspection:
        """Inspect an exchange."""
        self._told += 1
        self.now += timedelta(minutes=1)
        exchange = Exchange(
            id=f"story:{self._told}",
            index=self._told,
            capture="story",
            request=request,
            response=response,
            started=self.now,
            peer=self.peer,
            tls=tls,
            error=error,
            verbatim=self.verbatim,
        )
        return self.inspector.inspect(exchange)

    def post(
        self,
        url: str,
        body: bytes | None,
        answer_body: bytes | None,
        *,
        media_type: str = SOAP_CONTENT_TYPE,
        status: int = 200,
        tls: TlsFacts | None = None,
    ) -> Inspection:
        """A POST and its answer."""
        headers = Headers([("Content-Type", media_type)])
        request = Request(method="POST", url=url, headers=headers, body=body)
        response = Response(status=status, headers=headers, body=answer_body)
        return self.tell(request, response, tls=tls)

    def probe(self) -> Inspection:
        """The GET before discovery."""
        return self.tell(Request(method="GET", url=DISCOVERY_URL), Response(status=200))

    def discover(
        self,
        *,
        email: str = EMAIL,
        relates_to: str | None = MESSAGE_ID,
        request: bytes | None = None,
        response: bytes | None = None,
        version: str = "1.0",
        application_version: str = "8.0.10501.127",
        status: int = 200,
    ) -> Inspection:
        """Discovery."""
        asked = DiscoverRequest(
            email_address=email,
            request_version=version,
            device_type="WindowsPhone",
            application_version=application_version,
        )
        answered = DiscoverResponse(
            auth_policy="OnPremise", policy_url=POLICY_URL, enrollment_url=ENROLLMENT_URL
        )
        return self.post(
            DISCOVERY_URL,
            request or serialize_discover(asked, message_id=MESSAGE_ID, to=DISCOVERY_URL),
            response or serialize_discover_response(answered, relates_to=relates_to),
            status=status,
        )

    def policies(self, *, username: str = EMAIL, response: bytes | None = None) -> Inspection:
        """GetPolicies."""
        policy = PolicyResponse(
            policy_schema=3, minimal_key_length=2048, hash_oid_reference=None, oids=()
        )
        asked = serialize_get_policies(
            security=username_token(username, "secret-password"),
            message_id=MESSAGE_ID,
            to=POLICY_URL,
        )
        answered = serialize_get_policies_response(policy, relates_to=MESSAGE_ID)
        return self.post(POLICY_URL, asked, response or answered)

    def enroll(
        self,
        wap: bytes | None = None,
        *,
        csr: bytes | None = None,
        username: str = EMAIL,
        response: bytes | None = None,
        status: int = 200,
        context: tuple[tuple[str, str], ...] = (
            ("DeviceType", "WindowsPhone"),
            ("ApplicationVersion", "8.0.10501.127"),
        ),
    ) -> Inspection:
        """RequestSecurityToken, answered with that provisioning document."""
        asked = serialize_rst(
            csr or phone_csr(),
            security=username_token(username, "secret-password"),
            message_id=MESSAGE_ID,
            to=ENROLLMENT_URL,
            context=context,
        )
        answered = serialize_rstrc(
            wap or document(), relates_to=MESSAGE_ID, created=NOW, expires=NOW
        )
        return self.post(ENROLLMENT_URL, asked, response or answered, status=status)

    def sync(
        self,
        asked: SyncML | bytes,
        answered: SyncML | bytes | None,
        *,
        url: str = DM_URL,
        status: int = 200,
        tls: TlsFacts | None = None,
    ) -> Inspection:
        """One DM message and its answer."""
        body = asked if isinstance(asked, bytes) else serialize_syncml(asked)
        back = serialize_syncml(answered) if isinstance(answered, SyncML) else answered
        return self.post(url, body, back, media_type=SYNCML_XML_MEDIA_TYPE, status=status, tls=tls)

    def enrolled(self, wap: bytes | None = None) -> Story:
        """The story up to its first session."""
        self.discover()
        self.policies()
        self.enroll(wap)
        return self

    def first_session(self, *, next_c2s: bytes, next_s2c: bytes) -> Story:
        """A right first session that leaves both sides new nonces."""
        self.sync(
            package1(cred=device_cred()),
            answer("2", "212", "1", GET, next_nonce=next_c2s, cred=server_cred()),
        )
        self.sync(
            package("2", header_status("212", "2", next_nonce=next_s2c)), answer("3", "200", "2")
        )
        return self


GET = Command(name="Get", cmd_id="5", items=(Item(target="./DevDetail/SwV"),))


class Recorded(Story):
    """A story whose exchanges are recorded, too."""

    def __init__(self, profile: str, record: Callable[[Exchange], None]) -> None:
        super().__init__(profile)
        inspect = self.inspector.inspect

        def both(exchange: Exchange) -> Inspection:
            record(exchange)
            return inspect(exchange)

        self.inspector.inspect = both  # type: ignore[method-assign]
