/** Tables: one documented schema each, the same in Python, as Arrow IPC bytes that `apache-arrow`'s `tableFromIPC` reads in place. */
import { inspect } from 'node:util'
import type { CallOptions } from './call.js'
import { call } from './call.js'
import { toJson } from './json.js'

/** Which rows: blocks from a height to a height, both inclusive. */
export interface Selection extends CallOptions {
  readonly from?: number
  readonly to?: number
}

/** A table. Taking it costs a copy of the rows, not a stop of anyone. */
export interface Table {
  /**
   * The rows as one Arrow IPC stream. 256-bit amounts are 32 bytes big-endian (`vespiary.type = uint256` in the field's metadata).
   */
  toIPC(selection?: Selection): Promise<Uint8Array>
}

/** A table by the way it is read. */
export function table(name: string, read: (selection: string) => Promise<Uint8Array>): Table {
  return {
    toIPC: ({ signal, ...selection }: Selection = {}) => call(read(toJson(selection)), signal),
    [inspect.custom]: () => `Table { name: '${name}' }`,
  } as Table
}
