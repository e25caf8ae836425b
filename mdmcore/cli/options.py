"""Options that several commands share, each with its one help text."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class FailOn(StrEnum):
    """From which severity on a finding makes the exit code 1."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    NEVER = "never"


class Format(StrEnum):
    """How results are written."""

    TEXT = "text"
    JSON = "json"


class Profile(StrEnum):
    """Kinds of device."""

    AUTO = "auto"
    WP8 = "wp8"
    WP81 = "wp81"
    WIN81 = "win81"
    WIN10 = "win10"


# --- commands that run a proxy ---
ListenHost = Annotated[str, typer.Option(help="Address to listen on.")]
ListenPort = Annotated[
    int, typer.Option(min=0, max=65535, help="Port to listen on, 0 for a free one.")
]
ConfDir = Annotated[
    Path | None, typer.Option(help="Folder of mitmproxy's own CA; default ~/.mitmproxy.")
]
Record = Annotated[
    Path | None,
    typer.Option(help="Write the annotated flows to this file, behind those that are in it."),
]
Report = Annotated[
    Path | None,
    typer.Option(help="At the end write what was found to this file, as analyze --format json."),
]
Web = Annotated[bool, typer.Option("--web", help="Show the flows in a browser, too.")]
FailOnSeen = Annotated[
    FailOn | None, typer.Option(help="Exit with 1 if a finding this grave was seen.")
]

# --- commands that judge ---
OutputFormat = Annotated[Format, typer.Option(help="How to write the result.")]
Output = Annotated[
    Path | None, typer.Option("-o", "--output", help="File to write to instead of stdout.")
]
Aetx = Annotated[
    Path | None, typer.Option(help="The .aetx with which tokens that are handed out are compared.")
]
Disable = Annotated[
    list[str] | None,
    typer.Option(metavar="RULE[,RULE...]", help="Rules that are to stay silent."),
]
Weigh = Annotated[
    list[str] | None,
    typer.Option(
        "--severity",
        metavar="RULE=LEVEL",
        help="Another severity for a rule: error, warning, info, none.",
    ),
]
Secrets = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Secrets and nonces (TOML) of DM accounts whose enrolment is not in what is judged.",
    ),
]
FailOnFound = Annotated[FailOn, typer.Option(help="Exit with 1 if a finding this grave was found.")]

# --- commands that open captures: what ``captures.given_options`` takes ---
Password = Annotated[
    str | None,
    typer.Option(
        help="Opens locked .saz archives; - asks for it. Better: the variable "
        "MDMPROXY_SAZ_PASSWORD."
    ),
]
MaxEntry = Annotated[
    str | None,
    typer.Option(metavar="SIZE", help="Most bytes of one packed file or record (256M)."),
]
MaxTotal = Annotated[
    str | None,
    typer.Option(metavar="SIZE", help="Most bytes that one capture may unpack to (16G)."),
]
MaxEntries = Annotated[
    int | None, typer.Option(min=1, help="Most files in an archive or a folder (200000).")
]
MaxRatio = Annotated[
    int | None, typer.Option(min=1, help="Most times that a packed file may grow (1100).")
]
KeyLog = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="Key log (SSLKEYLOGFILE) that decrypts TLS in packet captures.",
    ),
]
RsaKeys = Annotated[
    list[Path] | None,
    typer.Option(
        "--rsa-key",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="Server's RSA key (PEM) that decrypts TLS with RSA key exchange in packet captures.",
    ),
]
