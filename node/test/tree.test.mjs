import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tableFromIPC } from 'apache-arrow'
import { alice, bob, onChain } from './support.mjs'

const send = (chain, value = 1n) => chain.send({ account: alice, to: bob.address, value, gas: 21_000n })

test('the tree shows every actor of a chain by its path', onChain(async ({ node }) => {
  const paths = node.tree.snapshot().map(({ path }) => path)
  assert.ok(paths.some((path) => path.endsWith('/chains/shop/executor')), paths.join('\n'))
  assert.ok(node.tree.snapshot('/chains/shop/*').length < paths.length)
  assert.equal(node.tree.get('/chains/shop/executor').info.restarts, 0)
  assert.equal(node.tree.get('/chains/none').info, undefined)
}))

test('an executor that crashes is restarted, told of, and loses no transaction', onChain(async ({ node, chain }) => {
  await send(chain)
  const restarted = (async () => {
    for await (const event of node.tree.events()) if (event.event === 'restarted' && event.path.endsWith('/executor')) return event
  })()
  await node.tree.get('/chains/shop/executor').crash()
  const receipts = await Promise.all([send(chain, 2n), send(chain, 3n)])
  assert.deepEqual(receipts.map(({ status }) => status), ['success', 'success'])
  assert.match((await restarted).path, /executor/)
  assert.equal(node.tree.get('/chains/shop/executor').info.restarts, 1)
}))

test('an executor that hangs for a time delays a transaction and loses none', onChain(async ({ node, chain }) => {
  await node.tree.get('/chains/shop/executor').hang('50ms')
  assert.equal((await send(chain)).status, 'success')
}))

test('the tree is a table as well', onChain(async ({ node }) => {
  const table = tableFromIPC(await node.tree.toIPC())
  assert.ok(table.numRows >= node.tree.snapshot('/chains/shop/*').length)
  assert.ok(table.schema.fields.some(({ name }) => name === 'path'))
}))
