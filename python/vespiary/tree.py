"""The supervision tree: printed, looked up, broken on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from . import _native
from .units import Time


class Actor:
    """One actor by its path. Figures are read afresh at each look; faults are orders to it.

    On an `AsyncNode` the faults give awaitables.
    """

    def __init__(self, node: _native.Node, path: str) -> None:
        self._node = node
        self.path = path
        self._read()

    def _read(self) -> dict[str, Any]:
        return self._node.tree_actor(self.path)

    @property
    def kind(self) -> str:
        return str(self._read()["kind"])

    @property
    def state(self) -> str:
        """starting, up, restarting, stopping, stopped, stuck or quarantined."""
        return str(self._read()["state"])

    @property
    def restarts(self) -> int:
        return int(self._read()["restarts"])

    @property
    def incarnation(self) -> int:
        return int(self._read()["incarnation"])

    @property
    def handled(self) -> int:
        return int(self._read()["handled"])

    @property
    def queued(self) -> int:
        return int(self._read()["queued"])

    @property
    def last_exit(self) -> str | None:
        last: str | None = self._read()["lastExit"]
        return last

    def crash(self) -> Any:
        """Makes it panic, for real."""
        return self._node.crash(self.path)

    def stop(self) -> Any:
        """Makes it stop as if by itself."""
        return self._node.stop(self.path)

    def hang(self, time: Time) -> Any:
        """Keeps it from handling anything for a time."""
        return self._node.hang(self.path, time)

    def drop(self, count: int = 1) -> Any:
        """Throws its next messages away."""
        return self._node.drop_messages(self.path, count)

    def delay(self, time: Time, count: int = 1) -> Any:
        """Holds each of its next messages back for a time."""
        return self._node.delay_messages(self.path, count, time)

    def __repr__(self) -> str:
        info = self._read()
        return f"<Actor {self.path} {info['kind']} {info['state']}, {info['restarts']} restarts>"


class Tree:
    """The tree of a node: `print(node.tree)`, `node.tree["chains/shop/executor"].crash()`."""

    def __init__(self, node: _native.Node) -> None:
        self._node = node

    def __getitem__(self, path: str) -> Actor:
        return Actor(self._node, path)

    def __contains__(self, path: str) -> bool:
        return bool(self._node.tree_snapshot(path))

    def __iter__(self) -> Iterator[str]:
        return iter([str(actor["path"]) for actor in self._node.tree_snapshot()])

    def __len__(self) -> int:
        return len(self._node.tree_snapshot())

    def select(self, glob: str) -> list[Actor]:
        """The actors whose paths match, such as `/chains/*/executor` or `/chains/**`."""
        return [Actor(self._node, str(actor["path"])) for actor in self._node.tree_snapshot(glob)]

    def snapshot(self, glob: str | None = None) -> list[dict[str, Any]]:
        """All figures at once, as plain data."""
        return self._node.tree_snapshot(glob)

    def events(self) -> _native.TreeEvents:
        """What happens from now on; an iterator, and an async iterator. A slow reader loses the oldest and is told how many."""
        return self._node.tree_events()

    def __str__(self) -> str:
        return self._node.tree_text()

    def __repr__(self) -> str:
        return f"<Tree of {len(self)} actors>\n{self}"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"
