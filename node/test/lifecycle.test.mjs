import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { Worker } from 'node:worker_threads'
import * as esm from 'vespiary'
import { createNode, createTangle, iota } from 'vespiary'
import { alice, bob, onChain } from './support.mjs'

const folder = fileURLToPath(new URL('.', import.meta.url))

/** Runs a script of its own and gives its exit code and output; one that does not end is killed. */
function run(script, { timeout = 20_000 } = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', `import { createNode, iota } from 'vespiary'\nimport { alice, bob, keys } from './support.mjs'\n${script}`], { cwd: folder })
    let output = ''
    child.stdout.on('data', (data) => (output += data))
    child.stderr.on('data', (data) => (output += data))
    const timer = setTimeout(() => child.kill('SIGKILL'), timeout)
    child.on('exit', (code, signal) => {
      clearTimeout(timer)
      resolve({ code, signal, output: output.trim() })
    })
  })
}

const onShop = `
const node = await createNode()
const chain = await node.chains.create('shop', { dev: true, funded: { [alice.address]: iota('1000') } })
const send = () => chain.send({ account: alice, to: bob.address, value: 1n, gas: 21_000n })
`

test('a script ends by itself after close', async () => {
  assert.deepEqual(await run(`${onShop} await send(); await node.close(); console.log('end')`), { code: 0, signal: null, output: 'end' })
})

test('a script ends by itself with a node, a provider and an unread stream left open', async () => {
  const left = `${onShop} await send(); globalThis.stream = chain.blocks({ from: 0 }); await stream.next(); globalThis.tree = node.tree.events(); console.log('end')`
  assert.deepEqual(await run(left), { code: 0, signal: null, output: 'end' })
})

test('process.exit with calls and streams in flight is no crash, twenty times over', async () => {
  const inFlight = `${onShop} for (let i = 0; i < 20; i++) send().catch(() => {}); chain.blocks().next(); node.tree.events().next(); setTimeout(() => process.exit(7), Math.random() * 20)`
  for (let i = 0; i < 20; i++) {
    const { code, signal, output } = await run(inFlight)
    assert.deepEqual({ code, signal, output }, { code: 7, signal: null, output: '' })
  }
})

test('a pending read of a stream keeps the process alive', async () => {
  const waiting = `${onShop} setTimeout(() => send(), 100).unref(); const { value } = await chain.blocks().next(); console.log(value.height)`
  const { code, output } = await run(waiting)
  // An unref'd timer still fires while something else keeps the loop alive.
  assert.deepEqual({ code, output }, { code: 0, output: '1' })
})

test('an error that nobody catches ends the process and is shown with its code', async () => {
  const { code, output } = await run(`await (await createNode()).chains.get('nope')`)
  assert.equal(code, 1)
  assert.match(output, /VespiaryError/)
  assert.match(output, /ERR_UNKNOWN_CHAIN/)
})

test('what was final is there after the process went without a close', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'vespiary-'))
  try {
    const open = `const node = await createNode({ dataDir: ${JSON.stringify(dataDir)} })
      const chain = await node.chains.getOrCreate('shop', { dev: true, funded: { [alice.address]: iota('1000') } })`
    const first = await run(`${open}; const { height } = await chain.send({ account: alice, to: bob.address, value: 5n, gas: 21_000n }); console.log(height); process.exit(0)`)
    assert.equal(first.output, '1', first.output)
    const second = await run(`${open}; console.log(chain.heads().final, await chain.balance(bob.address)); await node.close()`)
    assert.equal(second.output, '1 5n', second.output)
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
})

const worker = (body) =>
  new Worker(
    `const { parentPort } = require('node:worker_threads');
     (async () => {
       const { createNode, iota } = await import(${JSON.stringify(import.meta.resolve('vespiary'))})
       const { alice, bob } = await import(${JSON.stringify(new URL('support.mjs', import.meta.url).href)})
       ${onShop}
       ${body}
     })().catch((error) => { throw error })`,
    { eval: true },
  )

const ended = (thread) => new Promise((resolve, reject) => thread.on('error', reject).on('exit', resolve))

