import {
  generatePrivateKey,
  isSm2Key,
  sm2Decrypt,
  sm2Encrypt,
  sm2PublicOf,
  sm2SignDigest,
  sm2VerifyDigest,
} from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'

/** What is done with a key; 32 bytes are signed or encrypted. */
export const sm2Operations = ['sign', 'verify', 'encrypt', 'decrypt'] as const
export type Sm2Operation = (typeof sm2Operations)[number]

/** One operation with a key made for it. */
export async function prepareSm2(operation: Sm2Operation): Promise<() => void> {
  const key = await generatePrivateKey('sm2')
  if (!isSm2Key(key)) throw new AppFailure('internal', 'another kind of key was made')
  const { d } = key
  const publicKey = sm2PublicOf(d)
  const message = new Uint8Array(32).fill(0x5a)
  const signature = sm2SignDigest(d, message)
  const encrypted = sm2Encrypt(publicKey, message)
  switch (operation) {
    case 'sign':
      return () => void sm2SignDigest(d, message)
    case 'verify':
      return () => void sm2VerifyDigest(publicKey, message, signature)
    case 'encrypt':
      return () => void sm2Encrypt(publicKey, message)
    case 'decrypt':
      return () => void sm2Decrypt(d, encrypted)
  }
}
