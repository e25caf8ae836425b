"""SignedData: every verdict is compared with that of ``openssl cms -verify`` on the same bytes."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.errors import Asn1Error, ConfigError
from mdmcore.pki.asn1.der import (
    OCTET_STRING,
    SEQUENCE,
    SET,
    check_der,
    encode_oid,
    encode_tlv,
    read_tlv,
)
from mdmcore.pki.authority import certificate_pem
from mdmcore.pki.certificate import parse_certificate
from mdmcore.pki.cms import (
    CONTENT_TYPE,
    DATA,
    MESSAGE_DIGEST,
    CmsReason,
    digest_name,
    parse_signed_data,
    verify_signed_data,
)
from mdmcore.pki.renewal import build_renewal_request
from tests.support.certificates import NOW, build_authority, forge_certificate
from tests.support.certification_requests import build_request
from tests.support.keys import key_path, load_key, spki
from tests.support.openssl import openssl

CSR = build_request()
AUTHORITY = build_authority()
LEAF = forge_certificate(spki("device"), authority=AUTHORITY)
OTHER_CA = build_authority(key="device2", common_name="Somebody Else")
SAME_NAME = build_authority(key="device2")


def made_by_openssl(folder: Path, *options: str, certificate: bytes = LEAF) -> bytes:
    (folder / "leaf.pem").write_bytes(certificate_pem(certificate))
    (folder / "content").write_bytes(CSR)
    result = openssl(
        "cms", "-sign", "-binary", "-outform", "DER", "-signer", str(folder / "leaf.pem"),
        "-inkey", str(key_path("device")), "-in", str(folder / "content"), *options,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return result.stdout


def openssl_accepts(
    der: bytes,
    folder: Path,
    *,
    roots: tuple[bytes, ...] = (AUTHORITY.certificate,),
    content: bytes | None = None,
    at: float = NOW.timestamp(),
) -> bool:
    (folder / "message").write_bytes(der)
    (folder / "roots.pem").write_bytes(b"".join(map(certificate_pem, roots)))
    detached: tuple[str, ...] = ()
    if content is not None:
        (folder / "detached").write_bytes(content)
        detached = ("-content", str(folder / "detached"))
    result = openssl(
        "cms", "-verify", "-binary", "-inform", "DER", "-in", str(folder / "message"),
        "-CAfile", str(folder / "roots.pem"), "-purpose", "any", "-attime", str(int(at)),
        "-out", str(folder / "out"), *detached,
    )  # fmt: skip
    return result.returncode == 0


def verdict(
    der: bytes,
    folder: Path,
    *,
    root: bytes = AUTHORITY.certificate,
    content: bytes | None = None,
    after: timedelta = timedelta(),
) -> CmsReason | None:
    """Ours, after openssl said the same."""
    at = NOW + after
    signed = parse_signed_data(der)
    problem = verify_signed_data(signed, trusted=(parse_certificate(root),), at=at, content=content)
    good = openssl_accepts(der, folder, roots=(root,), content=content, at=at.timestamp())
    assert good == (problem is None), problem
    return None if problem is None else problem.reason


def request(
    *, digest: str = "sha256", key: str = "device", certificate: bytes = LEAF, content: bytes = CSR
) -> bytes:
    return build_renewal_request(
        content, certificate=certificate, private_key=load_key(key), digest=digest
    )


def patched(der: bytes, old: bytes, new: bytes) -> bytes:
    assert len(old) == len(new)
    assert der.count(old) == 1
    return der.replace(old, new)


@pytest.mark.parametrize(("digest", "name"), [("sha1", "SHA-1"), ("sha256", "SHA-256")])
def test_our_own_request_is_accepted(digest: str, name: str, tmp_path: Path) -> None:
    der = request(digest=digest)
    assert verdict(der, tmp_path) is None
    assert (tmp_path / "out").read_bytes() == CSR
    signed = parse_signed_data(der)
    assert (signed.content, signed.content_type) == (CSR, DATA)
    assert [digest_name(signer) for signer in signed.signers] == [name]
    assert signed.certificate_of(signed.signers[0]) == parse_certificate(LEAF)


def test_no_other_digest_is_built() -> None:
    with pytest.raises(ConfigError, match="md5"):
        request(digest="md5")


@pytest.mark.parametrize(
    "options",
    [
        ("-nodetach",),
        ("-nodetach", "-md", "sha1"),
        ("-nodetach", "-md", "sha512"),
        ("-nodetach", "-noattr"),
        ("-nodetach", "-keyid"),
        ("-nodetach", "-nosmimecap"),
        ("-nodetach", "-keyopt", "rsa_padding_mode:pss"),
    ],
    ids=" ".join,
)
def test_what_openssl_makes_is_accepted(options: tuple[str, ...], tmp_path: Path) -> None:
    der = made_by_openssl(tmp_path, *options)
    assert parse_signed_data(der).content == CSR
    assert verdict(der, tmp_path) is None


def test_detached_content_is_given_by_the_caller(tmp_path: Path) -> None:
    der = made_by_openssl(tmp_path)
    assert parse_signed_data(der).content is None
    assert verdict(der, tmp_path, content=CSR) is None
    assert verdict(der, tmp_path, content=CSR[:-1] + b"x") is CmsReason.DIGEST_DIFFERS
    assert verdict(der, tmp_path) is CmsReason.NO_CONTENT


def test_tampered_content_is_told(tmp_path: Path) -> None:
    tampered = CSR[:-1] + bytes([CSR[-1] ^ 1])
    assert verdict(patched(request(), CSR, tampered), tmp_path) is CmsReason.DIGEST_DIFFERS
    bare = made_by_openssl(tmp_path, "-nodetach", "-noattr")
    assert verdict(patched(bare, CSR, tampered), tmp_path) is CmsReason.SIGNATURE_WRONG


def test_signature_by_another_key_is_told(tmp_path: Path) -> None:
    assert verdict(request(key="device2"), tmp_path) is CmsReason.SIGNATURE_WRONG


def test_foreign_authority_is_told_also_under_our_name(tmp_path: Path) -> None:
    for authority in (OTHER_CA, SAME_NAME):
        der = request(certificate=forge_certificate(spki("device"), authority=authority))
        assert verdict(der, tmp_path) is CmsReason.FOREIGN_CA


def test_expired_and_future_certificates_are_told(tmp_path: Path) -> None:
    assert verdict(request(), tmp_path, after=timedelta(days=366)) is CmsReason.EXPIRED
    assert verdict(request(), tmp_path, after=timedelta(days=-2)) is CmsReason.NOT_YET_VALID


def test_message_without_the_certificate_is_told(tmp_path: Path) -> None:
    der = made_by_openssl(tmp_path, "-nodetach", "-nocerts")
    assert verdict(der, tmp_path) is CmsReason.NO_SIGNER_CERTIFICATE


def test_certificates_alone_prove_nothing(tmp_path: Path) -> None:
    leaf = tmp_path / "leaf.pem"
    leaf.write_bytes(certificate_pem(LEAF))
    made = openssl("crl2pkcs7", "-nocrl", "-certfile", str(leaf), "-outform", "DER")
    assert verdict(made.stdout, tmp_path, content=CSR) is CmsReason.NO_SIGNER


def signed_attributes(*pairs: tuple[str, bytes]) -> bytes:
    """A request whose signature is good over exactly these attributes."""
    whole = b"".join(
        sorted(encode_tlv(SEQUENCE, encode_oid(o), encode_tlv(SET, value)) for o, value in pairs)
    )
    signed = parse_signed_data(request())
    (signer,) = signed.signers
    signature = load_key("device").sign(encode_tlv(SET, whole), padding.PKCS1v15(), hashes.SHA256())
    der = request()
    start = der.index(encode_tlv(0xA0, signer.attributes_raw[2:]))
    head_end = der.rindex(LEAF) + len(LEAF)
    signer_start = der.index(b"\x30", head_end + 1)
    before = parts_before_attributes(der, signer_start, start)
    new_signer = encode_tlv(
        SEQUENCE, before, encode_tlv(0xA0, whole), signer.algorithm,
        encode_tlv(OCTET_STRING, signature),
    )  # fmt: skip
    return rewrapped(der, new_signer)


def parts_before_attributes(der: bytes, signer_start: int, start: int) -> bytes:
    signer = read_tlv(der, signer_start)
    return der[signer_start + signer.header : start]


def rewrapped(der: bytes, signer: bytes) -> bytes:
    kind, holder = check_der(der).children()
    fields = holder.children()[0].children()
    body = b"".join(field.raw for field in fields[:-1])
    signed = encode_tlv(SEQUENCE, body, encode_tlv(SET, signer))
    return encode_tlv(SEQUENCE, kind.raw, encode_tlv(0xA0, signed))


def csr_digest() -> bytes:
    return encode_tlv(OCTET_STRING, hashlib.sha256(CSR).digest())


def test_good_attributes_are_accepted(tmp_path: Path) -> None:
    der = signed_attributes((CONTENT_TYPE, encode_oid(DATA)), (MESSAGE_DIGEST, csr_digest()))
    assert verdict(der, tmp_path) is None


@pytest.mark.parametrize(
    ("pairs", "reason"),
    [
        ([(CONTENT_TYPE, encode_oid(DATA))], CmsReason.ATTRIBUTE_MISSING),
        ([(MESSAGE_DIGEST, csr_digest())], CmsReason.ATTRIBUTE_MISSING),
        (
            [(CONTENT_TYPE, encode_oid(DATA)), (MESSAGE_DIGEST, csr_digest() * 2)],
            CmsReason.ATTRIBUTE_WRONG,
        ),
        (
            [(CONTENT_TYPE, encode_oid(DATA)), *[(MESSAGE_DIGEST, csr_digest())] * 2],
            CmsReason.ATTRIBUTE_WRONG,
        ),
        (
            [(CONTENT_TYPE, encode_oid(DATA)), (MESSAGE_DIGEST, b"\x05\x00")],
            CmsReason.ATTRIBUTE_WRONG,
        ),
        (
            [(CONTENT_TYPE, encode_oid(DATA)), (MESSAGE_DIGEST, encode_tlv(OCTET_STRING, b"x"))],
            CmsReason.DIGEST_DIFFERS,
        ),
    ],
    ids=["no digest", "no type", "two values", "twice", "no octets", "short"],
)
def test_missing_and_wrong_attributes_are_told(
    pairs: list[tuple[str, bytes]], reason: CmsReason, tmp_path: Path
) -> None:
    assert verdict(signed_attributes(*pairs), tmp_path) is reason


def test_content_type_must_be_that_of_the_content() -> None:
    """RFC 5652 section 11.1; openssl 3.0 does not look at its value."""
    der = signed_attributes((CONTENT_TYPE, encode_oid("1.2.3")), (MESSAGE_DIGEST, csr_digest()))
    root = AUTHORITY.parsed
    problem = verify_signed_data(parse_signed_data(der), trusted=(root,), at=NOW)
    assert problem is not None
    assert problem.reason is CmsReason.CONTENT_TYPE_DIFFERS


def test_truncation_at_each_byte_is_an_error_with_its_place() -> None:
    der = request()
    for length in range(len(der)):
        with pytest.raises(Asn1Error) as caught:
            parse_signed_data(der[:length])
        assert caught.value.offset is not None
        assert caught.value.offset <= length


def test_any_flipped_bit_of_what_is_signed_is_noticed() -> None:
    der = request()
    root = AUTHORITY.parsed
    start = der.index(CSR)
    for at in (*range(start, start + len(CSR), 7), *range(len(der) - 256, len(der), 5)):
        damaged = bytearray(der)
        damaged[at] ^= 1
        problem = verify_signed_data(parse_signed_data(bytes(damaged)), trusted=(root,), at=NOW)
        assert problem is not None, at


@given(st.data())
def test_damaged_messages_are_read_or_refused_and_never_break(data: st.DataObject) -> None:
    der = bytearray(request())
    der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))
    try:
        signed = parse_signed_data(bytes(der))
    except Asn1Error:
        return
    verify_signed_data(signed, trusted=(AUTHORITY.parsed,), at=NOW)


@given(st.binary(max_size=300))
def test_any_content_is_read_back(content: bytes) -> None:
    signed = parse_signed_data(request(content=content))
    assert signed.content == content
    assert verify_signed_data(signed, trusted=(AUTHORITY.parsed,), at=NOW) is None


def test_another_kind_of_message_is_told() -> None:
    der = encode_tlv(SEQUENCE, encode_oid("1.2.840.113549.1.7.3"), encode_tlv(0xA0, b"\x30\x00"))
    with pytest.raises(Asn1Error, match=r"type 1\.2\.840\.113549\.1\.7\.3, not SignedData"):
        parse_signed_data(der)
