"""A device that renews its certificate: its keys, its certificate, and the requests it signs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from mdmcore.enrollment.provisioning_model import Renew
from mdmcore.http import Response
from mdmcore.pki.renewal import build_renewal_request
from mdmcore.server import MdmServer
from mdmcore.server.settings import ProvisioningSettings
from tests.server.soap_answers import ENROLLMENT, client_certificate, document
from tests.support import messages as m
from tests.support.certification_requests import build_request
from tests.support.keys import load_key
from tests.support.server import post_soap

ALWAYS_OPEN: dict[str, Any] = {
    "provisioning": ProvisioningSettings(renewal=Renew(renew_period=400, retry_interval=4))
}
"""Settings by which a certificate may be renewed from its first day on."""

WINDOWS_10 = m.WINDOWS_10_CONTEXT
PHONE = m.PHONE_CONTEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One enrolled device; ``key`` is the test key of its present certificate."""

    certificate: bytes
    key: str = "device"

    def pkcs7(self, new_key: str = "device2", *, digest: str = "sha256") -> bytes:
        """Its request for a certificate of another test key."""
        return build_renewal_request(
            build_request(key=new_key),
            certificate=self.certificate,
            private_key=load_key(self.key),
            digest=digest,
        )

    def with_certificate(self, answer: Response, key: str = "device2") -> Device:
        """The device after a renewal."""
        return replace(self, certificate=client_certificate(document(answer)), key=key)


def enroll(server: MdmServer, key: str = "device", **request: Any) -> Device:
    """A device that has enrolled with that test key."""
    body = m.request_security_token(build_request(key=key), **request)
    answer = post_soap(server, ENROLLMENT, body)
    return Device(certificate=client_certificate(document(answer)), key=key)


def renew(
    server: MdmServer,
    pkcs7: bytes | str,
    header: str = "",
    *,
    client: bytes | None = None,
    **request: Any,
) -> Response:
    """Post a renewal, over a connection with that client certificate if given."""
    body = m.renewal(pkcs7, header, **request)
    return post_soap(server, ENROLLMENT, body, client_certificate=client)
