"""Gathering the facts of one life, step by step, while a capture is inspected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from mdmcore.http import Exchange
from mdmcore.inspector import Inspector
from mdmcore.inspector.masking import Mask
from mdmcore.pki.csr import Pkcs10
from mdmcore.report.diff.facts import Fact, Names, relation
from mdmcore.report.diff.http_facts import http_facts, tls_facts
from mdmcore.report.diff.provisioning_facts import provisioning_facts
from mdmcore.report.diff.session_facts import dm_facts
from mdmcore.report.diff.xml_facts import message_facts
from mdmcore.rules import Finding
from mdmcore.rules.answered import session_before
from mdmcore.rules.decoded import Decoded, Kind
from mdmcore.rules.life import Life
from mdmcore.rules.scene import Scene

_STEPS = {
    Kind.PROBE: "probe",
    Kind.DISCOVER: "discovery",
    Kind.WAB: "sign-in",
    Kind.GETPOLICIES: "policies",
    Kind.RST: "certificate request",
    Kind.RENEW: "renewal",
    Kind.HUB: "hub",
    Kind.TLS: "connection",
    Kind.OTHER: "other request",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of a life, the exchange that it is, and what is to say of it."""

    name: str
    exchange: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheredLife:
    """A life with its steps in order, what was found in it, and its exchanges as rules see them."""

    capture: str
    life: Life
    steps: tuple[Step, ...] = ()
    findings: tuple[Finding, ...] = ()
    scenes: tuple[Scene, ...] = field(default=(), repr=False)


@dataclass(slots=True)
class _Namer:
    """Names the steps: the second probe, the third message of the second session."""

    counts: dict[str, int] = field(default_factory=dict)
    sessions: dict[int, int] = field(default_factory=dict)

    def name(self, watched: Scene) -> str:
        kind = watched.decoded.kind
        if kind is Kind.SYNCML:
            number = _session_number(watched)
            self.sessions[number] = self.sessions.get(number, 0) + 1
            return f"session {number}, message {self.sessions[number]}"
        name = _STEPS.get(kind, str(kind))
        self.counts[name] = self.counts.get(name, 0) + 1
        return name if self.counts[name] == 1 else f"{name} {self.counts[name]}"


def gather(
    exchanges: Iterable[Exchange], inspector: Inspector, capture: str, *, show_secrets: bool = False
) -> tuple[GatheredLife, ...]:
    """All lives of a capture. The inspector must not have seen anything before."""
    seen: list[Scene] = []
    inspector.watch(seen.append)
    for exchange in exchanges:
        inspector.inspect(exchange)
    mask = Mask(show_secrets=show_secrets)
    found = inspector.findings()
    lives = []
    for life in inspector.lives():
        own = [one for one in seen if inspector.current_life(one.life.id or "") == life.id]
        lives.append(
            GatheredLife(
                capture=capture,
                life=life,
                steps=tuple(_steps(own, life, mask)),
                findings=tuple(one for one in found if one.life == life.id),
                scenes=tuple(own),
            )
        )
    return tuple(lives)


def _steps(watched: Iterable[Scene], life: Life, mask: Mask) -> Iterator[Step]:
    names, namer = Names(life), _Namer()
    for one in watched:
        name = namer.name(one)
        facts = tuple(_shown(_facts(one, life, names, mask), mask))
        yield Step(name=name, exchange=one.exchange.id, facts=facts)
        if one.decoded.provisioning is not None:
            document = provisioning_facts(
                one.decoded.provisioning, one.decoded.csr or life.csr, names, mask
            )
            step = f"provisioning document{' of ' + name if one.decoded.kind is Kind.RENEW else ''}"
            yield Step(name=step, exchange=one.exchange.id, facts=tuple(_shown(document, mask)))


def _shown(facts: Iterable[Fact], mask: Mask) -> Iterator[Fact]:
    """The facts with the secrets in URLs of their values masked; their keys are not shown."""
    return (replace(fact, value=mask.text(fact.value) or "") for fact in facts)


