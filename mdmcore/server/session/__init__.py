"""A DM session on the server's side: the state machine of session.md 1.8, without any I/O.

``turn`` is the order of events in one message; what each step means stands in the modules beside
it. What a session must remember until its next message is ``work``.
"""

from __future__ import annotations
