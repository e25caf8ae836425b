"""``mdmproxy analyze --diff A B``: what two lives do differently; each is FILE or FILE#LIFE."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mdmcore.cli.output import binary_output, complain, text_output, wants_colour, width_of
from mdmcore.errors import ConfigError

if TYPE_CHECKING:
    from mdmcore.capture import Capture
    from mdmcore.inspector import Inspector
    from mdmcore.report.diff import GatheredLife


def compare(
    captures: Sequence[Path],
    *,
    start: Callable[[], Inspector],
    is_json: bool,
    output: Path | None,
    show_secrets: bool,
    opening: Callable[[Path], Capture],
) -> int:
    """Write what differs between the two; the exit code. ``start`` makes a fresh inspector."""
    import msgspec

    from mdmcore.report.diff import compare_lives, write_diff_text

    if len(captures) != 2:
        raise ConfigError(f"--diff compares two captures, {len(captures)} given")
    (a, is_whole), (b, is_too) = (
        _life(str(one), start(), opening, show_secrets=show_secrets) for one in captures
    )
    diff = compare_lives(a, b)
    if is_json:
        with binary_output(output) as raw:
            raw.write(msgspec.json.format(msgspec.json.encode(diff)) + b"\n")
    else:
        with text_output(output) as out:
            write_diff_text(out, diff, width=width_of(out), colour=wants_colour(out))
    if not (is_whole and is_too):
        return 2
    return 1 if diff.differences else 0


def _life(
    name: str, inspector: Inspector, opening: Callable[[Path], Capture], *, show_secrets: bool
) -> tuple[GatheredLife, bool]:
    """The life of that name, and whether its capture was read to its end."""
    from mdmcore.report.diff import gather

    path, wanted = _split(name)
    capture = opening(path)
    lives = gather(capture.exchanges(), inspector, str(path), show_secrets=show_secrets)
    for error in capture.errors:
        complain(f"{path}: {error.message} ({error.where})")
    return _chosen(lives, path, wanted), not capture.errors


def _split(name: str) -> tuple[Path, str]:
    """FILE#LIFE, unless a file is called so."""
    path, mark, wanted = name.rpartition("#")
    if not mark or Path(name).exists():
        return Path(name), ""
    return Path(path), wanted.strip()


def _chosen(lives: tuple[GatheredLife, ...], path: Path, wanted: str) -> GatheredLife:
    """The life of that id, or of a device whose address or id it is; the only one if not named."""
    if not lives:
        raise ConfigError(f"{path}: no device in it")
    lower = wanted.lower()
    fitting = [
        one
        for one in lives
        if not wanted
        or wanted in one.life.parts
        or lower in (one.life.email.lower(), one.life.device_id.lower(), one.life.username.lower())
    ]
    if len(fitting) == 1:
        return fitting[0]
    said = "; ".join(_line(one) for one in lives)
    if not fitting:
        raise ConfigError(f"{path} has no life {wanted!r}, but {said}")
    raise ConfigError(f"{path} has {len(fitting)} lives, name one as {path}#LIFE: {said}")


def _line(one: GatheredLife) -> str:
    life = one.life
    who = life.email or life.device_id or life.peer or "device unknown"
    return f"{life.id} ({who}, {life.outcome.value}, {len(one.steps)} steps)"
