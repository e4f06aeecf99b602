// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {Assets, L1Address, SANDBOX, WEI_PER_BASE_TOKEN} from "./Sandbox.sol";

/// @title Withdraw: base tokens from the chain to L1
/// @notice Pay in what shall leave the chain and name the L1 address that gets it. The contract keeps nothing.
contract Withdraw {
    /// @notice `amount` wei are on their way to `target` on L1; they stand there once the block is anchored.
    event Withdrawn(address indexed sender, bytes target, uint256 amount);

    /// @notice Less was paid in than L1's smallest amount, 10^12 wei.
    error WithdrawTooSmall(uint256 paid);

    /// @notice The sender would not take back `dust` wei, which are too few for L1.
    error WithdrawDustRefused(address sender, uint256 dust);

    /// @notice Sends what is paid in to `target` on L1, rounded down to L1's six decimals; the rest goes back at
    /// once.
    /// @dev L1 asks a storage deposit of every output: 0.1065 tokens is the least that can arrive.
    function withdraw(L1Address calldata target) external payable {
        uint256 dust = msg.value % WEI_PER_BASE_TOKEN;
        uint256 amount = msg.value - dust;
        if (amount == 0) revert WithdrawTooSmall(msg.value);

        emit Withdrawn(msg.sender, target.data, amount);
        SANDBOX.send(target, Assets({baseTokens: amount}));

        if (dust != 0) {
            (bool taken,) = msg.sender.call{value: dust}("");
            if (!taken) revert WithdrawDustRefused(msg.sender, dust);
        }
    }
}
