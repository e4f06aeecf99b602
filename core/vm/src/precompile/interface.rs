//! The sandbox's Solidity interface, as `contracts/Sandbox.sol` has it. A test compares the two.

use alloy_sol_types::sol;

sol! {
    /// Whoever owns assets; canonical bytes.
    struct AgentID {
        bytes data;
    }

    /// An address on L1; 33 bytes.
    struct L1Address {
        bytes data;
    }

    /// Assets in wei.
    struct Assets {
        uint256 baseTokens;
    }

    /// A hashed name.
    type Hname is uint32;

    /// The sandbox.
    #[sol(abi)]
    interface ISandbox {
        function getSenderAccount() external view returns (AgentID memory);
        function getEntropy() external view returns (bytes32);
        function getTimestampUnixSeconds() external view returns (uint64);
        function triggerEvent(string calldata payload) external;
        function allow(address target, Assets calldata assets) external;
        function takeAllowedFunds(address from, Assets calldata assets) external;
        function send(L1Address calldata target, Assets calldata assets) external;
        function call(Hname contractHname, Hname entryPoint, bytes calldata params, Assets calldata allowance)
            external
            returns (bytes memory result);
    }
}
