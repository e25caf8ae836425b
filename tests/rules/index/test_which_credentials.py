"""Which rule speaks of credentials and nonces that are not the right ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from mdmcore.rules import Finding
from mdmcore.syncml.credentials import digest_cred
from mdmcore.syncml.model import Cred, Status, SyncML
from tests.rules.index.cases import Case, enrolled, judge, which
from tests.support.story import (
    CERT_CN,
    DEVICE_SECRET,
    GET,
    NONCE_C2S,
    NONCE_S2C,
    PROVIDER,
    SERVER_SECRET,
    account,
    answer,
    device_cred,
    document,
    header_status,
    package,
    package1,
    package1_statuses,
    server_cred,
)

N1, N2, N3, N4 = (bytes([value]) * 16 for value in (0x81, 0x82, 0x83, 0x84))
REFUSED = "dm-credentials-refused"

type Findings = Iterable[Finding]
type Play = Callable[[str], Findings]

# --- whose credentials: statement 6

COPIES = ("server-cred-copied-from-client", "appauth-levels-swapped", "digest-user-not-provider-id")


def named(message: SyncML, name: str | None) -> SyncML:
    """The message with that user as LocName of its Source."""
    return replace(message, header=replace(message.header, source_name=name))


def proved(cred: Cred, name: str | None = None) -> Play:
    """A server that presents that Cred, under that name, to a device that gave its own."""
    asked = named(package1(cred=device_cred()), CERT_CN)
    return lambda profile: (
        enrolled(profile).sync(asked, named(answer("2", "212", cred=cred), name)).findings
    )


def _whose(name: str, play: Play, speaks: str) -> Case:
    silent = tuple(rule for rule in COPIES if rule != speaks)
    return Case(statement=6, name=name, play=play, speaks=(speaks,), silent=silent)


SWAPPED = {
    "all": (CERT_CN, DEVICE_SECRET, NONCE_S2C),
    "secret": (PROVIDER, DEVICE_SECRET, NONCE_S2C),
    "nonce": (PROVIDER, SERVER_SECRET, NONCE_C2S),
    "secret-and-nonce": (PROVIDER, DEVICE_SECRET, NONCE_C2S),
}


@which(
    _whose("same-data", proved(device_cred()), COPIES[0]),
    _whose("same-data-own-name", proved(device_cred(), PROVIDER), COPIES[0]),
    _whose("same-data-and-name", proved(device_cred(), CERT_CN), COPIES[0]),
    _whose(
        "same-name",
        proved(digest_cred(CERT_CN, SERVER_SECRET, NONCE_S2C), CERT_CN),
        COPIES[0],
    ),
    _whose(
        "same-name-other-entry",
        proved(digest_cred(CERT_CN, DEVICE_SECRET, NONCE_S2C), CERT_CN),
        COPIES[0],
    ),
    *(
        _whose(f"swapped-{name}", proved(digest_cred(*values), PROVIDER), COPIES[1])
        for name, values in SWAPPED.items()
    ),
    _whose(
        "other-user",
        proved(digest_cred(CERT_CN, SERVER_SECRET, NONCE_S2C), PROVIDER),
        COPIES[2],
    ),
)
def test_whose_credentials_a_server_sends(case: Case, profile: str) -> None:
    judge(case, profile)


# --- which nonce: statement 7

NONCES = (
    "nonce-used-too-late",
    "nextnonce-not-stored",
    "re-enrolled-state-kept",
    "stale-nonce",
    "digest-nonce-ignored",
)


def _nonce(name: str, play: Play, speaks: str) -> Case:
    return Case(
        statement=7,
        name=name,
        play=play,
        speaks=(speaks,),
        silent=tuple(rule for rule in NONCES if rule != speaks),
        beside=(REFUSED,),
    )


def device_is_late(code: str) -> Play:
    """The device's second message has the nonce from before the answer to the first."""

    def play(profile: str) -> Findings:
        story = enrolled(profile)
        first = package1(cred=None if code == "407" else device_cred())
        story.sync(first, answer("2", code, next_nonce=N1))
        second = package1("2", cred=device_cred(NONCE_C2S))
        back = answer("3", "401", "2", *package1_statuses("2", "401"))
        return story.sync(second, back).findings

    return play


