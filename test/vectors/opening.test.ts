import { beforeAll, describe, expect, it } from 'vitest'
import type { SignedDocument } from '../../crypto/documents/signed-document.ts'
import { acceptRelease } from '../../crypto/envelope/accept-release.ts'
import { checkChallenge } from '../../crypto/envelope/challenge.ts'
import type { Release } from '../../crypto/envelope/release.ts'
import { readSealedBid } from '../../crypto/envelope/read.ts'
import { type VerifiedBid, verifySealedBid } from '../../crypto/envelope/verify.ts'
import { CryptoFailure } from '../../crypto/errors.ts'
import { bytesSource } from '../../crypto/io/source.ts'
import { fromBase64 } from '../../crypto/json/hex.ts'
import { type BidVector, vectorBytes, vectorJson, vectorOpener } from './library.ts'
import type { OpeningFile, OpeningVector } from './opening-file.ts'
import { tenderOf } from './run-bid.ts'

const { bids } = vectorJson<{ readonly bids: readonly BidVector[] }>('bids.json')
/** The files, and the key of the opening certificate. */
const files = [
  ['opening.json', 'opening'],
  ['opening-gm-1.json', 'gm-opening'],
] as const

describe.each(files)('%s:', (file, key) => {
  const { bid: bidName, at, vectors, documents } = vectorJson<OpeningFile>(file)
  const tender = tenderOf(bids.find(each => each.name === bidName)?.tender ?? '')
  const opener = vectorOpener(key)

  let verified: VerifiedBid
  beforeAll(async () => {
    const bid = await readSealedBid(bytesSource(vectorBytes(`bids/${bidName}.sbid`)))
    verified = await verifySealedBid(bid, { anchors: tender.anchors, tender, at: new Date('2026-03-02T02:00:00Z') })
  })

  function documentNamed(name: string): SignedDocument {
    const found = documents[name]
    if (found === undefined) return expect.fail(`no document ${name}`)
    return { bytes: Buffer.from(found.text), signature: fromBase64(found.signature) }
  }

  function check(vector: OpeningVector<string>): string | null {
    try {
      checkChallenge({
        verified,
        tender,
        challenge: documentNamed(vector.challenge),
        receipt: documentNamed(vector.receipt),
      })
      return null
    } catch (error) {
      if (error instanceof CryptoFailure) return error.code
      throw error
    }
  }

  /** What a platform answers to a release: the code of its refusal, or the result of every part. */
  async function accept(vector: OpeningVector<string>, given: NonNullable<OpeningVector<string>['release']>) {
    const release: Release = {
      ...documentNamed(given.document),
      envelopes: new Map(given.envelopes.map(({ part, envelope }) => [part, fromBase64(envelope)])),
    }
    try {
      const challenge = documentNamed(vector.challenge)
      const { parts, held } = await acceptRelease({ verified, tender, challenge, release, opener, at: new Date(at) })
      const results = parts.map(part => part.result)
      expect(held === null).toBe(results.includes('refused'))
      return { code: null, results }
    } catch (error) {
      if (error instanceof CryptoFailure) return { code: error.code, results: undefined }
      throw error
    }
  }

  describe('a challenge', () => {
    it.each(vectors.filter(vector => vector.release === undefined))('$name: $comment', vector => {
      expect(check(vector)).toBe(vector.code)
    })
  })

  describe('a release', () => {
    it.each(vectors.filter(vector => vector.release !== undefined))('$name: $comment', async vector => {
      expect(check(vector)).toBeNull()
      if (vector.release === undefined) return expect.fail('no release')
      expect(await accept(vector, vector.release)).toEqual({ code: vector.code, results: vector.results })
    })
  })
})
