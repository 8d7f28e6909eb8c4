import type { PublisherKey } from './dsse.ts'

/**
 * Whose signatures on vendor profiles and trust lists count. A new key is added here one release before it signs, and the old
 * one is taken out when no supported release knows only the old one. build/docs/vendor-data.md says how one is made.
 */
export const publisherKeys: readonly PublisherKey[] = [
  {
    id: '0183e234887bf85cac78c62a91c937404d868b813d4ffc7dee47839d71f5b226',
    publicKey: 'MCowBQYDK2VwAyEAYYtetUr1fTiFL8UP1HTwVmuse0CfevCO2DgSgyJRqjo=',
  },
]
