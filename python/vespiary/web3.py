"""Providers for web3.py that call the node in this process, without HTTP: `Web3(Provider(chain, [alice]))`.

They answer `eth_accounts`, sign `eth_sendTransaction` with the accounts they were given, and a send returns once final, or after a
bounded time. Needs `pip install "vespiary[web3]"`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, cast

from hexbytes import HexBytes
from web3.providers import AsyncBaseProvider, BaseProvider
from web3.types import RPCEndpoint, RPCResponse

from ._native import Wallet
from .chain import AsyncChain, Chain


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | HexBytes):
        return f"0x{bytes(value).hex()}"
    return dict(value)


def _params(params: Any) -> str:
    return json.dumps(list(params), default=_plain)


def _answer(text: str) -> RPCResponse:
    return cast("RPCResponse", {"jsonrpc": "2.0", "id": 0, **json.loads(text)})


class Provider(BaseProvider):
    """For `Web3`."""

    def __init__(self, chain: Chain, accounts: Iterable[Wallet] = ()) -> None:
        super().__init__()
        self._native = chain._native.provider(list(accounts))

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        return _answer(self._native.request(method, _params(params)))

    def is_connected(self, show_traceback: bool = False) -> bool:
        return not self._native.closed


class AsyncProvider(AsyncBaseProvider):
    """For `AsyncWeb3`."""

    def __init__(self, chain: AsyncChain, accounts: Iterable[Wallet] = ()) -> None:
        super().__init__()
        self._native = chain._native.provider(list(accounts))

    async def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        return _answer(await self._native.request(method, _params(params)))

    async def is_connected(self, show_traceback: bool = False) -> bool:
        return not self._native.closed
