"""Chains: reads at a height or level, sends, tables, streams, proofs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sized
from itertools import islice
from pathlib import Path
from typing import Any, Literal, NamedTuple

from . import _native
from ._native import BlockStream, Call, LogStream, Receipt, Row, Wallet
from ._native import Chain as NativeChain
from .compile import artifact
from .contract import AsyncContract, Contract, interface_of
from .table import Table
from .units import Time, Wei

Level = Literal["pending", "executed", "final", "anchored"]
#: A height, a level or one of Ethereum's names for one, or a block's hash.
At = int | str | bytes
#: Text, bytes, or anything with an `address`: a wallet or a contract.
Address = Any
#: True for a bar, or a function that is called with the number of rows that have their result.
Progress = bool | Callable[[int], object]

#: How many rows are signed and in flight at once.
_CHUNK = 4096


class Heads(NamedTuple):
    """How far a chain is at each level."""

    executed: int
    final: int
    anchored: int | None


class Rows(list[Row]):
    """What became of a batch, one row a call in its order."""

    @property
    def ok(self) -> bool:
        """True if no row failed."""
        return all(row.ok for row in self)

    @property
    def failed(self) -> list[Row]:
        return [row for row in self if not row.ok]

    @property
    def receipts(self) -> list[Receipt]:
        return [row.receipt for row in self if row.receipt is not None]

    def check(self) -> Rows:
        """Itself, or the first row's error raised."""
        for row in self:
            if row.error is not None:
                raise row.error
        return self

    def __repr__(self) -> str:
        return f"<Rows: {len(self)}, {len(self.failed)} failed>"

    def _repr_html_(self) -> str:
        return f"<code>{len(self)} rows, {len(self.failed)} failed</code>"


def _call_json(to: Address, data: bytes | str, sender: Address | None, value: Wei, gas: int | None) -> str:
    def text(address: Address) -> str:
        return address if isinstance(address, str) else str(address.address)

    call: dict[str, Any] = {"to": text(to), "data": data if isinstance(data, str) else f"0x{data.hex()}"}
    if sender is not None:
        call["from"] = text(sender)
    if gas is not None:
        call["gas"] = gas
    if value:
        call["value"] = hex(_native.price(value) if isinstance(value, str) else value)
    return json.dumps(call)


def _filter(address: Address | list[Address] | None, topics: list[Any] | None) -> str:
    def text(item: Address) -> str:
        return item if isinstance(item, str) else str(item.address)

    def topic(item: Any) -> Any:
        if isinstance(item, list):
            return [topic(one) for one in item]
        return f"0x{item.hex()}" if isinstance(item, bytes) else item

    addresses = [] if address is None else [text(item) for item in (address if isinstance(address, list) else [address])]
    return json.dumps({"address": addresses, "topics": [topic(item) for item in topics or []]})


class _Bar:
    """Tells a caller how many rows have their result."""

    def __init__(self, progress: Progress, total: int | None) -> None:
        self._tell: Callable[[int], object] = progress if callable(progress) else lambda _: None
        self._bar: Any = None
        self._done = 0
        if progress is True:
            try:
                from tqdm.auto import tqdm
            except ImportError:
                raise ImportError("progress=True shows a bar of tqdm: pip install tqdm, or pass a function") from None
            self._bar = tqdm(total=total, unit="tx")

    def add(self, rows: int) -> None:
        self._done += rows
        self._tell(self._done)
        if self._bar is not None:
            self._bar.update(rows)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


def _length(calls: Iterable[Call]) -> int | None:
    return len(calls) if isinstance(calls, Sized) else None


