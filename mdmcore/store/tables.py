"""The tables. Times are ISO 8601 text in UTC, nonces and DER are blobs; names are lower-cased keys
where the protocol compares without case."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

SCHEMA_VERSION = 5
"""Kept in SQLite's ``user_version``. An older file is brought up to it by ``migrations``, a newer
one is refused."""

metadata = MetaData()

discoveries = Table(
    "discoveries",
    metadata,
    Column("key", String, primary_key=True),
    Column("email_address", String, nullable=False),
    Column("request_version", String, nullable=False),
    Column("device_type", String, nullable=False),
    Column("seen", String, nullable=False),
)

user_tokens = Table(
    "user_tokens",
    metadata,
    Column("digest", String, primary_key=True),
    Column("username", String, nullable=False),
    Column("expires", String, nullable=False, index=True),
    Column("used", String, nullable=True),
)

certificates = Table(
    "certificates",
    metadata,
    Column("serial", String, primary_key=True),
    Column("subject_cn", String, nullable=False, index=True),
    Column("thumbprint", String, nullable=False, unique=True),
    Column("der", LargeBinary, nullable=False),
    Column("spki_sha256", String, nullable=False, index=True),
    Column("issued", String, nullable=False),
    Column("not_after", String, nullable=False),
    Column("account", String, nullable=False, index=True),
    Column("issuer_thumbprint", String, nullable=False),
    Column("superseded_by", String, nullable=True),
    Column("revoked", String, nullable=True),
)

renewals = Table(
    "renewals",
    metadata,
    Column("digest", String, primary_key=True),
    Column("account", String, nullable=False),
    Column("signer", String, nullable=False),
    Column("serial", String, nullable=False),
    Column("at", String, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", String, nullable=False),
    Column("device_id", String, nullable=True),
    Column("secret", String, nullable=False),
    Column("scheme", String, nullable=False),
    Column("server_secret", String, nullable=True),
    Column("nonce_c2s", LargeBinary, nullable=False),
    Column("previous_nonce_c2s", LargeBinary, nullable=True),
    Column("nonce_s2c", LargeBinary, nullable=False),
    Column("username", String, nullable=False),
    Column("device_type", String, nullable=False),
    Column("request_version", String, nullable=False),
    Column("certificate_serial", String, nullable=True),
    Column("enrolled", String, nullable=True),
    Column("last_session", String, nullable=True),
    Column("profile", String, nullable=False, server_default=""),
    Column("auth_policy", String, nullable=False, server_default=""),
    Column("ent_dmid", String, nullable=False, server_default=""),
    Column("reported_device_id", String, nullable=False, server_default=""),
    Column("hardware_id", String, nullable=False, server_default=""),
    Column("certificate_store", String, nullable=False, server_default=""),
    Column("previous_serial", String, nullable=True),
    Column("status", String, nullable=False, server_default="enrolled"),
    Column("unenrolling_since", String, nullable=True),
    Column("unenrolled", String, nullable=True),
    UniqueConstraint("name", "device_id"),
    Index("accounts_by_device", "device_id"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("device_id", String, primary_key=True),
    Column("session_id", String, primary_key=True),
    Column("account", String, nullable=True),
    Column("is_client_authenticated", Boolean, nullable=False),
    Column("is_server_authenticated", Boolean, nullable=False),
    Column("challenge_nonce", LargeBinary, nullable=True),
    Column("server_nonce_now", LargeBinary, nullable=True),
    Column("server_retries", Integer, nullable=False),
    Column("server_msg_id", Integer, nullable=False),
    Column("is_closed", Boolean, nullable=False),
    Column("last_request_digest", String, nullable=False),
    Column("last_response", LargeBinary, nullable=False),
    Column("started", String, nullable=True),
    Column("updated", String, nullable=True, index=True),
    Column("work", String, nullable=False, server_default="{}"),
)

inventory = Table(
    "inventory",
    metadata,
    Column("device_id", String, primary_key=True),
    Column("uri", String, primary_key=True),
    Column("value", String, nullable=False),
    Column("format", String, nullable=False),
    Column("read", String, nullable=True),
    Column("type", String, nullable=False, server_default=""),
)

command_statuses = Table(
    "command_statuses",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("device_id", String, nullable=False, index=True),
    Column("session_id", String, nullable=False),
    Column("uri", String, nullable=False),
    Column("command", String, nullable=False),
    Column("code", String, nullable=False),
    Column("at", String, nullable=False),
)

server_facts = Table(
    "server_facts",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
)

queue = Table(
    "queue",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("account", String, nullable=False, index=True),
    Column("device_id", String, nullable=True),
    Column("recipe", String, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("outcome", String, nullable=False),
    Column("queued", String, nullable=False),
    Column("sent", String, nullable=True),
    Column("commands", String, nullable=False, server_default=""),
    Column("values", String, nullable=False, server_default="[]"),
    Column("session_id", String, nullable=False, server_default=""),
    Column("watched", String, nullable=False, server_default="[]"),
    Column("ended", String, nullable=True),
)

job_results = Table(
    "job_results",
    metadata,
    Column("job", Integer, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("item", Integer, primary_key=True),
    Column("command", String, nullable=False),
    Column("uri", String, nullable=False),
    Column("code", String, nullable=False),
    Column("original_error", String, nullable=True),
    Column("value", String, nullable=True),
    Column("format", String, nullable=False),
    Column("type", String, nullable=False),
    Column("at", String, nullable=False),
)

faults = Table(
    "faults",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("fault", String, nullable=False),
    Column("account", String, nullable=True),
    Column("step", String, nullable=False),
    Column("remaining", Integer, nullable=True),
    Column("ordered", String, nullable=False),
)

marks = Table(
    "marks",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("text", String, nullable=False),
    Column("at", String, nullable=False),
)
