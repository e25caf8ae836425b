"""mitmweb's master for a process that goes on after it: its web server is closed at the end.

mitmproxy's own keeps no hold of the listening sockets. A separate module because the web
interface costs import time that nobody else should pay.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from mitmproxy.master import Master
from mitmproxy.tools.web.master import WebMaster
from tornado.httpserver import HTTPServer

from mdmcore.errors import ConfigError

_MAX_BUFFER = 256 * 1024 * 1024


class ClosingWebMaster(WebMaster):
    """Calls ``on_web`` with the URL (its token included) once the interface can be reached."""

    def __init__(self, options: Any, on_web: Callable[[str], None] | None) -> None:
        super().__init__(options, with_termlog=False)
        self._on_web = on_web
        self._web_server: HTTPServer | None = None

    async def running(self) -> None:
        """Serve the interface, then do what every master does; ConfigError for a taken port."""
        host, port = self.options.web_host, self.options.web_port
        server = HTTPServer(self.app, max_buffer_size=_MAX_BUFFER)
        try:
            listening = socket.create_server((host, port))
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise ConfigError(
                f"cannot listen on {host}:{port} for the web view: {reason}"
            ) from None
        listening.setblocking(False)
        server.add_sockets([listening])
        self._web_server = server
        if self._on_web is not None:
            self._on_web(self.web_url)
        await Master.running(self)

    async def done(self) -> None:
        """Close the interface, then do what every master does."""
        if self._web_server is not None:
            self._web_server.stop()
            await self._web_server.close_all_connections()
        await super().done()
