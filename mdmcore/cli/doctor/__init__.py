"""``mdmproxy doctor``: what this computer and a running setup lack, and what to do about it."""

from __future__ import annotations

from mdmcore.cli.doctor.command import app

__all__ = ["app"]
