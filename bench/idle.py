"""What chains cost that nobody uses: `python idle.py CHAINS SECONDS` prints it as JSON.

All on one node of this process, each anchored and with a block behind it. Linux only: the figures are /proc's.
"""

from __future__ import annotations

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import vespiary

CALLERS = 32


def status(field: str) -> int:
    """A number out of /proc/self/status; memory is in kB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(f"{field}:")))


def cpu_s() -> float:
    """Seconds that this process has computed on all cores so far."""
    times = os.times()
    return times.user + times.system


def main() -> None:
    """Opens the chains, uses each once, waits until all are anchored, and then looks at the process for a while."""
    count, seconds = int(sys.argv[1]), float(sys.argv[2])
    (alice,) = vespiary.wallets(1, seed=1)
    funded = {alice: vespiary.iota(1)}
    with vespiary.Node() as node, ThreadPoolExecutor(CALLERS) as pool:

        def use(number: int) -> None:
            chain = node.create_chain(f"chain-{number}", funded=funded)
            chain.transfer(alice, 1, sender=alice).wait("anchored")

        # The callers' threads are there before the first count, so that they are in both.
        list(pool.map(time.sleep, [0.1] * CALLERS))
        use(0)
        threads = status("Threads")
        list(pool.map(use, range(1, count)))
        before, started = cpu_s(), time.perf_counter()
        time.sleep(seconds)
        share = (cpu_s() - before) / (time.perf_counter() - started)
        more = status("Threads") - threads
        print(json.dumps({"resident_mb": status("VmRSS") / 1024, "cpu_share": share, "threads_more_than_one_chain": more}))


if __name__ == "__main__":
    main()
