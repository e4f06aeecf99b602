/** Plain data on its way into the addon: amounts are `bigint`s here and decimal texts there. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? item.toString() : item))
}
