"""Who is measured, and how each is called: a program of its own that prints one JSON object of figures."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

BENCH = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Size:
    """How much work one repetition is.

    anvil slows down as its chain grows, so a shorter run flatters it: both sizes send as many transfers one at a time.
    """

    one_at_a_time: int
    bulk: int
    repetitions: int


FULL = Size(one_at_a_time=1_000, bulk=10_000, repetitions=3)
QUICK = Size(one_at_a_time=1_000, bulk=4_000, repetitions=1)


def commands(workload: Path, size: Size) -> dict[str, list[str]]:
    """The command of each contestant, in the order in which they take turns."""
    peers, singles, bulks = BENCH / "peers", str(size.one_at_a_time), str(size.bulk)
    return {
        "secp256k1": [sys.executable, str(peers / "secp256k1.py"), "1"],
        "anvil": [sys.executable, str(peers / "anvil.py"), str(workload), singles, bulks],
        "titanoboa": [sys.executable, str(peers / "titanoboa.py"), str(workload), singles],
    }


def measure(command: list[str]) -> dict[str, float]:
    """One repetition of one contestant, in its own process; the last line it prints is its figures."""
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=180).stdout
    figures: dict[str, float] = json.loads(printed.splitlines()[-1])
    return figures
