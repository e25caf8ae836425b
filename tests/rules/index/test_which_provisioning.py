"""Which rule speaks of the enterprise's token, of a store and of nonces in a document."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from mdmcore.enrollment.aetx import parse_aetx, serialize_aet, serialize_aetx
from mdmcore.inspector import ArtifactSettings, inspect_artifact
from mdmcore.rules import Finding
from mdmcore.syncml.xml import serialize_syncml
from tests.rules.index.cases import Case, enrolled, judge, which
from tests.support.index_statements import WHICH
from tests.support.provisioning_samples import RIGHT
from tests.support.story import (
    ENTERPRISE,
    HUB,
    NONCE_C2S,
    NONCE_S2C,
    NOW,
    Story,
    answer,
    device_cred,
    document,
    header_status,
    package,
    package1,
    rules_of,
    server_cred,
)

type Play = Callable[[str], Iterable[Finding]]

# --- the token: statement 13

TOKENS = ("eam-without-signing-cert", "eam-enterprise-id-mismatch", "eam-token-differs-from-aetx")
FILE = parse_aetx(serialize_aetx(ENTERPRISE, serialize_aet(ENTERPRISE)))
TOKEN = FILE.enrollment_token


def encoded(aet: bytes) -> str:
    """An AET as a token."""
    return base64.b64encode(aet).decode()


def with_token(token: str, enterprise: str = ENTERPRISE) -> Play:
    """A document with that token, where the .aetx of the enterprise is known."""
    hub = replace(HUB, enrollment_token="TOKEN", enterprise_id=enterprise)

    def play(profile: str) -> Iterable[Finding]:
        wap = document(hub=hub, profile=profile)
        assert b'"TOKEN"' in wap
        return Story(profile, aetx=FILE).enroll(wap.replace(b"TOKEN", token.encode())).findings

    return play


def _token(name: str, play: Play, speaks: str) -> Case:
    silent = tuple(rule for rule in TOKENS if rule != speaks)
    return Case(statement=13, name=name, play=play, speaks=(speaks,), silent=silent)


OTHER = encoded(serialize_aet("4000000002"))
NEWER = encoded(f'<AET><EnterpriseId Value="{ENTERPRISE}"/><Version>2</Version></AET>'.encode())


@which(
    _token("empty", with_token(""), TOKENS[0]),
    _token("blank", with_token(" "), TOKENS[0]),
    _token("no-base64", with_token("insert token here"), TOKENS[0]),
    _token("no-aet", with_token(encoded(b"<AET/>")), TOKENS[0]),
    _token("other-id", with_token(OTHER), TOKENS[1]),
    _token("other-branch", with_token(TOKEN, "4000000002"), TOKENS[1]),
    _token("other-enterprise", with_token(OTHER, "4000000002"), TOKENS[1]),
    _token("newer", with_token(NEWER), TOKENS[2]),
    _token("cut", with_token(TOKEN[:-5]), TOKENS[2]),
    _token("twice-encoded", with_token(encoded(TOKEN.encode())), TOKENS[2]),
)
def test_a_token_that_is_not_the_right_one(case: Case, profile: str) -> None:
    judge(case, profile)


# --- a store that only some devices have: statement 17

STORE = "wap-client-cert-store"
USER, SYSTEM = (f'<characteristic type="{name}">'.encode() for name in ("User", "System"))
KEYLESS = RIGHT["wp81"].replace(USER, SYSTEM)
KEYED = document().replace(USER, SYSTEM)


@pytest.mark.index(WHICH, 17, STORE)
@pytest.mark.parametrize(
    ("wap", "profile", "speaks"),
    [
        (KEYLESS, "auto", False),
        (KEYLESS, "wp8", True),
        (KEYLESS, "wp81", True),
        (KEYLESS, "win81", False),
        (KEYLESS, "win10", False),
        (KEYED, "auto", True),
        (KEYED, "wp8", True),
        (KEYED, "wp81", True),
        (KEYED, "win10", False),
    ],
)
def test_a_loose_document_is_of_a_phone_only_if_something_tells(
    wap: bytes, profile: str, speaks: bool
) -> None:
    assert SYSTEM in wap
    settings = ArtifactSettings(profile=profile, now=NOW)
    (report,) = inspect_artifact(wap, name="x", settings=settings)
    assert (STORE in rules_of(report.findings)) is speaks


# --- nonces wherever they come: statement 18

NONCE_RULES = ("nonce-short", "appauth-nonce-not-base64")
VALUES = {"nonce-short": b"c2hvcnQ=", "appauth-nonce-not-base64": b"not base64!"}


def written(nonce: bytes, value: bytes) -> Play:
    """A document in which that nonce is written so."""

    def play(profile: str) -> Iterable[Finding]:
        wap, old = document(profile=profile), base64.b64encode(nonce)
        assert old in wap
        return Story(profile).enroll(wap.replace(old, value)).findings

    return play


LATER = bytes(range(48, 64))


def by_server(value: bytes) -> Play:
    """A NextNonce of the server that is written so."""

    def play(profile: str) -> Iterable[Finding]:
        right = serialize_syncml(answer("2", "212", next_nonce=LATER, cred=server_cred()))
        back = right.replace(base64.b64encode(LATER), value)
        assert back != right
        return enrolled(profile).sync(package1(cred=device_cred()), back).findings

    return play


def by_device(value: bytes) -> Play:
    """A NextNonce of the device that is written so."""

    def play(profile: str) -> Iterable[Finding]:
        story = enrolled(profile)
        story.sync(package1(cred=device_cred()), answer("2", "212"))
        right = serialize_syncml(package("2", header_status("212", "2", next_nonce=LATER)))
        asked = right.replace(base64.b64encode(LATER), value)
        assert asked != right
        return story.sync(asked, answer("3", "200", "2")).findings

    return play


@which(
    *(
        Case(
            statement=18,
            name=f"{rule}-{where}",
            play=play(VALUES[rule]),
            speaks=(rule,),
            silent=tuple(other for other in NONCE_RULES if other != rule),
        )
        for rule in NONCE_RULES
        for where, play in (
            ("client", lambda value: written(NONCE_S2C, value)),
            ("appsrv", lambda value: written(NONCE_C2S, value)),
            ("server", by_server),
            ("device", by_device),
        )
    )
)
def test_a_nonce_of_the_wrong_form(case: Case, profile: str) -> None:
    judge(case, profile)
