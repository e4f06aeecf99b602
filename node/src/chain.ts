/** A chain of a node. */
import { inspect } from 'node:util'
import type { Account, Hex } from './accounts.js'
import { checkAccount } from './accounts.js'
import type { CallOptions } from './call.js'
import { call, callNow, cancellable } from './call.js'
import type { ChainOptions } from './chains.js'
import { invalid } from './errors.js'
import { Feed } from './feed.js'
import { toJson } from './json.js'
import type { At, Certain } from './levels.js'
import type { NativeChain } from './native.js'
import type { VespiaryNode } from './node.js'
import { Eip1193Provider } from './provider.js'
import { ChainReceipt } from './receipt.js'
import type { Sendable, SendOptions, SentRow } from './send.js'
import { Sender, isBatch } from './send.js'
import type { ChainBlock, LogCursor, StreamedLog } from './shapes.js'
import { toBlock, toStreamedLog } from './shapes.js'
import type { Table } from './tables.js'
import { table } from './tables.js'
import type { Duration } from './units.js'
import { milliseconds } from './units.js'

/** The newest height at each level; `anchored` is null before the first anchor and on `dev` chains. */
export interface Heads {
  readonly executed: number
  readonly final: number
  readonly anchored: number | null
}

/** Which blocks a stream gives. */
export interface BlockStreamOptions extends CallOptions {
  /** The first height: 0 for all, a block's `cursor` to go on behind it. The next block if left out. */
  readonly from?: number | undefined
  /** How certain a block must be before it is given. Default `final`. */
  readonly level?: Certain
}

/** Which logs a stream gives. `address` and `topics` are as in `eth_getLogs`. */
export interface LogStreamOptions extends CallOptions {
  readonly address?: string | readonly string[]
  readonly topics?: readonly (string | readonly string[] | null)[]
  /** A height, or a log's `cursor` to go on behind it. Logs of the next block if left out. */
  readonly from?: number | LogCursor | undefined
  readonly level?: Certain
}

/** `chain.blocks`: call it for a stream, or take the table. */
export interface BlockSource extends Table {
  (options?: BlockStreamOptions): Feed<ChainBlock>
}

/** `chain.logs`: call it for a stream, or take the table. */
export interface LogSource extends Table {
  (options?: LogStreamOptions): Feed<StreamedLog>
}

/** An anchor: the output on the tangle that commits to the chain's blocks up to a height. */
export interface Anchor {
  readonly [field: string]: unknown
}

/** A chain: where transactions go, and what became of them. */
export class VespiaryChain {
  readonly #native: NativeChain
  readonly #sender: Sender
  #provider: Eip1193Provider | undefined
  /** Its node. */
  readonly node: VespiaryNode
  /**
   * Blocks from a height on, from the store into live, without a gap: a slow reader loses nothing and holds nobody up.
   *
   * ```ts
   * for await (const block of chain.blocks({ from: cursor, signal })) {
   *   await db.apply(block, block.cursor)
   * }
   * ```
   */
  readonly blocks: BlockSource
  /** Logs, as {@link blocks} gives blocks. */
  readonly logs: LogSource
  readonly transactions: Table
  readonly receipts: Table
  readonly requests: Table