class _Named:
    """What both kinds of chain are without waiting for anything."""

    _native: NativeChain

    def __init__(self, native: NativeChain) -> None:
        self._native = native

    @property
    def name(self) -> str:
        return self._native.name

    @property
    def id(self) -> str:
        """The id of the alias that anchors it."""
        return self._native.id

    @property
    def evm_chain_id(self) -> int:
        """What wallets know it by."""
        return self._native.evm_chain_id

    @property
    def gas_price(self) -> int:
        """Wei for a gas unit."""
        return self._native.gas_price

    @property
    def config(self) -> dict[str, Any]:
        """What it was created with, as plain data."""
        return self._native.config()

    @property
    def heads(self) -> Heads:
        return Heads(*self._native.heads)

    @property
    def height(self) -> int:
        """The last final height."""
        return self.heads.final

    def blocks(self, start: int | None = None, *, level: Level = "final") -> BlockStream:
        """Blocks from a height on, from the store into live without a gap; without one, from the next. For `for` and `async for`.

        Items are dicts; `item["cursor"]` is the height to resume from.
        """
        return self._native.blocks(start, level)

    def logs(
        self,
        address: Address | list[Address] | None = None,
        topics: list[Any] | None = None,
        *,
        cursor: dict[str, int] | None = None,
        level: Level = "final",
    ) -> LogStream:
        """Logs as they become final. `item["cursor"]` is where to resume: nothing comes twice, nothing is lost."""
        return self._native.logs(_filter(address, topics), None if cursor is None else json.dumps(cursor), level)

    def __repr__(self) -> str:
        heads = self.heads
        return f"<{type(self).__name__} {self.name!r} id {self.evm_chain_id}, final {heads.final}, anchored {heads.anchored}>"

    def _repr_html_(self) -> str:
        heads = self.heads
        return (
            f"<table><tr><th>chain</th><td>{self.name}</td></tr><tr><th>EVM chain id</th><td>{self.evm_chain_id}</td></tr>"
            f"<tr><th>final</th><td>{heads.final}</td></tr><tr><th>anchored</th><td>{heads.anchored}</td></tr></table>"
        )

    def __reduce__(self) -> str:
        raise TypeError("a chain is a handle and cannot be pickled")


