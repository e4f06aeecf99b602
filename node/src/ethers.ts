/**
 * An ethers provider over a chain of this process:
 *
 * ```ts
 * import { createProvider } from 'vespiary/ethers'
 * const provider = createProvider(chain)
 * const signer = new Wallet(key, provider)
 * ```
 */
import { inspect } from 'node:util'
import type { JsonRpcError, JsonRpcPayload } from 'ethers'
import { BrowserProvider, Network } from 'ethers'
import type { Account } from './accounts.js'
import type { VespiaryChain } from './chain.js'
import type { Eip1193Provider } from './provider.js'

/** How to make the provider. */
export interface ProviderOptions {
  /** Accounts that `provider.getSigner(address)` signs for: ethers' `Wallet`s or viem's local accounts. */
  readonly accounts?: readonly Account[]
  /** How often listeners look, in ms. Default 20. */
  readonly pollingInterval?: number
}

/** ethers' provider, without its waits: no queue in front of a call, no answer out of a cache. */
export class VespiaryProvider extends BrowserProvider {
  readonly #direct: Eip1193Provider
  readonly #name: string

  /** @internal */
  constructor(chain: VespiaryChain, { accounts = [], pollingInterval = 20 }: ProviderOptions) {
    const direct = accounts.length === 0 ? chain.provider : chain.createProvider({ accounts })
    const network = new Network(chain.name, chain.chainId)
    super(direct, network, { staticNetwork: network, cacheTimeout: -1, pollingInterval })
    this.#direct = direct
    this.#name = chain.name
  }

  /** One call. Errors are made into ethers' own, as for any provider. */
  override async send(method: string, params: any[] | Record<string, any>): Promise<any> {
    await this._start()
    try {
      return await this.#direct.request({ method, params })
    } catch (error) {
      const { code, message, data } = error as { code: number; message: string; data?: unknown }
      const payload: JsonRpcPayload = { id: 1, jsonrpc: '2.0', method, params }
      throw this.getRpcError(payload, { id: 1, error: { code, message, data } } as JsonRpcError)
    }
  }

  [inspect.custom](): string {
    return `VespiaryProvider { chain: '${this.#name}' }`
  }
}

/** A provider of this chain. */
export function createProvider(chain: VespiaryChain, options: ProviderOptions = {}): VespiaryProvider {
  return new VespiaryProvider(chain, options)
}