test('many workers have a node each, and each ends with its worker', async () => {
  const threads = Array.from({ length: 4 }, () => worker(`parentPort.postMessage((await send()).height)`))
  const heights = threads.map((thread) => new Promise((resolve) => thread.once('message', resolve)))
  assert.deepEqual(await Promise.all(threads.map(ended)), [0, 0, 0, 0])
  assert.deepEqual(await Promise.all(heights), [1, 1, 1, 1])
})

test('a worker that is terminated in the middle takes its node along and harms nobody', onChain(async ({ chain }) => {
  const thread = worker(`parentPort.postMessage('up'); for (;;) await send()`)
  await new Promise((resolve) => thread.once('message', resolve))
  await thread.terminate()
  const receipt = await chain.send({ account: alice, to: bob.address, value: 1n, gas: 21_000n })
  assert.equal(receipt.status, 'success')
}))

test('a data directory is free again once the worker that used it has ended', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'vespiary-'))
  try {
    const thread = new Worker(
      `(async () => {
         const { createNode } = await import(${JSON.stringify(import.meta.resolve('vespiary'))})
         await createNode({ dataDir: ${JSON.stringify(dataDir)} })
       })()`,
      { eval: true },
    )
    assert.equal(await ended(thread), 0)
    const node = await createNode({ dataDir })
    await node.close()
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
})

test('require and import give the same classes', () => {
  const cjs = createRequire(import.meta.url)('vespiary')
  assert.equal(cjs.createNode, esm.createNode)
  assert.equal(cjs.VespiaryError, esm.VespiaryError)
  assert.equal(typeof createRequire(import.meta.url)('vespiary/viem').createClients, 'function')
  assert.equal(typeof createRequire(import.meta.url)('vespiary/ethers').createProvider, 'function')
})

test('no export shadows a global or a friend of viem or ethers', async () => {
  const friends = [...Object.keys(await import('viem')), ...Object.keys(await import('ethers')), ...Object.getOwnPropertyNames(globalThis)]
  assert.deepEqual(Object.keys(esm).filter((name) => friends.includes(name)), [])
})

test('every object shows itself', onChain(async ({ node, chain }) => {
  const receipt = await chain.send({ account: alice, to: bob.address, value: 1n, gas: 21_000n })
  const things = [node, node.chains, node.tree, node.tree.get('/chains/shop/executor'), node.tangle, chain, chain.provider, chain.blocks(), chain.receipts, receipt]
  for (const thing of things) assert.match(inspect(thing), /\w+ \{|─|\//u)
  assert.match(inspect(chain), /shop/)
  assert.match(inspect(receipt), /success/)
  await node.close()
  for (const thing of things) assert.ok(inspect(thing).length > 0)
}))

test('nodes share a tangle of their own', async () => {
  const tangle = await createTangle({ network: 'lab', milestoneInterval: '10ms' })
  const nodes = [await createNode({ name: 'a', tangle }), await createNode({ name: 'b', tangle })]
  try {
    const chains = await Promise.all(nodes.map((node) => node.chains.create('shop', { funded: { [alice.address]: iota('10') } })))
    for (const chain of chains) {
      const receipt = await chain.send({ account: alice, to: bob.address, value: 1n, gas: 21_000n })
      await receipt.reach('anchored', { timeout: '20s' })
    }
    assert.ok(tangle.latestMilestone().index > 0)
    assert.match(await tangle.addressPrefix(), /^[a-z]+$/)
  } finally {
    await Promise.all(nodes.map((node) => node.close()))
  }
})

test('virtual time passes only when it is driven', async () => {
  const node = await createNode({ clock: 'virtual', seed: 7 })
  try {
    const before = await node.now()
    await node.runFor('60s')
    assert.equal(await node.now(), before + 60_000)
    assert.ok(before < Date.UTC(2026, 0, 2))
  } finally {
    await node.close()
  }
})

test('a signal ends the opening of a node', async () => {
  await assert.rejects(createNode({ signal: AbortSignal.abort(new Error('never mind')) }), /never mind/)
})
