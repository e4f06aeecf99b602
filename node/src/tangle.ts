/** The embedded L1. A node makes its own; one made with `createTangle` is passed to many nodes. */
import { inspect } from 'node:util'
import type { CallOptions } from './call.js'
import { call, callNow } from './call.js'
import { invalid } from './errors.js'
import { toJson } from './json.js'
import type { NativeTangle } from './native.js'
import native from './native.js'
import type { Duration } from './units.js'
import { milliseconds } from './units.js'

/** How to make a tangle. */
export interface TangleOptions extends CallOptions {
  /** Its name, which its addresses and transactions are bound to. Default `vespiary`. */
  readonly network?: string
  /** At most one milestone in this time. */
  readonly milestoneInterval?: Duration
}

/** A milestone: what is under it is confirmed. */
export interface Milestone {
  readonly index: number
  readonly id: string
  readonly timeMs: number
}

/** Wei in the tangle's smallest amount: it has six decimals, chains have eighteen. */
const weiPerToken = 1_000_000_000_000n

const natives = new WeakMap<Tangle, NativeTangle>()

/** The tangle: milestones, balances, and the faults that experiments need. It ends with the last node that is on it. */
export class Tangle {
  readonly #native: NativeTangle

  /** @internal */
  constructor(handle: NativeTangle) {
    this.#native = handle
    natives.set(this, handle)
  }

  /** What its addresses begin with (bech32's human-readable part). */
  addressPrefix({ signal }: CallOptions = {}): Promise<string> {
    return call(this.#native.addressPrefix(), signal)
  }

  /** The newest milestone. */
  latestMilestone(): Milestone {
    return JSON.parse(callNow(() => this.#native.latestMilestone()))
  }

  /** What an L1 address (bech32 or hex) owns, in wei. */
  async balance(address: string, { signal }: CallOptions = {}): Promise<bigint> {
    return BigInt(await call(this.#native.balance(address), signal)) * weiPerToken
  }

  /** Gives an L1 address tokens out of the faucet; done when a milestone has confirmed it: `tangle.faucet(address, iota('10'))`. */
  async faucet(address: string, amount: bigint, { signal }: CallOptions = {}): Promise<void> {
    if (typeof amount !== 'bigint' || amount <= 0n || amount % weiPerToken !== 0n) {
      throw invalid(`the tangle has six decimals: ${amount} wei is not a positive multiple of ${weiPerToken}`, { amount: String(amount) })
    }
    await call(this.#native.faucet(address, String(amount / weiPerToken)), signal)
  }

  /** Stops issuing milestones: nothing is confirmed until `resume`. */
  pause({ signal }: CallOptions = {}): Promise<void> {
    return call(this.#native.pause(), signal)
  }

  resume({ signal }: CallOptions = {}): Promise<void> {
    return call(this.#native.resume(), signal)
  }

  /** Refuses the next blocks that are submitted. */
  refuse(count: number, { signal }: CallOptions = {}): Promise<void> {
    return call(this.#native.refuse(count), signal)
  }

  async setMilestoneInterval(interval: Duration, { signal }: CallOptions = {}): Promise<void> {
    await call(this.#native.setMilestoneInterval(milliseconds(interval, 'interval')), signal)
  }

  [inspect.custom](): string {
    return `Tangle { milestone: ${this.latestMilestone().index} }`
  }
}

/** The addon's handle of a tangle, for whoever hands it on. */
export function nativeTangle(tangle: Tangle): NativeTangle {
  const found = natives.get(tangle)
  if (found === undefined) throw invalid('`tangle` must come from createTangle() or node.tangle', {})
  return found
}

/** Makes a tangle of its own, to be shared by nodes: `createNode({ tangle })`. */
export async function createTangle({ signal, ...options }: TangleOptions = {}): Promise<Tangle> {
  return new Tangle(await call(native.openTangle(toJson(options)), signal))
}
