/**
 * How certain something is, each level implying those before it: in the mempool, run in a proposal, finalized by the committee, under an
 * anchor that a milestone of the tangle confirmed. A chain never goes back behind `final`.
 */
export type Level = 'pending' | 'executed' | 'final' | 'anchored'

/** The levels at which a transaction has a receipt. */
export type Certain = Extract<Level, 'final' | 'anchored'>

/** What a read is taken at: a height, a block hash, a level or one of Ethereum's tags. */
export type At = number | Level | 'latest' | 'safe' | 'finalized' | 'earliest' | `0x${string}`
