"""Certificates that are put into stores by the thumbprint of their DER."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest

from mdmcore.errors import ConfigError
from tests.support.recipes import body, built, sent_values
from tests.support.requirements import require_program
from tests.support.syncml_text import normal

STORE = "./Vendor/MSFT/CertificateStore"


@pytest.fixture
def thumbprint(root_der: bytes, tmp_path: Path) -> str:
    """As openssl has it."""
    file = tmp_path / "root.der"
    file.write_bytes(root_der)
    line = subprocess.run(
        [
            require_program("openssl"),
            "x509",
            "-inform",
            "DER",
            "-in",
            file,
            "-noout",
            "-fingerprint",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return line.strip().partition("=")[2].replace(":", "")


@pytest.mark.parametrize("profile", ["wp8", "wp81", "win81", "win10"])
@pytest.mark.parametrize(
    ("store", "place"), [("root", "ROOT/System"), ("ca", "CA/System"), ("my", "MY/User")]
)
def test_the_node_is_the_thumbprint(
    profile: str, store: str, place: str, root_der: bytes, thumbprint: str
) -> None:
    encoded = base64.b64encode(root_der).decode()
    expected = f"""<Add><Item><Target>
      <LocURI>{STORE}/{place}/{thumbprint}/EncodedCertificate</LocURI></Target>
      <Meta><Format xmlns="syncml:metinf">b64</Format></Meta><Data>{encoded}</Data></Item></Add>"""
    made = built("certificate-install", profile, certificate=encoded, store=store)
    assert normal(body(made)) == normal(expected)


def test_on_windows_10_there_are_stores_of_the_user_and_of_publishers(
    root_der: bytes, thumbprint: str
) -> None:
    encoded = base64.b64encode(root_der).decode()
    made = built("certificate-install", "win10", certificate=encoded, scope="user")
    assert list(sent_values(made)) == [
        f"./User/Vendor/MSFT/RootCATrustedCertificates/Root/{thumbprint}/EncodedCertificate"
    ]
    made = built("certificate-install", "win10", certificate=encoded, store="trusted-publisher")
    assert list(sent_values(made)) == [
        "./Device/Vendor/MSFT/RootCATrustedCertificates/TrustedPublisher/"
        f"{thumbprint}/EncodedCertificate"
    ]


@pytest.mark.parametrize(
    ("profile", "values", "message"),
    [
        ("wp8", {"store": "trusted-publisher"}, "store must be root, ca, my on wp8"),
        (
            "win10",
            {"store": "my", "scope": "user"},
            "store must be root, ca or trusted-publisher with scope=user",
        ),
        ("wp81", {"scope": "user"}, "scope is for win10, not for wp81"),
    ],
)
def test_a_store_that_is_not_there_is_refused(
    profile: str, values: dict[str, str], message: str, root_der: bytes
) -> None:
    encoded = base64.b64encode(root_der).decode()
    with pytest.raises(ConfigError, match=f"^{message}"):
        built("certificate-install", profile, certificate=encoded, **values)


def test_a_certificate_is_removed_by_its_thumbprint_or_itself(
    root_der: bytes, thumbprint: str
) -> None:
    expected = f"""<Delete><Item><Target>
      <LocURI>{STORE}/CA/System/{thumbprint}</LocURI></Target></Item></Delete>"""
    spaced = " ".join(thumbprint[at : at + 2].lower() for at in range(0, 40, 2))
    encoded = base64.b64encode(root_der).decode()
    for values in ({"thumbprint": spaced}, {"certificate": encoded}):
        made = built("certificate-remove", "wp8", store="ca", **values)
        assert normal(body(made)) == normal(expected)
    with pytest.raises(ConfigError, match="needs one of thumbprint and certificate"):
        built("certificate-remove", "wp8")


def test_a_store_is_listed() -> None:
    assert f"<LocURI>{STORE}/MY/User</LocURI>" in body(built("certificate-list", "wp8", store="my"))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"period_days": "0"}, "period-days must be 1 to 1000|retry-days must be 0 or less"),
        ({"period_days": "1001"}, "period-days must be 1 to 1000, not '1001'"),
        ({"period_days": "5", "retry_days": "6"}, "retry-days must be 5 or less"),
    ],
)
def test_a_renewal_that_cannot_be_is_refused(values: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        built("certificate-renewal", "wp81", **values)


def test_the_three_values_of_renewal_stand_in_one_atomic() -> None:
    made = built("certificate-renewal", "wp81", period_days="60", retry_days="4")
    renew = f"{STORE}/MY/WSTEP/Renew"
    assert [command.name for command in made] == ["Atomic"]
    assert sent_values(made) == {
        f"{renew}/RenewPeriod": "60",
        f"{renew}/RetryInterval": "4",
        f"{renew}/ROBOSupport": "true",
    }


def test_renewal_at_once_is_for_windows_10() -> None:
    assert list(sent_values(built("certificate-renew-now", "win10"))) == [
        f"{STORE}/MY/WSTEP/Renew/RenewNow"
    ]
    with pytest.raises(ConfigError, match="not for wp81: certificate-renewal with a longer period"):
        built("certificate-renew-now", "wp81")
