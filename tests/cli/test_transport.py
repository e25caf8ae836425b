"""The transport over real sockets: a phone's TLS versions, and the certificates it offers."""

from __future__ import annotations

import socket
import ssl
import tempfile
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from mdmcore.cli.name_server import NameServer
from mdmcore.cli.transport import Address, HttpTransport, TlsSide, Whereabouts, trust_only
from mdmcore.errors import ConfigError
from mdmcore.http import Headers, Request, TlsFacts
from mdmcore.phone import ClientIdentity, Failure, IdentifiedRequest, Keyring, NoAnswer
from mdmcore.phone.keyring import key_sha256
from mdmcore.pki.authority import certificate_pem
from mdmcore.profiles import PROFILES
from tests.support.certificates import build_authority
from tests.support.dns import NXDOMAIN, Zone, dns_server
from tests.support.keys import load_key
from tests.support.tls_server import (
    Handshakes,
    lasting_authority,
    lasting_certificate,
    tls_server,
)

ROOT = certificate_pem(lasting_authority().certificate).decode()
TLS_10, TLS_11, TLS_12, TLS_13 = (
    ssl.TLSVersion.TLSv1,
    ssl.TLSVersion.TLSv1_1,
    ssl.TLSVersion.TLSv1_2,
    ssl.TLSVersion.TLSv1_3,
)


def identity(*, is_required: bool = True, key: str = "device") -> ClientIdentity:
    return ClientIdentity(
        certificate=lasting_certificate(),
        key_sha256=key_sha256(load_key(key)),
        is_required=is_required,
    )


def ring(*names: str) -> Keyring:
    left = list(names)
    keys = Keyring(lambda _bits: load_key(left.pop(0)))
    for _ in names:
        keys(2048)
    return keys


def get(url: str, offered: ClientIdentity | None = None) -> Request:
    headers = Headers([("User-Agent", "phone")])
    if offered is None:
        return Request(method="GET", url=url, headers=headers)
    return IdentifiedRequest(method="GET", url=url, headers=headers, identity=offered)


def ask(seen: Handshakes, versions: tuple[str, ...] = ()) -> str | None:
    with HttpTransport(proxy=None, trust=trust_only(ROOT, versions)) as transport:
        assert transport(get(seen.url)).body == b"ok"
    return seen.versions[-1]


@pytest.mark.parametrize(
    ("profile", "version"),
    [("wp8", "TLSv1"), ("wp81", "TLSv1.2"), ("win81", "TLSv1.2"), ("win10", "TLSv1.3")],
)
def test_each_generation_speaks_its_best_version(
    tmp_path: Path, profile: str, version: str
) -> None:
    with tls_server(tmp_path, versions=(TLS_10, TLS_13)) as seen:
        assert ask(seen, PROFILES[profile].tls_versions) == version
        assert ask(seen) == "TLSv1.3"


@pytest.mark.parametrize(
    ("profile", "versions", "failure", "spoken"),
    [
        ("wp8", (TLS_11, TLS_13), Failure.TLS_TOO_MODERN, "TLSv1.3"),
        ("wp81", (TLS_13, TLS_13), Failure.TLS_TOO_MODERN, "TLSv1.3"),
        ("win10", (TLS_10, TLS_11), Failure.TLS_TOO_OLD, "TLSv1.1"),
    ],
)
def test_versions_that_do_not_meet(
    tmp_path: Path,
    profile: str,
    versions: tuple[ssl.TLSVersion, ssl.TLSVersion],
    failure: Failure,
    spoken: str,
) -> None:
    with tls_server(tmp_path, versions=versions) as seen:
        with pytest.raises(NoAnswer, match=f"the server speaks {spoken}, this device") as caught:
            ask(seen, PROFILES[profile].tls_versions)
        assert caught.value.failure is failure
        assert seen.versions == []


def test_an_unknown_version_is_told() -> None:
    with pytest.raises(ConfigError, match="no TLS version 'SSLv3'; there is: TLSv1,"):
        trust_only(ROOT, ("SSLv3",)).context()


