"""mdmproxy inside mitmproxy: flows to exchanges and back, guarded hooks, one engine per master.

Only this package, ``mdmcore/capture/flows.py``, ``mdmcore/cli`` and ``addons/`` know mitmproxy.
Nothing is imported here: each part costs only what uses it.
"""
