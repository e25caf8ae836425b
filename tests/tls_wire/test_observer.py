"""The passive reader against OpenSSL's own handshakes: whole, in pieces, cut anywhere, and junk."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from mdmcore.pki.authority import certificate_pem
from mdmcore.tls_wire import Seen, Side, TlsObserver
from tests.support.client_hello import client_hello
from tests.support.keys import load_key
from tests.support.tls_server import lasting_authority, lasting_certificate
from tests.support.tls_talk import Talk, make_device, make_server, talk

OLD = [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2]
ALL = [*OLD, ssl.TLSVersion.TLSv1_3]
BYTES = st.tuples(st.sampled_from(Side), st.binary(max_size=80))


def observed(passed: list[tuple[Side, bytes]]) -> Seen:
    observer = TlsObserver()
    for side, data in passed:
        observer.observe(side, data)
    return observer.seen


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Key and certificate of a device."""
    key = load_key("device").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = tmp_path / "device.pem"
    path.write_bytes(key + certificate_pem(lasting_certificate()))
    return path


@pytest.mark.parametrize("version", ALL)
def test_version_and_suite_are_those_that_openssl_tells(
    tmp_path: Path, version: ssl.TLSVersion
) -> None:
    done = talk(tmp_path, version)
    assert done.errors == {}
    assert done.device is not None
    seen = observed(done.passed)
    assert seen.version == version.value
    cipher = done.device.cipher()
    assert cipher is not None
    numbers = {one["name"]: one["id"] & 0xFFFF for one in make_device().get_ciphers()}
    assert seen.suite == numbers[cipher[0]]
    assert (seen.is_established, seen.alerts, seen.problem) == (True, (), "")
    assert seen.sent == sum(len(data) for side, data in done.passed if side is Side.DEVICE)
    assert seen.received == sum(len(data) for side, data in done.passed if side is Side.SERVER)


@pytest.mark.parametrize("version", OLD)
def test_the_chain_is_seen_as_it_was_sent(tmp_path: Path, version: ssl.TLSVersion) -> None:
    done = talk(tmp_path, version)
    assert done.device is not None
    seen = observed(done.passed)
    pem = (tmp_path / "server.pem").read_text("ascii")
    leaf = ssl.PEM_cert_to_DER_cert(pem[pem.index("-----BEGIN CERTIFICATE") :])
    assert seen.server_certificates == (leaf, lasting_authority().certificate)
    assert (seen.is_asked, seen.is_answered, seen.is_resumed) == (False, False, False)


@pytest.mark.parametrize("version", OLD)
@pytest.mark.parametrize("mode", [ssl.CERT_OPTIONAL, ssl.CERT_REQUIRED])
def test_a_client_certificate_is_seen(
    tmp_path: Path, certificate: Path, version: ssl.TLSVersion, mode: ssl.VerifyMode
) -> None:
    seen = observed(talk(tmp_path, version, client=mode, certificate=certificate).passed)
    assert (seen.is_asked, seen.is_answered, seen.is_established) == (True, True, True)
    assert seen.device_certificates[0] == lasting_certificate()


@pytest.mark.parametrize("version", OLD)
def test_a_device_without_certificate_is_refused_in_the_clear(
    tmp_path: Path, version: ssl.TLSVersion
) -> None:
    done = talk(tmp_path, version, client=ssl.CERT_REQUIRED)
    assert Side.SERVER in done.errors
    seen = observed(done.passed)
    assert (seen.is_asked, seen.is_answered, seen.device_certificates) == (True, True, ())
    assert seen.alerts == ((Side.SERVER, 40),)  # handshake_failure
    assert not seen.is_established


def test_in_tls_13_the_refusal_is_a_short_record(tmp_path: Path, certificate: Path) -> None:
    version = ssl.TLSVersion.TLSv1_3
    refused = observed(talk(tmp_path, version, client=ssl.CERT_REQUIRED).passed)
    assert refused.hides_certificates
    assert (refused.server_certificates, refused.is_asked, refused.alerts) == ((), False, ())
    assert not refused.is_established
    assert refused.last_was_short == {Side.SERVER}
    let_in = talk(tmp_path, version, client=ssl.CERT_REQUIRED, certificate=certificate)
    assert let_in.errors == {}
    assert observed(let_in.passed).is_established


@pytest.mark.parametrize("version", OLD)
def test_a_device_that_does_not_know_the_root_says_so(
    tmp_path: Path, version: ssl.TLSVersion
) -> None:
    done = talk(tmp_path, version, is_trusting=False)
    seen = observed(done.passed)
    assert seen.alerts == ((Side.DEVICE, 48),)  # unknown_ca
    assert len(seen.server_certificates) == 2
    assert not seen.is_established


def test_in_tls_13_openssl_refuses_a_certificate_in_the_clear(tmp_path: Path) -> None:
    """Before it has its own keys in use; other devices encrypt that, too."""
    seen = observed(talk(tmp_path, ssl.TLSVersion.TLSv1_3, is_trusting=False).passed)
    assert seen.alerts == ((Side.DEVICE, 48),)
    assert not seen.is_established


def test_nothing_in_common_is_the_servers_alert(tmp_path: Path) -> None:
    device = make_device()
    device.maximum_version = ssl.TLSVersion.TLSv1_2
    seen = observed(talk(tmp_path, ssl.TLSVersion.TLSv1_3, device=device).passed)
    assert (seen.version, seen.alerts) == (None, ((Side.SERVER, 70),))  # protocol_version


