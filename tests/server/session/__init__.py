"""Tests of the DM session on the server's side."""