def server_is_late(code: str) -> Play:
    """The server's second message has the nonce from before the device's Status for the first."""

    def play(profile: str) -> Findings:
        story = enrolled(profile)
        wrong = digest_cred(PROVIDER, "wrong", NONCE_S2C)
        story.sync(package1(cred=device_cred()), answer("2", "212", "1", GET, cred=wrong))
        done = Status(cmd_id="2", msg_ref="2", cmd_ref="5", cmd="Get", data=code)
        told = package("2", header_status(code, "2", next_nonce=N1), done)
        return story.sync(told, answer("3", "200", "2", GET, cred=server_cred(NONCE_S2C))).findings

    return play


def sessions(device: bytes, server: bytes, *, count: int = 2) -> Play:
    """The last of some sessions begins with these nonces; each one before brought new ones."""

    def play(profile: str) -> Findings:
        story = enrolled(profile).first_session(next_c2s=N1, next_s2c=N2)
        if count == 3:
            taken = answer(
                "2", "212", "1", GET, next_nonce=N3, session_id="2", cred=server_cred(N2)
            )
            story.sync(package1(session_id="2", cred=device_cred(N1)), taken)
            told = package("2", header_status("212", "2", next_nonce=N4), session_id="2")
            story.sync(told, answer("3", "200", "2", session_id="2"))
        last = str(count)
        is_right = device == (N1 if count == 2 else N3)
        back = answer(
            "2",
            "212" if is_right else "401",
            session_id=last,
            cred=server_cred(server) if is_right else None,
            next_nonce=None if is_right else b"x" * 16,
        )
        return story.sync(package1(session_id=last, cred=device_cred(device)), back).findings

    return play


def enrolled_anew(*, secret: str, by_device: bool) -> Play:
    """Behind a second enrolment with new nonces, device or server still use those of the first."""

    def play(profile: str) -> Findings:
        story = enrolled(profile)
        story.sync(package1(cred=device_cred()), answer("2", "212"))
        new = replace(account(), secret=secret, nonce_c2s=N1, nonce_s2c=N2)
        story.enrolled(document(dm_account=new, profile=profile))
        if not by_device:
            asked = package1(session_id="2", cred=device_cred(N1, secret))
            back = answer("2", "212", session_id="2", cred=server_cred(NONCE_S2C), next_nonce=N3)
            return story.sync(asked, back).findings
        # The credentials are those of the life before: what shows that it is another one is that
        # the device begins without any.
        bare = package1(session_id="2")
        story.sync(bare, answer("2", "407", session_id="2", next_nonce=N3))
        asked = package1("2", session_id="2", cred=device_cred())
        back = answer("3", "401", "2", *package1_statuses("2", "401"), session_id="2")
        return story.sync(asked, back).findings

    return play


@which(
    *(_nonce(f"late-{code}", device_is_late(code), NONCES[0]) for code in ("200", "401", "407")),
    *(
        _nonce(f"server-late-{code}", server_is_late(code), NONCES[0])
        for code in ("200", "401", "407")
    ),
    _nonce("one-session-behind", sessions(NONCE_C2S, N2), NONCES[1]),
    _nonce("server-one-session-behind", sessions(N1, NONCE_S2C), NONCES[1]),
    _nonce("two-sessions-behind", sessions(NONCE_C2S, N4, count=3), NONCES[3]),
    _nonce("server-two-sessions-behind", sessions(N3, NONCE_S2C, count=3), NONCES[3]),
    *(
        _nonce(
            f"{'device' if by_device else 'server'}-enrolled-anew-{secret}",
            enrolled_anew(secret=secret, by_device=by_device),
            NONCES[2],
        )
        for secret in (DEVICE_SECRET, "new-secret")
        for by_device in (True, False)
    ),
    _nonce("none", sessions(b"", N2), NONCES[4]),
    _nonce("server-none", sessions(N1, b""), NONCES[4]),
)
def test_which_nonce_a_digest_was_made_with(case: Case, profile: str) -> None:
    judge(case, profile)


def behind_the_next(profile: str) -> Findings:
    """Two messages behind a challenge, the first of them right, the nonce from before it comes."""
    story = enrolled(profile)
    story.sync(package1(), answer("2", "407", next_nonce=N1))
    taken = answer("3", "212", "2", *package1_statuses("2"), GET, cred=server_cred())
    story.sync(package1("2", cred=device_cred(N1)), taken)
    third = package("3", header_status("212", "3"), cred=device_cred(NONCE_C2S))
    return story.sync(third, answer("4", "401", "3")).findings


@which(_nonce("any-other", behind_the_next, NONCES[3]))
def test_an_older_nonce_that_is_none_of_these_is_stale(case: Case, profile: str) -> None:
    judge(case, profile)
