import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Wallet } from 'ethers'
import { alice, bob, carol, deployToken, keys, onChain, pauper, signed, transfer } from './support.mjs'

test('a batch answers each row in its place, and one bad row fails alone', onChain(async ({ chain }) => {
  const nonce = await chain.nonce(alice.address)
  const rows = await chain.send([
    await signed(chain, { nonce }),
    '0xdeadbeef',
    { account: bob, to: carol.address, value: 1n, gas: 21_000n },
    { account: pauper, to: carol.address, value: 1n, gas: 21_000n },
    Buffer.from((await signed(chain, { nonce: nonce + 1 })).slice(2), 'hex'),
    { to: carol.address },
  ])
  assert.deepEqual(rows.map((row) => row.ok || row.error.code), [true, 'ERR_MALFORMED', true, 'ERR_INSUFFICIENT_FUNDS', true, 'ERR_MALFORMED'])
  assert.equal(rows[2].receipt.from.toLowerCase(), bob.address.toLowerCase())
}))

test('nonces left out are given in call order, from many tasks at once', onChain(async ({ chain }) => {
  const before = await chain.nonce(alice.address)
  const tasks = Array.from({ length: 40 }, (_, i) => chain.send({ account: alice, to: bob.address, value: BigInt(i), gas: 21_000n }))
  const receipts = await Promise.all(tasks)
  const order = receipts.map((receipt) => [receipt.height, receipt.transactionIndex])
  assert.deepEqual(order, order.toSorted(([a, b], [c, d]) => a - c || b - d))
  assert.equal(await chain.nonce(alice.address), before + 40)
}))

test('a refused row uses up no nonce: what comes behind it is executed', onChain(async ({ chain }) => {
  const row = (value) => ({ account: alice, to: bob.address, value, gas: 21_000n })
  const rows = await chain.send([row(1n), row(10n ** 30n), row(2n)])
  assert.deepEqual(rows.map(({ ok }) => ok), [true, false, true])
}))

test('a long batch out of an async iterable is sent in pieces and tells its progress', onChain(async ({ chain }) => {
  async function* rows() {
    for (let i = 0; i < 1_200; i++) yield { account: i % 2 ? bob : carol, to: alice.address, value: 1n, gas: 21_000n }
  }
  const progress = []
  const answers = await chain.send(rows(), { onProgress: (now) => progress.push(now) })
  assert.equal(answers.length, 1_200)
  assert.ok(answers.every(({ ok }) => ok))
  assert.equal(progress.length, 2)
  assert.deepEqual(progress.at(-1), { sent: 1_200, done: 1_200, failed: 0 })
}))

test("rows may be signed by ethers' wallets, and a batch may name one account for all", onChain(async ({ chain }) => {
  const address = await deployToken(chain)
  const { data } = transfer(address, bob.address, 3n)
  const rows = await chain.send([{ to: address, data }, { to: address, data }], { account: new Wallet(keys[0]) })
  assert.deepEqual(rows.map((row) => row.ok && row.receipt.logs.length), [1, 1])
}))

test('each level is reached in its turn, up to the anchor on the tangle', onChain(async ({ chain }) => {
  const [pending] = await chain.send([await signed(chain)], { wait: 'pending' })
  assert.deepEqual([pending.ok, pending.receipt], [true, null])
  const final = await chain.waitFor(pending.hash, { timeout: '10s' })
  assert.equal(final.level, 'final')
  const anchored = await final.reach('anchored', { timeout: '20s' })
  assert.equal(anchored.level, 'anchored')
  assert.ok(chain.heads().anchored >= anchored.height)
}, { dev: false }))

test('waiting for a transaction that never comes ends in time', onChain(async ({ chain }) => {
  const hash = `0x${'12'.repeat(32)}`
  await assert.rejects(chain.waitFor(hash, { timeout: '20ms' }), { code: 'ERR_TIMEOUT' })
  await assert.rejects(chain.waitFor(hash, { signal: AbortSignal.timeout(20) }), { name: 'TimeoutError' })
  assert.equal(await chain.receipt(hash), null)
}))

test('a dev chain can be taken back', onChain(async ({ chain }) => {
  const { height } = await chain.send(await signed(chain))
  const balance = await chain.balance(bob.address)
  await chain.send(await signed(chain))
  assert.equal(await chain.balance(bob.address, { at: height }), balance)
  await chain.rewind(height)
  assert.equal(await chain.balance(bob.address), balance)
  assert.equal(chain.heads().final, height)
  assert.equal((await chain.send(await signed(chain))).height, height + 1)
}))

test('a long batch of raw transactions of one account leaves no gap between its pieces', onChain(async ({ chain }) => {
  const raw = []
  for (let nonce = 0; nonce < 2_500; nonce++) raw.push(await signed(chain, { nonce, maxFeePerGas: 10n ** 10n }, bob))
  const rows = await chain.send(raw)
  assert.deepEqual(rows.filter(({ ok }) => !ok), [])
}))

test('a wait that was given up keeps nobody waiting', onChain(async ({ chain, node }) => {
  const never = chain.waitFor(`0x${'34'.repeat(32)}`)
  const ended = assert.rejects(never, { code: 'ERR_NODE_CLOSED' })
  await node.close()
  await ended
}))
