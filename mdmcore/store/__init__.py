"""State that outlives the process: SQLAlchemy Core on SQLite."""

from __future__ import annotations

from mdmcore.store.database import Database

__all__ = ["Database"]
