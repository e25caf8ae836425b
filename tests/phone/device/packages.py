"""Packages of apps made by hand."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field

from mdmcore.http import Headers, Request, Response

PRODUCT = "{B1B2B3B4-0000-4000-8000-0123456789AB}"
XAP_MANIFEST = """<?xml version="1.0" encoding="utf-8"?>
<Deployment xmlns="http://schemas.microsoft.com/windowsphone/2012/deployment"
            AppPlatformVersion="8.0">
  <App xmlns="" ProductID="{product}" Title="Expenses" RuntimeType="Silverlight"
       Version="{version}" Genre="apps.normal" Author="Example" Publisher="Example Org"/>
</Deployment>
"""
APPX_MANIFEST = """<?xml version="1.0" encoding="utf-8"?>
<Package xmlns="http://schemas.microsoft.com/appx/2010/manifest"
         xmlns:mp="http://schemas.microsoft.com/appx/2014/phone/manifest">
  <Identity Name="Example.Expenses" Publisher="CN=Example Org" Version="2.0.0.0"/>
  <mp:PhoneIdentity PhoneProductId="b1b2b3b4-0000-4000-8000-0123456789ab"
                    PhonePublisherId="00000000-0000-0000-0000-000000000000"/>
  <Properties><DisplayName>Expenses</DisplayName>
    <PublisherDisplayName>Example Org</PublisherDisplayName></Properties>
</Package>
"""


def archive(**members: str) -> bytes:
    """A ZIP with members named ``name__extension``."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, text in members.items():
            zipped.writestr(name.replace("__", "."), text)
    return buffer.getvalue()


def xap(version: str = "1.0.0.0", product: str = PRODUCT) -> bytes:
    """A XAP with filler, so that it takes more than one range."""
    manifest = XAP_MANIFEST.format(product=product, version=version)
    return archive(WMAppManifest__xml=manifest, AppManifest__xaml="<Deployment/>")


def appx() -> bytes:
    """An APPX of a phone app."""
    return archive(AppxManifest__xml=APPX_MANIFEST)


@dataclass
class Files:
    """A file server: what it has by URL, and what was asked of it."""

    files: dict[str, bytes] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        data = self.files.get(request.url)
        if data is None:
            return Response(status=404, body=b"")
        first, last = (request.headers.get("Range") or "").removeprefix("bytes=").split("-")
        part = data[int(first) : int(last) + 1]
        text = f"bytes {first}-{int(first) + len(part) - 1}/{len(data)}"
        return Response(status=206, headers=Headers([("Content-Range", text)]), body=part)
