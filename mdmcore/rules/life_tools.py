"""Small questions that rules on whole lives ask."""

from __future__ import annotations

from mdmcore.rules.scene import Scene


def is_new_session(scene: Scene) -> bool:
    return scene.life.session_count > scene.before.session_count


def ends_with(target: str, *names: str) -> bool:
    last = target.rstrip("/").lower()
    return any(last.endswith(f"/{name.lower()}") for name in names)