def test_a_foreign_authority_is_not_trusted(tmp_path: Path) -> None:
    other = build_authority(key="device2", common_name="Another").certificate
    trust = trust_only(certificate_pem(other).decode())
    with (
        tls_server(tmp_path) as seen,
        HttpTransport(proxy=None, trust=trust) as transport,
        pytest.raises(NoAnswer, match="ends at CN=Lasting CA, which this device") as caught,
    ):
        transport(get(seen.url))
    assert caught.value.failure is Failure.TLS_ROOT
    assert caught.value.tls is not None
    assert len(caught.value.tls.server_certificates) == 2


def test_a_certificate_is_offered_where_the_request_names_it(tmp_path: Path) -> None:
    with (
        tls_server(tmp_path, client=ssl.CERT_OPTIONAL) as seen,
        HttpTransport(proxy=None, trust=trust_only(ROOT), keys=ring("device")) as transport,
    ):
        assert transport(get(seen.url, identity())).status == 200
        assert transport(get(seen.url)).status == 200
        assert transport(get(seen.url, identity(is_required=False))).status == 200
    assert seen.certificates == [lasting_certificate(), None, lasting_certificate()]


def test_an_old_phone_proves_itself_over_tls_1_0(tmp_path: Path) -> None:
    trust = trust_only(ROOT, PROFILES["wp8"].tls_versions)
    with (
        tls_server(tmp_path, versions=(TLS_10, TLS_12), client=ssl.CERT_REQUIRED) as seen,
        HttpTransport(proxy=None, trust=trust, keys=ring("device")) as transport,
    ):
        assert transport(get(seen.url, identity())).status == 200
    assert (seen.versions, seen.certificates) == (["TLSv1"], [lasting_certificate()])


def test_a_server_that_wants_one_gets_nothing_from_a_request_without(tmp_path: Path) -> None:
    with (
        tls_server(tmp_path, client=ssl.CERT_REQUIRED) as seen,
        HttpTransport(proxy=None, trust=trust_only(ROOT), keys=ring("device")) as transport,
        pytest.raises(NoAnswer),
    ):
        transport(get(seen.url))
    assert seen.certificates == []


@pytest.mark.parametrize("keys", [None, ring("device2")], ids=["no keys", "another key"])
def test_without_the_key_nothing_is_offered(tmp_path: Path, keys: Keyring | None) -> None:
    with (
        tls_server(tmp_path, client=ssl.CERT_OPTIONAL) as seen,
        HttpTransport(proxy=None, trust=trust_only(ROOT), keys=keys) as transport,
    ):
        assert transport(get(seen.url, identity(is_required=False))).status == 200
        with pytest.raises(NoAnswer, match="private key of the client certificate"):
            transport(get(seen.url, identity()))
    assert seen.certificates == [None]


def test_no_key_stays_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    modes: list[int] = []
    contents: list[bytes] = []
    load = ssl.SSLContext.load_cert_chain

    def watched(self: ssl.SSLContext, path: Path, **arguments: bytes) -> None:
        modes.extend((path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777))
        contents.append(path.read_bytes())
        load(self, path, **arguments)

    with tls_server(tmp_path, client=ssl.CERT_REQUIRED) as seen:
        monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", watched)
        with HttpTransport(proxy=None, trust=trust_only(ROOT), keys=ring("device")) as transport:
            assert transport(get(seen.url, identity())).status == 200
            assert transport(get(seen.url, identity())).status == 200
    assert modes == [0o600, 0o700]
    assert b"ENCRYPTED PRIVATE KEY" in contents[0]
    assert list((tmp_path / "tmp").iterdir()) == []


FAR = "far.example.test"


def reached(
    seen: Handshakes, side: TlsSide, host: str = FAR, port: int | None = None
) -> HttpTransport:
    """A transport for which that host is where the test's server listens."""
    address = Address(ip="127.0.0.1", port=seen.port if port is None else port)
    return HttpTransport(
        proxy=None, trust=side, whereabouts=Whereabouts({host: address}), timeout_s=20
    )


