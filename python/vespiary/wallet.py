"""Wallets: plain values, bound to no node."""

from __future__ import annotations

import secrets

from . import _native
from ._native import Wallet


def wallets(count: int, seed: int | None = None, *, first: int = 0) -> list[Wallet]:
    """So many wallets. With a seed they are the same every time, and anybody's who knows the number; without one they are random."""
    if seed is None:
        return [_native.Wallet.from_entropy(secrets.token_bytes(32)) for _ in range(count)]
    return _native.wallets(count, seed, first)


def wallet(secret: bytes | str | None = None) -> Wallet:
    """The wallet of an Ethereum private key, or a random one."""
    if secret is None:
        return _native.Wallet.from_entropy(secrets.token_bytes(32))
    return _native.Wallet.from_secret(secret)
