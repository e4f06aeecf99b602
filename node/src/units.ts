/**
 * Units. No amount crosses this package's border without one: amounts are `bigint`s of wei (10⁻¹⁸ IOTA) on chains and on the tangle alike,
 * times are texts with a unit.
 */
import { invalid } from './errors.js'

/** A time with its unit: `'20ms'`, `'1.5s'`, `'2m'`, `'1h'`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h'}`

const decimals = 18

/**
 * IOTA as wei, as viem's and ethers' `parseEther` give it: `iota('1000')`, `iota('0.000001')`. Six decimals are the tangle's smallest amount.
 */
export function iota(amount: string | number | bigint): bigint {
  const text = typeof amount === 'string' ? amount.trim().replaceAll('_', '') : String(amount)
  const found = /^(\d*)(?:\.(\d*))?$/u.exec(text)
  const [, whole = '', fraction = ''] = found ?? []
  if (found === null || whole + fraction === '') throw invalid(`\`${text}\` is not an amount of IOTA: write iota('1000') or iota('0.5')`, { amount: text })
  if (fraction.length > decimals) throw invalid(`\`${text}\` has ${fraction.length} decimals, IOTA has ${decimals}`, { amount: text })
  return BigInt(whole + fraction.padEnd(decimals, '0'))
}

/** Wei as IOTA for people: `formatIota(1500000000000000000n) === '1.5'`. */
export function formatIota(wei: bigint): string {
  const digits = (wei < 0n ? -wei : wei).toString().padStart(decimals + 1, '0')
  const fraction = digits.slice(-decimals).replace(/0+$/u, '')
  return `${wei < 0n ? '-' : ''}${digits.slice(0, -decimals)}${fraction === '' ? '' : `.${fraction}`}`
}

const factors: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** A duration as milliseconds. */
export function milliseconds(duration: Duration, what: string): number {
  const found = typeof duration === 'string' ? /^(\d+(?:\.\d+)?)(ms|s|m|h)$/u.exec(duration) : null
  const factor = found?.[2] === undefined ? undefined : factors[found[2]]
  if (found === null || factor === undefined) {
    throw invalid(`${what} must be a time with its unit, such as '20ms' or '5s', not ${JSON.stringify(duration)}`, { [what]: duration })
  }
  return Number(found[1]) * factor
}
