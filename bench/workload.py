"""The work that every contestant does: ERC-20 transfers of 200 senders to 1,000 recipients, signed once before anything is timed.

Transaction i is of sender i modulo 200 and goes to recipient i modulo 1,000. All gas is free (a fee cap of 0), so nobody needs
funds; the token is the deployer's first contract, so its address is known before any node runs.
"""

from __future__ import annotations

import json
from pathlib import Path

import coincurve
import rlp
from eth_hash.auto import keccak

CHAIN_ID = 1074
SENDERS = 200
RECIPIENTS = 1_000
GAS_LIMIT = 100_000
DEPLOYMENT_GAS_LIMIT = 2_000_000
TRANSFER = keccak(b"transfer(address,uint256)")[:4]
TOKEN = Path(__file__).resolve().parent.parent / "contracts" / "artifacts" / "Token.sol.json"


def key(name: str) -> coincurve.PrivateKey:
    """The key that this name always has here."""
    return coincurve.PrivateKey(keccak(f"vespiary bench: {name}".encode()))


def address(signer: coincurve.PrivateKey) -> bytes:
    """The Ethereum address of a key, 20 bytes."""
    return keccak(signer.public_key.format(compressed=False)[1:])[12:]


def sign(signer: coincurve.PrivateKey, nonce: int, to: bytes, data: bytes, gas_limit: int) -> bytes:
    """A signed EIP-1559 transaction that pays nothing for gas."""
    fields = [CHAIN_ID, nonce, 0, 0, gas_limit, to, 0, data, []]
    signature = signer.sign_recoverable(keccak(b"\x02" + rlp.encode(fields)), hasher=None)
    r, s = (int.from_bytes(signature[at : at + 32], "big") for at in (0, 32))
    payload: bytes = rlp.encode([*fields, signature[64], r, s])
    return b"\x02" + payload


def transfer(to: bytes, value: int) -> bytes:
    """Call data of `transfer(to, value)`."""
    return TRANSFER + to.rjust(32, b"\0") + value.to_bytes(32, "big")


def write(path: Path, transfers: int) -> None:
    """Signs a deployment, a funding transfer to each sender and `transfers` transfers, and writes them down as JSON.

    `deployment`, `funding` and `transfers` hold raw transactions, `calls` the (sender, recipient) of each transfer of 1 unit.
    """
    deployer, senders = key("deployer"), [key(f"sender {i}") for i in range(SENDERS)]
    recipients = [keccak(f"recipient {i}".encode())[12:] for i in range(RECIPIENTS)]
    token = keccak(rlp.encode([address(deployer), 0]))[12:]
    supply = 10**24
    creation = bytes.fromhex(json.loads(TOKEN.read_text())["bytecode"][2:]) + supply.to_bytes(32, "big")

    funding = [
        sign(deployer, 1 + i, token, transfer(address(sender), 10**18), GAS_LIMIT) for i, sender in enumerate(senders)
    ]
    pairs = [(i % SENDERS, i % RECIPIENTS) for i in range(transfers)]
    signed = [
        sign(senders[sender], i // SENDERS, token, transfer(recipients[recipient], 1), GAS_LIMIT)
        for i, (sender, recipient) in enumerate(pairs)
    ]
    fields = {
        "chain_id": CHAIN_ID,
        "deployer": hexadecimal(address(deployer)),
        "token": hexadecimal(token),
        "supply": str(supply),
        "senders": [hexadecimal(address(sender)) for sender in senders],
        "recipients": [hexadecimal(recipient) for recipient in recipients],
        "deployment": hexadecimal(sign(deployer, 0, b"", creation, DEPLOYMENT_GAS_LIMIT)),
        "funding": [hexadecimal(raw) for raw in funding],
        "transfers": [hexadecimal(raw) for raw in signed],
        "calls": pairs,
    }
    path.write_text(json.dumps(fields))


def hexadecimal(data: bytes) -> str:
    return "0x" + data.hex()
