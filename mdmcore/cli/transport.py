"""Carrying the simulated phone's requests over real sockets, with httpx.

The only headers sent are the phone's own (and those HTTP itself needs); redirects are the phone's
business, environment variables about proxies are not looked at. TLS is that of the phone: its
versions, the roots it trusts, and the client certificate that a request names.
"""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx

from mdmcore.cli.life import machine_clock
from mdmcore.cli.tls_chain import check_certificate
from mdmcore.cli.tls_failure import (
    ASKED_FOR_NOTHING,
    HandshakeRefused,
    Verdict,
    certificate_problem,
    judge,
    revocation_lists,
    unreachable_list,
)
from mdmcore.cli.tls_identity import load_identity
from mdmcore.cli.tls_side import CertificateRequests, TlsSide, looking_context, trust_only
from mdmcore.cli.tls_stream import after_handshake, facts_of
from mdmcore.cli.whereabouts import Address, Whereabouts
from mdmcore.http import Headers, Request, Response, TlsFacts
from mdmcore.phone.client_identity import identity_of
from mdmcore.phone.keyring import Keyring
from mdmcore.phone.refusal import Failure, NoAnswer

__all__ = ["Address", "HttpTransport", "TlsSide", "Whereabouts", "trust_only"]

_ANYWHERE = Whereabouts()


