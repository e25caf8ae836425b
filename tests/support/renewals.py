"""A renewal of the story's device: the request as a phone makes it, answered as a test says."""

from __future__ import annotations

import functools

from mdmcore.enrollment.security import username_token
from mdmcore.enrollment.token import serialize_rst, serialize_rstrc
from mdmcore.inspector import Inspection
from mdmcore.namespaces import REQUEST_TYPE_RENEW, VALUE_TYPES_PKCS7
from mdmcore.pki.renewal import build_renewal_request
from tests.support.keys import load_key
from tests.support.story import (
    EMAIL,
    ENROLLMENT_URL,
    MESSAGE_ID,
    NOW,
    Story,
    certificate,
    phone_csr,
)


@functools.cache
def renewal_token() -> bytes:
    """The PKCS#7 of the device's key around a CSR for the same key."""
    return build_renewal_request(
        phone_csr(), certificate=certificate(), private_key=load_key("device")
    )


def renew(story: Story, wap: bytes) -> Inspection:
    """A renewal that is answered with that provisioning document."""
    asked = serialize_rst(
        renewal_token(),
        security=username_token(EMAIL, "secret-password"),
        message_id=MESSAGE_ID,
        to=ENROLLMENT_URL,
        context=(("DeviceType", "WindowsPhone"), ("ApplicationVersion", "8.0.10501.127")),
        request_type=REQUEST_TYPE_RENEW,
        value_type=VALUE_TYPES_PKCS7[0],
    )
    answered = serialize_rstrc(wap, relates_to=MESSAGE_ID, created=NOW, expires=NOW)
    return story.post(ENROLLMENT_URL, asked, answered)
