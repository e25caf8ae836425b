"""The values of ``lint``: what a loose file is judged with, and what is to say about it.

Making them is the concern of the readers beside this module, writing them that of
``mdmcore.report``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mdmcore.enrollment.aetx import Aetx
from mdmcore.inspector.masking import Mask
from mdmcore.rules import Finding
from mdmcore.rules.overrides import NO_OVERRIDES, Overrides


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactSettings:
    """What the person who asks has said.

    ``profile`` is ``auto`` or forced; ``now`` (aware) is the moment at which dates are judged,
    ``None`` when they are not; ``aetx`` is the .aetx file to compare documents with. With
    ``is_shown`` the texts of documents are laid out for people. ``is_renewal``: what comes is the
    answer to a renewal, whatever it looks like. ``overrides``: what is wanted otherwise than the
    catalogue says.
    """

    profile: str = "auto"
    now: datetime | None = None
    aetx: Aetx | None = None
    mask: Mask = field(default_factory=Mask)
    is_shown: bool = False
    is_renewal: bool = False
    overrides: Overrides = NO_OVERRIDES


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadProblem:
    """Why a file, or an object in it, cannot be read; ``where`` is empty when it is all of it."""

    message: str
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactPart:
    """Something inside an artifact: a token of a message, a certificate of a document.

    ``place`` says where it was found, ``layers`` lead there from the file, outermost first.
    ``facts`` has plain JSON types only, ``shown`` is the text for people, secrets masked.
    """

    place: str
    kind: str
    summary: str
    layers: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    shown: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactReport:
    """What is to say about one object of a loose file.

    ``name`` is that of the file, ``number`` counts its objects from 1 where there are several,
    ``line`` is where the object begins in a text that holds more than it.
    ``kind`` is a word of ``kinds`` or, for SOAP, the message (``discover``, ``rstrc``, ...).
    ``layers`` were peeled off, outermost first; ``parts`` are inside. ``profile`` was judged for
    because of ``profile_reason``. ``facts`` and ``content`` have plain JSON types only: ``facts``
    for people, ``content`` everything that was decoded. ``notes`` say what was not judged and why.
    With a ``problem`` the object was not read to its end.
    """

    name: str
    kind: str
    summary: str
    number: int | None = None
    line: int | None = None
    layers: tuple[str, ...] = ()
    profile: str = ""
    profile_reason: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    content: Mapping[str, Any] = field(default_factory=dict)
    parts: tuple[ArtifactPart, ...] = ()
    notes: tuple[str, ...] = ()
    shown: str = ""
    findings: tuple[Finding, ...] = ()
    problem: ReadProblem | None = None
