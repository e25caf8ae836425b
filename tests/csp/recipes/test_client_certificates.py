"""Certificates with a private key: PFX, and SCEP with its Enroll last."""

from __future__ import annotations

import pytest

from mdmcore.errors import ConfigError
from tests.support.recipes import built, items, sent_values

PFX = "./Device/Vendor/MSFT/ClientCertificateInstall/PFXCertInstall"
SCEP = {
    "server_url": "https://scep.example.test/scep",
    "challenge": "a<b&c",
    "subject": "CN=DEVICE-0001",
    "ca_thumbprint": "0563b8630d62d75abbc8ab1e4bdfb5a899b24d43",
}


def test_the_blob_of_a_pfx_comes_last() -> None:
    made = built("certificate-pfx", "win10", pfx="MAMCAQM=", password="p&w", id="one")
    assert list(sent_values(made).items()) == [
        (f"{PFX}/one/KeyLocation", "2"),
        (f"{PFX}/one/PFXCertPassword", "p&w"),
        (f"{PFX}/one/PFXKeyExportable", "false"),
        (f"{PFX}/one/PFXCertBlob", "MAMCAQM="),
    ]
    assert [command.name for command in made] == ["Atomic"]


def test_windows_hello_needs_a_container_and_nothing_else_takes_one() -> None:
    made = built(
        "certificate-pfx", "win10", pfx="AAAA", key_location="hello", container="c", id="one"
    )
    assert sent_values(made)[f"{PFX}/one/ContainerName"] == "c"
    for values in ({"key_location": "hello"}, {"container": "c"}):
        with pytest.raises(ConfigError, match="container and key-location=hello need each other"):
            built("certificate-pfx", "win10", pfx="AAAA", **values)


@pytest.mark.parametrize(
    ("profile", "root", "thumbprint"),
    [
        ("wp81", "./Vendor/MSFT/CertificateStore/MY/SCEP/one", "CAThumbPrint"),
        ("win81", "./Vendor/MSFT/CertificateStore/MY/SCEP/one", "CAThumbPrint"),
        ("win10", "./Device/Vendor/MSFT/ClientCertificateInstall/SCEP/one", "CAThumbprint"),
    ],
)
def test_a_request_of_scep(profile: str, root: str, thumbprint: str) -> None:
    made = built("scep", profile, id="one", valid_for="12 months", hash="SHA-1,SHA-2", **SCEP)
    assert [command.name for command in made] == ["Atomic"]
    sent = [(name, item.target, item.data) for name, item in items(made)]
    assert sent[0] == ("Add", root, None)
    assert sent[-1] == ("Exec", f"{root}/Install/Enroll", None)
    values = {(uri or "").removeprefix(f"{root}/Install/"): text for _, uri, text in sent[1:-1]}
    assert values == {
        "ServerURL": "https://scep.example.test/scep",
        "Challenge": "a<b&c",
        "SubjectName": "CN=DEVICE-0001",
        "KeyLength": "2048",
        "RetryCount": "3",
        "RetryDelay": "5",
        "EKUMapping": "1.3.6.1.5.5.7.3.2",
        "KeyUsage": "160",
        "HashAlgorithm": "SHA-1+SHA-2",
        thumbprint: "0563B8630D62D75ABBC8AB1E4BDFB5A899B24D43",
        "ValidPeriod": "Months",
        "ValidPeriodUnits": "12",
    }


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"valid_for": "a year"}, "valid-for must be a number and days, months or years"),
        ({"retry_count": "31"}, "retry-count must be 0 to 30, not '31'"),
        ({"retry_minutes": "0"}, "retry-minutes must be 1 or more, not '0'"),
        ({"key_length": "512"}, "key-length must be one of 1024, 2048, 4096"),
        ({"key_usage": "signing"}, "key-usage must be one of digital-signature"),
        ({"extended_key_usage": "clientAuth"}, "extended-key-usage must be OIDs such as"),
        ({"hash": "MD5"}, "hash must be one of SHA-1, SHA-2, SHA-3"),
        ({"key_protection": "4"}, "key-protection must be 1 to 3, not '4'"),
        ({"ca_thumbprint": "AB"}, "ca-thumbprint must be 40 hexadecimal digits"),
        ({"server_url": "scep.example.test"}, "server-url must be an http or https address"),
    ],
)
def test_what_makes_no_request_is_refused(values: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=f"^{message}"):
        built("scep", "wp81", **{**SCEP, **values})


def test_windows_hello_keeps_keys_of_windows_10() -> None:
    made = built("scep", "win10", id="one", key_protection="4", **SCEP)
    assert "4" in sent_values(made).values()


def test_a_request_is_followed_and_removed() -> None:
    root = "./Vendor/MSFT/CertificateStore/MY/SCEP/one"
    read = [item.target for _, item in items(built("scep-status", "wp81", id="one"))]
    assert read == [f"{root}/Status", f"{root}/ErrorCode", f"{root}/CertThumbprint"]
    assert list(sent_values(built("scep-remove", "wp81", id="one"))) == [root]
