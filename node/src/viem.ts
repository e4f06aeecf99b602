/**
 * viem's clients over a chain of this process:
 *
 * ```ts
 * import { createClients } from 'vespiary/viem'
 * const { publicClient, walletClient } = createClients(chain, { account: privateKeyToAccount(key) })
 * ```
 */
import type { Account, Address, Chain, CustomTransport, PublicClient, WalletClient } from 'viem'
import { createPublicClient, createWalletClient, custom, defineChain } from 'viem'
import type { VespiaryChain } from './chain.js'

/** How to make the clients. */
export interface ClientOptions<account extends Account | Address | undefined = undefined> {
  /** Who the wallet client signs for. */
  readonly account?: account
  /** How often watchers look, in ms: a look is one hop inside the process, so viem's 4 s would be waste of time. Default 20. */
  readonly pollingInterval?: number
}

/** The two clients of a chain. */
export interface Clients<account extends Account | Address | undefined = undefined> {
  readonly publicClient: PublicClient<CustomTransport, Chain>
  readonly walletClient: WalletClient<CustomTransport, Chain, account extends Address ? { address: account; type: 'json-rpc' } : account>
}

/** The chain as viem describes chains. It has no URL. */
export function toViemChain(chain: VespiaryChain): Chain {
  return defineChain({
    id: chain.chainId,
    name: chain.name,
    nativeCurrency: { name: 'IOTA', symbol: 'IOTA', decimals: 18 },
    rpcUrls: { default: { http: [] } },
    testnet: true,
  })
}

/** A public and a wallet client over `custom()`. */
export function createClients<account extends Account | Address | undefined = undefined>(
  chain: VespiaryChain,
  { account, pollingInterval = 20 }: ClientOptions<account> = {},
): Clients<account> {
  const shared = {
    chain: toViemChain(chain),
    // An answer of a node in this process does not get better by asking again.
    transport: custom(chain.provider, { retryCount: 0 }),
    pollingInterval,
    // A height that was true a moment ago is wrong after a send.
    cacheTime: 0,
  }
  return {
    publicClient: createPublicClient(shared) as unknown as Clients<account>['publicClient'],
    walletClient: createWalletClient({ ...shared, ...(account === undefined ? {} : { account }) }) as unknown as Clients<account>['walletClient'],
  }
}
