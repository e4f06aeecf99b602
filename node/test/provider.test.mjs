import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Eip1193Error } from 'vespiary'
import { alice, bob, deployToken, onChain, pauper, signed, transfer } from './support.mjs'

const rejects = (promise, code, message) =>
  assert.rejects(promise, (error) => {
    assert.ok(error instanceof Eip1193Error, `${error?.name}: ${error?.message}`)
    assert.equal(error.code, code, error.message)
    if (message) assert.match(error.message, message)
    return true
  })

test('what EIP-1193 calls an error is one, with its code', onChain(async ({ chain, node }) => {
  const { provider } = chain
  await rejects(provider.request({ method: 'eth_nonsense' }), -32601, /eth_nonsense/)
  await rejects(provider.request({ method: 'eth_getBalance', params: ['0x12'] }), -32602)
  await rejects(provider.request({ method: 'eth_getBalance', params: 'not an array' }), -32602)
  await rejects(provider.request({}), -32600)
  await rejects(provider.request({ method: 'eth_subscribe', params: ['newHats'] }), -32602, /newHats/)
  await rejects(provider.request({ method: 'personal_sign', params: ['0x00', alice.address] }), 4100)
  await rejects(provider.request({ method: 'eth_sendTransaction', params: [{ from: alice.address, to: bob.address }] }), 4100)
  await node.close()
  await rejects(provider.request({ method: 'eth_chainId' }), 4900)
}))

test('a call that reverts carries the data that explains it', onChain(async ({ chain }) => {
  const to = await deployToken(chain)
  const { data } = transfer(to, bob.address, 1n)
  await assert.rejects(chain.provider.request({ method: 'eth_call', params: [{ from: pauper.address, to, data }, 'latest'] }), (error) => {
    assert.equal(error.code, 3)
    // ERC20InsufficientBalance(address,uint256,uint256)
    assert.match(error.data, /^0xe450d38c/u)
    return true
  })
}))

test('a provider connects once and says when its node is gone', onChain(async ({ chain, node }) => {
  const provider = chain.createProvider()
  const [{ chainId }] = await once(provider, 'connect')
  assert.equal(Number(chainId), chain.chainId)
  await provider.request({ method: 'eth_subscribe', params: ['newHeads'] })
  const gone = once(provider, 'disconnect')
  await node.close()
  assert.equal((await gone)[0].code, 4900)
}))

test('subscriptions deliver each head and each matching log once, in order, until unsubscribed', onChain(async ({ chain }) => {
  const address = await deployToken(chain)
  const { provider } = chain
  const heads = await provider.request({ method: 'eth_subscribe', params: ['newHeads'] })
  const logs = await provider.request({ method: 'eth_subscribe', params: ['logs', { address }] })
  const seen = { [heads]: [], [logs]: [] }
  const complete = new Promise((resolve) =>
    provider.on('message', ({ type, data }) => {
      assert.equal(type, 'eth_subscription')
      seen[data.subscription].push(data.result)
      if (seen[heads].length >= 3 && seen[logs].length >= 3) resolve()
    }),
  )
  const receipts = []
  for (let i = 1n; i <= 3n; i++) receipts.push(await chain.send(transfer(address, bob.address, i)))
  await complete
  assert.deepEqual(seen[heads].map((head) => Number(head.number)), receipts.map(({ height }) => height))
  assert.deepEqual(seen[heads].map((head) => head.hash), receipts.map(({ blockHash }) => blockHash))
  assert.deepEqual(seen[logs].map((log) => log.transactionHash), receipts.map(({ transactionHash }) => transactionHash))
  assert.equal(await provider.request({ method: 'eth_unsubscribe', params: [heads] }), true)
  assert.equal(await provider.request({ method: 'eth_unsubscribe', params: [heads] }), false)
  await chain.send(transfer(address, bob.address, 4n))
  assert.equal(seen[heads].length, 3)
}))

test('eth_sendTransaction signs with the accounts given and with no others', onChain(async ({ chain }) => {
  const provider = chain.createProvider({ accounts: [alice] })
  assert.deepEqual(await provider.request({ method: 'eth_accounts' }), [alice.address])
  const hash = await provider.request({ method: 'eth_sendTransaction', params: [{ from: alice.address, to: pauper.address, value: '0x5' }] })
  const receipt = await provider.request({ method: 'eth_getTransactionReceipt', params: [hash] })
  assert.equal(receipt.status, '0x1', 'a send returns once its receipt is there')
  assert.equal(await chain.balance(pauper.address), 5n)
  await rejects(provider.request({ method: 'eth_sendTransaction', params: [{ from: bob.address, to: pauper.address }] }), 4100, /signs for/)
  await rejects(provider.request({ method: 'eth_sendTransaction', params: [{ from: alice.address, to: bob.address, chainId: '0x1' }] }), -32602, /chain id/)
}))

test('eth_sendRawTransactionSync answers with the receipt', onChain(async ({ chain }) => {
  const receipt = await chain.provider.request({ method: 'eth_sendRawTransactionSync', params: [await signed(chain)] })
  assert.equal(receipt.status, '0x1')
  assert.equal(receipt.from.toLowerCase(), alice.address.toLowerCase())
}))

test('a signal ends a request', onChain(async ({ chain }) => {
  const signal = AbortSignal.abort(new Error('enough'))
  await assert.rejects(chain.provider.request({ method: 'eth_blockNumber', signal }), /enough/)
}))
