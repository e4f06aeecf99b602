/** What became of a transaction. */
import { inspect } from 'node:util'
import type { Hex } from './accounts.js'
import type { CallOptions } from './call.js'
import type { VespiaryChain } from './chain.js'
import type { Certain, Level } from './levels.js'
import type { ChainLog, ReceiptData } from './shapes.js'
import { toReceiptData } from './shapes.js'
import type { Duration } from './units.js'

/** A receipt, and how certain it was when it was handed out. */
export class ChainReceipt implements ReceiptData {
  declare readonly transactionHash: Hex
  declare readonly transactionIndex: number
  declare readonly blockHash: Hex
  declare readonly blockNumber: bigint
  declare readonly height: number
  declare readonly from: Hex
  declare readonly to: Hex | null
  declare readonly contractAddress: Hex | null
  declare readonly status: 'success' | 'reverted'
  declare readonly gasUsed: bigint
  declare readonly cumulativeGasUsed: bigint
  declare readonly effectiveGasPrice: bigint
  declare readonly logs: readonly ChainLog[]
  declare readonly raw: Readonly<Record<string, any>>
  /** The level it had reached. */
  readonly level: Level
  readonly #chain: VespiaryChain

  /** @internal */
  constructor(chain: VespiaryChain, raw: any, level: Level) {
    Object.assign(this, toReceiptData(raw))
    this.level = level
    this.#chain = chain
  }

  /** Waits until the transaction is this certain: `await receipt.reach('anchored')`. */
  reach(level: Certain, options: CallOptions & { timeout?: Duration } = {}): Promise<ChainReceipt> {
    return this.#chain.waitFor(this.transactionHash, { ...options, level })
  }

  [inspect.custom](): string {
    return `ChainReceipt { ${this.status}, level: '${this.level}', height: ${this.height}, transactionHash: '${this.transactionHash}', gasUsed: ${this.gasUsed}n, logs: ${this.logs.length} }`
  }
}
