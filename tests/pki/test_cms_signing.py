"""SignedData as a device makes it: each one is verified, and read, by openssl."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from mdmcore.errors import ConfigError
from mdmcore.pki.authority import certificate_pem
from mdmcore.pki.cms import CmsReason, parse_signed_data, verify_signed_data
from mdmcore.pki.cms_signing import build_signed_data
from tests.support.certificates import NOW, build_authority, forge_certificate
from tests.support.keys import load_key, spki
from tests.support.openssl import openssl, openssl_output

AUTHORITY = build_authority()
LEAF = forge_certificate(spki("device"), authority=AUTHORITY)
CONTENT = b'<SyncML xmlns="SYNCML:SYNCML1.2">\r\n\x00\xff</SyncML>\n'


def made(*, key: str = "device", certificate: bytes = LEAF, **options: object) -> bytes:
    return build_signed_data(
        CONTENT,
        certificate=certificate,
        private_key=load_key(key),
        **options,  # type: ignore[arg-type]
    )


def openssl_accepts(der: bytes, content: bytes | None, folder: Path) -> bool:
    (folder / "root.pem").write_bytes(certificate_pem(AUTHORITY.certificate))
    detached: tuple[str, ...] = ()
    if content is not None:
        (folder / "content").write_bytes(content)
        detached = ("-content", str(folder / "content"))
    result = openssl(
        *("cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any"),
        *("-CAfile", str(folder / "root.pem"), "-attime", str(int(NOW.timestamp()))),
        *("-out", str(folder / "out"), *detached),
        data=der,
    )
    return result.returncode == 0


def reason(der: bytes, content: bytes | None, folder: Path) -> CmsReason | None:
    """Our verdict, after openssl's was the same."""
    problem = verify_signed_data(
        parse_signed_data(der), trusted=(AUTHORITY.parsed,), at=NOW, content=content
    )
    assert openssl_accepts(der, content, folder) == (problem is None), problem
    return None if problem is None else problem.reason


@pytest.mark.parametrize("digest", ["sha1", "sha256"])
def test_a_detached_signature_is_over_the_exact_bytes(digest: str, tmp_path: Path) -> None:
    der = made(is_detached=True, digest=digest)
    assert CONTENT not in der
    assert reason(der, CONTENT, tmp_path) is None
    for other in (b"", CONTENT[:-1], CONTENT + b"\n", CONTENT.replace(b"\r\n", b"\n")):
        assert reason(der, other, tmp_path) is CmsReason.DIGEST_DIFFERS


def test_an_empty_content_can_be_signed(tmp_path: Path) -> None:
    der = build_signed_data(b"", certificate=LEAF, private_key=load_key("device"), is_detached=True)
    assert reason(der, b"", tmp_path) is None


def test_content_may_come_along(tmp_path: Path) -> None:
    assert reason(made(), None, tmp_path) is None
    assert (tmp_path / "out").read_bytes() == CONTENT


def test_another_key_than_the_certificates_is_told(tmp_path: Path) -> None:
    der = made(is_detached=True, key="device2")
    assert reason(der, CONTENT, tmp_path) is CmsReason.SIGNATURE_WRONG


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (NOW, b"UTCTIME:Jun  1 12:00:00 2026 GMT"),
        (NOW.astimezone(timezone(timedelta(hours=5))), b"UTCTIME:Jun  1 12:00:00 2026 GMT"),
        (
            datetime(2050, 1, 2, 3, 4, 5, tzinfo=UTC),
            b"GENERALIZEDTIME:Jan  2 03:04:05 2050 GMT",
        ),
    ],
)
def test_the_signing_time_is_signed(moment: datetime, shown: bytes, tmp_path: Path) -> None:
    der = made(is_detached=True, signing_time=moment)
    assert reason(der, CONTENT, tmp_path) is None
    printed = openssl_output("cms", "-cmsout", "-print", "-inform", "DER", data=der)
    _, _, attributes = printed.partition(b"signedAttrs")
    found = b" ".join(attributes.split())
    assert b"signingTime (1.2.840.113549.1.9.5)" in found
    assert b" ".join(shown.split()) in found


def test_no_other_digest_is_built() -> None:
    with pytest.raises(ConfigError, match="md5"):
        made(digest="md5")
