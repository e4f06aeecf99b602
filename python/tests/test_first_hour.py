"""What users hold in their hands."""

from __future__ import annotations

import pickle
import threading

import polars as pl
import pytest
import vespiary as vs
from conftest import ARTIFACTS, CONTRACTS


def test_a_send_returns_once_final_and_reads_see_it(chain: vs.Chain, token: vs.Contract, alice: vs.Wallet, bob: vs.Wallet) -> None:
    receipt = token.transfer(bob, 5, sender=alice)
    assert receipt.ok and receipt.level == "final" and chain.heads.final >= receipt.height
    assert token.balanceOf(bob) == 5
    assert receipt.events == [("Transfer", {"from": alice.address, "to": bob.address, "value": 5})]
    assert token.balanceOf(bob, at=receipt.height - 1) == 0
    assert chain.receipt(receipt.hash).to_dict() == receipt.to_dict()


def test_a_receipt_can_be_awaited_to_a_later_level(token: vs.Contract, alice: vs.Wallet, bob: vs.Wallet) -> None:
    receipt = token.transfer(bob, 1, sender=alice)
    assert receipt.wait("anchored", timeout=30).level == "anchored"
    assert token.transfer(bob, 1, sender=alice, wait="anchored").level == "anchored"


def test_vyper_and_solidity_compile_to_contracts(chain: vs.Chain, alice: vs.Wallet) -> None:
    for source in ("Token.vy", "Token.sol"):
        token = chain.deploy(CONTRACTS / source, 10**6, sender=alice)
        assert token.totalSupply() == 10**6 and token.symbol() == "TKN"


def test_a_batch_has_one_row_a_call_and_bad_rows_fail_alone(
    chain: vs.Chain, token: vs.Contract, people: list[vs.Wallet]
) -> None:
    alice, bob, poor = people[0], people[1], people[11]
    told: list[int] = []
    calls = [token.transfer.tx(bob, 1, sender=alice) for _ in range(50)]
    calls[10] = token.transfer.tx(bob, 1, sender=poor)
    calls[20] = token.transfer.tx(alice, 10**25, sender=bob)
    rows = chain.send(iter(calls), progress=told.append)
    assert len(rows) == 50 and [rows.index(row) for row in rows.failed] == [10, 20]
    assert isinstance(rows[10].error, vs.errors.InsufficientFunds) and rows[10].receipt is None
    assert isinstance(rows[20].error, vs.Reverted) and not rows[20].receipt.ok
    assert token.balanceOf(bob) == 48 and told[-1] == 50


def test_a_batch_that_money_covers_only_in_turns_is_sent_in_turns(chain: vs.Chain, people: list[vs.Wallet]) -> None:
    rich, poor = people[0], people[11]
    chain.transfer(poor, vs.gwei("0.5") * 21_000 * 3 + 3, sender=rich)
    rows = chain.send([vs.Call(poor, rich, None, 1, 21_000) for _ in range(3)])
    assert rows.check().ok
    assert chain.balance(poor) == 0


def test_threads_share_a_wallet_without_gaps(chain: vs.Chain, token: vs.Contract, alice: vs.Wallet, bob: vs.Wallet) -> None:
    def work() -> None:
        for _ in range(20):
            token.transfer(bob, 1, sender=alice)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert token.balanceOf(bob) == 80


def test_tables_have_their_contract(node: vs.Node, chain: vs.Chain, token: vs.Contract, alice: vs.Wallet, bob: vs.Wallet) -> None:
    token.transfer(bob, 2**200 % 10**24, sender=alice)
    for kind in chain.tables:
        table = chain.table(kind)
        assert table.columns[:2] == ["node", "chain"] and table.metadata["vespiary.schema"] == "1"
        assert len(table.to_polars()) == len(table)
    events = token.events.Transfer
    assert events.to_polars(u256="text")["value"].to_list()[-1] == str(2**200 % 10**24)
    assert events.to_pylist()[-1]["value"] == 2**200 % 10**24
    assert isinstance(events.to_polars(u256="bytes")["value"][0], bytes)
    assert len(node.receipts) == len(chain.receipts) == chain.receipts.to_pandas().shape[0]
    assert pl.DataFrame(chain.tables.blocks)["height"].to_list() == list(range(chain.height + 1))
    with pytest.raises(AttributeError, match="no event `Mint`"):
        token.events.Mint


def test_values_pickle_and_handles_refuse(node: vs.Node, chain: vs.Chain, token: vs.Contract, alice: vs.Wallet, bob: vs.Wallet) -> None:
    receipt = token.transfer(bob, 1, sender=alice)
    for value in (alice, token.transfer.tx(bob, 1, sender=alice), receipt, token.interface, vs.FixedFee("1 gwei")):
        pickle.loads(pickle.dumps(value))
    again = pickle.loads(pickle.dumps(receipt))
    assert again.to_dict() == receipt.to_dict() and again.events == receipt.events
    assert pickle.loads(pickle.dumps(alice)) == alice and bytes(alice.key).hex() not in repr(alice)
    error = pickle.loads(pickle.dumps(vs.Reverted("no", {"reason": "no"})))
    assert error.reason == "no"
    for handle in (node, chain, token, node.tangle):
        with pytest.raises(TypeError, match="pickle"):
            pickle.dumps(handle)


