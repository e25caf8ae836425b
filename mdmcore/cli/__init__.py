"""The ``mdmproxy`` command: one module for each sub-command, imported only when it is called."""
