/** One at a time for each key, in the order of asking. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const name = key.toLowerCase()
    const before = this.#last.get(name)
    const mine = before === undefined ? work() : before.then(work, work)
    const settled = mine.catch(() => {}).finally(() => {
      if (this.#last.get(name) === settled) this.#last.delete(name)
    })
    this.#last.set(name, settled)
    return mine
  }
}
