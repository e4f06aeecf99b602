/** Sending. A batch is the primitive; a single send is a batch of one that throws. */
import type { Account, Hex } from './accounts.js'
import { checkAccount, signTransaction } from './accounts.js'
import type { CallOptions } from './call.js'
import { cancellable } from './call.js'
import type { VespiaryChain } from './chain.js'
import { VespiaryError, fromData, invalid } from './errors.js'
import type { Level } from './levels.js'
import type { NativeChain } from './native.js'
import { ChainReceipt } from './receipt.js'
import { Turns } from './turns.js'

/** A call to be signed here. What is left out is filled in: the nonce in call order, the gas by an estimate, the fee by the chain's price. */
export interface TransactionRow {
  /** Who signs: a local account of viem or a `Wallet` of ethers. */
  readonly account: Account
  /** Left out, a contract is created. */
  readonly to?: string | null | undefined
  readonly data?: string | undefined
  /** Wei. */
  readonly value?: bigint | undefined
  readonly nonce?: number | undefined
  readonly gas?: bigint | undefined
  readonly maxFeePerGas?: bigint | undefined
  readonly maxPriorityFeePerGas?: bigint | undefined
}

/** A raw signed transaction, as hex or bytes, or a row to be signed. */
export type Sendable = Hex | Uint8Array | TransactionRow

/** How to send. */
export interface SendOptions extends CallOptions {
  /** How certain a transaction must be before its row is answered. Default `final`. */
  readonly wait?: Level
  /** The account of rows that name none. */
  readonly account?: Account
  /** The gas of rows that give none; without it each row is estimated, before the rows ahead of it have run. */
  readonly gas?: bigint
  /** Called as rows are answered. */
  readonly onProgress?: (progress: { readonly sent: number; readonly done: number; readonly failed: number }) => void
}

/** What became of one row. A transaction that ran and reverted is a failure with a receipt. */
export type SentRow =
  | { readonly ok: true; readonly hash: Hex; readonly receipt: ChainReceipt | null }
  | { readonly ok: false; readonly error: VespiaryError; readonly hash?: Hex; readonly receipt?: ChainReceipt }

/** Rows that go to the node in one message, and messages that may be under way at a time. */
const piece = 1_024
const underWay = 4

export function isBatch(what: unknown): what is Iterable<Sendable> | AsyncIterable<Sendable> {
  if (typeof what !== 'object' || what === null || what instanceof Uint8Array) return false
  return Symbol.iterator in what || Symbol.asyncIterator in what
}

export class Sender {
  readonly #chain: VespiaryChain
  readonly #native: NativeChain
  /** Nonces of an account are given out by one at a time. */
  readonly #turns = new Turns()

  constructor(chain: VespiaryChain, native: NativeChain) {
    this.#chain = chain
    this.#native = native
  }

  async single(one: Sendable, options: SendOptions): Promise<ChainReceipt> {
    options.signal?.throwIfAborted()
    const [row] = await this.#piece([one], options)
    if (row === undefined) throw new VespiaryError('ERR_INTERNAL', 'the node gave no answer for the transaction')
    if (!row.ok) throw row.error
    if (row.receipt === null) {
      throw invalid("a pending transaction has no receipt yet: send [transaction] with wait: 'pending' and look at the row's hash", { hash: row.hash })
    }
    return row.receipt
  }

  async batch(rows: Iterable<Sendable> | AsyncIterable<Sendable>, options: SendOptions): Promise<SentRow[]> {
    const results: SentRow[] = []
    const running = new Set<Promise<void>>()
    let sent = 0
    let done = 0
    let failed = 0
    const failures: unknown[] = []
    // A piece of raw transactions goes on its way when the one before it has been answered: nonces leave no gap between two pieces.
    const order = new Turns()
    const send = (part: Sendable[]) => {
      const start = sent
      sent += part.length
      const answered = this.#piece(part, options, order)
        .then((answers) => {
          answers.forEach((row, index) => (results[start + index] = row))
          done += answers.length
          failed += answers.filter((row) => !row.ok).length
          options.onProgress?.({ sent, done, failed })
        })
        .catch((error: unknown) => void failures.push(error))
        .finally(() => running.delete(answered))
      running.add(answered)
    }
    let part: Sendable[] = []
    for await (const row of rows) {
      options.signal?.throwIfAborted()
      if (failures.length > 0) throw failures[0]
      part.push(row)
      if (part.length < piece) continue
      send(part)
      part = []
      if (running.size >= underWay) await Promise.race(running)
    }
    if (part.length > 0) send(part)
    await Promise.all(running)
    if (failures.length > 0) throw failures[0]
    return results
  }

