"""Which rule speaks of a first message whose credentials are not answered, or that has none."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mdmcore.rules import Finding
from mdmcore.syncml.model import SyncML
from tests.rules.index.cases import Case, enrolled, judge, which
from tests.support.story import (
    answer,
    device_cred,
    package,
    package1,
    package1_statuses,
    server_cred,
)

N1 = b"n" * 16

type Findings = Iterable[Finding]
type Play = Callable[[str], Findings]

# --- is the header answered: statement 8


def without_header_status(profile: str) -> Findings:
    """Right credentials, and an answer without a Status for SyncHdr."""
    back = package("2", *package1_statuses(), cred=server_cred(), from_server=True)
    return enrolled(profile).sync(package1(cred=device_cred()), back).findings


@which(
    Case(
        statement=8,
        name="none",
        play=without_header_status,
        speaks=("missing-synchdr-status",),
        silent=("missing-212", "missing-server-cred"),
    ),
    Case(
        statement=8,
        name="200",
        play=lambda profile: (
            enrolled(profile).sync(package1(cred=device_cred()), answer("2", "200")).findings
        ),
        speaks=("missing-212",),
        silent=("missing-synchdr-status",),
    ),
    Case(
        statement=8,
        name="200-to-wrong-credentials",
        play=lambda profile: (
            enrolled(profile)
            .sync(package1(cred=device_cred(secret="wrong")), answer("2", "200"))
            .findings
        ),
        speaks=("digest-from-unknown-values",),
        silent=("missing-212", "missing-synchdr-status"),
    ),
)
def test_what_a_server_says_of_the_header(case: Case, profile: str) -> None:
    judge(case, profile)


# --- a first message without credentials: statement 10

CHALLENGED = "uncredentialed-package-not-challenged"
OTHERS = (
    "http-401-instead-of-syncml",
    "missing-synchdr-status",
    "empty-response-body",
    "wrong-content-type",
)


def bare(answered: SyncML | bytes, status: int = 200) -> Play:
    """A first message without credentials, answered so."""
    return lambda profile: enrolled(profile).sync(package1(), answered, status=status).findings


def _bare(name: str, play: Play, speaks: str = CHALLENGED) -> Case:
    silent = tuple(rule for rule in (CHALLENGED, *OTHERS) if rule != speaks)
    return Case(
        statement=10, name=name, play=play, speaks=(speaks,) if speaks else (), silent=silent
    )


@which(
    *(_bare(f"http-{status}", bare(b"", status), OTHERS[0]) for status in (401, 403, 407)),
    *(_bare(f"status-{code}", bare(answer("2", code))) for code in ("200", "212", "500")),
    _bare("no-status", bare(package("2", *package1_statuses(), from_server=True))),
    _bare("nothing", bare(b"")),
    _bare("page", bare(b"<html></html>")),
    _bare("unreadable", bare(b'<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr'), "xml-not-wellformed"),
    _bare("http-404", bare(b"", 404)),
    _bare("http-500", bare(b"<html></html>", 500)),
    *(
        _bare(f"challenge-{code}", bare(answer("2", code, next_nonce=N1)), "")
        for code in ("401", "407")
    ),
)
def test_a_first_message_without_credentials(case: Case, profile: str) -> None:
    judge(case, profile)
