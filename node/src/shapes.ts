/** Blocks, logs, transactions and receipts as JavaScript wants them: amounts are `bigint`s, heights and times are numbers, bytes are hex. */
import type { Hex } from './accounts.js'
import type { Certain } from './levels.js'

/** An EVM log. viem's `decodeEventLog` and ethers' `Interface.parseLog` take it as it is. */
export interface ChainLog {
  readonly address: Hex
  readonly topics: [signature: Hex, ...args: Hex[]] | []
  readonly data: Hex
  readonly height: number
  readonly blockNumber: bigint
  readonly blockHash: Hex
  readonly transactionHash: Hex
  readonly transactionIndex: number
  readonly logIndex: number
  readonly removed: false
}

/** Where a stream of logs goes on: plain data, to be stored as it is. */
export interface LogCursor {
  readonly height: number
  readonly logIndex: number
}

/** A log out of a stream. */
export interface StreamedLog extends ChainLog {
  /** Give it as `from` to resume behind this log. */
  readonly cursor: LogCursor
}

/** A transaction of a block. A native request stands there as the legacy transaction that represents it. */
export interface ChainTransaction {
  readonly hash: Hex
  readonly from: Hex
  readonly to: Hex | null
  readonly value: bigint
  readonly input: Hex
  readonly nonce: number
  readonly gas: bigint
  readonly gasPrice: bigint
  readonly type: number
  readonly transactionIndex: number
}

/** A block out of a stream. */
export interface ChainBlock {
  readonly height: number
  readonly hash: Hex
  readonly parentHash: Hex
  /** Unix milliseconds; the header has whole seconds. */
  readonly timeMs: number
  /** The level that the stream was asked for. */
  readonly level: Certain
  readonly gasUsed: bigint
  readonly baseFeePerGas: bigint
  readonly stateRoot: Hex
  readonly transactions: readonly ChainTransaction[]
  /** Give it as `from` to resume behind this block. */
  readonly cursor: number
  /** The block as `eth_getBlockByNumber` shows it. */
  readonly raw: Readonly<Record<string, any>>
}

/** The fields of a receipt. */
export interface ReceiptData {
  readonly transactionHash: Hex
  readonly transactionIndex: number
  readonly blockHash: Hex
  readonly blockNumber: bigint
  readonly height: number
  readonly from: Hex
  readonly to: Hex | null
  readonly contractAddress: Hex | null
  readonly status: 'success' | 'reverted'
  readonly gasUsed: bigint
  readonly cumulativeGasUsed: bigint
  readonly effectiveGasPrice: bigint
  readonly logs: readonly ChainLog[]
  /** The receipt as `eth_getTransactionReceipt` shows it. */
  readonly raw: Readonly<Record<string, any>>
}

export function toLog(raw: any): ChainLog {
  return {
    address: raw.address,
    topics: raw.topics,
    data: raw.data,
    height: Number(raw.blockNumber),
    blockNumber: BigInt(raw.blockNumber),
    blockHash: raw.blockHash,
    transactionHash: raw.transactionHash,
    transactionIndex: Number(raw.transactionIndex),
    logIndex: Number(raw.logIndex),
    removed: false,
  }
}

export function toStreamedLog(raw: any): StreamedLog {
  return { ...toLog(raw), cursor: raw.cursor }
}

export function toTransaction(raw: any): ChainTransaction {
  return {
    hash: raw.hash,
    from: raw.from,
    to: raw.to ?? null,
    value: BigInt(raw.value),
    input: raw.input,
    nonce: Number(raw.nonce),
    gas: BigInt(raw.gas),
    gasPrice: BigInt(raw.gasPrice ?? 0),
    type: Number(raw.type ?? 0),
    transactionIndex: Number(raw.transactionIndex),
  }
}

export function toBlock(item: any): ChainBlock {
  const raw = item.block
  return {
    height: item.height,
    hash: item.hash,
    parentHash: raw.parentHash,
    timeMs: item.timeMs,
    level: item.level,
    gasUsed: BigInt(item.gasUsed),
    baseFeePerGas: BigInt(raw.baseFeePerGas ?? 0),
    stateRoot: raw.stateRoot,
    transactions: raw.transactions.map(toTransaction),
    cursor: item.cursor,
    raw,
  }
}

export function toReceiptData(raw: any): ReceiptData {
  return {
    transactionHash: raw.transactionHash,
    transactionIndex: Number(raw.transactionIndex),
    blockHash: raw.blockHash,
    blockNumber: BigInt(raw.blockNumber),
    height: Number(raw.blockNumber),
    from: raw.from,
    to: raw.to ?? null,
    contractAddress: raw.contractAddress ?? null,
    status: BigInt(raw.status) === 1n ? 'success' : 'reverted',
    gasUsed: BigInt(raw.gasUsed),
    cumulativeGasUsed: BigInt(raw.cumulativeGasUsed),
    effectiveGasPrice: BigInt(raw.effectiveGasPrice),
    logs: raw.logs.map(toLog),
    raw,
  }
}
