"""The tangle: stands alone, or is a node's own. Amounts are L1 units: `tokens("1.5")`."""

from __future__ import annotations

import json
from typing import Any

from . import _native
from ._native import Tangle as NativeTangle
from ._native import Wallet
from .units import Time


def _options(network: str | None, milestone_interval: Time | None) -> str:
    interval = None if milestone_interval is None else _native.seconds(milestone_interval) * 1e3
    return json.dumps({"network": network, "milestoneInterval": interval})


def _address(who: Wallet | str) -> str:
    return who.l1_address if isinstance(who, Wallet) else who


class Tangle:
    """An embedded tangle: `Node(tangle=tangle)` puts several nodes on one."""

    def __init__(self, *, network: str | None = None, milestone_interval: Time | None = None) -> None:
        self._native: NativeTangle = NativeTangle.open(_options(network, milestone_interval), False)

    @classmethod
    def _of(cls, native: _native.Tangle) -> Tangle:
        tangle = cls.__new__(cls)
        tangle._native = native
        return tangle

    @property
    def network(self) -> str:
        """The human-readable part of addresses."""
        return str(self._native.network())

    @property
    def milestone(self) -> dict[str, Any]:
        """`index`, `id` and `timeMs` of the newest milestone."""
        milestone: dict[str, Any] = self._native.latest_milestone()
        return milestone

    def address(self, wallet: Wallet) -> str:
        """A wallet's address on this network, in bech32."""
        return wallet.bech32(self.network)

    def balance(self, who: Wallet | str) -> int:
        """L1 units that somebody can spend."""
        return int(self._native.balance(_address(who)))

    def faucet(self, who: Wallet | str, amount: int) -> None:
        """Pays L1 units out of the faucet; done when a milestone has confirmed it."""
        self._native.faucet(_address(who), amount)

    def pause(self) -> None:
        """Issues no milestones until `resume`."""
        self._native.pause()

    def resume(self) -> None:
        """Issues milestones again."""
        self._native.resume()

    def refuse(self, blocks: int) -> None:
        """Refuses the next blocks."""
        self._native.refuse(blocks)

    def set_milestone_interval(self, time: Time) -> None:
        """Changes the least time between two milestones."""
        self._native.set_milestone_interval(time)

    def __repr__(self) -> str:
        return f"<Tangle at milestone {self.milestone['index']}>"

    def __reduce__(self) -> str:
        raise TypeError("a tangle is a handle and cannot be pickled")


class AsyncTangle:
    """The same for asyncio; `await AsyncTangle.open()` for one that stands alone."""

    def __init__(self, native: _native.Tangle) -> None:
        self._native = native

    @classmethod
    async def open(cls, *, network: str | None = None, milestone_interval: Time | None = None) -> AsyncTangle:
        return cls(await _native.Tangle.open(_options(network, milestone_interval), True))

    async def network(self) -> str:
        return str(await self._native.network())

    @property
    def milestone(self) -> dict[str, Any]:
        return self._native.latest_milestone()

    async def balance(self, who: Wallet | str) -> int:
        return int(await self._native.balance(_address(who)))

    async def faucet(self, who: Wallet | str, amount: int) -> None:
        await self._native.faucet(_address(who), amount)

    async def pause(self) -> None:
        await self._native.pause()

    async def resume(self) -> None:
        await self._native.resume()

    async def refuse(self, blocks: int) -> None:
        await self._native.refuse(blocks)

    async def set_milestone_interval(self, time: Time) -> None:
        await self._native.set_milestone_interval(time)

    def __reduce__(self) -> str:
        raise TypeError("a tangle is a handle and cannot be pickled")
