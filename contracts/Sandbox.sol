// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// @notice Whoever owns assets on a chain: an L1 address, a contract of any chain, or an Ethereum address of this
/// one.
/// @dev Canonical bytes: a kind, then its fields. 0: nobody; 1: an L1 address of 33 bytes; 2: a contract, 32 bytes of
/// chain id and 4 of hname, little-endian; 3: an Ethereum address, 32 bytes of chain id and 20. Compare by
/// `keccak256(data)`.
struct AgentID {
    bytes data;
}

/// @notice An address on L1.
/// @dev 33 bytes as TIP-18 serializes it: a kind (0x00 Ed25519, 0x08 alias, 0x10 NFT), then the hash or id.
struct L1Address {
    bytes data;
}

/// @notice Assets of an account on the chain.
/// @dev `baseTokens` is in wei, 10^-18 of a token, as `msg.value` is. Native tokens and NFTs come as a wider struct
/// under further functions; the selectors below stay what they are.
struct Assets {
    uint256 baseTokens;
}

/// @notice The short name of a contract or an entry point: the first non-zero four bytes of BLAKE2b-256 of its name,
/// read little-endian. `root` is 0xcebf5908.
type Hname is uint32;

/// @dev L1 counts base tokens in 10^-6, the chain in 10^-18: the smallest amount on L1 is this many wei.
uint256 constant WEI_PER_BASE_TOKEN = 10 ** 12;

/// @dev Where every chain has its sandbox.
ISandbox constant SANDBOX = ISandbox(0x1074000000000000000000000000000000000000);

/// @title The sandbox: what a contract sees of the chain it runs on
/// @notice A precompile with the same powers that native contracts have.
/// @dev The rules that hold for every function:
/// - The account acted for is the contract that makes the call, never the transaction's signer.
/// - A failure reverts with `Error(string)`, which says what happened; nothing of the failed call stays.
/// - Functions that are not `view` refuse a STATICCALL. All refuse DELEGATECALL and CALLCODE, by which a library
///   could act for somebody else's account, and all refuse attached value: money moves by `Assets`, out of the
///   caller's account.
interface ISandbox {
    /// @notice Who sent the request that is being executed: for an Ethereum transaction its signer, for a native
    /// request or an L1 deposit the account that sent it, whatever contracts have called each other since.
    function getSenderAccount() external view returns (AgentID memory);

    /// @notice 32 bytes that nobody could foretell when the request was sent: the hash of the request's index in its
    /// block and the block's entropy. Every call within one request gets the same.
    function getEntropy() external view returns (bytes32);

    /// @notice The request's time in whole seconds since 1970-01-01T00:00:00Z; `block.timestamp` in other words.
    function getTimestampUnixSeconds() external view returns (uint64);

    /// @notice Writes an event of the calling contract into the request's receipt, beside its EVM logs, where clients
    /// that know nothing of Ethereum find it.
    function triggerEvent(string calldata payload) external;

    /// @notice Lets `target` take these assets from the calling contract's account, on top of what it may take
    /// already.
    /// @dev Kept in the state until taken. What is allowed need not be there yet; it must be when it is taken.
    function allow(address target, Assets calldata assets) external;

    /// @notice Moves exactly these assets out of `from`'s account into the calling contract's.
    /// @dev Reverts when `from` allowed less or has less. What is taken is used up.
    function takeAllowedFunds(address from, Assets calldata assets) external;

    /// @notice Sends assets from the calling contract's account to an address on L1.
    /// @dev They leave the account at once and stand on L1 when the block is anchored. What is less than L1's
    /// smallest amount (`WEI_PER_BASE_TOKEN`) stays in the account. Reverts when the account has too little, when
    /// less remains than the storage deposit of an L1 output, or when the address is none.
    function send(L1Address calldata target, Assets calldata assets) external;

    /// @notice Calls an entry point of a core contract or any other native contract of this chain.
    /// @param contractHname The contract called.
    /// @param entryPoint The entry point called.
    /// @param params The entry point's parameters, encoded as that contract documents them.
    /// @param allowance What the callee may take from the calling contract's account during this call.
    /// @return result What the entry point returned, in that contract's encoding.
    function call(Hname contractHname, Hname entryPoint, bytes calldata params, Assets calldata allowance)
        external
        returns (bytes memory result);
}
