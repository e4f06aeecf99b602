import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unguarded } from '../scripts/check-catch-unwind.mjs'

test('a plain napi function without catch_unwind is found', () => {
  assert.deepEqual(unguarded('#[napi]\npub fn bare(&self) {}\n'), ['bare'])
  assert.deepEqual(unguarded('#[napi(getter)]\n#[inline]\n// why\npub fn shown(&self) {}\n'), ['shown'])
  assert.deepEqual(unguarded('#[napi(getter, catch_unwind)]\npub fn shown(&self) {}\n#[napi]\npub async fn waits(&self) {}\n#[napi]\npub struct Thing;\n#[napi]\nimpl Thing {}\n'), [])
})
