import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BrowserProvider, ContractFactory, Wallet, parseEther } from 'ethers'
import { ContractFunctionExecutionError, createPublicClient, custom, parseEventLogs } from 'viem'
import { createProvider } from 'vespiary/ethers'
import { createClients } from 'vespiary/viem'
import { alice, bob, bytecode, carol, keys, onChain, pauper, supply, token } from './support.mjs'

test('viem deploys, reads, writes, estimates, waits and finds its logs', onChain(async ({ chain }) => {
  const { publicClient, walletClient } = createClients(chain, { account: alice })
  assert.equal(await publicClient.getChainId(), chain.chainId)
  const hash = await walletClient.deployContract({ abi: token.abi, bytecode, args: [supply] })
  const { contractAddress: address, status } = await publicClient.waitForTransactionReceipt({ hash })
  assert.equal(status, 'success')
  const read = (functionName, args = []) => publicClient.readContract({ address, abi: token.abi, functionName, args })
  assert.equal(await read('balanceOf', [alice.address]), supply)

  const gas = await publicClient.estimateContractGas({ address, abi: token.abi, functionName: 'transfer', args: [bob.address, 5n], account: alice })
  assert.ok(gas > 21_000n && gas < 100_000n, `${gas}`)
  const moved = await walletClient.writeContract({ address, abi: token.abi, functionName: 'transfer', args: [bob.address, 5n] })
  const receipt = await publicClient.waitForTransactionReceipt({ hash: moved })
  assert.ok(receipt.gasUsed <= gas)
  assert.equal(await read('balanceOf', [bob.address]), 5n)
  const [event] = parseEventLogs({ abi: token.abi, logs: receipt.logs })
  assert.deepEqual(event.args, { from: alice.address, to: bob.address, value: 5n })
  const logs = await publicClient.getContractEvents({ address, abi: token.abi, eventName: 'Transfer', fromBlock: 0n })
  assert.deepEqual(logs.map((log) => log.args.value), [supply, 5n])
  const transaction = await publicClient.getTransaction({ hash: moved })
  assert.equal(transaction.from, alice.address.toLowerCase())
  const block = await publicClient.getBlock({ blockNumber: receipt.blockNumber, includeTransactions: true })
  assert.equal(block.transactions[0].hash, moved)
}))

test('viem decodes a custom error of a call that reverts', onChain(async ({ chain }) => {
  const { publicClient, walletClient } = createClients(chain, { account: alice })
  const hash = await walletClient.deployContract({ abi: token.abi, bytecode, args: [supply] })
  const { contractAddress: address } = await publicClient.waitForTransactionReceipt({ hash })
  await assert.rejects(
    publicClient.simulateContract({ address, abi: token.abi, functionName: 'transfer', args: [alice.address, 7n], account: pauper }),
    (error) => error instanceof ContractFunctionExecutionError && error.message.includes('ERC20InsufficientBalance'),
  )
}))

test('viem watches blocks as they become final', onChain(async ({ chain }) => {
  const { publicClient, walletClient } = createClients(chain, { account: alice })
  let stop
  const seen = new Promise((resolve, reject) => {
    stop = publicClient.watchBlockNumber({ onBlockNumber: (number) => number >= 2n && resolve(number), onError: reject })
  })
  for (let i = 0; i < 2; i++) await publicClient.waitForTransactionReceipt({ hash: await walletClient.sendTransaction({ to: bob.address, value: 1n }) })
  assert.ok((await seen) >= 2n)
  stop()
}))

test('a plain viem client takes chain.provider as it is', onChain(async ({ chain }) => {
  const client = createPublicClient({ transport: custom(chain.provider) })
  assert.equal(await client.getBalance({ address: pauper.address }), 0n)
}))

test('ethers deploys, reads, writes, estimates, waits and finds its logs', onChain(async ({ chain }) => {
  const provider = createProvider(chain)
  const signer = new Wallet(keys[0], provider)
  const contract = await (await new ContractFactory(token.abi, bytecode, signer).deploy(supply)).waitForDeployment()
  assert.equal(await contract.balanceOf(signer.address), supply)
  assert.ok((await contract.transfer.estimateGas(bob.address, 5n)) > 21_000n)
  const receipt = await (await contract.transfer(bob.address, 5n)).wait()
  assert.equal(receipt.status, 1)
  assert.equal(await contract.balanceOf(bob.address), 5n)
  const events = await contract.queryFilter('Transfer')
  assert.deepEqual(events.map((event) => event.args.value), [supply, 5n])
  await assert.rejects(contract.transfer.staticCall(`0x${'0'.repeat(40)}`, 1n), (error) => error.code === 'CALL_EXCEPTION' && error.revert.name === 'ERC20InvalidReceiver')
  provider.destroy()
}))

test('ethers signs with accounts that the provider was made with, even with those of viem', onChain(async ({ chain }) => {
  const provider = createProvider(chain, { accounts: [new Wallet(keys[1]), carol] })
  for (const { address } of [bob, carol]) {
    const signer = await provider.getSigner(address)
    const receipt = await (await signer.sendTransaction({ to: alice.address, value: parseEther('1') })).wait()
    assert.equal(receipt.from, address)
    assert.equal(await signer.signMessage('hello'), await (address === bob.address ? bob : carol).signMessage({ message: 'hello' }))
  }
  provider.destroy()
}))

test('ethers listens to blocks and contract events', onChain(async ({ chain }) => {
  const provider = createProvider(chain)
  const signer = new Wallet(keys[0], provider)
  const contract = await (await new ContractFactory(token.abi, bytecode, signer).deploy(supply)).waitForDeployment()
  const heard = new Promise((resolve) => contract.on('Transfer', (_from, to, value) => resolve([to, value])))
  const block = new Promise((resolve) => provider.once('block', resolve))
  // The listener looks from the block at which it was made.
  await provider.getBlockNumber()
  await (await contract.transfer(bob.address, 9n)).wait()
  assert.deepEqual(await heard, [bob.address, 9n])
  assert.ok((await block) > 0)
  await contract.removeAllListeners()
  provider.destroy()
}))

test('a plain BrowserProvider takes chain.provider as it is', onChain(async ({ chain }) => {
  const provider = new BrowserProvider(chain.provider)
  assert.equal((await provider.getNetwork()).chainId, BigInt(chain.chainId))
  assert.equal(await provider.getBalance(alice.address), parseEther('1000'))
  provider.destroy()
}))
