// Written by `npm run sm-kernel` from build/sm-kernel. Do not edit.

/** Where things lie in the first page of the kernel’s memory; build/sm-kernel/layout.mjs says what they are. */
export const layout = {
  sm3State: 1024,
  sm3LaneStates: 1088,
  roundKeys: 4480,
  nonce: 8704,
  scratch: 12672,
  nibbleTables: 14720,
  laneSums: 33792,
  lanePowers: 34304,
  sum: 34880,
  factors: 34944,
} as const