def test_a_stream_starts_in_the_store_and_goes_on_live(chain: vs.Chain, token: vs.Contract, alice: vs.Wallet, bob: vs.Wallet) -> None:
    blocks = chain.blocks(0)
    heights = [next(blocks)["height"] for _ in range(chain.height + 1)]
    assert heights == list(range(len(heights)))
    logs = chain.logs(token, cursor={"height": 0})
    first = next(logs)
    token.transfer(bob, 9, sender=alice)
    second = next(logs)
    assert int(second["data"], 16) == 9
    resumed = chain.logs(token, cursor=first["cursor"])
    assert next(resumed)["transactionHash"] == second["transactionHash"]


def test_actors_are_broken_by_path_and_come_back(node: vs.Node, chain: vs.Chain, token: vs.Contract, alice: vs.Wallet, bob: vs.Wallet) -> None:
    events = node.tree.events()
    node.tree["chains/shop/executor"].crash()
    assert token.transfer(bob, 1, sender=alice).ok
    assert node.tree["chains/shop/executor"].restarts >= 1
    assert any(next(events)["path"] == "/chains/shop/executor" for _ in range(20))
    assert "executor" in str(node.tree) and "executor" in node.tree._repr_html_()


def test_a_proof_leads_from_the_anchor_to_a_slot_without_a_node(chain: vs.Chain, token: vs.Contract, alice: vs.Wallet, bob: vs.Wallet) -> None:
    import rlp
    from trie import HexaryTrie

    token.transfer(bob, 41, sender=alice, wait="anchored")
    slot = int.from_bytes(vs.keccak256(bytes(12) + bytes.fromhex(bob.address[2:]) + (0).to_bytes(32, "big")), "big")
    proof = chain.prove(token, slot, at="anchored")
    raw = lambda text: bytes.fromhex(text[2:])  # noqa: E731
    header = raw(proof["header"])
    assert "0x" + vs.keccak256(header).hex() == proof["blockHash"] == proof["anchor"]["blockHash"]
    state_root = rlp.decode(header)[3]
    key = vs.keccak256(raw(token.address))
    account = rlp.decode(HexaryTrie.get_from_proof(state_root, key, [rlp.decode(raw(n)) for n in proof["accountProof"]]))
    (entry,) = proof["storageProof"]
    leaf = HexaryTrie.get_from_proof(account[2], vs.keccak256(slot.to_bytes(32, "big")), [rlp.decode(raw(n)) for n in entry["proof"]])
    assert int.from_bytes(rlp.decode(leaf), "big") == 41 == int(entry["value"], 16)


def test_tokens_cross_from_the_tangle_and_back(node: vs.Node, chain: vs.Chain, people: list[vs.Wallet]) -> None:
    carol = people[11]
    node.tangle.faucet(carol, vs.tokens(10))
    receipt = chain.deposit(carol, vs.tokens(5))
    assert receipt.ok
    assert vs.iota("4.9") < chain.balance(carol) <= vs.iota(5)
    left = node.tangle.balance(carol)
    chain.withdraw(carol, vs.tokens(2))
    assert node.tangle.balance(carol) == left + vs.tokens(2)


def test_virtual_time_moves_only_when_driven_and_repeats_itself() -> None:
    def run() -> tuple[list[str], int]:
        alice, bob = vs.wallets(2, seed=3)
        with vs.Node(clock="virtual", seed=7) as node:
            chain = node.create_chain("shop", funded={alice: vs.iota(10)})
            before = node.now_ms
            assert node.now_ms == before
            hashes = [chain.transfer(bob, 1, sender=alice).block_hash for _ in range(3)]
            node.run_for("60s")
            assert node.now_ms - before >= 60_000
            return hashes, node.now_ms

    assert run() == run()


def test_a_seed_on_real_time_is_refused_with_a_data_directory(tmp_path: object) -> None:
    with pytest.raises(vs.VespiaryError):
        vs.Node(seed=7, data_dir=str(tmp_path))


def test_chains_survive_a_reopen(tmp_path: object, alice: vs.Wallet, bob: vs.Wallet) -> None:
    with vs.Node(data_dir=str(tmp_path)) as node:
        chain = node.create_chain("shop", funded={alice: vs.iota(10)})
        token = chain.deploy(ARTIFACTS / "Token.sol.json", 100, sender=alice)
        token.transfer(bob, 7, sender=alice)
        address, abi = token.address, token.interface
    with vs.Node(data_dir=str(tmp_path)) as node:
        chain = node.get_or_create_chain("shop", funded={alice: vs.iota(10)})
        assert chain.contract(address, abi).balanceOf(bob) == 7