def failure_of(transport: HttpTransport, host: str = FAR) -> NoAnswer:
    with transport, pytest.raises(NoAnswer) as caught:
        transport(get(f"https://{host}/x"))
    return caught.value


def test_a_host_is_where_resolve_says_and_keeps_its_name(tmp_path: Path) -> None:
    side = TlsSide(authority_pem=ROOT)
    with tls_server(tmp_path, names=(FAR,)) as seen, reached(seen, side) as transport:
        assert transport(get(f"https://{FAR}/x")).body == b"ok"
        assert transport.tls is not None
        assert transport.tls.sni == FAR
        assert transport.tls.version == "TLSv1.3"
    assert f"Host: {FAR}\r\n".encode() in seen.requests[0]


def test_a_host_is_where_the_dns_server_says(tmp_path: Path) -> None:
    zone = Zone({FAR: ("127.0.0.1",)})
    with tls_server(tmp_path, names=(FAR,)) as seen, dns_server(zone) as port:
        server = NameServer(ip="127.0.0.1", port=port)
        places = Whereabouts(name_server=server, ports={"https": seen.port})
        trust = TlsSide(authority_pem=ROOT)
        with HttpTransport(proxy=None, trust=trust, whereabouts=places) as transport:
            for _ in range(2):
                assert transport(get(f"https://{FAR}/x")).body == b"ok"
            with pytest.raises(NoAnswer, match=r"the name other\.test has no address") as caught:
                transport(get("https://other.test/x"))
    assert caught.value.failure is Failure.NAME_UNRESOLVED
    assert f"Host: {FAR}\r\n".encode() in seen.requests[0]
    assert zone.asked == [(FAR, "A"), ("other.test", "A"), ("other.test", "AAAA")]


def test_a_certificate_for_other_hosts(tmp_path: Path) -> None:
    with tls_server(tmp_path, names=("a.test", "b.test")) as seen:
        failed = failure_of(reached(seen, TlsSide(authority_pem=ROOT)))
    assert failed.failure is Failure.TLS_NAME
    assert failed.reason == f"the server's certificate is not for {FAR} but for a.test, b.test"
    assert failed.tls is not None
    assert failed.tls.server_certificates
    assert seen.versions == []


@pytest.mark.parametrize("takes", [False, True])
def test_a_wildcard_is_for_who_takes_it(tmp_path: Path, takes: bool) -> None:
    side = TlsSide(authority_pem=ROOT, takes_wildcards=takes)
    with tls_server(tmp_path, names=("*.example.test",)) as seen:
        if takes:
            with reached(seen, side) as transport:
                assert transport(get(f"https://{FAR}/x")).status == 200
        else:
            failed = failure_of(reached(seen, side))
            assert failed.failure is Failure.TLS_WILDCARD
            assert failed.reason.endswith("by a wildcard only: *.example.test")
            assert seen.versions == []


def test_an_expired_certificate(tmp_path: Path) -> None:
    with tls_server(tmp_path, names=(FAR,), lifetime=timedelta(days=366)) as seen:
        failed = failure_of(reached(seen, TlsSide(authority_pem=ROOT)))
    assert failed.failure is Failure.TLS_DATES
    assert "holds from 2000-01-01 to 2001-01-01" in failed.reason


def test_the_phone_judges_dates_by_its_own_clock(tmp_path: Path) -> None:
    side = TlsSide(authority_pem=ROOT, clock=lambda: datetime(1999, 5, 1, tzinfo=UTC))
    with tls_server(tmp_path, names=(FAR,)) as seen:
        failed = failure_of(reached(seen, side))
    assert failed.failure is Failure.TLS_DATES
    assert failed.reason.endswith("the device's clock shows 1999-05-01 00:00 UTC")


def test_what_has_expired_here_holds_for_a_phone_of_that_time(tmp_path: Path) -> None:
    side = TlsSide(authority_pem=ROOT, clock=lambda: datetime(2000, 5, 1, tzinfo=UTC))
    with (
        tls_server(tmp_path, names=(FAR,), lifetime=timedelta(days=366)) as seen,
        reached(seen, side) as transport,
    ):
        assert transport(get(f"https://{FAR}/x")).status == 200


