"""Nodes: `Node` blocks, `AsyncNode` awaits. Both close in order when their block ends."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import weakref
from collections.abc import Mapping
from html import escape
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from . import _native
from ._native import Node as NativeNode
from ._native import Wallet
from .chain import AsyncChain, Chain
from .table import Table
from .tangle import AsyncTangle, Tangle
from .tree import Tree
from .units import FixedFee, GasPerToken, Time, Wei

_open: weakref.WeakSet[_Base] = weakref.WeakSet()
#: How long the end of the interpreter waits for a node that nobody closed.
_AT_EXIT = 5.0


@atexit.register
def _close_all() -> None:
    for node in list(_open):
        # A dying process has nobody to tell.
        with contextlib.suppress(Exception):
            node._native.close_blocking(_AT_EXIT)
    _native.shut()


os.register_at_fork(after_in_child=_open.clear)


def _node_options(
    name: str | None,
    data_dir: str | Path | None,
    durability: str | None,
    seed: int | None,
    clock: str,
    milestone_interval: Time | None,
    network: str | None,
) -> str:
    interval = None if milestone_interval is None else _native.seconds(milestone_interval) * 1e3
    return json.dumps(
        {
            "name": name,
            "dataDir": None if data_dir is None else str(data_dir),
            "durability": durability,
            "seed": seed,
            "clock": clock,
            "milestoneInterval": interval,
            "network": network,
        }
    )


Funded = Mapping[Any, Wei]
Fees = FixedFee | GasPerToken | Literal["free"]


def _chain_options(
    name: str,
    dev: bool,
    evm_chain_id: int | None,
    fees: Fees | None,
    funded: Funded | None,
    fork: str | None,
    gas_limits: Mapping[str, int] | None,
    mempool: Mapping[str, int] | None,
    owner: str | Wallet | None,
) -> str:
    def address(key: Any) -> str:
        return key if isinstance(key, str) else str(key.address)

    def wei(value: Wei) -> str:
        return hex(_native.price(value) if isinstance(value, str) else value)

    def camel(options: Mapping[str, int]) -> dict[str, int]:
        return {"".join(word.capitalize() if place else word for place, word in enumerate(key.split("_"))): value for key, value in options.items()}

    options: dict[str, Any] = {"name": name, "dev": dev, "funded": {address(key): wei(value) for key, value in (funded or {}).items()}}
    if evm_chain_id is not None:
        options["evmChainId"] = evm_chain_id
    if fees is not None:
        options["fees"] = fees if isinstance(fees, str) else fees._plain()
    if fork is not None:
        options["fork"] = fork
    if gas_limits is not None:
        options["gasLimits"] = camel(gas_limits)
    if mempool is not None:
        options["mempool"] = camel(mempool)
    if owner is not None:
        options["owner"] = owner.l1_address if isinstance(owner, Wallet) else owner
    return json.dumps(options)


class _Base:
    _native: NativeNode

    def _adopt(self, native: NativeNode) -> None:
        self._native = native
        _open.add(self)

    @property
    def name(self) -> str:
        return self._native.name

    @property
    def closed(self) -> bool:
        return self._native.closed

    @property
    def tree(self) -> Tree:
        """Who lives in the node: `print(node.tree)`, `node.tree["chains/shop/executor"].crash()`."""
        return Tree(self._native)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r} {'closed' if self.closed else 'running'}>"

    def _repr_html_(self) -> str:
        body = "" if self.closed else f"<pre>{escape(str(self.tree))}</pre>"
        return f"<b>{type(self).__name__}</b> <code>{escape(self.name)}</code> {'closed' if self.closed else 'running'}{body}"

    def __reduce__(self) -> str:
        raise TypeError("a node is a handle and cannot be pickled: open one in the other process")


class Node(_Base):
    """A node in this process. Calls block with the GIL released; Ctrl-C interrupts any of them.

    Without `data_dir` it keeps everything in memory. With `seed` its keys are the same every time, and guessable. With
    `clock="virtual"` time moves only inside calls that wait and in `run_for`.
    """

    def __init__(
        self,
        *,
        name: str | None = None,
        data_dir: str | Path | None = None,
        durability: Literal["power-loss", "process"] | None = None,
        seed: int | None = None,
        clock: Literal["real", "virtual"] = "real",
        tangle: Tangle | None = None,
        milestone_interval: Time | None = None,
        network: str | None = None,
    ) -> None:
        options = _node_options(name, data_dir, durability, seed, clock, milestone_interval, network)
        self._adopt(_native.Node.open(options, None if tangle is None else tangle._native, False))

    def create_chain(
        self,
        name: str,
        *,
        dev: bool = False,
        evm_chain_id: int | None = None,
        fees: Fees | None = None,
        funded: Funded | None = None,
        fork: str | None = None,
        gas_limits: Mapping[str, int] | None = None,
        mempool: Mapping[str, int] | None = None,
        owner: str | Wallet | None = None,
    ) -> Chain:
        """Makes a chain: anchored on the tangle, or `dev`, which can be rewound. `funded` gives addresses wei at genesis."""
        options = _chain_options(name, dev, evm_chain_id, fees, funded, fork, gas_limits, mempool, owner)
        return Chain(self._native.create_chain(options))

    def get_or_create_chain(
        self,
        name: str,
        *,
        dev: bool = False,
        evm_chain_id: int | None = None,
        fees: Fees | None = None,
        funded: Funded | None = None,
        fork: str | None = None,
        gas_limits: Mapping[str, int] | None = None,
        mempool: Mapping[str, int] | None = None,
        owner: str | Wallet | None = None,
    ) -> Chain:
        """The chain of this name, made if there is none. Another configuration is an error that shows the difference."""
        options = _chain_options(name, dev, evm_chain_id, fees, funded, fork, gas_limits, mempool, owner)
        return Chain(self._native.get_or_create_chain(options))

    def chain(self, name: str) -> Chain:
        return Chain(self._native.chain(name))

    @property
    def chains(self) -> dict[str, Chain]:
        """All chains by name."""
        return {chain.name: Chain(chain) for chain in self._native.chains()}

    @property
    def tangle(self) -> Tangle:
        """The tangle it is on."""
        return Tangle._of(self._native.tangle())

    def run_for(self, time: Time) -> None:
        """Lets virtual time run."""
        self._native.run_for(time)

    @property
    def now_ms(self) -> int:
        """Unix milliseconds on the node's clock."""
        return int(self._native.now_ms())

    def table(self, kind: str, start: int | None = None, end: int | None = None) -> Table:
        """A table over all its chains: blocks, transactions, receipts, logs, requests or tree."""
        return Table(self._native.table(kind, start, end))

    @property
    def receipts(self) -> Table:
        return self.table("receipts")

    def close(self, timeout: Time = 10) -> None:
        """Shuts the tree down in order, waits at most so long, then abandons what is left. A second call does nothing."""
        self._native.close(timeout)
        _open.discard(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class AsyncNode(_Base):
    """The same for asyncio: `async with await AsyncNode.open() as node`, or `async with AsyncNode.open() as node`."""

    @classmethod
    def open(
        cls,
        *,
        name: str | None = None,
        data_dir: str | Path | None = None,
        durability: Literal["power-loss", "process"] | None = None,
        seed: int | None = None,
        clock: Literal["real", "virtual"] = "real",
        tangle: AsyncTangle | None = None,
        milestone_interval: Time | None = None,
        network: str | None = None,
    ) -> _Opening:
        options = _node_options(name, data_dir, durability, seed, clock, milestone_interval, network)
        return _Opening(options, tangle)

    def __init__(self, native: NativeNode) -> None:
        self._adopt(native)

    async def create_chain(
        self,
        name: str,
        *,
        dev: bool = False,
        evm_chain_id: int | None = None,
        fees: Fees | None = None,
        funded: Funded | None = None,
        fork: str | None = None,
        gas_limits: Mapping[str, int] | None = None,
        mempool: Mapping[str, int] | None = None,
        owner: str | Wallet | None = None,
    ) -> AsyncChain:
        options = _chain_options(name, dev, evm_chain_id, fees, funded, fork, gas_limits, mempool, owner)
        return AsyncChain(await self._native.create_chain(options))

    async def get_or_create_chain(
        self,
        name: str,
        *,
        dev: bool = False,
        evm_chain_id: int | None = None,
        fees: Fees | None = None,
        funded: Funded | None = None,
        fork: str | None = None,
        gas_limits: Mapping[str, int] | None = None,
        mempool: Mapping[str, int] | None = None,
        owner: str | Wallet | None = None,
    ) -> AsyncChain:
        options = _chain_options(name, dev, evm_chain_id, fees, funded, fork, gas_limits, mempool, owner)
        return AsyncChain(await self._native.get_or_create_chain(options))

    async def chain(self, name: str) -> AsyncChain:
        return AsyncChain(await self._native.chain(name))

    async def chains(self) -> dict[str, AsyncChain]:
        return {chain.name: AsyncChain(chain) for chain in await self._native.chains()}

    @property
    def tangle(self) -> AsyncTangle:
        return AsyncTangle(self._native.tangle())

    async def run_for(self, time: Time) -> None:
        await self._native.run_for(time)

    async def now_ms(self) -> int:
        return int(await self._native.now_ms())

    async def table(self, kind: str, start: int | None = None, end: int | None = None) -> Table:
        return Table(await self._native.table(kind, start, end))

    async def aclose(self, timeout: Time = 10) -> None:
        await self._native.close(timeout)
        _open.discard(self)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.aclose()


class _Opening:
    """A node that is being opened: awaited, or entered."""

    def __init__(self, options: str, tangle: AsyncTangle | None) -> None:
        self._options = options
        self._tangle = None if tangle is None else tangle._native
        self._node: AsyncNode | None = None

    async def _open(self) -> AsyncNode:
        return AsyncNode(await _native.Node.open(self._options, self._tangle, True))

    def __await__(self) -> Any:
        return self._open().__await__()

    async def __aenter__(self) -> AsyncNode:
        self._node = await self._open()
        return self._node

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._node is not None:
            await self._node.aclose()
