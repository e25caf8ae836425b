"""What the server asks of every device in a session: DevInfo and DevDetail (session.md 7)."""

from __future__ import annotations

INVENTORY_NODES: tuple[str, ...] = (
    "./DevInfo/DevId",
    "./DevInfo/Man",
    "./DevInfo/Mod",
    "./DevInfo/DmV",
    "./DevInfo/Lang",
    "./DevDetail/DevTyp",
    "./DevDetail/OEM",
    "./DevDetail/FwV",
    "./DevDetail/SwV",
    "./DevDetail/HwV",
    "./DevDetail/LrgObj",
)
