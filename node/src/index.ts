/**
 * Many smart-contract chains in your process.
 *
 * ```
 * index ── node ── chains ── chain ─┬─ send ── turns         transactions, signed here or elsewhere
 *            │                      ├─ provider ── subscriptions   EIP-1193 for viem and ethers
 *            │                      ├─ feed ── shapes        blocks and logs as async iterators
 *            ├─ tree                └─ tables                Arrow
 *            └─ tangle                                       the L1
 * viem, ethers          clients of those libraries over `chain.provider`
 * call, errors, units   how a call, an error and an amount cross into the addon (native)
 * ```
 */
export { createNode, vespiaryVersion } from './node.js'
export type { NodeOptions, VespiaryNode } from './node.js'
export { createTangle } from './tangle.js'
export type { Milestone, Tangle, TangleOptions } from './tangle.js'
export type { ChainOptions, Chains, Fees } from './chains.js'
export type { Anchor, BlockSource, BlockStreamOptions, Heads, LogSource, LogStreamOptions, VespiaryChain } from './chain.js'
export type { Sendable, SendOptions, SentRow, TransactionRow } from './send.js'
export type { ChainReceipt } from './receipt.js'
export type { ChainBlock, ChainLog, ChainTransaction, LogCursor, ReceiptData, StreamedLog } from './shapes.js'
export type { Eip1193Provider, ProviderEvents, ProviderMessage, RequestArguments } from './provider.js'
export type { ActorInfo, SupervisionTree, TreeEntry, TreeEvent } from './tree.js'
export type { Selection, Table } from './tables.js'
export type { Feed } from './feed.js'
export type { Account, EthersWallet, Hex, ViemAccount } from './accounts.js'
export type { CallOptions } from './call.js'
export type { At, Certain, Level } from './levels.js'
export type { Duration } from './units.js'
export { formatIota, iota } from './units.js'
export { Eip1193Error, VespiaryError } from './errors.js'
