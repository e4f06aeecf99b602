#!/usr/bin/env python3
"""Compiles the contracts of this folder into artifacts/: one JSON file a source, with its ABI and bytecode.

    python contracts/build.py            writes the artifacts
    python contracts/build.py --check    fails when a committed artifact is not what its source compiles to

The artifacts are committed, so that Rust tests need neither compiler. Needs Node.js with npm's `solc` and PyPI's `vyper`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ARTIFACTS = HERE / "artifacts"
# What a chain starts with; a later fork runs it too.
EVM_VERSION = "cancun"


def main() -> int:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    arguments.add_argument("--check", action="store_true", help="compare instead of writing")
    check: bool = arguments.parse_args().check

    compiled = solidity(sorted(HERE.glob("*.sol"))) | {path.name: vyper(path) for path in sorted(HERE.glob("*.vy"))}
    stale = [name for name, text in compiled.items() if not is_current(ARTIFACTS / f"{name}.json", text)]
    orphans = [path for path in ARTIFACTS.glob("*.json") if path.stem not in compiled]
    if check:
        for name in stale:
            print(f"contracts/artifacts/{name}.json is not what {name} compiles to: run `make contracts`.", file=sys.stderr)
        for path in orphans:
            print(f"contracts/artifacts/{path.name} has no source: delete it.", file=sys.stderr)
        return 1 if stale or orphans else 0

    ARTIFACTS.mkdir(exist_ok=True)
    for name in stale:
        (ARTIFACTS / f"{name}.json").write_text(compiled[name])
        print(f"contracts/artifacts/{name}.json")
    for path in orphans:
        path.unlink()
    return 0


def is_current(path: Path, text: str) -> bool:
    return path.exists() and path.read_text() == text


def solidity(sources: list[Path]) -> dict[str, str]:
    """Artifacts by source; each source defines one contract or interface, which `contract` names."""
    command = ["node", str(HERE / "compile.mjs"), "--evm-version", EVM_VERSION, *map(str, sources)]
    files = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    artifacts = {}
    for source, contracts in files.items():
        ((name, contract),) = contracts.items()
        artifacts[source] = artifact(name, source, contract["abi"], contract["bytecode"])
    return artifacts


def vyper(source: Path) -> str:
    """The artifact of one Vyper source, which is one contract."""
    command = [sys.executable, "-m", "vyper", "--evm-version", EVM_VERSION, "-f", "abi,bytecode", str(source)]
    abi, bytecode = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    return artifact(source.stem, source.name, json.loads(abi), bytecode)


def artifact(name: str, source: str, abi: list[object], bytecode: str) -> str:
    fields = {"contract": name, "source": source, "evmVersion": EVM_VERSION, "abi": abi, "bytecode": bytecode}
    return json.dumps(fields, indent=1) + "\n"


if __name__ == "__main__":
    sys.exit(main())
