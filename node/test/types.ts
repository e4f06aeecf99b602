/** Never run: `npm run check` compiles it, as a project that uses the package would. */
import { Wallet } from 'ethers'
import { privateKeyToAccount } from 'viem/accounts'
import type { ChainBlock, ChainReceipt, LogCursor, SentRow } from 'vespiary'
import { VespiaryError, createNode, createTangle, iota } from 'vespiary'
import { createProvider } from 'vespiary/ethers'
import { createClients } from 'vespiary/viem'

const abi = [{ type: 'function', name: 'balanceOf', stateMutability: 'view', inputs: [{ name: '', type: 'address' }], outputs: [{ name: '', type: 'uint256' }] }] as const

export async function firstHour(key: `0x${string}`, signal: AbortSignal): Promise<bigint> {
  const owner = privateKeyToAccount(key)
  const tangle = await createTangle({ milestoneInterval: '20ms', signal })
  const node = await createNode({ name: 'a', tangle, durability: 'process', clock: 'real' })
  try {
    const chain = await node.chains.getOrCreate('shop', { dev: true, fees: { price: 10n ** 9n }, funded: { [owner.address]: iota('1000') } }, { signal })
    // The account's type is known: neither `account` nor `chain` is asked for again.
    const { publicClient, walletClient } = createClients(chain, { account: owner })
    const hash: `0x${string}` = await walletClient.sendTransaction({ to: owner.address, value: iota('1') })
    await publicClient.waitForTransactionReceipt({ hash })
    const balance: bigint = await publicClient.readContract({ address: owner.address, abi, functionName: 'balanceOf', args: [owner.address] })

    const one: ChainReceipt = await chain.send({ account: owner, to: owner.address, value: 1n }, { signal, wait: 'anchored' })
    const many: SentRow[] = await chain.send([hash, new Uint8Array(3), { account: new Wallet(key), data: '0x' }], { gas: 100_000n })
    for (const row of many) if (!row.ok && row.error instanceof VespiaryError) console.log(row.error.code, row.receipt?.status)
    await one.reach('anchored', { timeout: '5s' })

    for await (const block of chain.blocks({ from: 0, level: 'final', signal })) {
      const next: ChainBlock['cursor'] = block.cursor
      console.log(next, block.transactions.map((transaction) => transaction.value))
      break
    }
    let cursor: LogCursor | undefined
    for await (const log of chain.logs({ address: owner.address, topics: [null], from: cursor })) cursor = log.cursor
    const bytes: Uint8Array = await chain.receipts.toIPC({ from: 1, to: 2, signal })
    await node.tree.get('/chains/shop/executor').hang('20ms')
    const provider = createProvider(chain, { accounts: [new Wallet(key), owner] })
    console.log((await provider.getSigner(owner.address)).address, bytes.length, await chain.provider.request({ method: 'eth_chainId' }))
    // @ts-expect-error a time needs its unit
    await node.close({ timeout: 5 })
    // @ts-expect-error an amount is a bigint
    await node.chains.create('x', { funded: { [owner.address]: 1000 } })
    return balance
  } finally {
    await node.close({ timeout: '2s' })
  }
}
