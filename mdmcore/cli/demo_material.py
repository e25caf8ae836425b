"""What the demo needs and nobody should have to bring: a hub package and an .aetx for it.

Both are made anew for each run with a throw-away enterprise certificate. No phone would accept
this token: a real one is signed by the CA that Microsoft names (AppDist).
"""

from __future__ import annotations

import base64
import io
import os
import zipfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from mdmcore.enrollment.aetx import serialize_aetx
from mdmcore.pki.authority import create_authority
from mdmcore.pki.request import generate_key

ENTERPRISE_ID = "4000000001"
_PRODUCT_ID = "{5E1B0E5A-7C54-4E5B-9D5C-6A1F6D1C0DE0}"
_PADDING_BYTES = 300_000
"""Incompressible, so that the package takes several ranges to download."""

_MANIFEST = f"""<?xml version="1.0" encoding="utf-8"?>
<Deployment xmlns="http://schemas.microsoft.com/windowsphone/2012/deployment"
            AppPlatformVersion="8.0">
  <App xmlns="" ProductID="{_PRODUCT_ID}" Title="Demo Company Hub" Version="1.0.0.0"
       Genre="apps.normal" Author="mdmproxy demo" Publisher="mdmproxy demo"/>
</Deployment>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HubFiles:
    """Where the two files are."""

    package: Path
    aetx: Path


def write_hub_files(folder: Path, *, now: datetime) -> HubFiles:
    """Make ``companyhub.xap`` and ``company.aetx`` in that folder."""
    files = HubFiles(package=folder / "companyhub.xap", aetx=folder / "company.aetx")
    files.package.write_bytes(_package())
    files.aetx.write_bytes(serialize_aetx(ENTERPRISE_ID, _aet(now)))
    return files


def _package() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("WMAppManifest.xml", _MANIFEST)
        archive.writestr("Assets/padding.bin", os.urandom(_PADDING_BYTES))
    return buffer.getvalue()


def _aet(now: datetime) -> bytes:
    """An AET; its inner form beyond EnterpriseId is unconfirmed [U], so it is ours."""
    key = generate_key(2048)
    enterprise = create_authority(
        common_name="Throw-away demo enterprise",
        private_key=key,
        now=now,
        serial=1,
        lifetime=timedelta(days=365),
    )
    certificate = base64.b64encode(enterprise.certificate).decode()
    signature = key.sign(ENTERPRISE_ID.encode(), padding.PKCS1v15(), hashes.SHA256())
    token = (
        f'<?xml version="1.0" encoding="utf-8"?><AET><EnterpriseId Value="{ENTERPRISE_ID}"/>'
        f"<Certificate>{certificate}</Certificate>"
        f"<Signature>{base64.b64encode(signature).decode()}</Signature></AET>"
    )
    return token.encode()
