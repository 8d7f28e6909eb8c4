// Written by `npm run sm-kernel` from build/sm-kernel. Do not edit.

/** Where things lie in the first page of the kernel’s memory; build/sm-kernel/layout.mjs says what they are. */
export const layout = {
  sm3State: 1024,
  sm3LaneStates: 1088,
  roundKeys: 4480,
  nonce: 8704,
  scratch: 12160,
  nibbleTables: 14208,
  laneSums: 33280,
  lanePowers: 33792,
  sum: 34368,
  factors: 34432,
} as const
