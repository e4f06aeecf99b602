"""Who is measured, and how each is called: a program of its own that prints one JSON object of figures."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parent
# The checkout's environment, where the package is; the peers' own versions of its dependencies are in the benchmark's.
PYTHON = BENCH.parent / ".venv" / "bin" / "python"


# anvil slows down as its chain grows and mines in bulk once a second, so other sizes give other ratios: they are part of the bars.
ONE_AT_A_TIME = 1_000
BULK = 10_000
IDLE_CHAINS, IDLE_SECONDS = 500, 5


def commands(workload: Path) -> dict[str, list[str]]:
    """The command of each contestant, in the order in which they take turns."""
    peers, singles, bulks = BENCH / "peers", str(ONE_AT_A_TIME), str(BULK)
    return {
        "secp256k1": [sys.executable, str(peers / "secp256k1.py"), "1"],
        "anvil": [sys.executable, str(peers / "anvil.py"), str(workload), singles, bulks],
        "titanoboa": [sys.executable, str(peers / "titanoboa.py"), str(workload), singles],
        "python": [str(PYTHON), str(BENCH / "vespiary_python.py"), str(workload), singles, bulks],
        "node": ["node", str(BENCH / "vespiary_node.mjs"), str(workload), singles, bulks],
        "idle": [str(PYTHON), str(BENCH / "idle.py"), str(IDLE_CHAINS), str(IDLE_SECONDS)],
    }


def measure(command: list[str]) -> dict[str, float]:
    """One repetition of one contestant, in its own process; the last line it prints is its figures."""
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=180).stdout
    figures: dict[str, float] = json.loads(printed.splitlines()[-1])
    return figures
