"""The proxy in the test's own process, with a client in a thread beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from mdmcore.mitm.runner import ProxyOutcome, ProxySettings, run_proxy


async def run_with_client(
    settings: ProxySettings, client: Callable[[str], None] | None = None
) -> ProxyOutcome:
    """Run until the client (called with the proxy's URL in a thread) is done."""
    stop = asyncio.Event()
    listening: asyncio.Future[tuple[str, int]] = asyncio.get_running_loop().create_future()

    def heard(host: str, port: int) -> None:
        listening.set_result((host, port))

    running = asyncio.create_task(run_proxy(settings, on_listening=heard, stop=stop))
    both: list[asyncio.Future[Any]] = [running, listening]
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    try:
        if not running.done() and client is not None:
            host, port = listening.result()
            await asyncio.to_thread(client, f"http://{host}:{port}")
    finally:
        stop.set()
        outcome = await running
    return outcome
