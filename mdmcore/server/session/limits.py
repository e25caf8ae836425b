"""The bounds of a session, each with its reason."""

from __future__ import annotations

from datetime import timedelta

SILENCE = timedelta(minutes=10)
"""A session without a message for so long is dead. Nothing is defined (DMPRO 8); a device repeats
a message within a minute or two (CONNRETRYFREQ, INITIALBACKOFFTIME). The same bytes within this
time are such a repetition, later they are a new session."""

MAX_MESSAGES = 10_000
"""Messages of one session. An object of 5 MB in chunks of 1 KB needs half of them."""

LARGEST_MESSAGE = 4 * 1024 * 1024
"""Bytes of an answer to a device that names no limit of its own: larger ones it could not take,
nor could WBXML carry them."""

LARGE_JOB = 256 * 1024
"""Characters of a job's commands from which on its messages are measured."""

MAX_UNFINISHED = 1000
"""Messages in a row that neither end the device's package nor bring a chunk. A device that waits
for its user sends one now and then (1224 requestpending, DMCLIENT), not for ever."""

MAX_ID_CHARACTERS = 256
"""Of device id, SessionID and MsgID. MS-MDM has 4 bytes for a SessionID and GUIDs for devices."""

MAX_UPLOAD_BYTES = 4 * 1024 * 1024
"""The largest object a device may send in chunks, as transported. It is kept in one row and
written anew with each chunk; the largest values known are logs and inventories of some 100 KB."""

LOGIN_CHARACTERS = 16
"""Of a LoginStatus that is kept; the longest that is known has 6."""

MAX_WAITING_STATUSES = 20_000
"""Statuses that may wait because the device takes small messages only: twice the commands that
one message can hold."""

NONCE_BYTES = 16
"""Of a nonce that we make (DMSEC 5.3.2 advises as many as the digest has)."""

SMALLEST_CHUNK = 256
"""Characters of data that a chunk must have room for; with less, a large object has no end."""
