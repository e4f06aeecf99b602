# pragma version ^0.4.0
# SPDX-License-Identifier: Apache-2.0
"""
@title Token: a plain ERC-20
@notice The contract of Token.sol in Vyper: a fixed supply, all of it the deployer's at first. It fails with the errors'
        names of ERC-6093 as reasons, since Vyper has no errors with arguments.
"""

from ethereum.ercs import IERC20

implements: IERC20

event Transfer:
    sender: indexed(address)
    receiver: indexed(address)
    value: uint256

event Approval:
    owner: indexed(address)
    spender: indexed(address)
    value: uint256

name: public(constant(String[5])) = "Token"
symbol: public(constant(String[3])) = "TKN"
decimals: public(constant(uint8)) = 18

# All tokens there are, in their smallest unit. It never changes.
totalSupply: public(immutable(uint256))
balanceOf: public(HashMap[address, uint256])
# What a spender may still move; the largest number stands for "without limit" and is not used up.
allowance: public(HashMap[address, HashMap[address, uint256]])


@deploy
def __init__(supply: uint256):
    totalSupply = supply
    self.balanceOf[msg.sender] = supply
    log Transfer(sender=empty(address), receiver=msg.sender, value=supply)


@external
def transfer(_to: address, _value: uint256) -> bool:
    """
    @notice Moves `_value` from the caller to `_to`.
    """
    self._move(msg.sender, _to, _value)
    return True


@external
def approve(_spender: address, _value: uint256) -> bool:
    """
    @notice Lets `_spender` move up to `_value` out of the caller's balance, in place of what it could before.
    """
    assert _spender != empty(address), "ERC20InvalidSpender"
    self.allowance[msg.sender][_spender] = _value
    log Approval(owner=msg.sender, spender=_spender, value=_value)
    return True


@external
def transferFrom(_from: address, _to: address, _value: uint256) -> bool:
    """
    @notice Moves `_value` from `_from` to `_to` out of the caller's allowance.
    """
    allowed: uint256 = self.allowance[_from][msg.sender]
    if allowed != max_value(uint256):
        assert allowed >= _value, "ERC20InsufficientAllowance"
        self.allowance[_from][msg.sender] = unsafe_sub(allowed, _value)
    self._move(_from, _to, _value)
    return True


@internal
def _move(_from: address, _to: address, _value: uint256):
    assert _to != empty(address), "ERC20InvalidReceiver"
    balance: uint256 = self.balanceOf[_from]
    assert balance >= _value, "ERC20InsufficientBalance"
    # The balance covers the value, and all balances together are the supply.
    self.balanceOf[_from] = unsafe_sub(balance, _value)
    self.balanceOf[_to] = unsafe_add(self.balanceOf[_to], _value)
    log Transfer(sender=_from, receiver=_to, value=_value)
