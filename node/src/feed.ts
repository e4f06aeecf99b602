/** Streams: an async iterator over the addon's pull, with an end by `AbortSignal`, by `break` and by the node's close. */
import { inspect } from 'node:util'
import { translated } from './errors.js'
import type { NativeStream } from './native.js'

/** Items taken in one hop when they wait already, so that catching up costs less than a hop an item. */
const batch = 64

/**
 * A stream. `for await` closes it when left by `break`; the node's close ends it. A pending `next()` keeps the process alive, an open
 * stream nobody waits on does not.
 */
export class Feed<Item> implements AsyncIterableIterator<Item> {
  readonly #native: NativeStream
  readonly #decode: (item: any) => Item
  readonly #signal: AbortSignal | undefined
  readonly #name: string
  /** A node that nobody can reach is closed: whoever holds a stream of it can reach it. */
  readonly #owner: object
  /** Undecoded items, so that a `break` decodes none in vain. */
  #ready: any[] = []
  #turn: Promise<unknown> = Promise.resolve()
  #ended = false

  /** @internal */
  constructor(owner: object, name: string, native: NativeStream, decode: (item: any) => Item, signal?: AbortSignal) {
    this.#owner = owner
    this.#name = name
    this.#native = native
    this.#decode = decode
    this.#signal = signal
    if (signal?.aborted) this.#native.close()
    else signal?.addEventListener('abort', this.#close, { once: true })
  }

  /** The next item; rejects with the signal's reason once that is aborted. */
  next(): Promise<IteratorResult<Item, undefined>> {
    // Calls that overlap are answered one after the other, in their order.
    const answer = this.#turn.then(() => this.#step())
    this.#turn = answer.catch(() => {})
    return answer
  }

  async #step(): Promise<IteratorResult<Item, undefined>> {
    this.#signal?.throwIfAborted()
    if (this.#ready.length === 0 && !this.#ended) {
      try {
        const text = await this.#native.pull(batch)
        this.#signal?.throwIfAborted()
        if (text === null) this.#end()
        else this.#ready = (JSON.parse(text) as any[]).reverse()
      } catch (error) {
        this.#end()
        throw translated(error)
      }
    }
    if (this.#ready.length === 0) return { done: true, value: undefined }
    return { done: false, value: this.#decode(this.#ready.pop()) }
  }

  async return(): Promise<IteratorResult<Item, undefined>> {
    this.#end()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end()
  }

  readonly #close = (): void => this.#native.close()

  #end(): void {
    this.#ended = true
    this.#ready = []
    this.#signal?.removeEventListener('abort', this.#close)
    this.#native.close()
  }

  [inspect.custom](): string {
    return `Feed { of: '${this.#name}', owner: ${this.#owner.constructor.name}, ${this.#ended ? 'ended' : 'open'} }`
  }
}
