"""Certificate requests as each generation of devices sends them, and a hub to tell them of."""

from __future__ import annotations

from mdmcore.base64_text import encode_base64
from mdmcore.enrollment.aetx import serialize_aet
from mdmcore.pki.request import build_phone_csr
from mdmcore.server import Hub
from tests.support import messages as m
from tests.support.keys import load_key

PHONE, PC = "WindowsPhone", "CIMClient_Windows"
GENERATIONS = {
    "wp8": (PHONE, "8.0.10211.0"),
    "wp81": (PHONE, "8.10.12397.895"),
    "win81": (PC, "6.3.9600.0"),
    "win10": (PC, "10.0.19043.0"),
}


class Package:
    """Ten bytes of a hub."""

    size = 10
    etag = '"e"'
    media_type = "application/x-silverlight-app"

    def read(self, start: int, length: int) -> bytes:
        return b"0123456789"[start : start + length]


HUB = Hub(
    package=Package(),
    file_name="hub.xap",
    product_id="{11111111-2222-3333-4444-555555555555}",
    enterprise_id="4000000001",
    enrollment_token=encode_base64(serialize_aet("4000000001")),
    name="Our Hub",
    crl_check=True,
)


def rst(device_type: str, version: str, user: str = "anna@example.test", **more: str) -> bytes:
    """A request of that device, with further ContextItems."""
    body = m.request_security_token(build_phone_csr(load_key("device")), user)
    body = body.replace(b"WindowsPhone", device_type.encode()).replace(
        b"8.0.10211.0", version.encode()
    )
    items = "".join(
        f'<c:ContextItem Name="{name}"><c:Value>{value}</c:Value></c:ContextItem>'
        for name, value in more.items()
    )
    return body.replace(b"</c:AdditionalContext>", f"{items}</c:AdditionalContext>".encode())
