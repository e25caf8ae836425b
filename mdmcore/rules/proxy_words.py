"""What became of an answer that mitmproxy did not pass on, and the mistake that it says was in it.

mitmproxy reads an answer strictly: what it cannot read, or whose server it cannot reach, becomes a
502 of its own, or a cut connection where the device had the beginning already. All that is left of
the mistake then is the text of the flow's error; ``proxy_texts`` has the texts.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdmcore.http import Exchange
from mdmcore.rules.model import Hit
from mdmcore.rules.proxy_texts import PROXY_WORDS, About, ProxyWords
from mdmcore.rules.scene import Scene

_MAX_QUOTED = 200
_DEVICE_GONE = "Client disconnected."
_PARTS = {
    About.ANSWER: "response",
    About.BODY: "response",
    About.REQUEST: "request",
    About.SERVER: "tls",
}


def proxy_words(exchange: Exchange) -> ProxyWords | None:
    """mitmproxy's reason for giving the device no answer; ``None`` where it is another, or none."""
    if exchange.error is None:
        return None
    found = next((one for one in PROXY_WORDS if one.fits(exchange.error)), None)
    if found is None or (found.about is About.BODY and _is_about_request(exchange)):
        return None
    return found


def refused_by_proxy(scene: Scene, rule: str) -> Iterator[Hit]:
    """A hit where mitmproxy gave the device no answer, for the reason of that rule."""
    exchange = scene.exchange
    found = proxy_words(exchange)
    if found is None or found.rule != rule:
        return
    words = (exchange.error or "")[:_MAX_QUOTED]
    yield scene.hit(
        f"{found.means}; {_what_the_device_got(exchange, found)}: {words}",
        part=_PARTS[found.about],
        field="error",
        evidence=words,
    )


def _what_the_device_got(exchange: Exchange, found: ProxyWords) -> str:
    if (exchange.error or "").endswith(_DEVICE_GONE):
        got = "only the beginning" if exchange.is_begun else "nothing"
        return f"the device got {got} until it left; mitmproxy says"
    if exchange.is_begun:
        return (
            "the device got the beginning of the answer, then mitmproxy cut its connection and says"
        )
    return f"the device got mitmproxy's own {found.status} and not the server's bytes, which says"


def _is_about_request(exchange: Exchange) -> bool:
    """Whether an error in a body is one in the request's: no head of an answer was there yet."""
    return exchange.response is None
