"""Measures the same signed ERC-20 transfers through every contestant on this machine, in one run.

    python bench/run.py             three repetitions of each, taking turns; under four minutes
    python bench/run.py --quick     one repetition of each
    python bench/run.py --only anvil,titanoboa

Prints medians, and the ratios that must hold; exits 1 when one does not. Absolute rates are this machine's at this moment: only
ratios of one run mean something.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
import time
from pathlib import Path

import workload
from bars import Figures, table, verdicts
from contestants import BULK, ONE_AT_A_TIME, commands, measure


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true", help="one repetition of each contestant, so no medians")
    arguments.add_argument("--only", metavar="NAMES", help="contestants to measure, separated by commas")
    options = arguments.parse_args()

    repetitions, started, figures = 1 if options.quick else 3, time.perf_counter(), Figures()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        signed = Path(folder) / "workload.json"
        workload.write(signed, max(ONE_AT_A_TIME, BULK))
        chosen = commands(signed)
        if options.only:
            names = options.only.split(",")
            if unknown := [name for name in names if name not in chosen]:
                arguments.error(f"no contestant {', '.join(unknown)}: there are {', '.join(chosen)}")
            chosen = {name: chosen[name] for name in names}
        for repetition in range(repetitions):
            for name, command in chosen.items():
                print(f"repetition {repetition + 1} of {repetitions}: {name}", file=sys.stderr)
                for metric, value in measure(command).items():
                    figures.setdefault(f"{name}.{metric}", []).append(value)

    lines, all_hold = verdicts(figures)
    print(f"{platform.platform()}, Python {platform.python_version()}, {time.perf_counter() - started:.0f} s")
    print(table(figures))
    if lines:
        print(f"\n{lines}")
    return 0 if all_hold else 1


if __name__ == "__main__":
    sys.exit(main())
