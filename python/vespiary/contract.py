"""Contracts: `token.transfer(to, 5, sender=alice)` sends, `token.balanceOf(who)` reads, `token.events.Transfer` is a table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from . import _native
from .table import Table

if TYPE_CHECKING:
    from .chain import AsyncChain, Chain


def interface_of(abi: list[Any] | str | _native.Interface) -> _native.Interface:
    """An ABI as a list, as JSON, or read already."""
    if isinstance(abi, _native.Interface):
        return abi
    return _native.Interface(abi if isinstance(abi, str) else json.dumps(abi))


class _Functions:
    """What both kinds of contract share: functions by name."""

    address: str
    interface: _native.Interface
    _chain: _native.Chain

    def __getattr__(self, name: str) -> _native.Function:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            function = self.interface.function(name, self._chain, self.address)
        except ValueError as error:
            raise AttributeError(str(error)) from None
        # Found once; from now on an ordinary attribute.
        self.__dict__[name] = function
        return function

    def __getitem__(self, signature: str) -> _native.Function:
        """A function by its whole signature, such as `token["transfer(address,uint256)"]`."""
        return self.interface.function(signature, self._chain, self.address)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.interface.functions]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.address} on {self._chain.name}: {', '.join(self.interface.functions)}>"

    def __reduce__(self) -> str:
        raise TypeError("a contract is bound to a chain and cannot be pickled: pickle its address and its interface")


class Contract(_Functions):
    """A contract at an address of a chain.

    Functions take keyword arguments besides their own: `sender`, `value`, `gas`, `nonce`, `max_fee`, `tip`, `wait` and `timeout`
    to send, `at` to read. `function.tx(...)` is the call as a value for `chain.send`, `function.call(...)` runs it without a trace.
    """

    def __init__(self, chain: Chain, address: str, abi: list[Any] | str | _native.Interface) -> None:
        self._chain = chain._native
        self.address = address
        self.interface = interface_of(abi)
        #: The receipt of its creation, if it was deployed here.
        self.receipt: _native.Receipt | None = None

    @property
    def events(self) -> Events:
        """Its events by name, each a table."""
        return Events(self._chain, self.interface, self.address)


class AsyncContract(_Functions):
    """The same for asyncio: every call gives an awaitable."""

    def __init__(self, chain: AsyncChain, address: str, abi: list[Any] | str | _native.Interface) -> None:
        self._chain = chain._native
        self.address = address
        self.interface = interface_of(abi)
        self.receipt: _native.Receipt | None = None

    async def events(self, name: str, start: int | None = None, end: int | None = None) -> Table:
        """One of its events as a table."""
        return Table(await self._chain.event_table(self.interface, name, self.address, start, end))


class Events:
    """The events of a contract: `token.events.Transfer`, or by signature in brackets."""

    def __init__(self, chain: _native.Chain, interface: _native.Interface, address: str) -> None:
        self._chain = chain
        self._interface = interface
        self._address = address

    def __getattr__(self, name: str) -> Table:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            self._interface.event(name)
        except ValueError as error:
            raise AttributeError(str(error)) from None
        return self[name]

    def __getitem__(self, name: str) -> Table:
        return self.table(name)

    def table(self, name: str, start: int | None = None, end: int | None = None) -> Table:
        """The event's logs between two heights, both included."""
        return Table(self._chain.event_table(self._interface, name, self._address, start, end))

    def __iter__(self) -> Iterator[str]:
        return iter(self._interface.events)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._interface.events]

    def __repr__(self) -> str:
        return f"<Events {', '.join(self)}>"
