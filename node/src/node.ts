/** A node: chains, a tangle and a supervision tree, in this process. */
import { inspect } from 'node:util'
import type { CallOptions } from './call.js'
import { abortable, call, callNow } from './call.js'
import { Chains } from './chains.js'
import { toJson } from './json.js'
import type { NativeNode } from './native.js'
import native from './native.js'
import type { Table } from './tables.js'
import { table } from './tables.js'
import { Tangle, nativeTangle } from './tangle.js'
import { SupervisionTree } from './tree.js'
import type { Duration } from './units.js'
import { milliseconds } from './units.js'

/** How to open a node. */
export interface NodeOptions extends CallOptions {
  /** Its name, a column of every table. Default `node`. */
  readonly name?: string
  /** Where it keeps its chains; in memory if left out. */
  readonly dataDir?: string
  /** What `final` survives: a power loss (default with a data directory) or the end of the process. */
  readonly durability?: 'power-loss' | 'process'
  /** Makes every run the same. A node on real time with a seed has guessable keys. */
  readonly seed?: number
  /** On virtual time the clock moves only inside a call that waits, or in `runFor`. Default `real`. */
  readonly clock?: 'real' | 'virtual'
  /** An L1 of `createTangle()`; the node makes its own if left out. */
  readonly tangle?: Tangle
  /** At most one milestone of its own tangle in this time. */
  readonly milestoneInterval?: Duration
  /** The name of its own tangle's network. */
  readonly network?: string
}

/** Waits this long for an orderly end unless told otherwise. */
const patience: Duration = '5s'

/**
 * A running node. It belongs to the thread that started it: it is closed in order when that thread ends, be it the main thread or a worker.
 *
 * An open node does not keep the process alive; pending calls and streams do. So a script ends by itself, and a server lives as long as it
 * listens. Close it where it matters that nothing is left behind (`await using` does the same from Node.js 24 on):
 *
 * ```ts
 * const node = await createNode({ dataDir: 'shop' })
 * try {
 *   const chain = await node.chains.getOrCreate('shop', { dev: true })
 * } finally {
 *   await node.close()
 * }
 * ```
 */
export class VespiaryNode {
  readonly #native: NativeNode
  /** The node's chains by name. */
  readonly chains: Chains
  /** Its actors. */
  readonly tree: SupervisionTree
  /** Its L1. */
  readonly tangle: Tangle
  /** The blocks of all its chains, and so on. */
  readonly blocks: Table
  readonly transactions: Table
  readonly receipts: Table
  readonly logs: Table
  readonly requests: Table

  /** @internal */
  constructor(handle: NativeNode) {
    this.#native = handle
    this.chains = new Chains(handle, this)
    this.tree = new SupervisionTree(handle, this)
    this.tangle = new Tangle(handle.tangle())
    const of = (kind: string) => table(kind, (selection) => handle.table(kind, selection))
    this.blocks = of('blocks')
    this.transactions = of('transactions')
    this.receipts = of('receipts')
    this.logs = of('logs')
    this.requests = of('requests')
  }

  get name(): string {
    return this.#native.name
  }

  get closed(): boolean {
    return this.#native.closed
  }

  /** The node's clock, unix milliseconds. */
  now({ signal }: CallOptions = {}): Promise<number> {
    return call(this.#native.now(), signal)
  }

  /** Lets virtual time pass. */
  async runFor(duration: Duration, { signal }: CallOptions = {}): Promise<void> {
    await call(this.#native.runFor(milliseconds(duration, 'duration')), signal)
  }

  /** Shuts the tree down in order; after `timeout` it is abandoned. Closing twice is no error. */
  async close({ timeout = patience, signal }: CallOptions & { timeout?: Duration } = {}): Promise<void> {
    await call(this.#native.close(milliseconds(timeout, 'timeout')), signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  [inspect.custom](): string {
    return `VespiaryNode { name: '${this.name}', ${this.closed ? 'closed' : 'open'} }`
  }
}

/** Opens a node. */
export async function createNode({ signal, tangle, ...options }: NodeOptions = {}): Promise<VespiaryNode> {
  signal?.throwIfAborted()
  const opening = call(callNow(() => native.openNode(toJson(options), tangle === undefined ? undefined : nativeTangle(tangle))))
  if (signal === undefined) return new VespiaryNode(await opening)
  try {
    return new VespiaryNode(await abortable(opening, signal))
  } catch (error) {
    // A node that comes up after its caller went away would be nobody's.
    void opening.then((late) => late.close(milliseconds(patience, 'timeout')), () => {})
    throw error
  }
}

/** The version of the native node. */
export function vespiaryVersion(): string {
  return native.version()
}
