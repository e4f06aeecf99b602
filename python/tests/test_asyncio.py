"""The same for asyncio: nothing blocks the loop, and cancelling drops the wait."""

from __future__ import annotations

import asyncio

import pytest
import vespiary as vs
from conftest import ARTIFACTS


def test_many_tasks_send_at_once_and_the_loop_stays_free() -> None:
    async def program() -> None:
        alice, bob = vs.wallets(2, seed=7)
        async with vs.AsyncNode.open() as node:
            chain = await node.create_chain("shop", funded={alice: vs.iota(100), bob: vs.iota(1)})
            token = await chain.deploy(ARTIFACTS / "Token.sol.json", 1000, sender=alice)
            receipts = await asyncio.gather(*(token.transfer(bob, 1, sender=alice) for _ in range(50)))
            assert all(receipt.ok for receipt in receipts)
            assert await token.balanceOf(bob) == 50
            rows = await chain.send(token.transfer.tx(bob, 1, sender=alice) for _ in range(50))
            assert rows.ok
            with pytest.raises(vs.Reverted, match="ERC20InsufficientBalance"):
                await token.transfer(alice, 10**6, sender=bob)
            assert (await receipts[0].wait("anchored", timeout=30)).level == "anchored"
            assert len(await token.events("Transfer")) == 101
        assert node.closed

    asyncio.run(program())


def test_a_stream_is_iterated_while_others_send_and_can_be_cancelled() -> None:
    async def program() -> None:
        alice, bob = vs.wallets(2, seed=7)
        async with vs.AsyncNode.open() as node:
            chain = await node.create_chain("shop", funded={alice: vs.iota(100)})

            async def read(count: int) -> list[int]:
                heights = []
                async for block in chain.blocks(1):
                    heights.append(block["height"])
                    if len(heights) == count:
                        return heights
                return heights

            reader = asyncio.create_task(read(3))
            for _ in range(3):
                await chain.transfer(bob, 1, sender=alice)
            assert await asyncio.wait_for(reader, 10) == [1, 2, 3]
            endless = asyncio.create_task(read(10**9))
            await asyncio.sleep(0)
            endless.cancel()
            with pytest.raises(asyncio.CancelledError):
                await endless
            assert await chain.balance(bob) == 3

    asyncio.run(program())
