"""Reading the package of an app, as a phone does before it installs it (XAP, APPX).

A package is a ZIP with a manifest: ``WMAppManifest.xml`` (XAP) or ``AppxManifest.xml`` (APPX).
The signature of a company app is not verified: its form is not public.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass

from mdmcore.errors import ParseError, ProtocolError
from mdmcore.xml import Element, child, iter_elements, local_name, parse_strict, text_of

_XAP = "WMAppManifest.xml"
_APPX = "AppxManifest.xml"
_MAX_MANIFEST_BYTES = 1024 * 1024
"""Manifests have a few kilobytes; a larger one is a decompression bomb."""
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)
"""What ``zipfile`` raises for damage, unknown compression and encrypted members."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppManifest:
    """What a package says of its app. ``product_id`` is a GUID in braces, in upper case;
    ``family`` the package family name without the hash of its publisher (APPX only)."""

    product_id: str
    version: str
    title: str
    publisher: str
    family: str = ""


def read_manifest(package: bytes) -> AppManifest:
    """The manifest of a package; ProtocolError when it is none, or says too little."""
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            names = set(archive.namelist())
            name = next((each for each in (_XAP, _APPX) if each in names), None)
            if name is None:
                raise ProtocolError(f"the package has neither {_XAP} nor {_APPX}")
            data = _member(archive, name)
    except (*_BROKEN, ValueError) as error:
        raise ProtocolError(f"the package is no ZIP archive that can be read: {error}") from None
    try:
        root = parse_strict(data)
    except ParseError as error:
        raise ProtocolError(f"{name} cannot be read: {error.message}", place=name) from None
    return _xap(root) if name == _XAP else _appx(root)


def guid(text: str) -> str:
    """A GUID as packages and nodes are compared by it: in braces, in upper case."""
    return "{" + text.strip().strip("{}").upper() + "}"


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as member:
        data = member.read(_MAX_MANIFEST_BYTES + 1)
    if len(data) > _MAX_MANIFEST_BYTES:
        raise ProtocolError(f"{name} has more than {_MAX_MANIFEST_BYTES} bytes", place=name)
    return data


def _xap(root: Element) -> AppManifest:
    app = child(root, "App")
    if app is None:
        raise ProtocolError("the manifest has no App", place=_XAP)
    return AppManifest(
        product_id=guid(_needed(app, "ProductID", _XAP)),
        version=_needed(app, "Version", _XAP),
        title=app.get("Title") or "",
        publisher=app.get("Publisher") or "",
    )


def _appx(root: Element) -> AppManifest:
    identity = child(root, "Identity")
    if identity is None:
        raise ProtocolError("the manifest has no Identity", place=_APPX)
    phone = next((e for e in iter_elements(root) if local_name(e) == "PhoneIdentity"), None)
    name = _needed(identity, "Name", _APPX)
    product = None if phone is None else phone.get("PhoneProductId")
    return AppManifest(
        product_id=guid(product) if product else name,
        version=_needed(identity, "Version", _APPX),
        title=text_of(child(root, "Properties", "DisplayName")),
        publisher=text_of(child(root, "Properties", "PublisherDisplayName")),
        family=name,
    )


def _needed(element: Element, attribute: str, manifest: str) -> str:
    value = element.get(attribute)
    if not value:
        raise ProtocolError(f"{local_name(element)} has no {attribute}", place=manifest)
    return str(value)
