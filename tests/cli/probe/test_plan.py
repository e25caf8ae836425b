"""What the words of the command line mean for a probe."""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mdmcore.cli.name_server import NameServer
from mdmcore.cli.probe.choices import StepName, read_steps
from mdmcore.cli.probe.plan import (
    PASSWORD_VARIABLE,
    Plan,
    Way,
    chosen_server,
    new_device_id,
    offered_policies,
    phone_clock,
    read_addresses,
    read_authorities,
    read_name_server,
    read_password,
)
from mdmcore.cli.transport import Address
from mdmcore.errors import ConfigError
from mdmcore.phone import PhoneSettings
from mdmcore.pki.authority import certificate_pem
from tests.support.certificates import build_authority

EMAIL = "demo@acme.test"


@pytest.mark.parametrize(
    ("email", "url", "server", "expected"),
    [
        (EMAIL, None, None, (EMAIL, None)),
        (EMAIL, "https://mdm.acme.test:8443", None, (EMAIL, "mdm.acme.test:8443")),
        (EMAIL, None, "mdm.acme.test", (EMAIL, "mdm.acme.test")),
        (None, "mdm.acme.test", None, ("probe@mdm.acme.test", "mdm.acme.test")),
        (
            None,
            "https://mdm.acme.test:444/enrollmentserver/discovery.svc",
            None,
            ("probe@mdm.acme.test", "mdm.acme.test:444"),
        ),
        ("ACME\\demo", None, "mdm.acme.test", ("ACME\\demo", "mdm.acme.test")),
        (EMAIL, "mdm.acme.test:8443", None, (EMAIL, "mdm.acme.test:8443")),
        (EMAIL, "https://mdm.acme.test/", None, (EMAIL, "mdm.acme.test")),
        (
            None,
            "HTTPS://mdm.acme.test:8443/mdm/discovery?tenant=7",
            None,
            ("probe@mdm.acme.test", "https://mdm.acme.test:8443/mdm/discovery?tenant=7"),
        ),
        (EMAIL, "mdm.acme.test/mdm", None, (EMAIL, "https://mdm.acme.test/mdm")),
        (
            EMAIL,
            "http://mdm.acme.test:8080",
            None,
            (EMAIL, "http://mdm.acme.test:8080/EnrollmentServer/Discovery.svc"),
        ),
        (EMAIL, "http://mdm.acme.test/mdm", None, (EMAIL, "http://mdm.acme.test/mdm")),
        (
            None,
            None,
            "https://mdm.acme.test/mdm",
            ("probe@mdm.acme.test", "https://mdm.acme.test/mdm"),
        ),
    ],
)
def test_who_is_probed(
    email: str | None, url: str | None, server: str | None, expected: tuple[str, str | None]
) -> None:
    assert chosen_server(email, url, server) == expected


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://mdm.acme.test", "ftp:// is not asked by a device, use https://HOST"),
        ("https://", "it names no host"),
        ("https:///mdm", "it names no host"),
        ("https://:8443/mdm", "it names no host"),
        ("https://mdm.acme.test:port", "Port could not be cast"),
        ("https://mdm.acme.test:70000", "Port out of range"),
        ("https://mdm.acme.test:0", "a number from 1 to 65535"),
        ("https://[2001:db8::1", "Invalid IPv6 URL"),
        ("https://demo:secret@mdm.acme.test", "use --user and --password"),
        ("https://mdm.acme.test/mdm#top", "behind #"),
        ("https://mdm.acme.test/my path", "there are blanks in it"),
    ],
)
def test_a_url_that_no_device_begins_with(url: str, said: str) -> None:
    with pytest.raises(ConfigError, match=f"--url .*: .*{said}"):
        chosen_server(EMAIL, url, None)


def test_one_server_alone() -> None:
    with pytest.raises(ConfigError, match="say the same"):
        chosen_server(EMAIL, "https://a.test", "b.test")


def test_a_password_from_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(" secret \r\nmore"))
    assert read_password("-") == " secret "


def test_a_password_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, "secret")
    assert read_password(None) == "secret"
    assert read_password("given") == "given"


def test_a_password_from_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", terminal)
    monkeypatch.setattr("getpass.getpass", lambda prompt, stream: f"typed at {prompt}")
    assert read_password(None) == "typed at Password: "


def test_addresses() -> None:
    assert read_addresses(["A.test:192.0.2.1", "b.test:[2001:db8::1]:8443", "c.test:[::1]"]) == (
        ("a.test", Address(ip="192.0.2.1")),
        ("b.test", Address(ip="2001:db8::1", port=8443)),
        ("c.test", Address(ip="::1")),
    )


