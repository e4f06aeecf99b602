import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseEther } from 'viem'
import { VespiaryError, formatIota, iota } from 'vespiary'

test('iota is exact, and refuses what is no amount', () => {
  assert.equal(iota('1000'), parseEther('1000'))
  assert.equal(iota('0.000001'), 10n ** 12n)
  assert.equal(iota(3), 3n * 10n ** 18n)
  assert.equal(iota('.5'), iota('0.5'))
  for (const wrong of ['', '.', '-1', '1e3', '0x10', '1,000', 'one', `0.${'0'.repeat(18)}1`, NaN, 1e21]) {
    assert.throws(() => iota(wrong), (error) => error instanceof VespiaryError && error.code === 'ERR_MALFORMED', String(wrong))
  }
})

test('an amount shown as text reads back as itself', () => {
  for (const wei of [0n, 1n, 10n ** 12n, 15n * 10n ** 17n, 10n ** 30n + 1n]) assert.equal(iota(formatIota(wei)), wei)
})
