"""What an analysis is run with, in values that another process can be given.

Files and names are read anew in each process that judges: what is made of them (rules' functions,
parsed tokens) does not pass from one to another.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from mdmcore.capture.options import USUAL_OPTIONS, CaptureOptions
from mdmcore.cli.options import Profile

if TYPE_CHECKING:
    from mdmcore.capture import Capture
    from mdmcore.enrollment.aetx import Aetx
    from mdmcore.inspector import Inspector


@dataclass(frozen=True, kw_only=True)
class AnalyzeSettings:
    """The options of ``analyze`` that say how captures are opened and judged."""

    profile: Profile = Profile.AUTO
    show_secrets: bool = False
    aetx: Path | None = None
    disable: tuple[str, ...] = ()
    severity: tuple[str, ...] = ()
    secrets: Path | None = None
    options: CaptureOptions = USUAL_OPTIONS

    def open(self, path: Path) -> Capture:
        """The capture at that path. Raises CaptureError, and ConfigError for a key that is none."""
        from mdmcore.capture import open_capture

        return open_capture(path, options=self.options)


class Judge:
    """Makes inspectors by the settings. Raises ConfigError for options that cannot be used."""

    def __init__(self, settings: AnalyzeSettings) -> None:
        from mdmcore.inspector.known_secrets import NO_SECRETS, read_secrets
        from mdmcore.rules.overrides import parse_overrides

        self.settings = settings
        self._overrides = parse_overrides(settings.disable, settings.severity)
        self._secrets = NO_SECRETS if settings.secrets is None else read_secrets(settings.secrets)

    def is_silent(self, rule_id: str) -> bool:
        """Whether the rule is to say nothing at all (``--disable``, ``--severity RULE=none``)."""
        from mdmcore.rules import Severity

        return self._overrides.severities.get(rule_id) is Severity.NONE

    def inspector(self, life_prefix: str = "") -> Inspector:
        """A fresh one that knows of no device; ``life_prefix`` as there."""
        from mdmcore.inspector import Inspector

        return Inspector(
            profile=self.settings.profile.value,
            show_secrets=self.settings.show_secrets,
            aetx=self._aetx,
            overrides=self._overrides,
            secrets=self._secrets,
            life_prefix=life_prefix,
        )

    @cached_property
    def _aetx(self) -> Aetx | None:
        if self.settings.aetx is None:
            return None
        from mdmcore.mitm.hub_file import load_aetx

        return load_aetx(self.settings.aetx)
