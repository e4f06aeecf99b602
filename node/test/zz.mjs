import { onChain, alice, bob, carol, signed } from './support.mjs'
import { readFileSync, writeFileSync, existsSync } from 'node:fs'
await onChain(async ({ node, chain }) => {
  const n = 4000
  const file = '/tmp/h/raws.json'
  let raws
  if (existsSync(file)) raws = JSON.parse(readFileSync(file, 'utf8'))
  else { raws = []
    for (const account of [alice, bob, carol]) for (let nonce = 0; nonce < n; nonce++) raws.push(await account.signTransaction({ type: 'eip1559', chainId: chain.chainId, nonce, gas: 21_000n, to: '0x' + '11'.repeat(20), value: 1n, maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 0n }))
    writeFileSync(file, JSON.stringify(raws)) }
  const rate = (name, n, t) => console.log(name, Math.round(n / ((performance.now() - t) / 1000)), '/s')
  let i = 0, t = performance.now(), cpu = process.cpuUsage()
  for (const raw of raws.slice(0, n)) await chain.send(raw)
  rate('send one at a time', n, t); cpu = process.cpuUsage(cpu); console.log('cpu µs per send: user', cpu.user / n, 'system', cpu.system / n)
  t = performance.now()
  for (const raw of raws.slice(n, 2 * n)) await chain.provider.request({ method: 'eth_sendRawTransactionSync', params: [raw] })
  rate('eth_sendRawTransactionSync one at a time', n, t)
  t = performance.now()
  const rows = await chain.send(raws.slice(2 * n))
  rate('send batch', n, t); console.log(rows.filter((r) => !r.ok).length, 'failed', rows.find((r) => !r.ok)?.error.message)
  t = performance.now(); for (let k = 0; k < 4000; k++) await chain.provider.request({ method: 'eth_blockNumber' }); rate('eth_blockNumber', 4000, t)
}, { evmChainId: 1074 })({})