@pytest.mark.parametrize(
    ("names", "root", "sends_chain", "failure"),
    [
        ((FAR,), "another", True, Failure.TLS_ROOT),
        ((FAR,), "another", False, Failure.TLS_ISSUER),
        (("a.test",), "own", True, Failure.TLS_NAME),
        (("*.example.test",), "own", True, Failure.TLS_WILDCARD),
        (("*.test",), "own", True, Failure.TLS_NAME),
    ],
)
def test_reasons_by_the_phones_clock_are_those_of_openssl(
    tmp_path: Path, names: tuple[str, ...], root: str, sends_chain: bool, failure: Failure
) -> None:
    other = build_authority(key="device2", common_name="Another").certificate
    pem = ROOT if root == "own" else certificate_pem(other).decode()
    side = TlsSide(authority_pem=pem, takes_wildcards=False)
    own = replace(side, clock=lambda: datetime(2000, 5, 1, tzinfo=UTC))
    with tls_server(tmp_path, names=names, sends_chain=sends_chain) as seen:
        usual, judged = failure_of(reached(seen, side)), failure_of(reached(seen, own))
        assert seen.versions == []
    assert (judged.failure, judged.reason) == (usual.failure, usual.reason)
    assert judged.failure is failure


def test_failures_are_passed_over_one_by_one(tmp_path: Path) -> None:
    other = certificate_pem(build_authority(key="device2", common_name="Another").certificate)
    side = TlsSide(authority_pem=other.decode())
    names, year = ("a.test",), timedelta(days=366)
    with (
        tls_server(tmp_path, names=names, lifetime=year) as seen,
        reached(seen, side) as transport,
    ):
        for failure in (Failure.TLS_ROOT, Failure.TLS_NAME, Failure.TLS_DATES):
            with pytest.raises(NoAnswer) as caught:
                transport(get(f"https://{FAR}/x"))
            assert caught.value.failure is failure
            assert transport.pass_over(failure)
            assert not transport.pass_over(failure)
        assert transport(get(f"https://{FAR}/x")).status == 200
        assert not transport.pass_over(Failure.UNREACHABLE)


def test_versions_are_passed_over(tmp_path: Path) -> None:
    with tls_server(tmp_path, names=(FAR,)) as seen:
        side = trust_only(ROOT, PROFILES["wp8"].tls_versions)
        with reached(seen, side) as transport:
            with pytest.raises(NoAnswer) as caught:
                transport(get(f"https://{FAR}/x"))
            assert transport.pass_over(caught.value.failure)
            assert transport(get(f"https://{FAR}/x")).status == 200


def test_an_issuer_that_is_not_sent_and_not_known(tmp_path: Path) -> None:
    other = build_authority(key="device2", common_name="Another").certificate
    side = TlsSide(authority_pem=certificate_pem(other).decode())
    with tls_server(tmp_path, names=(FAR,), sends_chain=False) as seen:
        failed = failure_of(reached(seen, side))
    assert failed.failure is Failure.TLS_ISSUER
    assert failed.reason.endswith("does not know who issued it: CN=Lasting CA")


def test_a_root_that_the_device_was_given_later(tmp_path: Path) -> None:
    other = build_authority(key="device2", common_name="Another").certificate
    side = TlsSide(authority_pem=certificate_pem(other).decode())
    with tls_server(tmp_path, names=(FAR,)) as seen, reached(seen, side) as transport:
        with pytest.raises(NoAnswer):
            transport(get(f"https://{FAR}/x"))
        transport.trust_also(ROOT)
        assert transport(get(f"https://{FAR}/x")).status == 200


def test_a_phone_that_takes_everything(tmp_path: Path) -> None:
    side = TlsSide(verifies=False, takes_wildcards=False)
    with tls_server(tmp_path, names=("*.a.test",)) as seen, reached(seen, side) as transport:
        assert transport(get(f"https://{FAR}/x")).status == 200


