"""The state store on SQLite, all of it: what the server keeps and what an administrator asks."""

from __future__ import annotations

from mdmcore.store.devices import Devices
from mdmcore.store.enrollments import Enrollments
from mdmcore.store.faults import Faults
from mdmcore.store.jobs import Jobs
from mdmcore.store.marks import Marks
from mdmcore.store.sessions import Sessions


class Database(Enrollments, Sessions, Devices, Jobs, Faults, Marks):
    """SQLite file at ``path``, made when it does not exist; ConfigError if it is unusable.

    Every public method is one durable transaction; safe to call from several threads.
    """
