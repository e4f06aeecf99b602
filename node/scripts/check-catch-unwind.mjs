/**
 * A panic in a plain `#[napi]` function aborts the process; with `catch_unwind` it is an error. This finds a function that lacks it.
 * Async functions need none: their future is contained.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../../bindings/node/src/', import.meta.url))

/** Functions of this Rust source that are seen from JavaScript, run at once and do not catch a panic. */
export function unguarded(source) {
  const found = []
  const attribute = /#\[napi(?:\(([^\]]*)\))?\]((?:\s*(?:#\[[^\]]*\]|\/\/[^\n]*))*)\s*pub\s+(async\s+)?fn\s+(\w+)/gu
  for (const [, options = '', , isAsync, name] of source.matchAll(attribute)) {
    if (isAsync === undefined && !options.split(',').some((option) => option.trim() === 'catch_unwind')) found.push(name)
  }
  return found
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  let failed = false
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.rs'))) {
    for (const name of unguarded(readFileSync(folder + file, 'utf8'))) {
      failed = true
      console.error(`bindings/node/src/${file}: \`${name}\` is a plain napi function without catch_unwind: its panic would abort the process`)
    }
  }
  process.exit(failed ? 1 : 0)
}
