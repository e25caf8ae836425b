"""``mdmproxy digest``: the credentials of a DM account, and what is wrong with a given digest."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from mdmcore.cli.options import Format, Output, OutputFormat
from mdmcore.cli.output import text_output
from mdmcore.errors import ConfigError

if TYPE_CHECKING:
    from mdmcore.syncml.digest_mistakes import DigestAccount

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_MAX_SECRET = 64 * 1024
_STDIN = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """The credentials; ``matches`` is ``None`` without ``--given``, ``mistake`` a rule id."""

    digest: str = field(repr=False)
    inner_digest: str = field(repr=False)
    basic: str = field(repr=False)
    matches: bool | None = None
    mistake: str | None = None
    explanation: str = ""


@app.command(
    name="digest",
    epilog="Example: mdmproxy digest --name Bruce2 --secret OhBehave --nonce Tm9uY2U=",
)
def print_digest(
    name: Annotated[
        str, typer.Option(help="User name: AAUTHNAME, or PROVIDER-ID for the server's digest.")
    ],
    secret: Annotated[
        str,
        typer.Option(
            help="AAUTHSECRET; - reads it from stdin, which keeps it out of the shell's history."
        ),
    ],
    nonce: Annotated[
        str, typer.Option(help="The nonce in base64, as it travels in AAUTHDATA or NextNonce.")
    ],
    given: Annotated[
        str | None, typer.Option(metavar="DIGEST", help="Data of a Cred to compare and explain.")
    ] = None,
    format: OutputFormat = Format.TEXT,
    output: Output = None,
) -> int:
    """Print the MD5 digest and the Basic credential of a DM account, or explain a wrong digest.

    Exit code 0: done, or --given is right; 1: --given is not that digest; 2: an option is wrong.
    """
    from mdmcore.syncml.digest_mistakes import DigestAccount

    account = DigestAccount(
        user=_encodable("--name", name), password=_secret(secret), nonce=_nonce(nonce)
    )
    answer = _answer(account, given)
    with text_output(output) as out:
        if format is Format.JSON:
            out.write(json.dumps(asdict(answer), indent=2) + "\n")
        else:
            _write_text(out, answer)
    return int(answer.matches is False)


def _encodable(option: str, text: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise ConfigError(f"{option} is not UTF-8 text") from None
    return text


def _secret(given: str) -> str:
    if given != _STDIN:
        return _encodable("--secret", given)
    data = sys.stdin.buffer.read(_MAX_SECRET + 1)
    if len(data) > _MAX_SECRET:
        raise ConfigError(f"--secret -: stdin holds more than {_MAX_SECRET} bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError("--secret -: stdin is not UTF-8 text") from None
    return text.removesuffix("\n").removesuffix("\r")


def _nonce(text: str) -> bytes:
    from mdmcore.syncml.nonce import decode_nonce

    decoded = decode_nonce(text)
    if decoded is None:
        raise ConfigError("--nonce is not base64: give it as it stands in AAUTHDATA or NextNonce")
    return decoded


def _answer(account: DigestAccount, given: str | None) -> _Answer:
    from mdmcore.syncml.credentials import basic, digest, inner_digest, verify_digest
    from mdmcore.syncml.digest_mistakes import explain_digest

    user, password = account.user, account.password
    matches = mistake = None
    explanation = ""
    if given is not None:
        matches = verify_digest(given, user, password, account.nonce)
        mistake = explain_digest(given, account)
        explanation = "" if matches else _explanation(given, mistake, account)
    return _Answer(
        digest=digest(user, password, account.nonce),
        inner_digest=inner_digest(user, password),
        basic=basic(user, password),
        matches=matches,
        mistake=mistake,
        explanation=explanation,
    )


def _explanation(given: str, mistake: str | None, account: DigestAccount) -> str:
    from mdmcore.rules.catalogue import entry
    from mdmcore.syncml.credentials import basic, decode_digest
    from mdmcore.syncml.digest_mistakes import OTHER_USER

    if mistake == OTHER_USER:  # no other name is known here than this one
        return "A digest that verifies with the name in lower or upper case. Write it exactly."
    if mistake is not None:
        known = entry(mistake)
        return f"{known.looks_at} {known.fix}"
    if "".join(given.split()) == basic(account.user, account.password):
        return "This is the Basic credential."
    found = decode_digest(given)
    if found is None:
        return "It is not base64."
    if len(found) != 16:
        return f"It decodes to {len(found)} bytes, an MD5 digest has 16."
    return "No known mistake gives it: name, secret or nonce may be others."


def _write_text(out: TextIO, answer: _Answer) -> None:
    out.write(f"digest        {answer.digest}\n")
    out.write(f"inner digest  {answer.inner_digest}\n")
    out.write(f"Basic         {answer.basic}\n")
    if answer.matches is not None:
        said = "is this digest" if answer.matches else "IS NOT this digest"
        out.write(f"given         {said}\n")
    if answer.mistake is not None:
        out.write(f"mistake       {answer.mistake}\n")
    if answer.explanation:
        out.write(f"              {answer.explanation}\n")