  /** Raw transactions go to the node in one message; rows to be signed go account by account, in order. */
  async #piece(part: readonly Sendable[], options: SendOptions, order?: Turns): Promise<SentRow[]> {
    const rows: SentRow[] = new Array(part.length)
    const raw: { index: number; bytes: string | Uint8Array }[] = []
    const unsigned = new Map<string, { index: number; row: TransactionRow; account: Account }[]>()
    part.forEach((row, index) => {
      if (typeof row === 'string' || row instanceof Uint8Array) {
        raw.push({ index, bytes: row })
        return
      }
      try {
        if (typeof row !== 'object' || row === null) throw invalid('a row must be a raw transaction (0x… or bytes) or {account, to, data, value}')
        const account = checkAccount(row.account ?? options.account)
        const key = account.address.toLowerCase()
        unsigned.set(key, [...(unsigned.get(key) ?? []), { index, row, account }])
      } catch (error) {
        rows[index] = { ok: false, error: asError(error) }
      }
    })
    const wait = options.wait ?? 'final'
    const sendRaw = async () => {
      if (raw.length === 0) return
      const bytes = raw.map((row) => row.bytes)
      const text = await cancellable((cancel) => this.#native.sendRaw(bytes, wait, cancel), options.signal)
      ;(JSON.parse(text) as any[]).forEach((answer, position) => (rows[raw[position]?.index ?? -1] = this.#row(answer)))
    }
    const sendSigned = async (group: { index: number; row: TransactionRow; account: Account }[]) => {
      const accepted = await this.#accepted(group, options, (index, error) => (rows[index] = { ok: false, error: asError(error) }))
      if (accepted.length === 0) return
      if (wait === 'pending') {
        for (const { index, hash } of accepted) rows[index] = { ok: true, hash, receipt: null }
        return
      }
      // What is executed has no receipt to wait for: handing it over again answers when it is that far, and does nothing else.
      const signed = accepted.map((row) => row.signed)
      const hashes = accepted.map((row) => row.hash)
      const text = await cancellable(
        (cancel) => (wait === 'executed' ? this.#native.sendRaw(signed, wait, cancel) : this.#native.waitForAll(hashes, wait, cancel)),
        options.signal,
      )
      ;(JSON.parse(text) as any[]).forEach((answer, position) => (rows[accepted[position]?.index ?? -1] = this.#row(answer)))
    }
    await Promise.all([order === undefined ? sendRaw() : order.take('raw', sendRaw), ...[...unsigned.values()].map(sendSigned)])
    return rows
  }

  /**
   * Signs one account's rows and hands them over one by one: a refused row uses up no nonce, so nothing behind it waits for a gap to close.
   */
  #accepted(
    group: readonly { index: number; row: TransactionRow; account: Account }[],
    { signal, gas }: SendOptions,
    fail: (index: number, error: unknown) => void,
  ): Promise<{ index: number; hash: Hex; signed: Hex }[]> {
    const address = group[0]?.account.address ?? ''
    return this.#turns.take(address, async () => {
      const accepted: { index: number; hash: Hex; signed: Hex }[] = []
      let price: bigint | undefined
      let nonce = await this.#chain.nonce(address, { at: 'pending', ...(signal && { signal }) })
      for (const { index, row, account } of group) {
        try {
          signal?.throwIfAborted()
          const limit = row.gas ?? gas ?? (await this.#estimate(account, row, signal))
          const fee = row.maxFeePerGas ?? (price ??= await this.#price(signal))
          const used = row.nonce ?? nonce
          const signed = await signTransaction(account, {
            chainId: this.#chain.chainId,
            nonce: used,
            gas: limit,
            to: row.to ?? undefined,
            data: row.data,
            value: row.value ?? 0n,
            maxFeePerGas: fee,
            maxPriorityFeePerGas: row.maxPriorityFeePerGas ?? 0n,
          })
          const [answer] = JSON.parse(await cancellable((cancel) => this.#native.sendRaw([signed], 'pending', cancel), signal)) as any[]
          if (answer?.error != null) throw fromData(answer.error)
          accepted.push({ index, hash: answer.hash, signed })
          nonce = Math.max(nonce, used + 1)
        } catch (error) {
          signal?.throwIfAborted()
          fail(index, error)
        }
      }
      return accepted
    })
  }

  async #estimate(account: Account, row: TransactionRow, signal?: AbortSignal): Promise<bigint> {
    const call = { from: account.address, to: row.to ?? undefined, data: row.data, value: row.value ?? 0n }
    return BigInt(await this.#chain.provider.request({ method: 'eth_estimateGas', params: [call, 'pending'], ...(signal && { signal }) }))
  }

  async #price(signal?: AbortSignal): Promise<bigint> {
    return BigInt(await this.#chain.provider.request({ method: 'eth_gasPrice', params: [], ...(signal && { signal }) }))
  }

  #row(answer: any): SentRow {
    const receipt = answer.receipt == null ? null : new ChainReceipt(this.#chain, answer.receipt, answer.level)
    if (answer.error == null) return { ok: true, hash: answer.hash, receipt }
    const error = fromData(answer.error)
    return receipt === null ? { ok: false, error } : { ok: false, error, hash: receipt.transactionHash, receipt }
  }
}

function asError(error: unknown): VespiaryError {
  if (error instanceof VespiaryError) return error
  const data = (error as { data?: { code?: string } })?.data
  const message = error instanceof Error ? error.message : String(error)
  const code = typeof data === 'object' && typeof data?.code === 'string' ? data.code : (error as { code?: unknown })?.code === 3 ? 'ERR_REVERTED' : 'ERR_MALFORMED'
  return new VespiaryError(code, message, typeof data === 'object' ? { ...data } : { data }, { cause: error })
}
