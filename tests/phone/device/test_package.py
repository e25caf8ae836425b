"""Packages of apps: what their manifests say, and what is no package."""

from __future__ import annotations

import contextlib

import pytest

from mdmcore.errors import ProtocolError
from mdmcore.phone.device.package import guid, read_manifest
from tests.phone.device.packages import PRODUCT, appx, archive, xap


def test_the_manifest_of_a_xap() -> None:
    found = read_manifest(xap("1.2.0.0"))
    assert (found.product_id, found.version) == (PRODUCT, "1.2.0.0")
    assert (found.title, found.publisher, found.family) == ("Expenses", "Example Org", "")


def test_the_manifest_of_an_appx() -> None:
    found = read_manifest(appx())
    assert (found.product_id, found.version) == (PRODUCT, "2.0.0.0")
    assert (found.title, found.publisher) == ("Expenses", "Example Org")
    assert found.family == "Example.Expenses"


def test_a_product_id_is_compared_without_braces_and_case() -> None:
    assert guid("b1b2b3b4-0000-4000-8000-0123456789ab") == PRODUCT == guid(PRODUCT)


@pytest.mark.parametrize(
    ("package", "reason"),
    [
        (b"", "no ZIP"),
        (b"<html>sign in</html>", "no ZIP"),
        (archive(readme__txt="hello"), "neither WMAppManifest.xml nor AppxManifest.xml"),
        (archive(WMAppManifest__xml="<Deployment>"), "cannot be read"),
        (archive(WMAppManifest__xml="<Deployment/>"), "no App"),
        (archive(WMAppManifest__xml="<D><App Version='1'/></D>"), "no ProductID"),
        (archive(WMAppManifest__xml="<D><App ProductID='{1}'/></D>"), "no Version"),
        (archive(AppxManifest__xml="<Package/>"), "no Identity"),
        (archive(WMAppManifest__xml=" " * 2_000_000), "more than"),
    ],
)
def test_what_is_no_package(package: bytes, reason: str) -> None:
    with pytest.raises(ProtocolError, match=reason):
        read_manifest(package)


def test_truncated_at_every_byte_it_is_refused() -> None:
    whole = xap()
    for length in range(len(whole)):
        with pytest.raises(ProtocolError):
            read_manifest(whole[:length])


def test_flipped_at_every_byte_it_is_read_or_refused() -> None:
    whole = bytearray(xap())
    for place in range(len(whole)):
        whole[place] ^= 0xFF
        with contextlib.suppress(ProtocolError):
            read_manifest(bytes(whole))
        whole[place] ^= 0xFF
