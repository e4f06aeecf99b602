/**
 * Everything this package throws by itself. `code` is stable and the same in Python; the message is for people and is not.
 *
 * ```ts
 * try { await chain.send(raw) } catch (error) {
 *   if (error instanceof VespiaryError && error.code === 'ERR_NONCE_TOO_LOW') console.log(error.details['next'])
 * }
 * ```
 */
export class VespiaryError extends Error {
  /** What happened, for programs: `ERR_NODE_CLOSED`, `ERR_UNKNOWN_CHAIN`, ... */
  readonly code: string
  /** The values behind the message, by name. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: string, message: string, details: Record<string, unknown> = {}, options?: ErrorOptions) {
    super(message, options)
    this.name = 'VespiaryError'
    this.code = code
    this.details = details
  }
}

/** What a provider rejects with, EIP-1193's `ProviderRpcError`: a number as `code` (EIP-1193, EIP-1474) and `data`, e.g. a revert's return data. */
export class Eip1193Error extends Error {
  readonly code: number
  readonly data?: unknown

  constructor(code: number, message: string, data?: unknown) {
    super(message)
    this.name = 'Eip1193Error'
    this.code = code
    if (data !== undefined) this.data = data
  }
}

/** The error of a value that could not be used as it was given. */
export function invalid(message: string, details: Record<string, unknown> = {}): VespiaryError {
  return new VespiaryError('ERR_MALFORMED', message, details)
}

/** An addon's promise can only be rejected with an `Error` of plain text, so the whole error travels as JSON in the message. */
export function translated(error: unknown): unknown {
  if (!(error instanceof Error) || !error.message.startsWith('{"')) return error
  try {
    const { code, message, details } = JSON.parse(error.message) as { code: string; message: string; details?: Record<string, unknown> }
    return new VespiaryError(code, message, details)
  } catch {
    return error
  }
}

/** The error of a row or an answer that came back as plain data. */
export function fromData(error: { code: string; message: string; details?: Record<string, unknown> }): VespiaryError {
  return new VespiaryError(error.code, error.message, error.details)
}
