"""The smaller values of a SyncML message: meta information, credential, challenge, others.

Sources: MetInf 1.2 DTD, DMREP, session.md sections 2 and 4. ``None`` means that an optional element
is absent, an empty text that it is empty. Import them from ``model``, of which they are a part.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mdmcore.syncml.nonce import nonce_forms


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherElement:
    """An element for which the model has no field, kept as it stood: DM uses it not, or nobody
    knows it. ``content`` is the XML between its tags, in its own namespace; attribute names are
    in Clark notation.
    """

    name: str
    namespace: str
    content: str = ""
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """MetInf of a header, command or item, each value as text.

    ``size``, ``max_msg_size`` and ``max_obj_size`` are decimal byte counts, unchecked.
    ``next_nonce`` and ``next_nonce_text`` are raw and base64 form of one value: give one;
    after reading, ``next_nonce`` is ``None`` beside a text that is no base64. ``others`` are
    those of data synchronisation (Anchor, Mem, FieldLevel) and unknown ones.
    """

    format: str | None = None
    type: str | None = None
    mark: str | None = None
    size: str | None = None
    next_nonce: bytes | None = None
    next_nonce_text: str | None = None
    version: str | None = None
    max_msg_size: str | None = None
    max_obj_size: str | None = None
    emi: tuple[str, ...] = ()
    others: tuple[OtherElement, ...] = ()

    def __post_init__(self) -> None:
        nonce, text = nonce_forms(self.next_nonce, self.next_nonce_text)
        object.__setattr__(self, "next_nonce", nonce)
        object.__setattr__(self, "next_nonce_text", text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cred:
    """A credential: ``type`` names the scheme (``syncml:auth-md5``), ``data`` is base64 text.

    An absent Type or Format is empty text. ``others`` are further children of its Meta.
    """

    type: str = ""
    format: str = ""
    data: str = field(repr=False)
    others: tuple[OtherElement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chal:
    """A challenge: the scheme the next Cred shall use, and its nonce for a digest.

    An absent Type or Format is empty text; the nonce's two forms are those of ``Meta``.
    ``others`` are further children of its Meta.
    """

    type: str = ""
    format: str = ""
    next_nonce: bytes | None = None
    next_nonce_text: str | None = None
    others: tuple[OtherElement, ...] = ()

    def __post_init__(self) -> None:
        nonce, text = nonce_forms(self.next_nonce, self.next_nonce_text)
        object.__setattr__(self, "next_nonce", nonce)
        object.__setattr__(self, "next_nonce_text", text)
