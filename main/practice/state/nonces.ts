import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { join } from 'node:path'
import type { Clock } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { fieldsOf, patterns } from '../../platform/index.ts'
import { readJsonIfThere, writeJsonAtomic } from '../../store/index.ts'
import { namesIn } from './folders.ts'
import { keyedLock } from './keyed-lock.ts'

/** How long a nonce may be waited with, in milliseconds. */
const lifetime = 3_600_000

/**
 * Nonces for signed documents. A nonce carries its own proof (time and HMAC), so that giving one out writes nothing;
 * using one is durable before anything follows from it, so that no crash lets a document in twice.
 */
export interface Nonces {
  /** 64 hex digits. */
  issue(): string
  /**
   * Binds a nonce to the one document it is used for. The same document may come again: that is a client that has lost
   * the answer. Throws `platform.nonce` for a nonce that isn't ours, is too old, or was used for another document.
   */
  use(nonce: string, document: Uint8Array): Promise<void>
}

/** The nonces kept in a folder. `clock` is the machine's: the practice clock's leaps must not make nonces stale. */
export async function openNonces(folder: string, keyFile: string, clock: Clock): Promise<Nonces> {
  const key = await nonceKey(keyFile)
  const used = new Map<string, string>()
  for (const nonce of await namesIn(folder, '.json')) {
    const stored = fieldsOf(await readJsonIfThere(join(folder, `${nonce}.json`)), 'input.unreadable')
    used.set(nonce, stored.text('documentDigest', patterns.digest))
  }
  const lock = keyedLock()

  return {
    issue() {
      const body = Buffer.alloc(16)
      body.writeBigUInt64BE(BigInt(clock.now().getTime()))
      randomBytes(8).copy(body, 8)
      return Buffer.concat([body, proof(key, body)]).toString('hex')
    },
    async use(nonce, document) {
      if (!patterns.digest.test(nonce)) throw new AppFailure('platform.nonce', 'the nonce is not one of ours')
      const documentDigest = createHash('sha256').update(document).digest('hex')
      await lock.run(nonce, async () => {
        const before = used.get(nonce)
        if (before === documentDigest) return
        if (before !== undefined) throw new AppFailure('platform.nonce', 'the nonce has been used')
        requireFresh(nonce)
        await writeJsonAtomic(join(folder, `${nonce}.json`), { documentDigest, usedAt: clock.now().toISOString() })
        used.set(nonce, documentDigest)
      })
    },
  }

  function requireFresh(nonce: string): void {
    const bytes = Buffer.from(nonce, 'hex')
    const body = bytes.subarray(0, 16)
    if (!timingSafeEqual(bytes.subarray(16), proof(key, body))) {
      throw new AppFailure('platform.nonce', 'the nonce is not one of ours')
    }
    const age = clock.now().getTime() - Number(body.readBigUInt64BE(0))
    if (age > lifetime || age < -lifetime) throw new AppFailure('platform.nonce', 'the nonce is too old')
  }
}

function proof(key: Uint8Array, body: Uint8Array): Buffer {
  return createHmac('sha256', key).update('bidseal practice nonce\0').update(body).digest().subarray(0, 16)
}

async function nonceKey(path: string): Promise<Uint8Array> {
  const stored = await readJsonIfThere(path)
  if (stored !== null) {
    return Buffer.from(fieldsOf(stored, 'input.unreadable').text('key', patterns.digest), 'hex')
  }
  const key = randomBytes(32)
  await writeJsonAtomic(path, { key: key.toString('hex') }, 0o600)
  return key
}