def test_a_session_that_goes_on_shows_no_certificates(tmp_path: Path) -> None:
    version = ssl.TLSVersion.TLSv1_2
    device, server = make_device(), make_server(tmp_path, version)
    first = talk(tmp_path, version, device=device, server=server)
    second = talk(tmp_path, version, device=device, server=server, session=first.session)
    assert second.device is not None
    assert second.device.session_reused
    seen = observed(second.passed)
    assert (seen.is_resumed, seen.is_established) == (True, True)
    assert seen.server_certificates == ()


def test_a_retry_request_is_not_the_choice(tmp_path: Path) -> None:
    server = make_server(tmp_path, ssl.TLSVersion.TLSv1_3)
    server.set_ecdh_curve("secp521r1")  # which OpenSSL's first hello has no key for
    done = talk(tmp_path, ssl.TLSVersion.TLSv1_3, server=server)
    assert done.errors == {}
    hellos = [data for side, data in done.passed if side is Side.DEVICE and data[0] != 23]
    assert len(hellos) >= 2, "no retry: this test tests nothing"
    assert observed(done.passed).is_established


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> list[Talk]:
    folder = tmp_path_factory.mktemp("talks")
    return [talk(folder, version, client=ssl.CERT_OPTIONAL) for version in ALL]


def test_bytes_one_by_one_show_the_same(talks: list[Talk]) -> None:
    for one in talks:
        single = [(side, bytes([byte])) for side, data in one.passed for byte in data]
        assert observed(single) == observed(one.passed)


def test_a_stream_cut_anywhere_is_no_error(talks: list[Talk]) -> None:
    """Facts are only added: what was seen of a shorter stream stays."""
    for one in talks:
        observer, known = TlsObserver(), Seen()
        for side, data in one.passed:
            for byte in data:
                observer.observe(side, bytes([byte]))
                now = observer.seen
                assert now.problem == ""
                assert known.version in (None, now.version)
                assert known.server_certificates in ((), now.server_certificates)
                assert known.is_established <= now.is_established
                known = now


@given(st.lists(BYTES, max_size=20))
def test_junk_is_survived(passed: list[tuple[Side, bytes]]) -> None:
    seen = observed(passed)
    assert seen.sent + seen.received == sum(len(data) for _, data in passed)


@given(st.data())
def test_spoilt_handshakes_are_survived(talks: list[Talk], data: st.DataObject) -> None:
    one = data.draw(st.sampled_from(talks))
    streams = [bytearray(part) for _, part in one.passed]
    for _ in range(data.draw(st.integers(1, 4))):
        stream = data.draw(st.sampled_from(streams))
        stream[data.draw(st.integers(0, len(stream) - 1))] = data.draw(st.integers(0, 255))
    sides = [side for side, _ in one.passed]
    observed([(side, bytes(part)) for side, part in zip(sides, streams, strict=True)])


@pytest.mark.parametrize(
    "junk",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x02\x00\x00\x01\x00",
        b"\x16\x03\x03\xff\xff",
        b"\x80\x2e\x01\x03\x01",  # a hello of SSL 2
    ],
)
def test_what_is_no_tls_is_said_once_and_counted_on(junk: bytes) -> None:
    observer = TlsObserver()
    observer.observe(Side.SERVER, junk)
    observer.observe(Side.SERVER, junk)
    assert observer.seen.problem.startswith("what the server sends: no TLS record")
    assert observer.seen.received == 2 * len(junk)


def record(message: bytes) -> bytes:
    return b"\x16\x03\x03" + len(message).to_bytes(2, "big") + message


def test_an_endless_message_is_not_kept() -> None:
    observer = TlsObserver()
    observer.observe(Side.DEVICE, client_hello((0x002F,)))
    observer.observe(Side.SERVER, record(b"\x0b\xff\xff\xff" + b"\0" * 100))
    assert "handshake message of 16777215 bytes" in observer.seen.problem


def test_lengths_that_lie_are_a_problem() -> None:
    observer = TlsObserver()
    hello = b"\x03\x03" + bytes(32) + b"\0" + b"\x00\x2f" + b"\0"
    observer.observe(Side.SERVER, record(b"\x02\x00\x00" + bytes([len(hello)]) + hello))
    assert observer.seen.suite == 0x2F
    observer.observe(Side.SERVER, record(b"\x0b\x00\x00\x06" + b"\x00\x00\xff\x00\x00\x01"))
    assert "longer than its message" in observer.seen.problem
    assert observer.seen.server_certificates == ()


def test_a_second_handshake_inside_is_noticed() -> None:
    """Made by hand: OpenSSL in Python cannot be told to renegotiate."""
    observer = TlsObserver()
    hello = b"\x03\x03" + bytes(32) + b"\0" + b"\x00\x2f" + b"\0"
    finish = b"\x14\x03\x03\x00\x01\x01" + record(bytes(40))
    observer.observe(Side.SERVER, record(b"\x02\x00\x00" + bytes([len(hello)]) + hello))
    observer.observe(Side.SERVER, record(b"\x0e\0\0\0"))
    observer.observe(Side.DEVICE, finish)
    observer.observe(Side.SERVER, finish)
    assert (observer.seen.is_established, observer.seen.is_renegotiated) == (True, False)
    observer.observe(Side.SERVER, record(bytes(24)))
    assert observer.seen.is_renegotiated


def test_warnings_are_no_end() -> None:
    observer = TlsObserver()
    observer.observe(Side.SERVER, b"\x15\x03\x01\x00\x02\x01\x70")  # unrecognized_name, a warning
    assert not observer.seen.alerts
    observer.observe(Side.SERVER, b"\x15\x03\x01\x00\x02\x02\x70")
    assert observer.seen.alerts == ((Side.SERVER, 112),)
