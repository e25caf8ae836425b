"""The texts with which mitmproxy says why it gives a device no answer, and the rule of each.

They are those of mitmproxy 12 and, behind ``HTTP/1 protocol error:``, of h11; docs/inspect.md has
the same table. What is said of them belongs to ``proxy_words``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_MAX_READ = 100_000


class About(StrEnum):
    """What an error of mitmproxy is about."""

    ANSWER = "answer"
    BODY = "body"
    """The body of a message whose head was read: without an answer's head, that of the request."""
    REQUEST = "request"
    SERVER = "server"
    """The connection to the server; nothing was asked yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyWords:
    """One text of mitmproxy's; ``…`` in ``words`` stands for what differs each time.

    ``rule`` is empty where no mistake of the server shows. ``means`` says it for people, ``status``
    is the one that mitmproxy answers the device with.
    """

    words: str
    rule: str
    means: str
    about: About
    status: int = 502

    def fits(self, error: str) -> bool:
        """Whether the error is this text."""
        parts = (re.escape(part).replace("'", "['\"]") for part in self.words.split("…"))
        return re.fullmatch(".*".join(parts), error[:_MAX_READ], re.DOTALL) is not None


_READ, _REFUSED, _H11 = "Cannot parse HTTP response: ", "Received ", "HTTP/1 protocol error: "
_CUT = f"{_H11}peer closed connection without sending complete message body "
_SERVER = " from server, …"
_TLS = "Certificate verify failed: "

_GROUPS: tuple[tuple[str, About, str, tuple[str, ...]], ...] = (
    (
        "content-length-wrong",
        About.ANSWER,
        "Content-Length is no number, or stands there more than once",
        (
            f"{_READ}invalid content-length header: …",
            f"{_REFUSED}invalid content-length header: …{_SERVER}",
            f"{_REFUSED}multiple content-length headers: …{_SERVER}",
        ),
    ),
    (
        "content-length-wrong",
        About.ANSWER,
        "the answer has Content-Length and Transfer-Encoding, which exclude each other",
        (f"{_REFUSED}message with both transfer-encoding and content-length headers{_SERVER}",),
    ),
    (
        "answer-not-http",
        About.ANSWER,
        "Transfer-Encoding is unknown, stands there more than once, or is not allowed there",
        (
            f"{_READ}invalid transfer-encoding header: …",
            f"{_READ}unknown transfer-encoding header: …",
            f"{_REFUSED}invalid transfer-encoding header: …{_SERVER}",
            f"{_REFUSED}unknown transfer-encoding header: …{_SERVER}",
            f"{_REFUSED}multiple transfer-encoding headers: …{_SERVER}",
            f"{_REFUSED}unexpected HTTP transfer-encoding …{_SERVER}",
        ),
    ),
    (
        "answer-not-http",
        About.ANSWER,
        "the name of a header has a blank or another character that no name may have",
        (f"{_REFUSED}invalid header name: …{_SERVER}",),
    ),
    (
        "answer-not-http",
        About.ANSWER,
        "a header line has no name or no colon, or goes on with a line that is not there",
        (f"{_READ}Invalid header line: …", f"{_READ}Invalid headers"),
    ),
    (
        "answer-not-http",
        About.ANSWER,
        "the first line is no status line of HTTP",
        (f"{_READ}Bad HTTP response line: …",),
    ),
    (
        "answer-not-http",
        About.ANSWER,
        "an empty line stands before the status line",
        (r"unexpected server response: b'HTTP/…\r\n\r\n…",),
    ),
    (
        "answer-broken-off",
        About.ANSWER,
        "the server closed the connection inside the head of its answer",
        ("unexpected server response: b'HTTP/…",),
    ),
    ("answer-not-http", About.ANSWER, "what came is no HTTP", ("unexpected server response: …",)),
    (
        "answer-broken-off",
        About.ANSWER,
        "the server closed the connection instead of answering",
        ("server closed connection",),
    ),
    (
        "answer-truncated",
        About.BODY,
        "the body ends before its Content-Length",
        (f"{_CUT}(received … bytes, expected …)",),
    ),
    (
        "answer-broken-off",
        About.BODY,
        "the body ends before its last chunk",
        (f"{_CUT}(incomplete chunked read)",),
    ),
    (
        "answer-not-http",
        About.BODY,
        "a chunk begins without a length, or is not as long as that says",
        (f"{_H11}illegal chunk header: …", f"{_H11}malformed chunk footer: …"),
    ),
    (
        "answer-not-http",
        About.BODY,
        "what stands behind the last chunk is no header line",
        (f"{_H11}illegal header line: …", f"{_H11}continuation line at start of headers"),
    ),
    (
        "content-length-wrong",
        About.ANSWER,
        "the body is not as long as its Content-Length says",
        ("HTTP/2 protocol error: InvalidBodyLengthError: Expected … bytes, received …",),
    ),
    (
        "answer-not-http",
        About.ANSWER,
        "the server breaks the rules of HTTP/2",
        (
            "HTTP/2 protocol error: …",
            "Invalid HTTP/2 response headers: …",
            "Received HTTP/2 data frame, expected headers.",
            "Received unexpected HTTP/2 response.",
        ),
    ),
    (
        "",
        About.ANSWER,
        "the device or the server gave the stream up, these words do not tell which",
        ("stream reset by client (CANCEL)",),
    ),
    (
        "answer-broken-off",
        About.ANSWER,
        "the server ended the stream or the HTTP/2 connection",
        ("stream reset by client (…)", "HTTP/2 connection closed: …", "peer closed connection"),
    ),
    (
        "proxy-cannot-carry",
        About.BODY,
        "trailers stand behind the last chunk, which HTTP allows and mitmproxy cannot pass on",
        ("mitmproxy has crashed: HTTP trailers are not implemented yet.…",),
    ),
    (
        "proxy-cannot-carry",
        About.BODY,
        "mitmproxy itself failed at this exchange",
        ("mitmproxy has crashed: …",),
    ),
    (
        "answer-not-http",
        About.ANSWER,
        "the answer cannot be read, or breaks a rule of HTTP",
        (f"{_READ}…", f"{_REFUSED}…{_SERVER}"),
    ),
    (
        "answer-not-http",
        About.BODY,
        "the body cannot be read",
        (f"{_H11}…",),
    ),
    (
        "proxy-cannot-carry",
        About.ANSWER,
        "the answer is larger than the body_size_limit of this mitmproxy",
        ("Response body exceeds mitmproxy's body_size_limit.",),
    ),
    (
        "tls-certificate-expired",
        About.SERVER,
        "the dates of the server's certificate do not fit the clock of this computer",
        (f"{_TLS}certificate has expired", f"{_TLS}certificate is not yet valid"),
    ),
    (
        "tls-name-mismatch",
        About.SERVER,
        "the server's certificate is not for the name by which mitmproxy called it",
        (f"{_TLS}hostname mismatch", f"{_TLS}IP address mismatch"),
    ),
    (
        "upstream-tls-failed",
        About.SERVER,
        "mitmproxy does not trust the server's certificate; whether the device would is not known",
        (f"{_TLS}…",),
    ),
    (
        "upstream-tls-failed",
        About.SERVER,
        "the server does not speak TLS on that port",
        ("The remote server does not speak TLS.",),
    ),
    (
        "upstream-tls-failed",
        About.SERVER,
        "the server speaks no TLS version that mitmproxy may use with servers",
        ("The remote server and mitmproxy cannot agree on a TLS version to use. …",),
    ),
    (
        "upstream-tls-failed",
        About.SERVER,
        "the server refuses mitmproxy's client certificate",
        (
            "tlsv1 alert unknown ca",
            "sslv3 alert bad certificate",
            "ssl/tls alert bad certificate",
        ),
    ),
    (
        "upstream-tls-failed",
        About.SERVER,
        "the TLS handshake with the server failed",
        ("OpenSSL Error(…", "connection closed"),
    ),
    (
        "host-name-unresolved",
        About.SERVER,
        "the name of the server has no address",
        (
            "[Errno …] Name or service not known",
            "[Errno …] Temporary failure in name resolution",
            "[Errno …] No address associated with hostname",
            "[Errno …] nodename nor servname provided, or not known",
            "[Errno …] getaddrinfo failed",
        ),
    ),
    (
        "server-unreachable",
        About.SERVER,
        "no connection to the server: nothing listens at its address, or nothing answers there",
        ("[Errno …] …", "[WinError …] …", "Multiple exceptions: …"),
    ),
    (
        "server-unreachable",
        About.SERVER,
        "the proxy behind mitmproxy does not lead to the server",
        ("Upstream proxy … refused HTTP CONNECT request: …", "Error connecting to …"),
    ),
)

PROXY_WORDS: tuple[ProxyWords, ...] = (
    *(
        ProxyWords(words=words, rule=rule, means=means, about=about)
        for rule, about, means, texts in _GROUPS
        for words in texts
    ),
    ProxyWords(
        words="Request body exceeds mitmproxy's body_size_limit.",
        rule="proxy-cannot-carry",
        means="the request is larger than the body_size_limit of this mitmproxy",
        about=About.REQUEST,
        status=413,
    ),
)
"""Every text; where several fit an error, the first is meant."""
