"""An emulated server for tests: fixed clock and keys, counted randomness, state in a folder."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from mdmcore.http import Headers, Request, Response, TlsFacts
from mdmcore.namespaces import SOAP_CONTENT_TYPE, SYNCML_XML_MEDIA_TYPE
from mdmcore.pki.authority import Authority, create_authority
from mdmcore.server import MdmServer, ServerSettings
from mdmcore.store import Database
from tests.support.keys import load_key

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DOMAIN = "example.test"


class FixedClock:
    """A clock that moves only when told."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> None:
        self.now += timedelta(**delta)


def counted_random(seed: str = "test") -> Callable[[int], bytes]:
    """Reproducible bytes, different at each call."""
    calls = 0

    def random(length: int) -> bytes:
        nonlocal calls
        calls += 1
        return hashlib.shake_256(f"{seed}:{calls}".encode()).digest(length)

    return random


@cache
def make_authority(*, key: str = "authority", serial: int = 1) -> Authority:
    """The test CA, valid around ``NOW``."""
    return create_authority(
        common_name="Test enrollment CA",
        private_key=load_key(key),
        now=NOW,
        serial=serial,
        lifetime=timedelta(days=3650),
    )


@cache
def _empty_state() -> bytes:
    """A database without rows; to make one anew costs much more than to copy it."""
    with tempfile.TemporaryDirectory(prefix="mdmproxy-test-") as folder:
        path = Path(folder) / "state.sqlite3"
        Database(path).close()
        return path.read_bytes()


def make_server(
    folder: Path,
    *,
    clock: FixedClock | None = None,
    seed: str = "test",
    authority: Authority | None = None,
    **settings: object,
) -> tuple[MdmServer, Database]:
    """A server for ``example.test`` with its state in that folder; close the database after."""
    path = folder / "state.sqlite3"
    if not path.exists():
        path.write_bytes(_empty_state())
    store = Database(path)
    server = MdmServer(
        ServerSettings(domains=(DOMAIN,), **settings),  # type: ignore[arg-type]
        authority=authority or make_authority(),
        store=store,
        clock=clock or FixedClock(),
        random=counted_random(seed),
    )
    return server, store


def post_soap(
    server: MdmServer,
    path: str,
    body: bytes,
    host: str = "mdm.example.test",
    *,
    client_certificate: bytes | None = None,
) -> Response:
    """POST a SOAP message, over a connection with that client certificate (DER) if given."""
    shown = () if client_certificate is None else (client_certificate,)
    tls = TlsFacts(version="TLSv1.2", sni=host, client_certificates=shown)
    return _post(server, f"https://{host}{path}", body, SOAP_CONTENT_TYPE, tls)


def post_syncml(
    server: MdmServer, path: str, body: bytes, content_type: str = SYNCML_XML_MEDIA_TYPE
) -> Response:
    """POST a SyncML message."""
    return _post(server, f"https://mdm.example.test{path}", body, content_type)


def _post(
    server: MdmServer, url: str, body: bytes, content_type: str, tls: TlsFacts | None = None
) -> Response:
    headers = Headers([("Content-Type", content_type), ("Content-Length", str(len(body)))])
    return server.answer(Request(method="POST", url=url, headers=headers, body=body), tls)
