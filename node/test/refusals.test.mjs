import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTransaction, serializeTransaction } from 'viem'
import { VespiaryError, createNode, iota } from 'vespiary'
import { alice, bob, deployToken, onChain, pauper, signed, transfer } from './support.mjs'

const refused = (promise, code, message) =>
  assert.rejects(promise, (error) => {
    assert.ok(error instanceof VespiaryError, `${error?.name}: ${error?.message}`)
    assert.equal(error.code, code, error.message)
    if (message) assert.match(error.message, message)
    assert.ok(error.message.length > 10 && !error.message.includes('panicked'), error.message)
    return true
  })

test('every bad transaction is refused by its own name, and the chain goes on', onChain(async ({ chain }) => {
  const good = await signed(chain, { nonce: 0 })
  await chain.send(good)
  await refused(chain.send(await signed(chain, { nonce: 0, value: 2n })), 'ERR_NONCE_TOO_LOW')
  await refused(chain.send(await signed(chain, { chainId: 1 })), 'ERR_WRONG_CHAIN_ID', /1/)
  await refused(chain.send(await signed(chain, { nonce: 0 }, pauper)), 'ERR_INSUFFICIENT_FUNDS', new RegExp(pauper.address, 'i'))
  await refused(chain.send(await signed(chain, { value: iota('1001') })), 'ERR_INSUFFICIENT_FUNDS')
  await refused(chain.send(await signed(chain, { gas: 20_999n })), 'ERR_INTRINSIC_GAS')
  await refused(chain.send(await signed(chain, { gas: 10n ** 12n })), 'ERR_GAS_LIMIT')
  await refused(chain.send(await signed(chain, { maxFeePerGas: 1n })), 'ERR_UNDERPRICED')
  for (const malformed of ['0x', '0x00', '0xdeadbeef', good.slice(0, -2), `${good}00`, '0x02f8', new Uint8Array(0), new Uint8Array(200_000)]) {
    await refused(chain.send(malformed), 'ERR_MALFORMED')
  }
  for (const nonsense of ['hello', '0xzz', 7, null, undefined, {}, { account: {} }, { account: alice.address }]) {
    await refused(chain.send(nonsense), 'ERR_MALFORMED')
  }
  // s = 2²⁵⁶ − 1 is above the curve's order; r = s = 0 is what native requests have and nobody may sign.
  await refused(chain.send(good.replace(/.{64}$/u, 'f'.repeat(64))), 'ERR_BAD_SIGNATURE')
  const zero = serializeTransaction(parseTransaction(good), { r: '0x0', s: '0x0', yParity: 0 })
  await refused(chain.send(zero), 'ERR_BAD_SIGNATURE')
  assert.equal((await chain.send(await signed(chain))).status, 'success')
}))

test('a transaction that reverts throws with the decoded reason and stays in its block', onChain(async ({ chain }) => {
  const to = await deployToken(chain)
  const row = transfer(to, bob.address, 1n, bob)
  await assert.rejects(chain.send(row), (error) => {
    assert.equal(error.code, 'ERR_REVERTED', error.message)
    assert.match(error.details.data, /^0xe450d38c/u)
    assert.ok(error.details.height > 0 && error.details.transactionHash.startsWith('0x'))
    return true
  })
  const [failed] = await chain.send([row])
  assert.equal(failed.ok, false)
  assert.equal(failed.receipt.status, 'reverted')
  // Without a gas limit the estimate says so before anything is sent.
  await refused(chain.send({ ...row, gas: undefined }), 'ERR_REVERTED')
}))

test('chains and actors that are not there are named, with those that are near', onChain(async ({ node }) => {
  await refused(node.chains.get('shap'), 'ERR_UNKNOWN_CHAIN', /shop/)
  await refused(node.tree.get('/chains/shop/executer').crash(), 'ERR_UNKNOWN_ACTOR', /executor/)
  await refused(node.chains.create('shop', { dev: true }), 'ERR_CHAIN_EXISTS')
  await refused(node.chains.getOrCreate('shop', { dev: true, fees: 'free' }), 'ERR_CONFIG_DIFFERS', /fees|gas/)
}))

test('a bad option is refused by name', async () => {
  await refused(createNode({ dataDri: '/tmp/x' }), 'ERR_MALFORMED', /dataDri/)
  await refused(createNode({ milestoneInterval: 'soon' }), 'ERR_MALFORMED', /soon/)
  await refused(createNode({ clock: 'virtual', dataDir: '/tmp/vespiary-never' }), 'ERR_REFUSED')
  const node = await createNode()
  try {
    await refused(node.chains.create('No Name'), 'ERR_MALFORMED', /No Name/)
    await refused(node.chains.create('x', { dev: true, evmChainId: 4_503_599_627_370_477 }), 'ERR_MALFORMED', /4503599627370476/)
    await refused(node.chains.create('x', { dev: true, funded: { '0x12': 1n } }), 'ERR_MALFORMED')
    await refused(node.chains.create('x', { dev: true, fork: 'byzantium' }), 'ERR_MALFORMED', /byzantium/)
    await refused(node.runFor('1s'), 'ERR_REFUSED')
    await refused(node.close({ timeout: 5 }), 'ERR_MALFORMED', /unit/)
  } finally {
    await node.close()
  }
})

test('a closed node says so wherever it is asked, and closing it again is no error', onChain(async ({ node, chain }) => {
  const raw = await signed(chain)
  const stream = chain.blocks({ from: 0 })
  await stream.next()
  await node.close()
  await node.close()
  assert.equal(node.closed, true)
  await refused(chain.send(raw), 'ERR_NODE_CLOSED')
  await refused(node.chains.create('late', { dev: true }), 'ERR_NODE_CLOSED')
  await refused(node.chains.list(), 'ERR_NODE_CLOSED')
  await refused(chain.receipts.toIPC(), 'ERR_NODE_CLOSED')
  assert.equal((await stream.next()).done, true)
}))
