"""Messages that were kept without their HTTP: SyncMLViewer's saves, documents in any log's text.

Source: formats.md sections 5.0 and 5.4; field-problems.md section 5. Which side a message is from
stands in the message. What it does not tell, URL, status and Content-Type, is what it implies, and
such an exchange is ``is_bare``: no rule on HTTP speaks. Bodies were printed anew, so none of them
is ``verbatim``.
"""

from __future__ import annotations

from mdmcore.capture.messages.facts import MessageFacts, facts_of
from mdmcore.capture.messages.pairing import Message, bare_request, bare_response, paired
from mdmcore.capture.messages.text import has_documents, read_messages

__all__ = [
    "Message",
    "MessageFacts",
    "bare_request",
    "bare_response",
    "facts_of",
    "has_documents",
    "paired",
    "read_messages",
]
