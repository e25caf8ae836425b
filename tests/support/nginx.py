"""A real nginx on loopback: one origin with a hub package, and fronts that treat it differently."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.processes import START_S, Process, free_port
from tests.support.requirements import require_program

_CONFIGURATION = """
{user}daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  types {{ application/x-silverlight-app xap; }}
  server {{
    listen 127.0.0.1:{port};
    root {folder}/www;
    location /stripped/ {{
      proxy_pass http://127.0.0.1:{port}/;
      proxy_set_header Range $http_range;
      proxy_hide_header Content-Range;
    }}
    location /rangeless/ {{
      alias {folder}/www/;
      max_ranges 0;
    }}
  }}
}}
"""


@contextmanager
def nginx_with_hub(folder: Path, package: bytes) -> Iterator[str]:
    """Base URL of the server: ``/hub.xap`` is right, ``/stripped/hub.xap`` lacks Content-Range,
    ``/rangeless/hub.xap`` comes whole whatever is asked."""
    program = require_program("nginx")
    (folder / "www").mkdir(parents=True)
    (folder / "www" / "hub.xap").write_bytes(package)
    port = free_port()
    # The workers of a nginx started by root would be nobody, who may not read the test's folder.
    user = "user root;\n" if hasattr(os, "geteuid") and os.geteuid() == 0 else ""
    configuration = folder / "nginx.conf"
    configuration.write_text(
        _CONFIGURATION.format(folder=folder, port=port, user=user), encoding="utf-8"
    )
    with Process([program, "-c", configuration, "-p", folder]) as process:
        base = f"http://127.0.0.1:{port}"
        _wait_until_ready(process, port)
        yield base


def _wait_until_ready(process: Process, port: int) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=START_S):
                return
        except ConnectionRefusedError:
            continue
    raise AssertionError(f"nginx does not listen:\n{process.output}")
