"""The statements of the index of rules, each held against traffic in which it matters."""
