"""Carrying the simulated phone's requests over real sockets, with httpx.

The only headers sent are the phone's own (and those HTTP itself needs); redirects are the phone's
business, environment variables about proxies are not looked at.
"""

from __future__ import annotations

import ssl
from types import TracebackType

import httpx

from mdmcore.http import Headers, Request, Response
from mdmcore.phone.refusal import NoAnswer


class HttpTransport:
    """Sends each request through a proxy (or directly) and returns the answer.

    ``proxy`` is an URL such as ``http://127.0.0.1:8080``; ``trust`` the TLS context with the roots
    the phone trusts. Raises NoAnswer when no answer comes, with the reason in words.
    """

    def __init__(
        self, *, proxy: str | None, trust: ssl.SSLContext, timeout_s: float = 30.0
    ) -> None:
        self._client = httpx.Client(
            proxy=proxy,
            verify=trust,
            timeout=timeout_s,
            trust_env=False,
            follow_redirects=False,
        )
        self._client.headers.clear()

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
        self._client.close()

    def __call__(self, request: Request) -> Response:
        """The answer to one request."""
        try:
            answer = self._client.request(
                request.method, request.url, headers=list(request.headers), content=request.body
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NoAnswer(f"{type(error).__name__}: {error}") from None
        return Response(
            status=answer.status_code,
            headers=Headers(answer.headers.multi_items()),
            body=answer.content,
        )


def trust_only(authority_pem: str) -> ssl.SSLContext:
    """A TLS context that trusts the certificates of that PEM text and nothing else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # mitmproxy's CA has no authorityKeyIdentifier rules a phone would ask for.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.load_verify_locations(cadata=authority_pem)
    return context
