/**
 * Vespiary in this Node.js process: `node vespiary_node.mjs WORKLOAD ONE_AT_A_TIME BULK` prints its figures as JSON.
 *
 * An anchored chain in memory, without fees. One at a time: each transfer sent when the one before is final and has its receipt. In bulk: all in one
 * call, until each is final and has its receipt. First: from the package's import to the receipt of a new chain's first transaction.
 */
import { readFileSync } from 'node:fs'

const [file, ...counts] = process.argv.slice(2)
const workload = JSON.parse(readFileSync(file, 'utf8'))
const [singles, bulks] = counts.map(Number)

const begun = performance.now()
const { createNode } = await import('../node/dist/index.js')

/** A node of its own for every measurement: none has work of another's behind it. */
async function fresh(use) {
  const node = await createNode()
  try {
    const chain = await node.chains.create('bench', { evmChainId: workload.chain_id, fees: 'free' })
    await chain.send(workload.deployment)
    return await use(chain)
  } finally {
    await node.close()
  }
}

async function funded(chain) {
  for (const row of await chain.send(workload.funding)) if (!row.ok) throw row.error
}

/** The first recipient got what the transfers gave it. */
async function check(chain, count) {
  const [to] = workload.recipients
  const call = { to: workload.token, data: `0x70a08231${to.slice(2).padStart(64, '0')}` }
  const balance = Number(await chain.provider.request({ method: 'eth_call', params: [call, 'latest'] }))
  const expected = Math.ceil(count / workload.recipients.length)
  if (balance !== expected) throw new Error(`recipient ${to} has ${balance} units, not ${expected}`)
}

const first_s = await fresh(async () => (performance.now() - begun) / 1_000)

const one_at_a_time_per_s = await fresh(async (chain) => {
  await funded(chain)
  const transfers = workload.transfers.slice(0, singles)
  const started = performance.now()
  for (const raw of transfers) {
    if ((await chain.send(raw)).status !== 'success') throw new Error('a transfer was executed without success')
  }
  const elapsed = performance.now() - started
  await check(chain, singles)
  return (singles * 1_000) / elapsed
})

const bulk_per_s = await fresh(async (chain) => {
  await funded(chain)
  const transfers = workload.transfers.slice(0, bulks)
  const started = performance.now()
  const rows = await chain.send(transfers)
  const elapsed = performance.now() - started
  for (const row of rows) if (!row.ok || row.receipt?.status !== 'success') throw row.error ?? new Error('a transfer has no receipt')
  await check(chain, bulks)
  return (bulks * 1_000) / elapsed
})

console.log(JSON.stringify({ first_s, one_at_a_time_per_s, bulk_per_s }))
