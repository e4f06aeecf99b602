import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tableFromIPC } from 'apache-arrow'
import { alice, bob, deployToken, onChain, token, transfer } from './support.mjs'

test('every table reads as Arrow and names its schema and version', onChain(async ({ node, chain }) => {
  const address = await deployToken(chain)
  for (let i = 1n; i <= 3n; i++) await chain.send(transfer(address, bob.address, i))
  for (const kind of ['blocks', 'transactions', 'receipts', 'logs', 'requests']) {
    const table = tableFromIPC(await chain[kind].toIPC())
    assert.ok(table.numRows >= 4, `${kind}: ${table.numRows} rows`)
    assert.equal(table.schema.metadata.get('vespiary.table'), kind)
    assert.ok(table.schema.metadata.get('vespiary.version'))
    assert.deepEqual(['node', 'chain'].filter((name) => !table.schema.fields.some((field) => field.name === name)), [], kind)
    assert.equal(tableFromIPC(await node[kind].toIPC()).numRows, table.numRows)
  }
}))

test('a selection of heights is inclusive at both ends', onChain(async ({ chain }) => {
  for (let i = 0; i < 4; i++) await chain.send({ account: alice, to: bob.address, value: 1n, gas: 21_000n })
  const table = tableFromIPC(await chain.blocks.toIPC({ from: 2, to: 3 }))
  const heights = [...table.getChild('height')].map(Number)
  assert.deepEqual(heights, [2, 3])
}))

test('an event of a contract is a table with a column for each argument', onChain(async ({ chain }) => {
  const address = await deployToken(chain)
  await chain.send(transfer(address, bob.address, 5n))
  const table = tableFromIPC(await chain.eventTable({ abi: token.abi, event: 'Transfer', address }).toIPC())
  assert.equal(table.numRows, 2)
  const value = table.getChild('value').get(1)
  assert.equal(BigInt(`0x${Buffer.from(value).toString('hex')}`), 5n)
}))