def test_a_server_that_wants_a_certificate_is_told_apart(tmp_path: Path) -> None:
    with tls_server(tmp_path, names=(FAR,), client=ssl.CERT_REQUIRED) as seen:
        failed = failure_of(reached(seen, TlsSide(authority_pem=ROOT)))
    assert failed.failure is Failure.TLS_CLIENT_CERTIFICATE
    assert "CERTIFICATE_REQUIRED" in failed.reason


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    failed = failure_of(reached(Handshakes(port=port), TlsSide(authority_pem=ROOT)))
    assert failed.failure is Failure.UNREACHABLE


def test_a_name_without_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_arguments: object, **_options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with HttpTransport(proxy=None, trust=trust_only(ROOT)) as transport:
        assert failure_of(transport, "nowhere.invalid").failure is Failure.NAME_UNRESOLVED


def test_roots_that_cannot_be_read() -> None:
    with pytest.raises(ConfigError, match="no certificates can be read there"):
        TlsSide(authority_pem="nothing").context()


class _Lists(BaseHTTPRequestHandler):
    """Serves one revocation list."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/there.crl" else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.mark.parametrize(("name", "is_there"), [("there", True), ("elsewhere", False)])
def test_a_revocation_list_is_fetched(
    monkeypatch: pytest.MonkeyPatch, name: str, is_there: bool
) -> None:
    with HTTPServer(("127.0.0.1", 0), _Lists) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        url = f"http://127.0.0.1:{server.server_address[1]}/{name}.crl"
        monkeypatch.setattr("mdmcore.cli.transport.revocation_lists", lambda _facts: (url,))
        with HttpTransport(proxy=None, trust=TlsSide()) as transport:
            problem = transport._unreachable_list(TlsFacts())
        thread.join()
    assert (problem is None) is is_there
    if problem is not None:
        assert problem.failure == "tls-revocation"
        assert problem.words.endswith("cannot be fetched: status 404")


def test_a_revocation_list_is_fetched_from_where_its_host_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with HTTPServer(("127.0.0.1", 0), _Lists) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        urls = ("http://crl.example.test/there.crl",)
        monkeypatch.setattr("mdmcore.cli.transport.revocation_lists", lambda _facts: urls)
        address = Address(ip="127.0.0.1", port=server.server_address[1])
        places = Whereabouts({"crl.example.test": address})
        with HttpTransport(proxy=None, trust=TlsSide(), whereabouts=places) as transport:
            assert transport._unreachable_list(TlsFacts()) is None
        thread.join()


def test_a_revocation_list_whose_host_has_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    urls = ("http://crl.example.test/there.crl",)
    monkeypatch.setattr("mdmcore.cli.transport.revocation_lists", lambda _facts: urls)
    with dns_server(Zone({}, code=NXDOMAIN)) as port:
        places = Whereabouts(name_server=NameServer(ip="127.0.0.1", port=port))
        with HttpTransport(proxy=None, trust=TlsSide(), whereabouts=places) as transport:
            problem = transport._unreachable_list(TlsFacts())
    assert problem is not None
    assert problem.failure is Failure.TLS_REVOCATION
    assert "the name crl.example.test has no address" in problem.words


@pytest.mark.parametrize("version", [TLS_12, TLS_13])
def test_a_device_that_minds_being_asked_for_a_certificate(
    tmp_path: Path, version: ssl.TLSVersion
) -> None:
    minding = TlsSide(authority_pem=ROOT, minds_certificate_request=True)
    for client, trust in (
        (ssl.CERT_NONE, minding),
        (ssl.CERT_OPTIONAL, TlsSide(authority_pem=ROOT)),
    ):
        with (
            tls_server(tmp_path, versions=(version, version), client=client) as seen,
            HttpTransport(proxy=None, trust=trust) as transport,
        ):
            assert transport(Request(method="GET", url=seen.url)).body == b"ok"
    with (
        tls_server(tmp_path, versions=(version, version), client=ssl.CERT_OPTIONAL) as seen,
        HttpTransport(proxy=None, trust=minding) as transport,
    ):
        with pytest.raises(NoAnswer) as caught:
            transport(Request(method="GET", url=seen.url))
        assert caught.value.failure is Failure.TLS_CLIENT_CERTIFICATE
    assert seen.requests == []
