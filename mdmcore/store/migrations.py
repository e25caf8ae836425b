"""Bringing an older state file up to the present schema: one row of SQL for each version.

The statements are frozen: they lead to the schema as it was in that version, whatever ``tables``
says today. All steps of an opening run in one transaction, so a file is never half migrated.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import Connection

_TO_2 = (
    """CREATE TABLE user_tokens (
        digest VARCHAR NOT NULL, username VARCHAR NOT NULL, expires VARCHAR NOT NULL, used VARCHAR,
        PRIMARY KEY (digest))""",
    "CREATE INDEX ix_user_tokens_expires ON user_tokens (expires)",
)
"""Federated enrolment."""

# A renewed certificate has its predecessor's subject. SQLite cannot drop that UNIQUE: the table is
# made anew.
_TO_3 = (
    "ALTER TABLE certificates RENAME TO certificates_2",
    "DROP INDEX ix_certificates_spki_sha256",
    """CREATE TABLE certificates (
        serial VARCHAR NOT NULL, subject_cn VARCHAR NOT NULL, thumbprint VARCHAR NOT NULL,
        der BLOB NOT NULL, spki_sha256 VARCHAR NOT NULL, issued VARCHAR NOT NULL,
        not_after VARCHAR NOT NULL, account VARCHAR NOT NULL, issuer_thumbprint VARCHAR NOT NULL,
        superseded_by VARCHAR, revoked VARCHAR,
        PRIMARY KEY (serial), UNIQUE (thumbprint))""",
    """INSERT INTO certificates
        SELECT serial, subject_cn, thumbprint, der, spki_sha256, issued, not_after,
            subject_cn, '', NULL, NULL
        FROM certificates_2""",
    "DROP TABLE certificates_2",
    "CREATE INDEX ix_certificates_subject_cn ON certificates (subject_cn)",
    "CREATE INDEX ix_certificates_spki_sha256 ON certificates (spki_sha256)",
    "CREATE INDEX ix_certificates_account ON certificates (account)",
    *(
        f"ALTER TABLE accounts ADD COLUMN {column}"
        for column in (
            "profile VARCHAR DEFAULT '' NOT NULL",
            "auth_policy VARCHAR DEFAULT '' NOT NULL",
            "ent_dmid VARCHAR DEFAULT '' NOT NULL",
            "reported_device_id VARCHAR DEFAULT '' NOT NULL",
            "hardware_id VARCHAR DEFAULT '' NOT NULL",
            "certificate_store VARCHAR DEFAULT '' NOT NULL",
            "previous_serial VARCHAR",
            "status VARCHAR DEFAULT 'enrolled' NOT NULL",
            "unenrolling_since VARCHAR",
            "unenrolled VARCHAR",
        )
    ),
    # Until then every document set EntDMID to the account's name, which was the subject, too.
    "UPDATE accounts SET ent_dmid = name WHERE enrolled IS NOT NULL",
    """UPDATE accounts SET certificate_serial =
        (SELECT serial FROM certificates WHERE certificates.account = accounts.name)
        WHERE certificate_serial IS NULL AND enrolled IS NOT NULL""",
    """CREATE TABLE renewals (
        digest VARCHAR NOT NULL, account VARCHAR NOT NULL, signer VARCHAR NOT NULL,
        serial VARCHAR NOT NULL, at VARCHAR NOT NULL,
        PRIMARY KEY (digest))""",
    """CREATE TABLE queue (
        id INTEGER NOT NULL, account VARCHAR NOT NULL, device_id VARCHAR, recipe VARCHAR NOT NULL,
        state VARCHAR NOT NULL, attempts INTEGER NOT NULL, outcome VARCHAR NOT NULL,
        queued VARCHAR NOT NULL, sent VARCHAR,
        PRIMARY KEY (id))""",
    "CREATE INDEX ix_queue_account ON queue (account)",
)
"""Renewal, unenrolment, jobs for devices."""

_TO_4 = (
    "ALTER TABLE sessions ADD COLUMN work VARCHAR DEFAULT '{}' NOT NULL",
    "ALTER TABLE sessions DROP COLUMN pending",
    "ALTER TABLE inventory ADD COLUMN type VARCHAR DEFAULT '' NOT NULL",
    *(
        f"ALTER TABLE queue ADD COLUMN {column}"
        for column in (
            "commands VARCHAR DEFAULT '' NOT NULL",
            "\"values\" VARCHAR DEFAULT '[]' NOT NULL",
            "session_id VARCHAR DEFAULT '' NOT NULL",
            "watched VARCHAR DEFAULT '[]' NOT NULL",
            "ended VARCHAR",
        )
    ),
    """CREATE TABLE job_results (
        job INTEGER NOT NULL, position INTEGER NOT NULL, item INTEGER NOT NULL,
        command VARCHAR NOT NULL, uri VARCHAR NOT NULL, code VARCHAR NOT NULL,
        original_error VARCHAR, value VARCHAR, format VARCHAR NOT NULL, type VARCHAR NOT NULL,
        at VARCHAR NOT NULL,
        PRIMARY KEY (job, position, item))""",
    """CREATE TABLE server_facts (
        name VARCHAR NOT NULL, value VARCHAR NOT NULL,
        PRIMARY KEY (name))""",
    """CREATE TABLE faults (
        id INTEGER NOT NULL, fault VARCHAR NOT NULL, account VARCHAR, step VARCHAR NOT NULL,
        remaining INTEGER, ordered VARCHAR NOT NULL,
        PRIMARY KEY (id))""",
)
"""Jobs of any commands, with their results; mistakes to be made on purpose."""

_TO_5 = (
    """CREATE TABLE marks (
        id INTEGER NOT NULL, text VARCHAR NOT NULL, at VARCHAR NOT NULL,
        PRIMARY KEY (id))""",
)
"""Marks of a tester."""

STEPS: Mapping[int, tuple[str, ...]] = MappingProxyType({2: _TO_2, 3: _TO_3, 4: _TO_4, 5: _TO_5})
"""Version -> the statements that lead to it from the one before."""


def migrate(connection: Connection, version: int) -> None:
    """Run the steps that a file of that version (1 or later) lacks, in the open transaction."""
    for target, statements in STEPS.items():
        if target > version:
            for statement in statements:
                connection.exec_driver_sql(statement)
