"""web3.py plugs in without HTTP."""

from __future__ import annotations

import asyncio
import json

import pytest
import vespiary as vs
from conftest import ARTIFACTS
from vespiary.web3 import AsyncProvider, Provider
from web3 import AsyncWeb3, Web3
from web3.exceptions import ContractCustomError

ARTIFACT = json.loads((ARTIFACTS / "Token.sol.json").read_text())


def test_deploy_call_wait_and_logs(chain: vs.Chain, alice: vs.Wallet, bob: vs.Wallet) -> None:
    web3 = Web3(Provider(chain, [alice]))
    assert web3.is_connected() and web3.eth.chain_id == chain.evm_chain_id and web3.eth.accounts == [alice.address]
    factory = web3.eth.contract(abi=ARTIFACT["abi"], bytecode=ARTIFACT["bytecode"])
    created = web3.eth.wait_for_transaction_receipt(factory.constructor(10**6).transact({"from": alice.address}))
    token = web3.eth.contract(address=created["contractAddress"], abi=ARTIFACT["abi"])
    sent = token.functions.transfer(bob.address, 5).transact({"from": alice.address})
    receipt = web3.eth.get_transaction_receipt(sent)  # the first look succeeds: the send returned once final
    assert receipt["status"] == 1 and token.functions.balanceOf(bob.address).call() == 5
    (event,) = token.events.Transfer().process_receipt(receipt)
    assert event["args"]["value"] == 5
    assert len(token.events.Transfer().get_logs(from_block=0)) == 2
    assert web3.eth.get_block(receipt["blockNumber"], full_transactions=True)["transactions"][0]["hash"] == sent
    with pytest.raises(ContractCustomError):
        token.functions.transfer(bob.address, 10**9).call({"from": bob.address})
    filter = web3.eth.filter("latest")
    token.functions.transfer(bob.address, 1).transact({"from": alice.address})
    assert len(filter.get_new_entries()) >= 1


def test_a_locally_signed_transaction_is_taken(chain: vs.Chain, alice: vs.Wallet, bob: vs.Wallet) -> None:
    web3 = Web3(chain.provider())
    account = web3.eth.account.from_key(alice.key)
    transaction = {
        "chainId": web3.eth.chain_id, "nonce": web3.eth.get_transaction_count(alice.address), "to": bob.address, "value": 7,
        "gas": 21_000, "maxFeePerGas": web3.eth.gas_price, "maxPriorityFeePerGas": 0, "type": 2,
    }
    before = web3.eth.get_balance(bob.address)
    hash = web3.eth.send_raw_transaction(account.sign_transaction(transaction).raw_transaction)
    assert web3.eth.wait_for_transaction_receipt(hash)["status"] == 1
    assert web3.eth.get_balance(bob.address) == before + 7


def test_messages_signed_by_the_provider_recover(chain: vs.Chain, alice: vs.Wallet) -> None:
    from eth_account import Account
    from eth_account.messages import encode_defunct

    web3 = Web3(chain.provider(alice))
    signature = web3.eth.sign(alice.address, text="hello")
    assert Account.recover_message(encode_defunct(text="hello"), signature=signature) == alice.address


def test_the_async_twin() -> None:
    async def program() -> None:
        alice, bob = vs.wallets(2, seed=7)
        async with vs.AsyncNode.open() as node:
            chain = await node.create_chain("shop", funded={alice: vs.iota(100)})
            web3 = AsyncWeb3(AsyncProvider(chain, [alice]))
            hash = await web3.eth.send_transaction({"from": alice.address, "to": bob.address, "value": 3})
            assert (await web3.eth.get_transaction_receipt(hash))["status"] == 1
            assert await web3.eth.get_balance(bob.address) == 3

    asyncio.run(program())
