"""titanoboa in this process: `python titanoboa.py WORKLOAD ONE_AT_A_TIME` prints its figure as JSON.

The same transfers as calls of the same bytecode: titanoboa signs and checks no signature, keeps no block and no receipt.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import boa
from boa.contracts.abi.abi_contract import ABIContractFactory

ARTIFACT = Path(__file__).resolve().parents[2] / "contracts" / "artifacts" / "Token.sol.json"


def one_at_a_time(workload: dict[str, Any], count: int) -> dict[str, float]:
    """Calls of `transfer` a second."""
    artifact = json.loads(ARTIFACT.read_text())
    deployer, senders, recipients = workload["deployer"], workload["senders"], workload["recipients"]
    creation = bytes.fromhex(artifact["bytecode"][2:]) + int(workload["supply"]).to_bytes(32, "big")
    address, _ = boa.env.deploy_code(sender=boa.util.abi.Address(deployer), bytecode=creation)
    token = ABIContractFactory("Token", artifact["abi"]).at(address)
    for sender in senders:
        token.transfer(sender, 10**18, sender=deployer)
    calls = [(recipients[recipient], senders[sender]) for sender, recipient in workload["calls"][:count]]
    started = time.perf_counter()
    for recipient, sender in calls:
        token.transfer(recipient, 1, sender=sender)
    elapsed = time.perf_counter() - started
    expected = len(range(0, count, len(recipients)))
    if token.balanceOf(recipients[0]) != expected:
        raise RuntimeError(f"recipient {recipients[0]} does not have {expected} units")
    return {"one_at_a_time_per_s": count / elapsed}


if __name__ == "__main__":
    print(json.dumps(one_at_a_time(json.loads(Path(sys.argv[1]).read_text()), int(sys.argv[2]))))
