/** The supervision tree as data: who runs, since when, how often it was restarted; and faults by path. */
import { inspect } from 'node:util'
import type { CallOptions } from './call.js'
import { call, callNow } from './call.js'
import { Feed } from './feed.js'
import type { NativeNode } from './native.js'
import type { Selection, Table } from './tables.js'
import { table } from './tables.js'
import type { Duration } from './units.js'
import { milliseconds } from './units.js'

/** One actor, as the supervisor sees it at this moment. */
export interface ActorInfo {
  /** `/chains/shop/executor`. */
  readonly path: string
  readonly kind: string
  readonly state: string
  /** Counts its starts. */
  readonly incarnation: number
  readonly restarts: number
  readonly [field: string]: unknown
}

/** Something that happened in the tree. `missed` stands for `count` events that a slow reader lost: the tree keeps no history. */
export interface TreeEvent {
  /** `started`, `exited`, `restarted`, `escalated`, … */
  readonly event: string
  readonly path?: string
  /** Milliseconds since the node started. */
  readonly atMs?: number
  readonly [field: string]: unknown
}

/** The tree of one node. */
export class SupervisionTree implements Table {
  readonly #native: NativeNode
  readonly #node: object
  readonly #table: Table

  /** @internal */
  constructor(native: NativeNode, node: object) {
    this.#native = native
    this.#node = node
    this.#table = table('tree', (selection) => native.table('tree', selection))
  }

  /** Every actor, or those whose path matches a glob such as `/chains/shop/*`. Stops nobody. */
  snapshot(glob?: string): ActorInfo[] {
    return JSON.parse(callNow(() => this.#native.treeSnapshot(glob)))
  }

  /** The actor at a path; it need not exist yet. */
  get(path: string): TreeEntry {
    return new TreeEntry(this.#native, path)
  }

  /** What happens from now on. The oldest events are dropped for a slow reader, and an event says how many. */
  events({ signal }: CallOptions = {}): Feed<TreeEvent> {
    return new Feed(this.#node, 'tree events', callNow(() => this.#native.treeEvents()), (event) => event, signal)
  }

  /** The tree as a table. */
  toIPC(selection?: Selection): Promise<Uint8Array> {
    return this.#table.toIPC(selection)
  }

  toString(): string {
    return callNow(() => this.#native.treeText())
  }

  [inspect.custom](): string {
    return this.#native.closed ? 'SupervisionTree { closed }' : this.toString()
  }
}

/** One place in the tree. The faults are real: a crash is a panic in the actor, and its supervisor restarts it. */
export class TreeEntry {
  readonly #native: NativeNode
  readonly path: string

  /** @internal */
  constructor(native: NativeNode, path: string) {
    this.#native = native
    this.path = path
  }

  /** The actor as it is now; `undefined` if there is none at this path. */
  get info(): ActorInfo | undefined {
    return (JSON.parse(callNow(() => this.#native.treeSnapshot(this.path))) as ActorInfo[])[0]
  }

  /** Makes it panic; done when its incarnation has ended. */
  crash({ signal }: CallOptions = {}): Promise<void> {
    return call(this.#native.treeFault(this.path, 'crash', 0, 0), signal)
  }

  /** Makes it stop as if by itself. */
  stop({ signal }: CallOptions = {}): Promise<void> {
    return call(this.#native.treeFault(this.path, 'stop', 0, 0), signal)
  }

  /** Keeps it from handling anything for a time. */
  async hang(time: Duration, { signal }: CallOptions = {}): Promise<void> {
    await call(this.#native.treeFault(this.path, 'hang', 0, milliseconds(time, 'time')), signal)
  }

  /** Holds each of its next messages back for a time. */
  async delay(time: Duration, { messages = 1, signal }: CallOptions & { messages?: number } = {}): Promise<void> {
    await call(this.#native.treeFault(this.path, 'delay', messages, milliseconds(time, 'time')), signal)
  }

  /** Throws its next messages away. */
  drop({ messages = 1, signal }: CallOptions & { messages?: number } = {}): Promise<void> {
    return call(this.#native.treeFault(this.path, 'drop', messages, 0), signal)
  }

  [inspect.custom](): string {
    const info = this.#native.closed ? undefined : this.info
    return `TreeEntry { path: '${this.path}', ${info === undefined ? 'no such actor now' : `state: '${info.state}', restarts: ${info.restarts}`} }`
  }
}
