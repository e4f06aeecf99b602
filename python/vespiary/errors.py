"""Everything this package raises: one class a code, all under `VespiaryError`."""

from __future__ import annotations

from typing import Any


class VespiaryError(Exception):
    """Base class. `code` is the string that the Node.js package puts in `err.code`, `details` the facts behind the sentence."""

    code: str = "ERR_INTERNAL"
    details: dict[str, Any]

    def __init__(self, message: str, details: dict[str, Any] | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.details = details or {}
        if code is not None:
            self.code = code

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (str(self), self.details, self.code))


class InternalError(VespiaryError):
    """A fault of this software."""


class NodeClosed(VespiaryError):
    """The node was closed."""

    code = "ERR_NODE_CLOSED"


class ForkedNode(VespiaryError):
    """A handle was used in a forked child; open a node there instead."""

    code = "ERR_FORKED"


class TimedOut(VespiaryError, TimeoutError):
    """No answer within the time given."""

    code = "ERR_TIMEOUT"


class Malformed(VespiaryError, ValueError):
    """An argument cannot be read."""

    code = "ERR_MALFORMED"


class Refused(VespiaryError):
    """It is understood, and not allowed here."""

    code = "ERR_REFUSED"


class Busy(VespiaryError):
    """Too much is queued, or an actor is restarting: try again."""

    code = "ERR_BUSY"


class Lagged(VespiaryError):
    """A reader fell behind."""

    code = "ERR_LAGGED"


class StoreError(VespiaryError, OSError):
    """The data directory could not be read or written."""

    code = "ERR_STORE"

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class InUse(StoreError):
    """Another process or node has the data directory."""

    code = "ERR_IN_USE"


class NewerFormat(StoreError):
    """A newer version wrote the data directory."""

    code = "ERR_NEWER_FORMAT"


class UnknownChain(VespiaryError, KeyError):
    """The node has no chain of this name."""

    code = "ERR_UNKNOWN_CHAIN"

    def __str__(self) -> str:
        return str(self.args[0])


class ChainExists(VespiaryError):
    """The name is taken."""

    code = "ERR_CHAIN_EXISTS"


class ConfigDiffers(VespiaryError):
    """The chain exists with another configuration."""

    code = "ERR_CONFIG_DIFFERS"


class UnknownActor(VespiaryError, KeyError):
    """Nobody in the tree has this path."""

    code = "ERR_UNKNOWN_ACTOR"

    def __str__(self) -> str:
        return str(self.args[0])


class UnknownBlock(VespiaryError):
    """The chain has no such block."""

    code = "ERR_UNKNOWN_BLOCK"


class UnknownTransaction(VespiaryError):
    """The chain has no such transaction."""

    code = "ERR_UNKNOWN_TRANSACTION"


class Rejected(VespiaryError):
    """A transaction was not taken: no receipt, no nonce, no fee."""


class NonceTooLow(Rejected):
    """The nonce was used."""

    code = "ERR_NONCE_TOO_LOW"


class NonceTooHigh(Rejected):
    """The nonce leaves a gap."""

    code = "ERR_NONCE_TOO_HIGH"


class Underpriced(Rejected):
    """It pays less for gas than the chain asks."""

    code = "ERR_UNDERPRICED"


class ReplacementUnderpriced(Rejected):
    """A pending one has this nonce, and this does not pay more."""

    code = "ERR_REPLACEMENT_UNDERPRICED"


class InsufficientFunds(Rejected):
    """The sender cannot pay for gas and value."""

    code = "ERR_INSUFFICIENT_FUNDS"


class IntrinsicGas(Rejected):
    """The gas limit is below what such a transaction needs before it runs."""

    code = "ERR_INTRINSIC_GAS"


class GasLimit(Rejected):
    """The gas limit is above what the chain allows."""

    code = "ERR_GAS_LIMIT"


class WrongChainId(Rejected):
    """Signed for another chain."""

    code = "ERR_WRONG_CHAIN_ID"


class BadSignature(Rejected):
    """The signature does not hold."""

    code = "ERR_BAD_SIGNATURE"


class PoolFull(Rejected):
    """The mempool is full."""

    code = "ERR_POOL_FULL"


class Skipped(Rejected):
    """It was ordered and could not be run."""

    code = "ERR_SKIPPED"


class Reverted(VespiaryError):
    """The contract reverted. `reason` is its text, `error` and `arguments` its custom error, `data` the raw bytes."""

    code = "ERR_REVERTED"

    @property
    def reason(self) -> str | None:
        reason: str | None = self.details.get("reason")
        return reason

    @property
    def error(self) -> str | None:
        error: dict[str, Any] | None = self.details.get("error")
        return error["name"] if error else None

    @property
    def arguments(self) -> dict[str, Any]:
        error: dict[str, Any] | None = self.details.get("error")
        return error["args"] if error else {}

    @property
    def data(self) -> bytes:
        data: bytes = self.details.get("data", b"")
        return data

    @property
    def transaction_hash(self) -> str | None:
        found: str | None = self.details.get("transactionHash")
        return found


class AbiError(VespiaryError, ValueError):
    """Arguments or data do not fit a contract's interface."""

    code = "ERR_ABI"


class CompilerError(VespiaryError):
    """A contract did not compile, or its compiler is not installed."""

    code = "ERR_COMPILER"


def _classes(base: type[VespiaryError]) -> dict[str, type[VespiaryError]]:
    found: dict[str, type[VespiaryError]] = {}
    for child in base.__subclasses__():
        found |= _classes(child)
        if "code" in vars(child):
            found[child.code] = child
    return found


_BY_CODE = _classes(VespiaryError)


def of_code(code: str, message: str, details: dict[str, Any]) -> VespiaryError:
    """The exception of a code; one that this version has no class for is an `InternalError` that carries it."""
    return _BY_CODE.get(code, InternalError)(message, details, code)
