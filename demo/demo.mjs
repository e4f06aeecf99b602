/**
 * `make demo`, second half: a node inside this Node.js process, driven by ethers and by viem. No port, no daemon.
 *
 * Exits with 1 if anything that it says is not so.
 */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Contract, ContractFactory, Wallet } from 'ethers'
import { createNode, iota, vespiaryVersion } from 'vespiary'
import { createProvider } from 'vespiary/ethers'
import { createClients } from 'vespiary/viem'
import { parseEventLogs } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'

const started = performance.now()
const contracts = fileURLToPath(new URL('../contracts/', import.meta.url))
const supply = 10n ** 24n
const transfers = 100

let failed = false
/** A line of what happened; `holds` is what must be so. */
function say(what, text, holds = true) {
  failed ||= !holds
  console.log(`  ${what.padEnd(10)}${text}${holds ? '' : '   ← FAILED'}`)
}
const short = (hex) => `${hex.slice(0, 10)}…${hex.slice(-4)}`
const ms = (since) => `${(performance.now() - since).toFixed(0)} ms`

console.log(`\nVespiary ${vespiaryVersion()} in Node.js ${process.versions.node}\n`)

const printed = execFileSync('node', [`${contracts}compile.mjs`, `${contracts}Token.sol`], { encoding: 'utf8' })
const { Token } = JSON.parse(printed)['Token.sol']

const ada = Wallet.createRandom()
const bob = privateKeyToAccount(generatePrivateKey())
const opened = performance.now()
const node = await createNode()
try {
  const chain = await node.chains.create('shop', { funded: { [ada.address]: iota('1000'), [bob.address]: iota('1000') } })
  say('node', `one chain, anchored on an embedded tangle, after ${ms(opened)}; chain id ${chain.chainId}`)

  // ── ethers ──
  const owner = ada.connect(createProvider(chain))
  const deployed = await new ContractFactory(Token.abi, Token.bytecode, owner).deploy(supply)
  await deployed.waitForDeployment()
  const address = await deployed.getAddress()
  say('ethers', `deployed Token.sol at ${address}`)

  const token = new Contract(address, Token.abi, owner)
  const sent = performance.now()
  const first = await (await token.transfer(bob.address, 5_000n)).wait()
  say('ethers', `transfer of 5,000 to Bob: block ${first.blockNumber}, ${first.logs.length} log, ${ms(sent)}`, first.status === 1)

  // ── viem ──
  const { publicClient, walletClient } = createClients(chain, { account: bob })
  const paid = { address, abi: Token.abi }
  const since = performance.now()
  for (let count = 0; count < transfers; count += 1) {
    const hash = await walletClient.writeContract({ ...paid, functionName: 'transfer', args: [ada.address, 1n] })
    const receipt = await publicClient.getTransactionReceipt({ hash })
    if (receipt.status !== 'success') say('viem', `transfer ${count} reverted`, false)
  }
  const rate = (transfers * 1_000) / (performance.now() - since)
  say('viem', `${transfers} transfers of 1 back to Ada, each with its receipt before the next: ${rate.toFixed(0)} a second`)

  const refusal = await publicClient
    .simulateContract({ ...paid, functionName: 'transfer', args: [ada.address, supply], account: bob })
    .then(() => undefined, (error) => error.walk((cause) => cause.data?.errorName !== undefined)?.data)
  say('viem', `a transfer of more than Bob has reverts: ${refusal?.errorName}(balance ${refusal?.args[1]})`, refusal?.errorName === 'ERC20InsufficientBalance')

  // ── both see one chain ──
  const byEthers = await token.balanceOf(bob.address)
  const byViem = await publicClient.readContract({ ...paid, functionName: 'balanceOf', args: [bob.address] })
  const left = 5_000n - BigInt(transfers)
  say('both', `Bob has ${byViem}, says viem; ${byEthers}, says ethers`, byEthers === left && byViem === left)

  const logs = parseEventLogs({ abi: Token.abi, eventName: 'Transfer', logs: await publicClient.getLogs({ address, fromBlock: 0n }) })
  say('logs', `${logs.length} Transfer events`, logs.length === transfers + 2)

  // ── a crash, and what is kept ──
  await node.tree.get('/chains/shop/executor').crash()
  const after = await walletClient.writeContract({ ...paid, functionName: 'transfer', args: [ada.address, 1n] })
  const { restarts, state } = node.tree.get('/chains/shop/executor').info
  const balance = await token.balanceOf(bob.address)
  say('crash', `executor ${state} again after ${restarts} restart; the next transfer went through`, restarts === 1 && balance === left - 1n)

  const anchored = await chain.waitFor(after, { level: 'anchored', timeout: '10s' })
  const anchor = (await chain.anchors()).at(-1)
  say('anchor', `block ${anchored.height} is under anchor ${anchor.stateIndex} of milestone ${anchor.milestone}: ${short(anchor.blockHash)}`, anchor.height >= anchored.height)

  // Blocks come from the store first and then live, without a gap in between; this one stops at the newest.
  const [head, blocks] = [chain.heads().final, []]
  for await (const block of chain.blocks({ from: 0 })) {
    blocks.push(block)
    if (block.height === head) break
  }
  const gapless = blocks.every((block, index) => block.height === index)
  const count = blocks.reduce((sum, block) => sum + block.transactions.length, 0)
  say('stream', `${blocks.length} blocks without a gap, ${count} transactions`, gapless && count === transfers + 3)
} finally {
  await node.close()
}
say('closed', `in order, ${ms(started)} after the program began`, node.closed)
if (failed) {
  console.error('\nSomething above is not as it must be.')
  process.exitCode = 1
}
