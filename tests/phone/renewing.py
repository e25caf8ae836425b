"""A phone that renews, and a server by hand that answers it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from mdmcore.http import Request, Response
from mdmcore.phone import EnrolledPhone, Keyring, Refusal, enroll, renew, run
from mdmcore.profiles import RenewalWay
from tests.phone.generations import SignInScript, phone_of, script_for
from tests.phone.scripted import (
    DEVICE_CN,
    PROVIDER,
    Edit,
    EnrollmentScript,
    b64,
    client_certificate,
    thumbprint,
)
from tests.support.certificates import NOW as ISSUED
from tests.support.keys import load_key
from tests.support.server import FixedClock, counted_random

EXPIRES = ISSUED + timedelta(days=365)
"""When the scripted client certificate ends."""
ENROLLMENT_URL = "https://mdm.example.test/EnrollmentServer/Enrollment.svc"
CASES = [
    ("wp8", False, RenewalWay.MANUAL),
    ("wp81", False, RenewalWay.ROBO),
    ("wp81", True, RenewalWay.ROBO),
    ("win81", True, RenewalWay.ROBO),
    ("win10", False, RenewalWay.ROBO),
    ("win10", True, RenewalWay.ROBO),
]
"""Profile, whether it enrolled Federated, and the way that its document leads to."""
MINIMAL_ACCOUNT = (
    '<characteristic type="APPLICATION">'
    f'<parm name="PROVIDER-ID" value="{PROVIDER}"/></characteristic>'
)


def new_certificate(subject: str = DEVICE_CN, **changes: Any) -> bytes:
    """What the server issues at renewal: another two years, for the new key."""
    values: dict[str, Any] = {
        "subject_value": subject.encode(),
        "serial": 2000,
        "now": EXPIRES - timedelta(days=40),
        **changes,
    }
    return client_certificate("device2", **values)


def renewal_document(
    certificate: bytes | None = None, *, account: str = MINIMAL_ACCOUNT, rest: str = ""
) -> str:
    """L-Renew's answer: the certificate with its container in it, and the provider's id."""
    client = new_certificate() if certificate is None else certificate
    return (
        '<wap-provisioningdoc version="1.1"><characteristic type="CertificateStore">'
        '<characteristic type="My"><characteristic type="User">'
        f'<characteristic type="{thumbprint(client)}">'
        f'<parm name="EncodedCertificate" value="{b64(client)}"/>'
        '<characteristic type="PrivateKeyContainer"/></characteristic></characteristic>'
        f"</characteristic></characteristic>{account}{rest}</wap-provisioningdoc>"
    )


def keyring() -> Keyring:
    """Makes the key ``device`` first, ``device2`` from then on."""
    left = ["device"]
    return Keyring(lambda _bits: load_key(left.pop() if left else "device2"))


@dataclass
class Renewing:
    """An enrolled phone, its keys, and the time."""

    phone: EnrolledPhone
    keys: Keyring
    clock: FixedClock

    def renew(self, script: EnrollmentScript | Any, **options: Any) -> EnrolledPhone:
        """One attempt."""
        return run(
            renew(
                self.phone,
                keys=self.keys,
                random=counted_random("renewal"),
                clock=self.clock,
                **options,
            ),
            script,
        )


def enrolled_for(
    profile: str,
    *changes: tuple[str, str],
    federated: bool | None = None,
    days_left: float = 10,
    edits: dict[str, Edit] | None = None,
    **settings: Any,
) -> Renewing:
    """A device of that generation, so many days before its certificate ends; ``changes`` are
    texts to be replaced in the document of its enrolment."""
    script = script_for(profile, federated=federated, edits=edits or {})
    document = script.document
    assert isinstance(document, str)
    for old, new in changes:
        assert old in document, f"{old!r} is not in the document"
        document = document.replace(old, new)
    script.document = document
    keys = keyring()
    phone = run(
        enroll(
            phone_of(profile, **settings),
            private_key=keys,
            random=counted_random("phone"),
            clock=FixedClock(),
        ),
        script,
    )
    return Renewing(phone=phone, keys=keys, clock=FixedClock(EXPIRES - timedelta(days=days_left)))


def renewal_script(document: str | bytes | None = None, **edits: Edit) -> SignInScript:
    """A server that answers with that document."""
    return SignInScript(
        document=renewal_document() if document is None else document, edits=dict(edits)
    )


def sent_renewal(script: EnrollmentScript) -> bytes:
    """The renewal request."""
    return script.requests[-1].body or b""


def token_text(message: bytes) -> str:
    """The text of its token."""
    found = re.search(rb"#PKCS7\"[^>]*>([^<]+)<", message)
    assert found is not None
    return found[1].decode()


def refused(renewing: Renewing, server: object = None, **options: object) -> Refusal:
    """The refusal of one attempt."""
    with pytest.raises(Refusal) as caught:
        renewing.renew(server or never, **options)
    assert caught.value.step == "renewal"
    return caught.value


def never(_request: Request) -> Response:
    """A server that nobody must ask."""
    raise AssertionError("a request was sent")
