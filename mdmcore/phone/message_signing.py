"""Signing the device's DM messages (MS-Signature) when the server asked for it.

Source: [MS-MDM] 2.1 note 4, session.md 3 and 7. The document or a Replace sets the DMClient node
RequireMessageSigning; that a change counts from the next session on is unconfirmed [U]. Each
message is signed with the key of the MDM certificate, which stays in the keyring.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from mdmcore.errors import ConfigError
from mdmcore.http import Request, Response
from mdmcore.phone.keyring import Keyring
from mdmcore.phone.outgoing import changing
from mdmcore.phone.settings import Clock
from mdmcore.phone.state import EnrolledPhone
from mdmcore.syncml.message_signature import SIGNATURE_HEADER, sign_body


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSigner:
    """The device's certificate (DER) and key, and the clock that dates the signatures."""

    certificate: bytes = field(repr=False)
    private_key: RSAPrivateKey = field(repr=False)
    clock: Clock | None = None

    def signed(self, request: Request) -> Request:
        """The request with the signature of its body."""
        text = sign_body(
            request.body or b"",
            certificate=self.certificate,
            private_key=self.private_key,
            signing_time=None if self.clock is None else self.clock(),
        )
        return Request(
            method=request.method,
            url=request.url,
            headers=request.headers.replaced(SIGNATURE_HEADER, text),
            body=request.body,
        )


def message_signer(
    phone: EnrolledPhone, *, keys: Keyring | None, clock: Clock | None
) -> MessageSigner | None:
    """What signs the device's messages, ``None`` when nobody asked for that.

    ConfigError when the key of the MDM certificate is not in ``keys``. A device without such a
    certificate does not sign.
    """
    held = phone.mdm_certificate
    if not phone.signs_messages or held is None:
        return None
    private_key = None if keys is None else keys.get(phone.key_sha256)
    if private_key is None:
        raise ConfigError("messages are to be signed, and the keyring lacks the device's key")
    return MessageSigner(certificate=held.certificate.der, private_key=private_key, clock=clock)


def signing[T](
    signer: MessageSigner | None, leg: Generator[Request, Response, T]
) -> Generator[Request, Response, T]:
    """That leg, each of its requests signed; with no signer the leg itself."""
    return leg if signer is None else changing(signer.signed, leg)
