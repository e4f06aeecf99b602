"""What bad input gets: an error with a stable code and the facts, and nothing left behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import vespiary as vs
from eth_account import Account
from vespiary import errors


def signed(chain: vs.Chain, who: vs.Wallet, **fields: object) -> bytes:
    transaction = {
        "chainId": chain.evm_chain_id,
        "nonce": chain.nonce(who),
        "to": who.address,
        "value": 1,
        "gas": 21_000,
        "maxFeePerGas": chain.gas_price,
        "maxPriorityFeePerGas": 0,
        "type": 2,
    } | fields
    return bytes(Account.sign_transaction(transaction, who.key).raw_transaction)


def test_a_bad_signature_is_refused(chain: vs.Chain, alice: vs.Wallet) -> None:
    raw = bytearray(signed(chain, alice))
    raw[-32:] = b"\xff" * 32  # s in the upper half of the range
    (row,) = chain.send_raw(bytes(raw))
    assert isinstance(row.error, errors.BadSignature), row.error


def test_a_wrong_chain_id_is_named(chain: vs.Chain, alice: vs.Wallet) -> None:
    (row,) = chain.send_raw(signed(chain, alice, chainId=1))
    assert isinstance(row.error, errors.WrongChainId)
    assert row.error.details == {"found": 1, "expected": chain.evm_chain_id}


def test_a_used_nonce_is_too_low(chain: vs.Chain, alice: vs.Wallet, bob: vs.Wallet) -> None:
    chain.transfer(bob, 1, sender=alice)
    with pytest.raises(errors.NonceTooLow) as caught:
        chain.transfer(bob, 2, sender=alice, nonce=0)
    assert caught.value.details == {"nonce": 0, "next": 1}


def test_nobody_waits_for_what_stands_behind_a_gap(chain: vs.Chain, alice: vs.Wallet, bob: vs.Wallet) -> None:
    with pytest.raises(errors.NonceTooHigh) as caught:
        chain.transfer(bob, 1, sender=alice, nonce=7)
    assert (caught.value.details["nonce"], caught.value.details["next"]) == (7, 0)
    assert chain.transfer(bob, 1, sender=alice).ok


def test_too_little_balance_says_how_much_it_takes(chain: vs.Chain, people: list[vs.Wallet], bob: vs.Wallet) -> None:
    poor = people[11]
    with pytest.raises(errors.InsufficientFunds) as caught:
        chain.transfer(bob, vs.iota(1), sender=poor)
    assert int(caught.value.details["need"], 16) > vs.iota(1)


def test_too_little_gas_is_refused_before_it_costs_anything(chain: vs.Chain, alice: vs.Wallet, bob: vs.Wallet) -> None:
    with pytest.raises(errors.IntrinsicGas):
        chain.transfer(bob, 1, sender=alice, gas=20_999)
    with pytest.raises(errors.GasLimit):
        chain.transfer(bob, 1, sender=alice, gas=50_000_001)
    assert chain.balance(alice) == vs.iota(1_000)


def test_a_chain_id_beyond_metamasks_limit_is_refused(node: vs.Node) -> None:
    with pytest.raises(errors.Malformed, match="4503599627370476"):
        node.create_chain("big", evm_chain_id=4_503_599_627_370_477)


def test_a_revert_tells_its_reason(token: vs.Contract, alice: vs.Wallet, bob: vs.Wallet) -> None:
    with pytest.raises(vs.Reverted) as caught:
        token.transfer(alice, 5, sender=bob)
    error = caught.value
    assert error.error == "ERC20InsufficientBalance"
    assert error.arguments == {"sender": bob.address, "balance": 0, "needed": 5}
    assert error.transaction_hash is not None
    with pytest.raises(vs.Reverted, match="ERC20InsufficientBalance"):
        token.transfer.call(alice, 5, sender=bob)


def test_malformed_bytes_are_refused(chain: vs.Chain) -> None:
    (row,) = chain.send_raw(b"\x02\xc0")
    assert isinstance(row.error, errors.Malformed)
    with pytest.raises(errors.Malformed):
        chain.send_raw("0xzz")


def test_arguments_that_do_not_fit_the_abi_are_refused(token: vs.Contract, alice: vs.Wallet) -> None:
    for bad in (-1, 2**256, "five", 1.5, None):
        with pytest.raises(errors.AbiError):
            token.transfer(alice, bad, sender=alice)
    with pytest.raises(TypeError, match="takes 2 arguments"):
        token.transfer(alice, sender=alice)
    with pytest.raises(errors.Malformed, match="not an Ethereum address"):
        token.transfer("0x12", 1, sender=alice)
    with pytest.raises(AttributeError, match="no function `mint`"):
        token.mint(1)


def test_malformed_json_rpc_has_the_right_codes(chain: vs.Chain) -> None:
    provider = chain._native.provider([])
    code = lambda text: json.loads(provider.answer(text))["error"]["code"]  # noqa: E731
    assert code("{") == -32700
    assert code("[]") == -32600
    assert code('{"jsonrpc":"2.0","id":1,"method":"eth_nothing"}') == -32601
    assert code('{"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":["0x12"]}') == -32602
    batch = '[{"id":1,"method":"eth_chainId"},{"id":2,"method":"nope"},{"method":"eth_chainId"}]'
    answers = json.loads(provider.answer(batch))
    assert [answer["id"] for answer in answers] == [1, 2]


def test_an_unknown_chain_names_near_ones(node: vs.Node, chain: vs.Chain) -> None:
    with pytest.raises(errors.UnknownChain, match="shop"):
        node.chain("shopp")


def test_an_unknown_actor_names_near_ones(node: vs.Node, chain: vs.Chain) -> None:
    with pytest.raises(errors.UnknownActor, match="/chains/shop/executor"):
        node.tree["chains/shopp/executor"].crash()


def test_a_data_directory_has_one_owner(tmp_path: Path) -> None:
    with vs.Node(data_dir=tmp_path), pytest.raises(errors.InUse):
        vs.Node(data_dir=tmp_path)
    with vs.Node(data_dir=tmp_path) as again:
        assert not again.closed


def test_another_configuration_is_shown(node: vs.Node, chain: vs.Chain) -> None:
    with pytest.raises(errors.ConfigDiffers, match="fees"):
        node.get_or_create_chain("shop", fees="free")
    with pytest.raises(errors.ChainExists):
        node.create_chain("shop")


def test_a_closed_node_says_so(alice: vs.Wallet) -> None:
    node = vs.Node()
    chain = node.create_chain("shop", funded={alice: vs.iota(1)})
    node.close()
    node.close()
    assert node.closed
    for call in (lambda: chain.balance(alice), lambda: chain.transfer(alice, 1, sender=alice), lambda: node.chain("shop")):
        with pytest.raises(vs.NodeClosed):
            call()


def test_every_code_has_its_class() -> None:
    from vespiary import _native

    for code in _native.codes():
        error = _native.Chain.error_of(code, "told")
        assert isinstance(error, vs.VespiaryError) and error.code == code and str(error) == "told"
