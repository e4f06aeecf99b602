/** What the tests share: the compiled token, accounts with known keys, and a chain to try things on. */
import { readFileSync } from 'node:fs'
import { privateKeyToAccount } from 'viem/accounts'
import { encodeDeployData, encodeFunctionData } from 'viem'
import { createNode, iota } from 'vespiary'

export const token = JSON.parse(readFileSync(new URL('../../contracts/artifacts/Token.sol.json', import.meta.url), 'utf8'))
export const bytecode = token.bytecode.startsWith('0x') ? token.bytecode : `0x${token.bytecode}`
export const supply = 10n ** 24n

export const keys = [1, 2, 3, 4].map((n) => `0x${n.toString(16).padStart(64, '0')}`)
/** Rich, rich, rich, and one without any money. */
export const [alice, bob, carol, pauper] = keys.map((key) => privateKeyToAccount(key))

/** Runs a test with a node and a dev chain, and closes the node whatever happens. */
export function onChain(test, options = {}) {
  return async (context) => {
    const node = await createNode()
    try {
      const funded = Object.fromEntries([alice, bob, carol].map(({ address }) => [address, iota('1000')]))
      const chain = await node.chains.create('shop', { dev: true, funded, ...options })
      await test({ node, chain, context })
    } finally {
      await node.close()
    }
  }
}

/** Deploys the token for alice and gives its address. */
export async function deployToken(chain) {
  const receipt = await chain.send({ account: alice, data: encodeDeployData({ abi: token.abi, bytecode, args: [supply] }) })
  return receipt.contractAddress
}

/** A row that moves tokens. */
export function transfer(to, recipient, amount, account = alice) {
  return { account, to, data: encodeFunctionData({ abi: token.abi, functionName: 'transfer', args: [recipient, amount] }), gas: 100_000n }
}

/** A signed transaction, any of its fields bent. */
export async function signed(chain, fields = {}, account = alice) {
  return account.signTransaction({
    type: 'eip1559',
    chainId: chain.chainId,
    nonce: await chain.nonce(account.address, { at: 'pending' }),
    gas: 21_000n,
    to: bob.address,
    value: 1n,
    maxFeePerGas: 10n ** 12n,
    maxPriorityFeePerGas: 0n,
    ...fields,
  })
}

/** The first items of a stream. */
export async function take(stream, count) {
  const items = []
  for await (const item of stream) if (items.push(item) === count) break
  return items
}
