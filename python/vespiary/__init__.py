"""Smart-contract chains in your process: `Node` blocks, `AsyncNode` awaits.

    import vespiary as vs
    with vs.Node() as node:
        chain = node.create_chain("shop", funded={alice: vs.iota("1000")})
"""

from . import errors
from ._native import Call, Receipt, Row, Wallet, keccak256
from .chain import AsyncChain, Chain, Heads, Rows
from .contract import AsyncContract, Contract
from .errors import ForkedNode, NodeClosed, Reverted, VespiaryError
from .node import AsyncNode, Node
from .table import Table
from .tangle import AsyncTangle, Tangle
from .tree import Actor, Tree
from .units import FixedFee, GasPerToken, gwei, iota, tokens
from .wallet import wallet, wallets

__version__ = __import__("vespiary._native", fromlist=["version"]).version()

__all__ = [
    "Actor",
    "AsyncChain",
    "AsyncContract",
    "AsyncNode",
    "AsyncTangle",
    "Call",
    "Chain",
    "Contract",
    "FixedFee",
    "ForkedNode",
    "GasPerToken",
    "Heads",
    "Node",
    "NodeClosed",
    "Receipt",
    "Reverted",
    "Row",
    "Rows",
    "Table",
    "Tangle",
    "Tree",
    "VespiaryError",
    "Wallet",
    "errors",
    "gwei",
    "iota",
    "keccak256",
    "tokens",
    "wallet",
    "wallets",
]
