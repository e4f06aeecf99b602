/**
 * The caller's accounts. This package has none of its own: it takes viem's local accounts (`privateKeyToAccount`, `mnemonicToAccount`) and
 * ethers' signers with a key (`Wallet`, `HDNodeWallet`) as they are.
 */
import { invalid } from './errors.js'

/** `0x` and hexadecimal digits, as in viem. */
export type Hex = `0x${string}`

/** The part of a viem `LocalAccount` that is used. */
export interface ViemAccount {
  readonly address: Hex
  readonly type: 'local'
  signTransaction(transaction: any, options?: any): Promise<Hex>
  signMessage(parameters: { message: any }): Promise<Hex>
  signTypedData(parameters: any): Promise<Hex>
}

/** The part of an ethers `BaseWallet` that is used. */
export interface EthersWallet {
  readonly address: string
  getAddress(): Promise<string>
  signTransaction(transaction: any): Promise<string>
  signMessage(message: string | Uint8Array): Promise<string>
  signTypedData(domain: any, types: any, value: any): Promise<string>
}

export type Account = ViemAccount | EthersWallet

/** Everything a signature covers. */
export interface Unsigned {
  chainId: number
  nonce: number
  gas: bigint
  to?: string | undefined
  data?: string | undefined
  value?: bigint | undefined
  gasPrice?: bigint
  maxFeePerGas?: bigint
  maxPriorityFeePerGas?: bigint
  accessList?: unknown
}

/** Fails early, and by name, on what is no account. */
export function checkAccount(account: unknown): Account {
  const candidate = account as Partial<ViemAccount> & Partial<EthersWallet>
  const usable = typeof candidate?.address === 'string' && typeof candidate.signTransaction === 'function'
  if (usable && (candidate.type === 'local' || typeof candidate.getAddress === 'function')) return account as Account
  throw invalid('an account must be a local account of viem (privateKeyToAccount) or a Wallet of ethers', {})
}

function isViem(account: Account): account is ViemAccount {
  return (account as ViemAccount).type === 'local'
}

export async function signTransaction(account: Account, unsigned: Unsigned): Promise<Hex> {
  const { gas, gasPrice, ...rest } = unsigned
  if (isViem(account)) {
    return account.signTransaction(gasPrice === undefined ? { type: 'eip1559', gas, ...rest } : { type: rest.accessList === undefined ? 'legacy' : 'eip2930', gas, gasPrice, ...rest })
  }
  const fees = gasPrice === undefined ? { type: 2 } : { type: rest.accessList === undefined ? 0 : 1, gasPrice }
  return (await account.signTransaction({ ...rest, ...fees, gasLimit: gas })) as Hex
}

export async function signMessage(account: Account, message: unknown): Promise<Hex> {
  const bytes = typeof message === 'string' && /^0x([0-9a-f]{2})*$/iu.test(message)
  if (isViem(account)) return account.signMessage({ message: bytes ? { raw: message } : String(message) })
  return (await account.signMessage(bytes ? Buffer.from((message as string).slice(2), 'hex') : String(message))) as Hex
}

export async function signTypedData(account: Account, data: unknown): Promise<Hex> {
  const typed = (typeof data === 'string' ? JSON.parse(data) : data) as { domain: any; types: Record<string, any>; primaryType: string; message: any }
  if (isViem(account)) return account.signTypedData(typed)
  // ethers derives the domain's type by itself and refuses to be told.
  const { EIP712Domain: _, ...types } = typed.types
  return (await account.signTypedData(typed.domain, types, typed.message)) as Hex
}

export function sameAddress(left: unknown, right: unknown): boolean {
  return typeof left === 'string' && typeof right === 'string' && left.toLowerCase() === right.toLowerCase()
}
