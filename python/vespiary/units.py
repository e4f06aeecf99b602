"""Amounts with their units. Amounts on a chain are whole numbers of wei."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from . import _native

#: Seconds, a text such as "20ms", or a timedelta.
Time = float | int | str | timedelta
#: Whole wei, or a text with its unit such as "0.5 gwei".
Wei = int | str


def _text(amount: int | str) -> str:
    if isinstance(amount, float):
        raise TypeError(f"write {amount!r} as a text, so that it is exact")
    return str(amount)


def iota(amount: int | str) -> int:
    """Wei of an amount of whole base tokens: `iota("0.5")`, `iota(1_000)`."""
    return _native.iota(_text(amount))


def gwei(amount: int | str) -> int:
    """Wei of an amount of gwei."""
    return _native.gwei(_text(amount))


def tokens(amount: int | str) -> int:
    """L1 units (millionths) of an amount of whole base tokens: what deposits, withdrawals and the faucet count in."""
    return _native.tokens(_text(amount))


@dataclass(frozen=True)
class FixedFee:
    """A fixed price of gas: `FixedFee("0.5 gwei")`, or whole wei. 0 is a chain without fees."""

    price: Wei
    #: Percent of the base fee that the proposer gets.
    validator_fee_share: int | None = None

    def _plain(self) -> Any:
        price = self.price if isinstance(self.price, str) else f"{self.price} wei"
        share = {} if self.validator_fee_share is None else {"validatorFeeShare": self.validator_fee_share}
        return {"price": hex(_native.price(price)), **share}


@dataclass(frozen=True)
class GasPerToken:
    """The policy as governance has it: `gas` units for `tokens` of L1's smallest units."""

    gas: int
    tokens: int
    validator_fee_share: int | None = None

    def _plain(self) -> Any:
        share = {} if self.validator_fee_share is None else {"validatorFeeShare": self.validator_fee_share}
        return {"gas": self.gas, "tokens": self.tokens, **share}
