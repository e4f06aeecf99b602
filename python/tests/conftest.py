"""A node, a chain and a token for every test that asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import vespiary as vs

CONTRACTS = Path(__file__).resolve().parents[2] / "contracts"
ARTIFACTS = CONTRACTS / "artifacts"


@pytest.fixture(scope="session")
def people() -> list[vs.Wallet]:
    return vs.wallets(12, seed=7)


@pytest.fixture
def alice(people: list[vs.Wallet]) -> vs.Wallet:
    return people[0]


@pytest.fixture
def bob(people: list[vs.Wallet]) -> vs.Wallet:
    return people[1]


@pytest.fixture
def node() -> Iterator[vs.Node]:
    with vs.Node() as node:
        yield node


@pytest.fixture
def chain(node: vs.Node, people: list[vs.Wallet]) -> vs.Chain:
    return node.create_chain("shop", fees=vs.FixedFee("0.5 gwei"), funded={who: vs.iota(1_000) for who in people[:10]})


@pytest.fixture
def token(chain: vs.Chain, alice: vs.Wallet) -> vs.Contract:
    return chain.deploy(ARTIFACTS / "Token.sol.json", 10**24, sender=alice)