  /** @internal */
  constructor(native: NativeChain, node: VespiaryNode) {
    this.#native = native
    this.node = node
    this.#sender = new Sender(this, native)
    const of = (kind: string) => table(kind, (selection) => native.table(kind, selection))
    this.blocks = Object.assign((options?: BlockStreamOptions) => this.#blocks(options), of('blocks'))
    this.logs = Object.assign((options?: LogStreamOptions) => this.#logs(options), of('logs'))
    this.transactions = of('transactions')
    this.receipts = of('receipts')
    this.requests = of('requests')
  }

  get name(): string {
    return this.#native.name
  }

  /** The chain's id: its alias on the tangle. */
  get id(): string {
    return this.#native.id
  }

  /** The chain id that transactions are signed for. */
  get chainId(): number {
    return this.#native.evmChainId
  }

  /** Its configuration, as it was made. Amounts are quantities (`0x…`). */
  get config(): Readonly<Record<string, unknown>> & Pick<ChainOptions, 'dev' | 'fork'> {
    return JSON.parse(callNow(() => this.#native.config()))
  }

  /** How far it is, at each level. */
  heads(): Heads {
    return JSON.parse(callNow(() => this.#native.heads()))
  }

  /** An EIP-1193 provider without accounts: for reads, and for transactions signed elsewhere. */
  get provider(): Eip1193Provider {
    return (this.#provider ??= this.createProvider())
  }

  /** An EIP-1193 provider that signs `eth_sendTransaction` with these accounts, viem's or ethers'. */
  createProvider({ accounts = [] }: { accounts?: readonly Account[] } = {}): Eip1193Provider {
    const source = {
      name: this.name,
      chainId: this.chainId,
      rpc: (request: string, signal?: AbortSignal) => cancellable((cancel) => this.#native.rpc(request, cancel), signal),
      rawHeads: (signal: AbortSignal) =>
        new Feed(this, 'newHeads', callNow(() => this.#native.blocks(undefined, 'final')), (item) => {
          const { transactions: _, uncles: __, size: ___, ...header } = item.block
          return header
        }, signal),
      rawLogs: (filter: Record<string, unknown>, signal: AbortSignal) =>
        new Feed(this, 'logs', callNow(() => this.#native.logs(toJson(filter), undefined, 'final')), ({ cursor: _, ...log }) => log, signal),
    }
    return new Eip1193Provider(source, accounts.map(checkAccount))
  }

  /**
   * Sends one transaction and waits for its receipt: a raw signed one, or a row with an account that signs it. Throws if it is refused or
   * reverts (`ERR_REVERTED`, with the decoded reason and the receipt in `details`).
   */
  send(one: Sendable, options?: SendOptions): Promise<ChainReceipt>
  /**
   * Sends many. Each has its own row in the answer, in order, and one that is refused fails alone. A batch is sent in pieces: what is not
   * signed yet is not held in memory twice.
   */
  send(batch: Iterable<Sendable> | AsyncIterable<Sendable>, options?: SendOptions): Promise<SentRow[]>
  send(what: Sendable | Iterable<Sendable> | AsyncIterable<Sendable>, options: SendOptions = {}): Promise<ChainReceipt | SentRow[]> {
    return isBatch(what) ? this.#sender.batch(what, options) : this.#sender.single(what, options)
  }

  /** The receipt of a transaction; null if no final block has it. */
  async receipt(hash: string, { signal }: CallOptions = {}): Promise<ChainReceipt | null> {
    const raw = await this.provider.request({ method: 'eth_getTransactionReceipt', params: [hash], ...(signal && { signal }) })
    return raw === null ? null : new ChainReceipt(this, raw, 'final')
  }

  /** Waits until a transaction has reached a level. */
  async waitFor(hash: string, { level = 'final', timeout, signal }: CallOptions & { level?: Certain; timeout?: Duration } = {}): Promise<ChainReceipt> {
    const patience = timeout === undefined ? undefined : milliseconds(timeout, 'timeout')
    return new ChainReceipt(this, JSON.parse(await cancellable((cancel) => this.#native.waitFor(hash, level, patience, cancel), signal)), level)
  }

  /** What an address owns, in wei. */
  async balance(address: string, { at = 'latest', signal }: CallOptions & { at?: At } = {}): Promise<bigint> {
    return BigInt(await this.#read('eth_getBalance', [address, tag(at)], signal))
  }

  /** The nonce of an address; with `at: 'pending'` what waits in the mempool counts. */
  async nonce(address: string, { at = 'latest', signal }: CallOptions & { at?: At } = {}): Promise<number> {
    return Number(await this.#read('eth_getTransactionCount', [address, tag(at)], signal))
  }

  /** Its anchors on the tangle, oldest first. */
  async anchors({ signal }: CallOptions = {}): Promise<Anchor[]> {
    return JSON.parse(await call(this.#native.anchors(), signal))
  }

  /** Goes back to a height; `dev` chains only. */
  rewind(height: number, { signal }: CallOptions = {}): Promise<void> {
    return call(this.#native.rewind(height), signal)
  }

  /** The table of one event of a contract, its arguments as columns. */
  eventTable({ abi, event, address }: { abi: readonly unknown[]; event: string; address?: string }): Table {
    return table(event, (selection) => this.#native.eventTable(toJson(abi), event, address, selection))
  }

  #read(method: string, params: unknown[], signal?: AbortSignal): Promise<string> {
    return this.provider.request({ method, params, ...(signal && { signal }) })
  }

  #blocks({ from, level = 'final', signal }: BlockStreamOptions = {}): Feed<ChainBlock> {
    return new Feed(this, 'blocks', callNow(() => this.#native.blocks(from === undefined ? undefined : height(from), level)), toBlock, signal)
  }

  #logs({ from, level = 'final', signal, ...filter }: LogStreamOptions = {}): Feed<StreamedLog> {
    // A height stands for the place before its first log.
    const cursor = typeof from === 'number' ? { height: height(from), logIndex: 0 } : from
    return new Feed(this, 'logs', callNow(() => this.#native.logs(toJson(filter), cursor && toJson(cursor), level)), toStreamedLog, signal)
  }

  [inspect.custom](): string {
    return `VespiaryChain { name: '${this.name}', chainId: ${this.chainId}, node: '${this.node.name}' }`
  }
}

function height(from: unknown): number {
  if (Number.isSafeInteger(from) && (from as number) >= 0) return from as number
  throw invalid(`\`from\` must be a height (0, 1, 2, …) or a cursor, not ${String(from)}`, { from: String(from) })
}

function tag(at: At): string {
  return typeof at === 'number' ? `0x${height(at).toString(16)}` : at
}

export type { Account, Hex }
