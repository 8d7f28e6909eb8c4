/** What the library takes from outside so that tests can decide it. */
export interface Clock {
  /** The time now. */
  now(): Date
}

/** The host's cryptographic generator. Never a token's. */
export interface Randomness {
  /** Fresh random bytes, owned by the caller. */
  bytes(length: number): Uint8Array
}

/** How far a long job has come. `total` and `done` are in bytes of the whole job, over all stages of that name. */
export interface Progress {
  readonly stage: 'digest' | 'seal' | 'verify' | 'trial' | 'open' | 'upload'
  readonly done: number
  readonly total: number
}

/** Common to every long job: how to watch it and how to stop it. */
export interface JobControl {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
}
