"""`make demo`, first half: two chains in this Python process, from the sources of contracts to a proof that needs no node.

Exits with 1 if anything that it says is not so.
"""

from __future__ import annotations

import platform
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import polars as pl
import rlp
import vespiary as vs
from tqdm import tqdm
from trie import HexaryTrie

CONTRACTS = Path(__file__).resolve().parent.parent / "contracts"
SUPPLY, SHARE = 10**24, 10**18
SENDERS, TRANSFERS = 20, 1_000  # on each of two chains

Chains = dict[str, vs.Chain]
Tokens = dict[str, vs.Contract]
Transfer = tuple[vs.Wallet, vs.Wallet, int]
FAILED: list[str] = []


def say(what: str, text: str, holds: bool = True) -> None:
    """A line of what happened; `holds` is what must be so."""
    if not holds:
        FAILED.append(what)
    print(f"  {what:<10}{text}{'' if holds else '   ← FAILED'}", flush=True)


def main() -> int:
    started = time.perf_counter()
    print(f"\nVespiary {vs.__version__} in Python {platform.python_version()}\n")
    owner, *crowd = vs.wallets(1 + SENDERS, seed=7)
    funded = {wallet: vs.iota(1_000) for wallet in (owner, *crowd)}

    node = vs.Node()
    chains = {name: node.create_chain(name, funded=funded) for name in ("shop", "bank")}
    say("node", f"two chains, anchored on a tangle of its own, {time.perf_counter() - started:.2f} s after the start")

    compiled = (("shop", "Token.sol", "npm's solc"), ("bank", "Token.vy", "PyPI's vyper"))
    tokens = {name: chains[name].deploy(CONTRACTS / source, SUPPLY, sender=owner) for name, source, _ in compiled}
    for name, source, compiler in compiled:
        say(name, f"{source}, compiled by {compiler}, at {tokens[name].address}")
        chains[name].send(tokens[name].transfer.tx(wallet, SHARE, sender=owner) for wallet in crowd).check()

    # Everybody pays the next one in the row a little.
    transfers = [(crowd[i % SENDERS], crowd[(i + 1) % SENDERS], 1 + i % 7) for i in range(TRANSFERS)]
    sent = send_and_crash(node, chains, tokens, transfers)
    nothing_lost(chains, tokens, owner, crowd, transfers, sent)
    tables(node, tokens, transfers)
    print(f"\n{node.tree}")

    holder, token = crowd[0], tokens["bank"]
    slot = vs.keccak256(bytes(32) + left(holder.address))  # Vyper's first variable, balanceOf, at this key
    covered = chains["bank"].wait_for(sent["bank"][-1], "anchored", timeout="10s")
    proof = chains["bank"].prove(token.address, slot)
    balance = token.balanceOf(holder)
    found = proof["anchor"]
    say("anchor", f"milestone {found['milestone']} of the tangle confirms block {found['height']} of `bank`", found["height"] >= covered.height)
    node.close()
    say("closed", "the node; from here on there is a hash of the tangle's, keccak, and a stock trie library", node.closed)
    verify(proof, token.address, slot, balance)

    print(f"\n  {time.perf_counter() - started:.1f} s in all{'; FAILED: ' + ', '.join(FAILED) if FAILED else ''}")
    return 1 if FAILED else 0


def send_and_crash(node: vs.Node, chains: Chains, tokens: Tokens, transfers: list[Transfer]) -> dict[str, list[str]]:
    """Sends the transfers on both chains at once, and crashes each executor when half of its chain's are final.

    Without a gas limit of their own the transfers get the chain's largest, so a block holds twenty: work before the crash, and behind it.
    """

    def send(name: str) -> vs.Rows:
        transfer = tokens[name].transfer
        return chains[name].send(transfer.tx(to, value, sender=sender) for sender, to, value in transfers)

    def follow(name: str, first: int) -> int:
        done = 0
        for block in chains[name].blocks(first):
            before, done = done, done + block["transactions"]
            bar.update(block["transactions"])
            if before < TRANSFERS // 2 <= done:
                node.tree[f"chains/{name}/executor"].crash()
            if done >= TRANSFERS:
                return done
        return done

    started = time.perf_counter()
    with tqdm(total=2 * TRANSFERS, unit=" final", desc="  sending", ncols=100, file=sys.stdout) as bar, ThreadPoolExecutor() as pool:
        followed = [pool.submit(follow, name, chain.height + 1) for name, chain in chains.items()]
        rows = dict(zip(chains, pool.map(send, chains)))
        counts = [one.result() for one in followed]
    seconds = time.perf_counter() - started
    say("sent", f"{sum(counts):,} signed transfers final, {sum(counts) / seconds:,.0f} a second", counts == [TRANSFERS, TRANSFERS])
    crashed = [node.tree[f"chains/{name}/executor"].restarts for name in chains]
    say("crashed", f"the executors in the middle, with a panic; restarts: {crashed}", crashed == [1, 1])
    return {name: [receipt.hash for receipt in batch.check().receipts] for name, batch in rows.items()}