@pytest.mark.parametrize(
    "text", ["", "a.test", "a.test:b.test", "a.test:192.0.2.1:0", ":192.0.2.1", "a:192.0.2.1:x"]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ConfigError, match="use HOST:IP or HOST:IP:PORT"):
        read_addresses([text])


@pytest.mark.parametrize(
    ("text", "ip", "port", "shown"),
    [
        ("192.0.2.1", "192.0.2.1", 53, "192.0.2.1:53"),
        ("192.0.2.1:5353", "192.0.2.1", 5353, "192.0.2.1:5353"),
        ("2001:db8::1", "2001:db8::1", 53, "[2001:db8::1]:53"),
        ("[2001:DB8::1]:5353", "2001:db8::1", 5353, "[2001:db8::1]:5353"),
    ],
)
def test_a_dns_server(text: str, ip: str, port: int, shown: str) -> None:
    found = read_name_server(text)
    assert (found, str(found)) == (NameServer(ip=ip, port=port), shown)


@pytest.mark.parametrize("text", ["", "dns.test", "192.0.2.1:0", "192.0.2.1:x", "[::1", "1:2:3"])
def test_what_is_no_dns_server(text: str) -> None:
    with pytest.raises(ConfigError, match=r"--dns-server .*: use IP or IP:PORT"):
        read_name_server(text)


def test_authorities(tmp_path: Path) -> None:
    one, other = tmp_path / "one.pem", tmp_path / "other.pem"
    pem = certificate_pem(build_authority().certificate)
    one.write_bytes(pem)
    assert read_authorities([one, one]).count("BEGIN CERTIFICATE") == 2
    other.write_bytes(b"\x30\x03")
    with pytest.raises(ConfigError, match="no certificate in PEM form"):
        read_authorities([other])


def test_a_clock_goes_on_from_its_time() -> None:
    clock = phone_clock("2014-05-01T12:00:00")
    begin = datetime(2014, 5, 1, 12, tzinfo=UTC)
    assert begin <= clock() < begin + timedelta(minutes=1)
    assert abs(phone_clock(None)() - datetime.now(UTC)) < timedelta(minutes=1)


def test_what_a_device_offers() -> None:
    assert offered_policies("wp8", federated=False) is None
    assert offered_policies("win10", federated=True) == ("Federated",)
    with pytest.raises(ConfigError, match="knows no Federated enrolment"):
        offered_policies("wp8", federated=True)


def test_steps() -> None:
    assert read_steps(["hub,renew", " unenroll "]) == {
        StepName.HUB,
        StepName.RENEW,
        StepName.UNENROLL,
    }
    named = "'lunch' is no step; use session, questions, hub, renew, unenroll"
    with pytest.raises(ConfigError, match=named):
        read_steps(["lunch"])


def test_what_is_asked_names_no_secret() -> None:
    settings = PhoneSettings(
        email=EMAIL, username="demo", password="secret", device_id=new_device_id()
    )
    plan = Plan(name="probe", settings=settings, way=Way(proxy="http://127.0.0.1:8080"))
    asked = plan.asked()
    assert asked == {
        "profile": "wp8",
        "device": "Windows Phone 8.0",
        "email": EMAIL,
        "user": "demo",
        "proxy": "http://127.0.0.1:8080",
        "device_id": settings.device_id,
    }
    assert "secret" not in repr(plan)


def test_the_tls_of_a_kind_of_device() -> None:
    settings = PhoneSettings(
        email=EMAIL, username="demo", password="secret", device_id=new_device_id()
    )
    clock = phone_clock(None)
    side = Way().tls_side(settings, clock)
    assert (side.versions, side.takes_wildcards, side.verifies) == (("TLSv1",), False, True)
    assert Way(any_tls=True).tls_side(settings, clock).versions == ()


def test_the_way_knows_where_hosts_are() -> None:
    way = Way(
        resolve=(("a.test", Address(ip="192.0.2.1")),),
        ports=(("https", 8443),),
        name_server=NameServer(ip="192.0.2.53"),
    )
    assert way.whereabouts().of("https://A.test/x") == Address(ip="192.0.2.1", port=8443)
    settings = PhoneSettings(
        email=EMAIL, username="demo", password="secret", device_id=new_device_id()
    )
    assert Plan(name="probe", settings=settings, way=way).asked()["dns_server"] == "192.0.2.53:53"