class Chain(_Named):
    """A chain. Calls block with the GIL released; Ctrl-C interrupts any of them."""

    def balance(self, address: Address, at: At = "final") -> int:
        """Wei that an address has."""
        return int(self._native.balance(address, at))

    def nonce(self, address: Address, at: At = "final") -> int:
        """The next nonce of an address; at "pending" with what waits in the mempool."""
        return int(self._native.nonce(address, at))

    def code(self, address: Address, at: At = "final") -> bytes:
        code: bytes = self._native.code(address, at)
        return code

    def storage(self, address: Address, slot: int | bytes | str, at: At = "final") -> bytes:
        """A storage slot: 32 bytes."""
        value: bytes = self._native.storage(address, slot, at)
        return value

    def block(self, at: At = "final") -> dict[str, Any] | None:
        """A block in `eth_getBlockByNumber`'s shape, its transactions whole; None if there is none."""
        block: dict[str, Any] | None = self._native.block(at)
        return block

    def call(
        self, to: Address, data: bytes | str = b"", *, sender: Address | None = None, value: Wei = 0, gas: int | None = None, at: At = "final"
    ) -> bytes:
        """Runs a call without a trace and gives the bytes it returns."""
        output: bytes = self._native.call(_call_json(to, data, sender, value, gas), at)
        return output

    def receipt(self, hash: str | bytes) -> Receipt | None:
        """The receipt of a transaction; None while it is in no final block."""
        receipt: Receipt | None = self._native.receipt(hash)
        return receipt

    def wait_for(self, hash: str | bytes, level: Level = "final", timeout: Time | None = None) -> Receipt:
        """The receipt of a transaction once it has come to a level."""
        receipt: Receipt = self._native.wait_for(hash, level, timeout)
        return receipt

    def transfer(
        self,
        to: Address,
        value: Wei,
        *,
        sender: Wallet,
        gas: int | None = None,
        nonce: int | None = None,
        wait: Level = "final",
        timeout: Time | None = None,
    ) -> Receipt:
        """Sends wei."""
        return self.send_one(Call(sender, to, None, value, gas, nonce), wait=wait, timeout=timeout)

    def send_one(self, call: Call, *, wait: Level = "final", timeout: Time | None = None) -> Receipt:
        """Signs and sends one call; `Reverted` if it fails. At wait="pending" it gives a `Row` with the hash."""
        receipt: Receipt = self._native.send_call(call, wait, timeout)
        return receipt

    def send(
        self, calls: Iterable[Call], *, wait: Level = "final", timeout: Time | None = None, progress: Progress = False
    ) -> Rows:
        """Signs and sends a batch natively: `chain.send(token.transfer.tx(w, 1, sender=alice) for w in crowd)`.

        One row a call in its order; a row that fails fails alone, and nothing is raised for it. Nonces left out are given in
        call order. A bounded number is in flight at once, and the iterable is read no faster than that.
        """
        rows, bar, source = Rows(), _Bar(progress, _length(calls)), iter(calls)
        try:
            while chunk := list(islice(source, _CHUNK)):
                done: list[Row] = self._native.send(chunk, wait, timeout)
                rows.extend(done)
                bar.add(len(done))
        finally:
            bar.close()
        return rows

    def send_raw(self, *raw: bytes | str, wait: Level = "final") -> Rows:
        """Sends transactions that were signed elsewhere."""
        return Rows(self._native.send_raw(list(raw), wait))

    def deploy(
        self,
        source: str | Path | dict[str, Any],
        *arguments: Any,
        sender: Wallet,
        contract: str | None = None,
        value: Wei = 0,
        gas: int | None = None,
        timeout: Time | None = None,
    ) -> Contract:
        """Compiles and deploys a contract: a `.vy` or `.sol` file, a compiler's artifact, or a dict with `abi` and `bytecode`."""
        abi, bytecode = artifact(source, contract)
        interface = interface_of(abi)
        data = interface.encode_creation(bytecode, arguments)
        receipt = self.send_one(Call(sender, None, data, value, gas, interface=interface), timeout=timeout)
        deployed = self.contract(receipt.contract_address or "", interface)
        deployed.receipt = receipt
        return deployed

    def contract(self, address: Address, abi: list[Any] | str | _native.Interface) -> Contract:
        """A contract that is there already."""
        return Contract(self, address if isinstance(address, str) else str(address.address), abi)

    def table(self, kind: str, start: int | None = None, end: int | None = None) -> Table:
        """A table by name, between two heights, both included."""
        return Table(self._native.table(kind, start, end))

    @property
    def tables(self) -> Tables:
        return Tables(self.table)

    @property
    def receipts(self) -> Table:
        return self.table("receipts")

    @property
    def transactions(self) -> Table:
        return self.table("transactions")

    @property
    def requests(self) -> Table:
        return self.table("requests")

    def prove(self, address: Address, slots: int | bytes | Iterable[int | bytes] = (), at: At = "anchored") -> dict[str, Any]:
        """Proof of an account and of slots of it, as plain data that needs no node to be checked.

        `anchor` is the output on the tangle whose metadata commits to `blockHash`; keccak-256 of `header` is `blockHash`; `stateRoot`
        stands in the header; `accountProof` leads from it to the account, `storageProof` from `storageHash` to each slot.
        """
        wanted = [slots] if isinstance(slots, int | bytes) else list(slots)
        proof: dict[str, Any] = self._native.prove(address, wanted, at)
        return proof

    def anchors(self) -> list[dict[str, Any]]:
        """The confirmed anchors, oldest first."""
        anchors: list[dict[str, Any]] = self._native.anchors()
        return anchors

    def deposit(self, wallet: Wallet, amount: int, *, to: Address | None = None, wait: Level = "final") -> Receipt:
        """Pays L1 units of a wallet into the chain, to the wallet's or another Ethereum address. The fee is taken out of them."""
        receipt: Receipt = self._native.deposit(wallet, amount, wallet if to is None else to, wait)
        return receipt

    def withdraw(self, wallet: Wallet, amount: int, *, to: str | None = None, wait: Level = "anchored") -> Receipt:
        """Sends L1 units out of a wallet's account to its own or another address on the tangle."""
        receipt: Receipt = self._native.withdraw(wallet, amount, to, wait)
        return receipt

    def rewind(self, height: int) -> None:
        """Takes a dev chain back to a height."""
        self._native.rewind(height)

    def provider(self, *accounts: Wallet) -> Any:
        """A provider for web3.py that signs with these accounts: `Web3(chain.provider(alice))`."""
        from .web3 import Provider

        return Provider(self, accounts)

    def rpc(self, method: str, *params: Any, accounts: Iterable[Wallet] = ()) -> Any:
        """One call of Ethereum's JSON-RPC: its result, or its error object."""
        answer = json.loads(self._native.provider(list(accounts)).request(method, json.dumps(list(params))))
        return answer["result"] if "result" in answer else answer["error"]


class Tables:
    """The tables of a chain by name."""

    def __init__(self, table: Callable[[str], Table]) -> None:
        self._table = table

    def __getattr__(self, name: str) -> Table:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._table(name)

    def __iter__(self) -> Iterator[str]:
        return iter(("blocks", "transactions", "receipts", "logs", "requests", "tree"))

    def __dir__(self) -> list[str]:
        return list(self)