def nothing_lost(
    chains: Chains, tokens: Tokens, owner: vs.Wallet, crowd: list[vs.Wallet], transfers: list[Transfer], sent: dict[str, list[str]]
) -> None:
    """Every transfer is there, once: by receipts, by nonces, and by what everybody has."""
    nonces = Counter(sender.address for sender, _, _ in transfers)
    moved = Counter({wallet.address: SHARE for wallet in crowd})
    for sender, to, value in transfers:
        moved[to.address] += value
        moved[sender.address] -= value
    for name, chain in chains.items():
        hashes = chain.receipts.to_polars()["transaction_hash"].to_list()
        balances = {wallet.address: tokens[name].balanceOf(wallet) for wallet in (owner, *crowd)}
        once = len(hashes) == len(set(hashes)) == TRANSFERS + SENDERS + 1 and set(sent[name]) <= set(hashes)
        say(name, f"{len(hashes):,} receipts, each once; every nonce and every balance as computed; {sum(balances.values()):,} in all",
            once
            and len(set(sent[name])) == TRANSFERS
            and all(chain.nonce(wallet) == nonces[wallet.address] for wallet in crowd)
            and all(balances[address] == value for address, value in moved.items())
            and sum(balances.values()) == SUPPLY)


def tables(node: vs.Node, tokens: Tokens, transfers: list[Transfer]) -> None:
    """The node's receipts and the tokens' logs as polars frames."""
    receipts = node.receipts.to_polars()
    by_chain = receipts.group_by("chain", maintain_order=True).agg(
        pl.col("height").n_unique().alias("blocks"),
        pl.len().alias("transactions"),
        pl.col("succeeded").sum(),
        pl.col("logs").sum(),
        pl.col("gas_used").sum().alias("gas"),
        pl.col("gas_used").median().cast(pl.Int64).alias("median gas"),
    )
    with pl.Config(tbl_hide_dataframe_shape=True, tbl_hide_column_data_types=True, tbl_formatting="UTF8_FULL_CONDENSED"):
        print(f"\n{by_chain}\n")
    for name, token in tokens.items():
        values = token.events.Transfer.to_polars()["value"].tail(TRANSFERS)
        say(name, f"{len(values):,} Transfer logs of {values.sum():,.0f} units", values.sum() == sum(value for *_, value in transfers))


def verify(proof: dict[str, Any], token: str, slot: bytes, balance: int) -> None:
    """From the hash on the tangle down to the balance, with nothing of ours but keccak."""
    anchored, header = proof["anchor"]["blockHash"], raw(proof["header"])
    say("header", f"{len(header)} bytes, keccak {anchored[:14]}…, is what the anchor commits to", vs.keccak256(header) == raw(anchored))
    state_root = rlp.decode(header)[3]
    _, _, storage_root, _ = rlp.decode(proven(state_root, left(token)[12:], proof["accountProof"]))
    say("account", f"{len(proof['accountProof'])} trie nodes from stateRoot to the token's account")
    nodes = proof["storageProof"][0]["proof"]
    value = int.from_bytes(rlp.decode(proven(storage_root, slot, nodes)), "big")
    say("balance", f"{len(nodes)} trie nodes from there to the slot: {value:,}", value == balance)
    try:
        proven(vs.keccak256(b"another root"), slot, nodes)
        say("forgery", "a proof against another root was accepted", False)
    except Exception as error:
        say("forgery", f"against another root it is refused: {type(error).__name__}")


def proven(root: bytes, key: bytes, nodes: list[str]) -> bytes:
    """What stands under keccak(key) in the trie of this root, by py-trie."""
    value: bytes = HexaryTrie.get_from_proof(root, vs.keccak256(key), [rlp.decode(raw(node)) for node in nodes])
    return value


def raw(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def left(address: str) -> bytes:
    """An address as the 32 bytes that a mapping's key is."""
    return raw(address).rjust(32, b"\0")


if __name__ == "__main__":
    sys.exit(main())
