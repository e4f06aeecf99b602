/**
 * EIP-1193 in process: what viem's `custom()` and ethers' `BrowserProvider` take. No port, no HTTP; one call is one hop into the node.
 *
 * The provider is of one chain for life, so `chainChanged` and `accountsChanged` never fire; `connect` fires once, `disconnect` when the node
 * closes, `message` for every `eth_subscribe`d item. A subscription keeps the process alive until `eth_unsubscribe` or the node's end, as
 * a pending stream does.
 */
import { EventEmitter } from 'node:events'
import { inspect } from 'node:util'
import type { Account } from './accounts.js'
import { sameAddress, signMessage, signTransaction, signTypedData } from './accounts.js'
import type { Hex } from './accounts.js'
import { Eip1193Error, VespiaryError } from './errors.js'
import type { SubscriptionSource } from './subscriptions.js'
import { Subscriptions } from './subscriptions.js'

/** One JSON-RPC call. */
export interface RequestArguments {
  readonly method: string
  readonly params?: readonly unknown[] | object
  /** Ends the wait; not part of EIP-1193. */
  readonly signal?: AbortSignal
}

/** What a subscription's listener gets (EIP-1193 `message`). */
export interface ProviderMessage {
  readonly type: 'eth_subscription'
  readonly data: { readonly subscription: Hex; readonly result: unknown }
}

/** What a provider stands on: the chain's JSON-RPC and its streams. */
export interface ProviderSource extends SubscriptionSource {
  readonly name: string
  readonly chainId: number
  /** JSON-RPC 2.0: text in, text out. */
  rpc(request: string, signal?: AbortSignal): Promise<string>
}

export interface ProviderEvents {
  connect: [{ chainId: Hex }]
  disconnect: [Eip1193Error]
  chainChanged: [Hex]
  accountsChanged: [string[]]
  message: [ProviderMessage]
}

/** An EIP-1193 provider of one chain. */
export class Eip1193Provider extends EventEmitter<ProviderEvents> {
  readonly #source: ProviderSource
  readonly #accounts: readonly Account[]
  readonly #subscriptions: Subscriptions

  /** @internal */
  constructor(source: ProviderSource, accounts: readonly Account[]) {
    super()
    this.#source = source
    this.#accounts = accounts
    this.#subscriptions = new Subscriptions(
      source,
      (message) => this.emit('message', message),
      () => this.emit('disconnect', new Eip1193Error(4900, `the node of chain \`${source.name}\` is closed`)),
    )
    // One turn later, so that whoever made the provider can listen first.
    queueMicrotask(() => this.emit('connect', { chainId: hex(source.chainId) }))
  }

  /** The addresses that `eth_sendTransaction` signs for. */
  get accounts(): readonly string[] {
    return this.#accounts.map((account) => account.address)
  }

  /** One call; rejects with a {@link Eip1193Error}. */
  async request(args: RequestArguments): Promise<any> {
    if (typeof args?.method !== 'string') throw new Eip1193Error(-32600, 'a request is an object {method: string, params?: array}')
    const params = args.params ?? []
    try {
      const own = this.#own(args.method, params as readonly any[])
      if (own !== undefined) return await own
      return await this.#forward(args.method, params, args.signal)
    } catch (error) {
      throw asRpcError(error)
    }
  }

  async #forward(method: string, params: unknown, signal?: AbortSignal): Promise<any> {
    const answer = JSON.parse(await this.#source.rpc(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }, quantities), signal)) as {
      result?: unknown
      error?: { code: number; message: string; data?: unknown }
    }
    if (answer.error !== undefined) throw new Eip1193Error(answer.error.code, answer.error.message, answer.error.data)
    return answer.result
  }

  /** What the provider answers without the node: whatever needs the caller's keys, and subscriptions. */
  #own(method: string, params: readonly any[]): Promise<unknown> | undefined {
    switch (method) {
      case 'eth_accounts':
      case 'eth_requestAccounts':
        return Promise.resolve([...this.accounts])
      case 'eth_subscribe':
        return this.#subscriptions.open(params[0], params[1])
      case 'eth_unsubscribe':
        return Promise.resolve(this.#subscriptions.close(params[0]))
      case 'eth_signTransaction':
        return this.#signed(params[0])
      case 'eth_sendTransaction':
        return this.#signed(params[0]).then((raw) => this.#forward('eth_sendRawTransaction', [raw]))
      case 'wallet_sendTransaction':
        return this.#signed(params[0]).then((raw) => this.#forward('eth_sendRawTransaction', [raw]))
      case 'personal_sign':
        return signMessage(this.#account(params[1]), params[0])
      case 'eth_sign':
        return signMessage(this.#account(params[0]), params[1])
      case 'eth_signTypedData_v4':
        return signTypedData(this.#account(params[0]), params[1])
      default:
        return undefined
    }
  }

  #account(address: unknown): Account {
    const found = this.#accounts.find((account) => sameAddress(account.address, address))
    if (found !== undefined) return found
    throw new Eip1193Error(4100, `this provider signs for ${this.accounts.join(', ') || 'no account'}, not for ${String(address)}: make it with createProvider({ accounts: [...] })`)
  }

  /** A wallet's `eth_sendTransaction` leaves out what a node knows. */
  async #signed(transaction: any): Promise<Hex> {
    if (typeof transaction !== 'object' || transaction === null) throw new Eip1193Error(-32602, 'params[0] must be a transaction object')
    const account = this.#account(transaction.from ?? this.#accounts[0]?.address)
    if (transaction.chainId !== undefined && BigInt(transaction.chainId) !== BigInt(this.#source.chainId)) {
      throw new Eip1193Error(-32602, `wrong chain id: the transaction says ${BigInt(transaction.chainId)}, this chain is ${this.#source.chainId}`)
    }
    const [nonce, gas, price] = await Promise.all([
      transaction.nonce ?? this.#forward('eth_getTransactionCount', [account.address, 'pending']),
      transaction.gas ?? transaction.gasLimit ?? this.#forward('eth_estimateGas', [{ ...transaction, from: account.address }]),
      transaction.maxFeePerGas ?? transaction.gasPrice ?? this.#forward('eth_gasPrice', []),
    ])
    return signTransaction(account, {
      chainId: this.#source.chainId,
      nonce: Number(nonce),
      gas: BigInt(gas),
      to: transaction.to ?? undefined,
      data: transaction.data ?? transaction.input ?? undefined,
      value: transaction.value === undefined ? 0n : BigInt(transaction.value),
      accessList: transaction.accessList,
      ...(transaction.gasPrice === undefined
        ? { maxFeePerGas: BigInt(price), maxPriorityFeePerGas: BigInt(transaction.maxPriorityFeePerGas ?? 0) }
        : { gasPrice: BigInt(price) }),
    })
  }

  [inspect.custom](): string {
    return `Eip1193Provider { chain: '${this.#source.name}', chainId: ${this.#source.chainId}, accounts: ${this.accounts.length} }`
  }
}

/** JSON-RPC's form of a number. */
export function hex(value: number | bigint): Hex {
  return `0x${value.toString(16)}`
}

/** A `bigint` in params becomes a quantity instead of an error of JSON's. */
function quantities(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? hex(value) : value
}

function asRpcError(error: unknown): unknown {
  if (error instanceof Eip1193Error || !(error instanceof VespiaryError)) return error
  const code = error.code === 'ERR_NODE_CLOSED' ? 4900 : error.code === 'ERR_MALFORMED' ? -32602 : -32603
  return new Eip1193Error(code, error.message, { code: error.code, ...error.details })
}
