/** The chains of a node, by name. */
import { inspect } from 'node:util'
import type { CallOptions } from './call.js'
import { call } from './call.js'
import { VespiaryChain } from './chain.js'
import { toJson } from './json.js'
import type { NativeChain, NativeNode } from './native.js'
import type { VespiaryNode } from './node.js'

/** What gas costs: nothing, wei for each unit of gas, or base tokens of L1 for units of gas. */
export type Fees = 'free' | { readonly price: bigint } | { readonly gas: number; readonly tokens: number; readonly validatorFeeShare?: number }

/** Everything that makes a chain this chain; it is kept with the chain. */
export interface ChainOptions {
  /** Solo, not anchored, allocations out of nothing, may be rewound. Default: anchored. */
  readonly dev?: boolean
  /** 1 to 4,503,599,627,370,476, the largest that wallets accept; chosen from the chain's id if left out. */
  readonly evmChainId?: number
  readonly fees?: Fees
  /** `cancun` if left out. */
  readonly fork?: string
  readonly gasLimits?: { readonly block: number; readonly request: number; readonly minimum: number }
  readonly mempool?: { readonly total: number; readonly perSender: number; readonly senderShare: number }
  /** Genesis allocations in wei: `{ [account.address]: iota('1000') }`. On an anchored chain they are paid into its alias. */
  readonly funded?: Readonly<Record<string, bigint>>
  /** Who sets its fees and limits and gets the owner's share of fees. */
  readonly owner?: string
}

/** `node.chains`. */
export class Chains {
  readonly #native: NativeNode
  readonly #node: VespiaryNode
  /** One object a chain: its accounts' nonces are given out in one place. */
  readonly #known = new Map<string, VespiaryChain>()

  /** @internal */
  constructor(native: NativeNode, node: VespiaryNode) {
    this.#native = native
    this.#node = node
  }

  /** Makes a chain; one of this name must not exist. */
  async create(name: string, options: ChainOptions = {}, { signal }: CallOptions = {}): Promise<VespiaryChain> {
    return this.#chain(await call(this.#native.createChain(toJson({ ...options, name }), false), signal))
  }

  /** Opens the chain of this name or makes it. `ERR_CONFIG_DIFFERS` shows the difference if it exists with another configuration. */
  async getOrCreate(name: string, options: ChainOptions = {}, { signal }: CallOptions = {}): Promise<VespiaryChain> {
    return this.#chain(await call(this.#native.createChain(toJson({ ...options, name }), true), signal))
  }

  /** The chain of this name; `ERR_UNKNOWN_CHAIN` names those that are near. */
  async get(name: string, { signal }: CallOptions = {}): Promise<VespiaryChain> {
    return this.#chain(await call(this.#native.chain(name), signal))
  }

  /** All of them. */
  async list({ signal }: CallOptions = {}): Promise<VespiaryChain[]> {
    return (await call(this.#native.chains(), signal)).map((chain) => this.#chain(chain))
  }

  #chain(native: NativeChain): VespiaryChain {
    const known = this.#known.get(native.name)
    if (known !== undefined) return known
    const chain = new VespiaryChain(native, this.#node)
    this.#known.set(native.name, chain)
    return chain
  }

  [inspect.custom](): string {
    return `Chains { node: '${this.#native.name}', opened: [${[...this.#known.keys()].join(', ')}] }`
  }
}
