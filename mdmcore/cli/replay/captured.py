"""Finding the life that is replayed in a capture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mdmcore.cli.output import complain
from mdmcore.errors import ConfigError

if TYPE_CHECKING:
    from mdmcore.capture.options import CaptureOptions
    from mdmcore.inspector.known_secrets import SecretsFile
    from mdmcore.report.diff import GatheredLife


def captured_life(
    path: Path,
    *,
    wanted: str | None,
    options: CaptureOptions,
    secrets: SecretsFile,
    show_secrets: bool,
) -> tuple[GatheredLife, bool]:
    """The life of that id, address or device id, the only one if none is named; and whether the
    capture was read to its end. Raises ConfigError, CaptureError."""
    from mdmcore.capture import open_capture
    from mdmcore.inspector import Inspector
    from mdmcore.replay import is_replayable
    from mdmcore.report.diff import gather

    capture = open_capture(path, options=options)
    inspector = Inspector(secrets=secrets, show_secrets=show_secrets)
    lives = gather(capture.exchanges(), inspector, str(path), show_secrets=show_secrets)
    for error in capture.errors:
        complain(f"{path}: {error.message} ({error.where})")
    usable = tuple(one for one in lives if is_replayable(one))
    return _chosen(usable, path, wanted), not capture.errors


def _chosen(lives: tuple[GatheredLife, ...], path: Path, wanted: str | None) -> GatheredLife:
    if not lives:
        raise ConfigError(
            f"{path}: no request of a device in it that could be replayed; look with "
            "mdmproxy analyze"
        )
    lower = (wanted or "").lower()
    fitting = [
        one
        for one in lives
        if wanted is None
        or wanted in one.life.parts
        or lower in (one.life.email.lower(), one.life.device_id.lower(), one.life.username.lower())
    ]
    if len(fitting) == 1:
        return fitting[0]
    said = "; ".join(_line(one) for one in lives)
    if not fitting:
        raise ConfigError(f"{path} has no life {wanted!r}, but {said}")
    raise ConfigError(f"{path} has {len(fitting)} lives, name one with --life: {said}")


def _line(one: GatheredLife) -> str:
    life = one.life
    who = life.email or life.device_id or life.peer or "device unknown"
    return f"{life.id} ({who}, {life.outcome.value}, {len(one.steps)} steps)"
