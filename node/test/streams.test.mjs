import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeEventTopics } from 'viem'
import { alice, bob, deployToken, onChain, take, token, transfer } from './support.mjs'

const send = (chain, value) => chain.send({ account: alice, to: bob.address, value, gas: 21_000n })

test('a stream of blocks resumes from a stored cursor, from the store into live, without a gap or a repeat', onChain(async ({ chain }) => {
  for (let i = 1n; i <= 5n; i++) await send(chain, i)
  const first = await take(chain.blocks({ from: 0 }), 3)
  assert.deepEqual(first.map((block) => block.height), [0, 1, 2])
  const cursor = JSON.parse(JSON.stringify(first.at(-1).cursor))
  // The rest of these heights is in the store, some come while the stream is read.
  const rest = take(chain.blocks({ from: cursor }), 8)
  for (let i = 1n; i <= 5n; i++) await send(chain, i)
  const blocks = [...first, ...(await rest)]
  assert.deepEqual(blocks.map((block) => block.height), [...Array(11).keys()])
  for (const [index, block] of blocks.entries()) if (index > 0) assert.equal(block.parentHash, blocks[index - 1].hash)
  assert.equal(blocks[1].transactions[0].value, 1n)
  assert.equal(blocks[1].level, 'final')
  assert.ok(Math.abs(blocks[10].timeMs - Date.now()) < 60_000)
}))

test('a reader that is slow loses nothing', onChain(async ({ chain }) => {
  const stream = chain.blocks({ from: 1 })
  const rows = await chain.send(Array.from({ length: 200 }, (_, i) => ({ account: alice, to: bob.address, value: BigInt(i), gas: 21_000n })))
  assert.ok(rows.every((row) => row.ok))
  const values = []
  for await (const block of stream) {
    await new Promise(setImmediate)
    values.push(...block.transactions.map((transaction) => transaction.value))
    if (values.length >= 200) break
  }
  assert.deepEqual(values, Array.from({ length: 200 }, (_, i) => BigInt(i)))
}))

test('a stream of logs gives what the filter lets through and resumes behind a log', onChain(async ({ chain }) => {
  const address = await deployToken(chain)
  for (let i = 1n; i <= 4n; i++) await chain.send(transfer(address, bob.address, i))
  const topics = encodeEventTopics({ abi: token.abi, eventName: 'Transfer', args: { from: alice.address } })
  const [one, two] = await take(chain.logs({ address, topics, from: 0 }), 2)
  assert.deepEqual([one, two].map((log) => BigInt(log.data)), [1n, 2n])
  const rest = take(chain.logs({ address, topics, from: JSON.parse(JSON.stringify(two.cursor)) }), 3)
  await chain.send(transfer(address, bob.address, 5n))
  assert.deepEqual((await rest).map((log) => BigInt(log.data)), [3n, 4n, 5n])
}))

test('without a height a stream begins with the next block', onChain(async ({ chain }) => {
  await send(chain, 1n)
  const next = take(chain.blocks(), 1)
  const receipt = await send(chain, 2n)
  assert.equal((await next)[0].height, receipt.height)
}))

test('a signal ends a stream that waits, with its reason', onChain(async ({ chain }) => {
  const controller = new AbortController()
  const reading = (async () => {
    for await (const _ of chain.blocks({ signal: controller.signal }));
  })()
  controller.abort(new Error('enough'))
  await assert.rejects(reading, /enough/)
  await assert.rejects(chain.blocks({ signal: AbortSignal.abort(new Error('too late')) }).next(), /too late/)
}))

test('leaving the loop closes the stream, and a node that is closed ends it', onChain(async ({ chain, node }) => {
  const left = chain.blocks({ from: 0 })
  for await (const _ of left) break
  assert.deepEqual(await left.next(), { done: true, value: undefined })
  const waiting = chain.blocks().next()
  await node.close()
  assert.equal((await waiting).done, true)
}))

test('overlapping calls of next are answered in their order', onChain(async ({ chain }) => {
  const stream = chain.blocks({ from: 0 })
  const answers = [stream.next(), stream.next(), stream.next()]
  await send(chain, 1n)
  await send(chain, 2n)
  assert.deepEqual((await Promise.all(answers)).map(({ value }) => value.height), [0, 1, 2])
}))
