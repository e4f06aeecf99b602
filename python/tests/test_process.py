"""Ends of processes: exits with futures in flight, forks, Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import vespiary as vs

IN_FLIGHT = """
import asyncio, vespiary as vs
async def program():
    alice, bob = vs.wallets(2, seed=7)
    node = await vs.AsyncNode.open()
    chain = await node.create_chain("shop", funded={alice: vs.iota(100)})
    for _ in range(200):
        asyncio.ensure_future(chain.transfer(bob, 1, sender=alice))
    await chain.balance(bob)
asyncio.run(program())
"""


def test_sixty_exits_with_futures_in_flight_are_clean() -> None:
    def once(_: int) -> tuple[int, str]:
        done = subprocess.run([sys.executable, "-c", IN_FLIGHT], capture_output=True, text=True, timeout=50, check=False)
        return done.returncode, done.stderr

    with ThreadPoolExecutor(4) as pool:
        bad = [outcome for outcome in pool.map(once, range(60)) if outcome[0] != 0]
    assert not bad, bad[0]


def test_a_handle_refuses_in_a_forked_child_and_lives_on_in_the_parent(alice: vs.Wallet, bob: vs.Wallet) -> None:
    with vs.Node() as node:
        chain = node.create_chain("shop", funded={alice: vs.iota(1)})
        child = os.fork()
        if child == 0:
            try:
                chain.balance(alice)
                os._exit(1)
            except vs.ForkedNode as error:
                os._exit(0 if error.code == "ERR_FORKED" else 2)
            except BaseException:
                os._exit(3)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert chain.transfer(bob, 1, sender=alice).ok


def test_a_forked_child_of_a_process_with_a_node_is_told_to_spawn(node: vs.Node) -> None:
    child = os.fork()
    if child == 0:
        try:
            vs.Node()
            os._exit(1)
        except vs.ForkedNode as error:
            os._exit(0 if "spawn" in str(error) else 2)
        except BaseException:
            os._exit(3)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_forked_child_opens_a_node_where_its_parent_had_none() -> None:
    program = """
import os, vespiary as vs
alice, bob = vs.wallets(2, seed=7)
child = os.fork()
if child == 0:
    node = vs.Node()
    chain = node.create_chain("shop", funded={alice: vs.iota(1)})
    os._exit(0 if chain.transfer(bob, 1, sender=alice).ok else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
vs.Node().close()
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)


def test_ctrl_c_interrupts_a_wait(alice: vs.Wallet) -> None:
    with vs.Node() as node:
        chain = node.create_chain("shop", funded={alice: vs.iota(1)})
        timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            chain.wait_for(bytes(32))
        assert chain.balance(alice) == vs.iota(1)


def test_a_wait_ends_at_its_limit(alice: vs.Wallet) -> None:
    with vs.Node() as node:
        chain = node.create_chain("shop", funded={alice: vs.iota(1)})
        with pytest.raises(TimeoutError) as caught:
            chain.wait_for(bytes(32), timeout="50ms")
        assert caught.value.code == "ERR_TIMEOUT"