class HttpTransport:
    """Sends each request through a proxy (or directly) and returns the answer.

    ``proxy`` is an URL such as ``http://127.0.0.1:8080``; ``keys`` holds the private keys of the
    client certificates that requests name: without them none is offered. ``whereabouts`` says where
    hosts are, for connections without a proxy. ``tls`` is what the handshake of the latest exchange
    showed. Raises NoAnswer when no answer comes, with the reason
    in words and apart from them. When a handshake fails, a second one that takes everything looks
    at the server's certificate; no request is sent in it.
    """

    def __init__(
        self,
        *,
        proxy: str | None,
        trust: TlsSide,
        keys: Keyring | None = None,
        timeout_s: float = 30.0,
        whereabouts: Whereabouts = _ANYWHERE,
    ) -> None:
        self._proxy = proxy
        self._trust = trust
        self._keys = keys
        self._timeout_s = timeout_s
        self._whereabouts = whereabouts
        self.tls: TlsFacts | None = None
        # One for each certificate: a connection keeps the one it was opened with. And one for
        # each host that has an address of its own: two hosts there would share a connection.
        # A check of revocation needs a handshake of its own, too.
        self._clients: dict[tuple[bytes | None, bool, str], httpx.Client] = {}
        self._requests: list[CertificateRequests] = []

    def __enter__(self) -> HttpTransport:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def trust_also(self, pem: str) -> None:
        """From now on trust those roots, too, as a device that was given them does."""
        self.close()
        self._trust = self._trust.trusting(pem)

    def pass_over(self, failure: Failure) -> bool:
        """From now on do not mind that failure of TLS; whether that changes anything."""
        trust = self._trust.passing_over(failure)
        if trust is None:
            return False
        self.close()
        self._trust = trust
        return True

    def __call__(self, request: Request) -> Response:
        """The answer to one request."""
        self.tls = None
        try:
            return self._exchange(request)
        except HandshakeRefused as refused:
            self.tls = self._shown(refused.facts)
            verdict = refused.verdict
            raise NoAnswer(verdict.words, failure=verdict.failure, tls=self.tls) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            seen = self._look(request) if _is_about_tls(error) else None
            verdict = judge(error, host=request.host, side=self._trust, seen=seen)
            self.tls = None if seen is None else self._shown(seen)
            raise NoAnswer(verdict.words, failure=verdict.failure, tls=self.tls) from None

    def _exchange(self, request: Request) -> Response:
        def check(stream: ssl.SSLSocket) -> None:
            facts = facts_of(stream, request.host)
            if self._trust.judges_itself:
                now = (self._trust.clock or machine_clock)()
                check_certificate(facts, request.host, self._trust, now=now)
                problem = None
            else:
                problem = certificate_problem(facts, request.host, self._trust)
            if problem is None and self._was_asked(stream):
                problem = ASKED_FOR_NOTHING
            identity = identity_of(request)
            if problem is None and identity is not None and identity.checks_revocation:
                problem = self._unreachable_list(facts)
            if problem is not None:
                raise HandshakeRefused(problem, facts)

        with self._send(self._client(request), request, after_handshake(check)) as answer:
            stream = answer.extensions["network_stream"].get_extra_info("socket")
            if isinstance(stream, ssl.SSLSocket):
                self.tls = self._shown(facts_of(stream, request.host))
            body = answer.read()
        return Response(
            status=answer.status_code,
            headers=Headers(answer.headers.multi_items()),
            body=body,
        )

    def _unreachable_list(self, facts: TlsFacts) -> Verdict | None:
        """What is wrong with the server's revocation lists: they are fetched, and not read."""
        for url in revocation_lists(facts):
            try:
                client = self._new_client(self._trust.context())
                fetched = self._send(client, Request(method="GET", url=url), _untraced)
                with client, fetched as answer:
                    status = answer.status_code
            except NoAnswer as error:
                return unreachable_list(url, error.reason)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                return unreachable_list(url, f"{type(error).__name__}: {error}")
            if status != 200:
                return unreachable_list(url, f"status {status}")
        return None

    def _was_asked(self, stream: ssl.SSLSocket) -> bool:
        """Whether the server asked for a certificate where this device minds."""
        return any(stream in requests for requests in self._requests)

    def _send(
        self, client: httpx.Client, request: Request, trace: Callable[[str, dict[str, Any]], None]
    ) -> contextlib.AbstractContextManager[httpx.Response]:
        url, headers = request.url, list(request.headers)
        extensions: dict[str, Any] = {"trace": trace}
        address = self._address(request)
        if address is not None:
            parts = urlsplit(url)
            port = address.port if address.port is not None else parts.port
            host = f"[{address.ip}]" if ":" in address.ip else address.ip
            netloc = host if port is None else f"{host}:{port}"
            url = urlunsplit(parts._replace(netloc=netloc))
            headers.append(("Host", parts.netloc.rpartition("@")[2]))
            extensions["sni_hostname"] = request.host
        return client.stream(
            request.method, url, headers=headers, content=request.body, extensions=extensions
        )

    def _address(self, request: Request) -> Address | None:
        return None if self._proxy is not None else self._whereabouts.of(request.url)

    def _shown(self, facts: TlsFacts) -> TlsFacts:
        """What is to be said of a handshake; a proxy may have made the certificate itself."""
        if self._proxy is None:
            return facts
        return TlsFacts(version=facts.version, cipher=facts.cipher, sni=facts.sni)

    def _look(self, request: Request) -> TlsFacts | None:
        """The server's side of a handshake; ``None`` where there is none, whatever it takes."""
        found: list[TlsFacts] = []

        def note(stream: ssl.SSLSocket) -> None:
            found.append(facts_of(stream, request.host))
            raise _SeenEnough

        client = self._new_client(looking_context())
        expected = (_SeenEnough, httpx.HTTPError, httpx.InvalidURL)
        sending = self._send(client, request, after_handshake(note))
        with contextlib.suppress(*expected), client, sending:
            pass
        return found[0] if found else None

    def _client(self, request: Request) -> httpx.Client:
        identity = identity_of(request)
        key = None
        if identity is not None and self._keys is not None:
            key = self._keys.get(identity.key_sha256)
        if key is None and identity is not None and identity.is_required:
            raise NoAnswer("the private key of the client certificate is not held here")
        offered = identity.certificate if identity is not None and key is not None else None
        checks = identity is not None and identity.checks_revocation
        name = offered, checks, request.host if self._address(request) is not None else ""
        if name not in self._clients:
            context = self._trust.context()
            if identity is not None and key is not None:
                load_identity(context, identity, key)
            elif self._trust.minds_certificate_request:
                self._requests.append(CertificateRequests(context))
            self._clients[name] = self._new_client(context)
        return self._clients[name]

    def _new_client(self, context: ssl.SSLContext) -> httpx.Client:
        client = httpx.Client(
            proxy=self._proxy,
            verify=context,
            timeout=self._timeout_s,
            trust_env=False,
            follow_redirects=False,
        )
        client.headers.clear()
        return client


class _SeenEnough(Exception):
    """The look at a handshake is over; nothing is sent on that connection."""


def _untraced(_event: str, _info: dict[str, Any]) -> None:
    """Nobody looks at that connection."""


def _is_about_tls(error: Exception) -> bool:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__ or cause.__context__
    return cause is not None
