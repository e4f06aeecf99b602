/** How every call crosses into the addon: an error gets its type back, and an `AbortSignal` ends the wait. */
import { translated } from './errors.js'
import type { NativeCancel } from './native.js'
import native from './native.js'

/** What every asynchronous call takes as its last argument. */
export interface CallOptions {
  /**
   * Ends the wait with the signal's reason. What the node was already told is not taken back: a transaction that was handed over may still
   * be executed.
   */
  signal?: AbortSignal | undefined
}

/** Waits for the addon's answer. */
export async function call<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await (signal === undefined ? promise : abortable(promise, signal))
  } catch (error) {
    throw translated(error)
  }
}

/** As {@link call}, for a call that may wait for long: the addon gives the wait up too, so that it does not keep the process alive. */
export async function cancellable<T>(begin: (cancel?: NativeCancel) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return call(begin())
  signal.throwIfAborted()
  const cancel = new native.NativeCancel()
  const stop = () => cancel.cancel()
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await call(begin(cancel), signal)
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** A call of the addon that answers at once. */
export function callNow<T>(operation: () => T): T {
  try {
    return operation()
  } catch (error) {
    throw translated(error)
  }
}

/** Whichever comes first: the promise or the signal. The promise's late failure is nobody's unhandled rejection. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = () => reject(signal.reason)
    if (signal.aborted) {
      promise.catch(() => {})
      stop()
      return
    }
    signal.addEventListener('abort', stop, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
