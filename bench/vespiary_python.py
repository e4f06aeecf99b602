"""Vespiary in this process: `python vespiary_python.py WORKLOAD ONE_AT_A_TIME BULK` prints its figures as JSON.

An anchored chain in memory, without fees. One at a time: each transfer sent when the one before is final and has its receipt. In bulk: all in
one call, until each is final and has its receipt. First: from the package's import to the receipt of a new chain's first transaction.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vespiary import Chain


@contextmanager
def fresh(workload: dict[str, Any]) -> Iterator[Chain]:
    """A chain with the token, on a node of its own: no measurement has another's work behind it."""
    import vespiary

    with vespiary.Node() as node:
        chain = node.create_chain("bench", evm_chain_id=workload["chain_id"], fees="free")
        chain.send_raw(workload["deployment"]).check()
        yield chain


def one_at_a_time(workload: dict[str, Any], count: int) -> float:
    """Transfers a second, each with its receipt before the next."""
    with fresh(workload) as chain:
        chain.send_raw(*workload["funding"]).check()
        raw = workload["transfers"][:count]
        started = time.perf_counter()
        for transfer in raw:
            (row,) = chain.send_raw(transfer)
            if row.receipt is None or not row.receipt.ok:
                raise RuntimeError(f"a transfer was executed without success: {row}")
        elapsed = time.perf_counter() - started
        check(chain, workload, count)
        return count / elapsed


def bulk(workload: dict[str, Any], count: int) -> float:
    """Transfers a second when all are handed over at once."""
    with fresh(workload) as chain:
        chain.send_raw(*workload["funding"]).check()
        raw = workload["transfers"][:count]
        started = time.perf_counter()
        rows = chain.send_raw(*raw)
        elapsed = time.perf_counter() - started
        if len(rows.check().receipts) != count:
            raise RuntimeError(f"{count} transfers have {len(rows.receipts)} receipts")
        check(chain, workload, count)
        return count / elapsed


def check(chain: Chain, workload: dict[str, Any], count: int) -> None:
    """The first recipient got what the transfers gave it."""
    to = workload["recipients"][0]
    balance = int.from_bytes(chain.call(workload["token"], "0x70a08231" + to[2:].rjust(64, "0")), "big")
    expected = len(range(0, count, len(workload["recipients"])))
    if balance != expected:
        raise RuntimeError(f"recipient {to} has {balance} units, not {expected}")


def main() -> None:
    """Measures all there is to measure."""
    workload, singles, bulks = json.loads(Path(sys.argv[1]).read_text()), int(sys.argv[2]), int(sys.argv[3])
    begun = time.perf_counter()
    with fresh(workload):
        first_s = time.perf_counter() - begun
    figures = {"first_s": first_s, "one_at_a_time_per_s": one_at_a_time(workload, singles), "bulk_per_s": bulk(workload, bulks)}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
