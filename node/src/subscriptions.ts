/** `eth_subscribe` over the chain's own streams: nothing is missed between two items, and no timer polls. */
import { randomBytes } from 'node:crypto'
import type { Hex } from './accounts.js'
import { Eip1193Error, VespiaryError } from './errors.js'
import type { ProviderMessage } from './provider.js'

/** The streams a subscription can stand on; each yields what JSON-RPC would show. */
export interface SubscriptionSource {
  rawHeads(signal: AbortSignal): AsyncIterable<unknown>
  rawLogs(filter: Record<string, unknown>, signal: AbortSignal): AsyncIterable<unknown>
  rawPending?(signal: AbortSignal): AsyncIterable<unknown>
}

export class Subscriptions {
  readonly #source: SubscriptionSource
  readonly #deliver: (message: ProviderMessage) => void
  readonly #ended: () => void
  readonly #open = new Map<string, AbortController>()

  constructor(source: SubscriptionSource, deliver: (message: ProviderMessage) => void, ended: () => void) {
    this.#source = source
    this.#deliver = deliver
    this.#ended = ended
  }

  /** Opens one and answers its id. */
  async open(kind: unknown, filter: unknown): Promise<Hex> {
    const stop = new AbortController()
    const items = this.#items(kind, filter, stop.signal)
    const id: Hex = `0x${randomBytes(16).toString('hex')}`
    this.#open.set(id, stop)
    void this.#run(id, items, stop.signal)
    return id
  }

  /** Closes one; false if there was none. */
  close(id: unknown): boolean {
    const found = this.#open.get(String(id))
    found?.abort()
    return this.#open.delete(String(id))
  }

  #items(kind: unknown, filter: unknown, signal: AbortSignal): AsyncIterable<unknown> {
    if (kind === 'newHeads') return this.#source.rawHeads(signal)
    if (kind === 'logs') return this.#source.rawLogs((filter ?? {}) as Record<string, unknown>, signal)
    throw new Eip1193Error(-32602, `cannot subscribe to ${JSON.stringify(kind)}: use "newHeads" or "logs"`)
  }

  async #run(id: Hex, items: AsyncIterable<unknown>, signal: AbortSignal): Promise<void> {
    try {
      for await (const result of items) this.#deliver({ type: 'eth_subscription', data: { subscription: id, result } })
      if (!signal.aborted) this.#ended()
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof VespiaryError)) throw error
      this.#ended()
    } finally {
      this.#open.delete(id)
    }
  }
}