def _facts(watched: Scene, life: Life, names: Names, mask: Mask) -> Iterator[Fact]:
    exchange, decoded = watched.exchange, watched.decoded
    if decoded.kind is Kind.TLS:
        yield from _connection_facts(exchange, names, mask)
        return
    yield from http_facts(exchange, names, mask)
    yield from tls_facts(exchange, life)
    if decoded.kind is Kind.SYNCML:
        yield from _dm(watched, names, mask)
    elif decoded.kind is Kind.WAB:
        yield from _page(decoded, names)
    elif decoded.kind is Kind.HUB:
        if decoded.hub is not None:
            yield names.fact("bytes", str(decoded.hub.body_length or 0))
    elif decoded.kind is not Kind.OTHER:
        for side in decoded.sides:
            who = "request" if side.part == "request" else "answer"
            for fact in message_facts(side, names):
                yield replace(fact, what=f"{who} {fact.what}")
        yield from _agreement(decoded, names)


def _dm(watched: Scene, names: Names, mask: Mask) -> Iterator[Fact]:
    decoded = watched.decoded
    before = session_before(watched)
    answered = before.sent if before is not None else ()
    yield from dm_facts(decoded.request, names, mask, check=watched.device_cred, sent=answered)
    if decoded.response is not None:
        yield from dm_facts(decoded.response, names, mask, check=watched.server_cred)


def _page(decoded: Decoded, names: Names) -> Iterator[Fact]:
    page = decoded.wab
    if page is None:
        return
    yield names.fact("appru", page.appru)
    if page.form is not None:
        fits = page.form.action == page.appru if page.appru and page.is_end else None
        yield relation("form goes back to the client", fits)
        yield names.fact("form method", page.form.method)
        for one in page.form.inputs:
            yield Fact(what=f"form field {one.name}", value="is there", key="is there")
            yield relation(f"form field {one.name}: is escaped", not one.unescaped)


def _agreement(decoded: Decoded, names: Names) -> Iterator[Fact]:
    """What in an answer has to be what the request said, and how its token is written."""
    asked, side = decoded.request.envelope, decoded.response
    answered = side.envelope if side is not None else None
    if asked is not None and answered is not None:
        fits = (asked.message_id or "").strip() == (answered.relates_to or "").strip()
        yield relation("answer RelatesTo: is the request's MessageID", fits)
    if asked is not None:
        kind = "user name" if asked.username else "none"
        if asked.user_token is not None:
            kind = f"token {asked.user_token.value_type}"
        yield Fact(what="user is proven by", value=kind, key=kind)
    csr = decoded.csr.csr if decoded.csr is not None else None
    if csr is not None:
        yield from _csr(csr, names)
    if decoded.rstrc is not None:
        text = decoded.rstrc.token_text
        holds = decoded.token_form or (
            "a provisioning document" if decoded.provisioning is not None else "nothing readable"
        )
        yield Fact(what="answer token holds", value=str(holds), key=str(holds))
        form = "in one line" if text.split() == [text] else "with blanks or line ends"
        yield Fact(what="answer token is written", value=form, key=form)


def _csr(csr: Pkcs10, names: Names) -> Iterator[Fact]:
    values = {
        "subject": csr.subject.rfc4514(),
        "string types": ", ".join(one.type_name for one in csr.subject.attributes),
        "key": f"{csr.key_bits} bits",
        "digest": csr.digest_name,
    }
    for name, value in values.items():
        yield names.fact(f"CSR: {name}", value)


def _connection_facts(exchange: Exchange, names: Names, mask: Mask) -> Iterator[Fact]:
    connection = exchange.connection
    yield names.fact("URL", mask.url(exchange.request.url))
    if connection is not None:
        yield Fact(what="end", value=str(connection.end), key=str(connection.end))
        yield names.fact("said", connection.said or "")


def _session_number(watched: Scene) -> int:
    asked = watched.decoded.request_syncml
    if asked is None:
        return watched.life.session_count
    wanted = asked.header.session_id
    found = [one.number for one in watched.life.sessions if one.session_id == wanted]
    return found[-1] if found else watched.life.session_count
