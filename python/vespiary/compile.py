"""Compiling contracts: Vyper by PyPI's `vyper`, Solidity by Node.js and npm's `solc`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from .errors import CompilerError

#: The EVM that a chain starts with.
EVM_VERSION = "cancun"

#: Compiles standard JSON on its standard input; looks for solc from the source's folder and from the working directory upwards.
_SOLC = """
const { createRequire } = require('node:module');
const { readFileSync } = require('node:fs');
const { resolve } = require('node:path');
const [input, ...homes] = JSON.parse(readFileSync(0, 'utf8'));
const from = (home) => createRequire(resolve(home, 'from-here.js'));
const first = (name) => { for (const home of homes) { try { return from(home).resolve(name) } catch (error) { if (error.code !== 'MODULE_NOT_FOUND' && error.code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw error } } };
const found = first('solc');
if (!found) { process.stderr.write('no solc'); process.exit(3) }
const load = (path) => {
  try { return { contents: readFileSync(path.startsWith('/') ? path : first(path) ?? path, 'utf8') } }
  catch (error) { return { error: error.message } }
};
process.stdout.write(require(found).compile(JSON.stringify(input), { import: load }));
"""


def artifact(source: str | Path | dict[str, Any], contract: str | None = None) -> tuple[list[Any], str]:
    """The ABI and bytecode of a `.vy` or `.sol` file, of a compiler's artifact (`.json`), or of a dict with `abi` and `bytecode`."""
    if isinstance(source, dict):
        return _of_json(source, "this dict")
    path = Path(source)
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist: name a .vy or .sol file, a compiler's .json artifact, or give a dict with abi and bytecode")
    match path.suffix:
        case ".vy":
            return vyper(path)
        case ".sol":
            return solidity(path, contract)
        case ".json":
            return _of_json(json.loads(path.read_text()), str(path))
        case other:
            raise CompilerError(f"{path} is a {other or 'file without an ending'}: contracts are .vy, .sol or .json files")


def _of_json(value: dict[str, Any], what: str) -> tuple[list[Any], str]:
    code = value.get("bytecode")
    if isinstance(code, dict):  # Foundry's artifacts and solc's standard output
        code = code.get("object")
    if code is None and isinstance(value.get("evm"), dict):
        code = value["evm"]["bytecode"]["object"]
    abi = value.get("abi")
    if not isinstance(abi, list) or not isinstance(code, str) or code in ("", "0x"):
        raise CompilerError(f"{what} needs an `abi` and a `bytecode`")
    return abi, code if code.startswith("0x") else f"0x{code}"


def vyper(path: Path) -> tuple[list[Any], str]:
    """Compiles one Vyper source."""
    command = [sys.executable, "-m", "vyper", "--evm-version", EVM_VERSION, "-f", "abi,bytecode", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        if "No module named vyper" in done.stderr:
            raise CompilerError('Vyper is not installed: pip install "vespiary[vyper]"')
        raise CompilerError(f"{path} does not compile:\n{done.stderr.strip()}")
    abi, bytecode = [line for line in done.stdout.splitlines() if line.startswith(("[", "0x"))]
    return json.loads(abi), bytecode


def solidity(path: Path, contract: str | None = None) -> tuple[list[Any], str]:
    """Compiles one Solidity source and picks a contract of it: the one named, the one named as the file, or the only one."""
    source = str(path.resolve())
    standard = {
        "language": "Solidity",
        "sources": {source: {"content": path.read_text()}},
        "settings": {
            "evmVersion": EVM_VERSION,
            "optimizer": {"enabled": True, "runs": 200},
            "metadata": {"bytecodeHash": "none"},
            "outputSelection": {"*": {"*": ["abi", "evm.bytecode.object"]}},
        },
    }
    homes = [str(folder) for folder in (path.resolve().parent, Path.cwd())]
    # In a checkout the compiler is that of the Node.js package.
    homes += [str(folder / "node") for folder in path.resolve().parents if (folder / "node" / "node_modules").is_dir()]
    try:
        done = subprocess.run(
            ["node", "-e", _SOLC], input=json.dumps([standard, *homes]), capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise CompilerError("Solidity needs Node.js (20 or later) on the PATH, and `npm install solc` beside your sources") from None
    if done.returncode == 3:
        raise CompilerError(f"the Solidity compiler is not installed: run `npm install solc` in {path.resolve().parent}")
    if done.returncode != 0:
        raise CompilerError(f"solc failed:\n{done.stderr.strip()}")
    output = json.loads(done.stdout)
    wrong = [message["formattedMessage"] for message in output.get("errors", []) if message["severity"] == "error"]
    if wrong:
        raise CompilerError(f"{path} does not compile:\n" + "\n".join(wrong))
    compiled: dict[str, Any] = output["contracts"].get(source, {})
    deployable = {name: found for name, found in compiled.items() if found["evm"]["bytecode"]["object"]}
    name = contract or (next(iter(deployable)) if len(deployable) == 1 else path.stem)
    if name not in deployable:
        raise CompilerError(f"{path} has {', '.join(deployable) or 'no contract that can be deployed'}: choose one with contract=")
    return _of_json(deployable[name], f"{path}:{name}")