class AsyncChain(_Named):
    """A chain for asyncio."""

    async def balance(self, address: Address, at: At = "final") -> int:
        return int(await self._native.balance(address, at))

    async def nonce(self, address: Address, at: At = "final") -> int:
        return int(await self._native.nonce(address, at))

    async def code(self, address: Address, at: At = "final") -> bytes:
        code: bytes = await self._native.code(address, at)
        return code

    async def storage(self, address: Address, slot: int | bytes | str, at: At = "final") -> bytes:
        value: bytes = await self._native.storage(address, slot, at)
        return value

    async def block(self, at: At = "final") -> dict[str, Any] | None:
        block: dict[str, Any] | None = await self._native.block(at)
        return block

    async def call(
        self, to: Address, data: bytes | str = b"", *, sender: Address | None = None, value: Wei = 0, gas: int | None = None, at: At = "final"
    ) -> bytes:
        output: bytes = await self._native.call(_call_json(to, data, sender, value, gas), at)
        return output

    async def receipt(self, hash: str | bytes) -> Receipt | None:
        receipt: Receipt | None = await self._native.receipt(hash)
        return receipt

    async def wait_for(self, hash: str | bytes, level: Level = "final", timeout: Time | None = None) -> Receipt:
        receipt: Receipt = await self._native.wait_for(hash, level, timeout)
        return receipt

    async def transfer(
        self,
        to: Address,
        value: Wei,
        *,
        sender: Wallet,
        gas: int | None = None,
        nonce: int | None = None,
        wait: Level = "final",
        timeout: Time | None = None,
    ) -> Receipt:
        return await self.send_one(Call(sender, to, None, value, gas, nonce), wait=wait, timeout=timeout)

    async def send_one(self, call: Call, *, wait: Level = "final", timeout: Time | None = None) -> Receipt:
        receipt: Receipt = await self._native.send_call(call, wait, timeout)
        return receipt

    async def send(
        self, calls: Iterable[Call], *, wait: Level = "final", timeout: Time | None = None, progress: Progress = False
    ) -> Rows:
        rows, bar, source = Rows(), _Bar(progress, _length(calls)), iter(calls)
        try:
            while chunk := list(islice(source, _CHUNK)):
                done: list[Row] = await self._native.send(chunk, wait, timeout)
                rows.extend(done)
                bar.add(len(done))
        finally:
            bar.close()
        return rows

    async def send_raw(self, *raw: bytes | str, wait: Level = "final") -> Rows:
        return Rows(await self._native.send_raw(list(raw), wait))

    async def deploy(
        self,
        source: str | Path | dict[str, Any],
        *arguments: Any,
        sender: Wallet,
        contract: str | None = None,
        value: Wei = 0,
        gas: int | None = None,
        timeout: Time | None = None,
    ) -> AsyncContract:
        import asyncio

        abi, bytecode = await asyncio.to_thread(artifact, source, contract)
        interface = interface_of(abi)
        data = interface.encode_creation(bytecode, arguments)
        receipt = await self.send_one(Call(sender, None, data, value, gas, interface=interface), timeout=timeout)
        deployed = self.contract(receipt.contract_address or "", interface)
        deployed.receipt = receipt
        return deployed

    def contract(self, address: Address, abi: list[Any] | str | _native.Interface) -> AsyncContract:
        return AsyncContract(self, address if isinstance(address, str) else str(address.address), abi)

    async def table(self, kind: str, start: int | None = None, end: int | None = None) -> Table:
        return Table(await self._native.table(kind, start, end))

    async def prove(self, address: Address, slots: int | bytes | Iterable[int | bytes] = (), at: At = "anchored") -> dict[str, Any]:
        wanted = [slots] if isinstance(slots, int | bytes) else list(slots)
        proof: dict[str, Any] = await self._native.prove(address, wanted, at)
        return proof

    async def anchors(self) -> list[dict[str, Any]]:
        anchors: list[dict[str, Any]] = await self._native.anchors()
        return anchors

    async def deposit(self, wallet: Wallet, amount: int, *, to: Address | None = None, wait: Level = "final") -> Receipt:
        receipt: Receipt = await self._native.deposit(wallet, amount, wallet if to is None else to, wait)
        return receipt

    async def withdraw(self, wallet: Wallet, amount: int, *, to: str | None = None, wait: Level = "anchored") -> Receipt:
        receipt: Receipt = await self._native.withdraw(wallet, amount, to, wait)
        return receipt

    async def rewind(self, height: int) -> None:
        await self._native.rewind(height)

    def provider(self, *accounts: Wallet) -> Any:
        """A provider for web3.py's `AsyncWeb3`."""
        from .web3 import AsyncProvider

        return AsyncProvider(self, accounts)

    async def rpc(self, method: str, *params: Any, accounts: Iterable[Wallet] = ()) -> Any:
        answer = json.loads(await self._native.provider(list(accounts)).request(method, json.dumps(list(params))))
        return answer["result"] if "result" in answer else answer["error"]
