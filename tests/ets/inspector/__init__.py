"""Checks of the inspector driven by itself."""
