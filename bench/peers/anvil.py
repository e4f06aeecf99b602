"""anvil over HTTP on this machine: `python anvil.py WORKLOAD ONE_AT_A_TIME BULK` prints its figures as JSON.

One at a time: `eth_sendRawTransactionSync`, each transfer sent when the one before has its receipt; anvil mines at once. Measured
twice, as anvil comes (it keeps every block's state, in memory and then on disk, and slows down as the chain grows) and with
`--prune-history`, where it forgets them.
In bulk: `eth_sendRawTransaction` in batches of 100 on four connections, a block a second (`--block-time 1`); timed from the first
byte sent to the block that has the last transfer.
"""

from __future__ import annotations

import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from json_rpc import Connection, batch, call

BATCH = 100
CONNECTIONS = 4
MACHINES = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
PACKAGE = f"anvil-{platform.system().lower()}-{MACHINES.get(platform.machine(), platform.machine())}"
# The program itself: npm's launcher would add Node.js' start to anvil's.
ANVIL = Path(__file__).resolve().parent.parent / "node_modules" / "@foundry-rs" / PACKAGE / "bin" / "anvil"
# Free gas, and blocks as large as a chain of ours has: nothing but work bounds the rate.
RULES = "--chain-id 1074 --hardfork cancun --gas-limit 1000000000 --block-base-fee-per-gas 0 --gas-price 0 --accounts 1 --quiet"


@contextmanager
def anvil(*options: str) -> Iterator[tuple[Connection, int, float]]:
    """A running anvil with a home of its own: a connection, its port, and the seconds from its start to its first answer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # anvil leaves every block it drops from memory in its home, gigabytes in a day.
    with tempfile.TemporaryDirectory(prefix="bench-anvil-") as home:
        command = [str(ANVIL), "--host", "127.0.0.1", "--port", str(port), *RULES.split(), *options]
        started = time.perf_counter()
        process = subprocess.Popen(command, env={**os.environ, "HOME": home}, stdout=subprocess.DEVNULL)
        try:
            connection = first_answer(process, port, started + 30)
            yield connection, port, time.perf_counter() - started
            connection.close()
        finally:
            process.terminate()
            process.wait()


def first_answer(process: subprocess.Popen[bytes], port: int, deadline: float) -> Connection:
    """A connection that has answered once."""
    while time.perf_counter() < deadline and process.poll() is None:
        try:
            connection = Connection(port)
        except ConnectionRefusedError:
            time.sleep(0.001)
            continue
        connection.result("eth_chainId")
        return connection
    raise RuntimeError("anvil did not start within 30 s")


def prepare(connection: Connection, workload: dict[str, Any]) -> None:
    """Deploys the token and gives each sender its share."""
    connection.post(batch([call("eth_sendRawTransaction", raw) for raw in [workload["deployment"], *workload["funding"]]]))
    while int(connection.result("eth_getTransactionCount", workload["deployer"], "latest"), 16) <= len(workload["funding"]):
        time.sleep(0.01)


def one_at_a_time(workload: dict[str, Any], count: int, *options: str) -> tuple[float, float]:
    """Transfers a second, each with its receipt before the next; and the start-up time in seconds."""
    with anvil(*options) as (connection, _, start_s):
        prepare(connection, workload)
        bodies = [call("eth_sendRawTransactionSync", raw) for raw in workload["transfers"][:count]]
        started = time.perf_counter()
        for body in bodies:
            if connection.post(body)["result"]["status"] != "0x1":
                raise RuntimeError("anvil executed a transfer without success")
        elapsed = time.perf_counter() - started
        check(connection, workload, count)
        return count / elapsed, start_s


def bulk(workload: dict[str, Any], count: int) -> float:
    """Transfers a second when all are sent as fast as anvil takes them."""
    with anvil("--block-time", "1") as (connection, port, _):
        prepare(connection, workload)
        calls = [call("eth_sendRawTransaction", raw) for raw in workload["transfers"][:count]]
        batches = [batch(calls[at : at + BATCH]) for at in range(0, count, BATCH)]
        height = int(connection.result("eth_blockNumber"), 16)
        connections = [Connection(port) for _ in range(CONNECTIONS)]

        def send(lane: int) -> None:
            for body in batches[lane::CONNECTIONS]:
                connections[lane].post(body)

        with ThreadPoolExecutor(CONNECTIONS) as pool:
            started = time.perf_counter()
            lanes = [pool.submit(send, lane) for lane in range(CONNECTIONS)]
            mined = 0
            while mined < count:
                for lane in lanes:
                    if lane.done():
                        lane.result()
                for number in range(height + 1, int(connection.result("eth_blockNumber"), 16) + 1):
                    mined += int(connection.result("eth_getBlockTransactionCountByNumber", hex(number)), 16)
                    height = number
                time.sleep(0.01)
            elapsed = time.perf_counter() - started
        check(connection, workload, count)
        for one in connections:
            one.close()
        return count / elapsed


def check(connection: Connection, workload: dict[str, Any], count: int) -> None:
    """The first recipient got what the transfers gave it."""
    to, token = workload["recipients"][0], workload["token"]
    balance = connection.result("eth_call", {"to": token, "data": "0x70a08231" + to[2:].rjust(64, "0")}, "latest")
    expected = len(range(0, count, len(workload["recipients"])))
    if int(balance, 16) != expected:
        raise RuntimeError(f"recipient {to} has {int(balance, 16)} units, not {expected}")


def main() -> None:
    """Measures all there is to measure."""
    workload, singles, bulks = json.loads(Path(sys.argv[1]).read_text()), int(sys.argv[2]), int(sys.argv[3])
    rate, start_s = one_at_a_time(workload, singles)
    pruned, _ = one_at_a_time(workload, singles, "--prune-history")
    figures = {"start_s": start_s, "one_at_a_time_per_s": rate, "pruned_one_at_a_time_per_s": pruned}
    print(json.dumps(figures | {"bulk_per_s": bulk(workload, bulks)}))


if __name__ == "__main__":
    main()
