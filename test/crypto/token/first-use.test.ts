import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseCertificate } from '../../../crypto/cert/certificate.ts'
import type { CertificateProfile } from '../../../crypto/cert/issue.ts'
import { CryptoFailure } from '../../../crypto/errors.ts'
import type { KeyTransport } from '../../../crypto/envelope/key-opener.ts'
import type { PrivateKey } from '../../../crypto/sign/private-key.ts'
import { openTransport, softSigner } from '../../../crypto/sign/soft-key.ts'
import type { SignatureAlgorithm } from '../../../crypto/sign/signer.ts'
import { sm3 } from '../../../crypto/sm/sm3.ts'
import { readSm2Cipher } from '../../../crypto/sm/sm2/index.ts'
import { checkKeys, requireNoDeviation } from '../../../crypto/token/first-use.ts'
import { openPkcs11Driver } from '../../../crypto/token/pkcs11/driver.ts'
import type { KeyUse, TokenCertificate, TokenDriver, TokenSession } from '../../../crypto/token/port.ts'
import { trialEnvelopes } from '../../../crypto/token/trial-envelope.ts'
import { gmCa } from '../../fixtures/gm-ca.ts'
import { practiceCa, practiceNotAfter, practiceNotBefore, publicKeyInfo, testKey } from '../../fixtures/practice-ca.ts'
import { addSoftHsmLock, makeSoftHsm, type SoftHsm, type SoftHsmLock } from '../../fixtures/softhsm.ts'

interface Pair {
  readonly keyId: string
  readonly use: KeyUse
  readonly certificate: Uint8Array
  readonly privateKey: PrivateKey
}

/** What a session does otherwise; each is handed what an honest one would answer. */
interface Quirks {
  readonly sign?: (honest: (digest: Uint8Array) => Promise<Uint8Array>, digest: Uint8Array) => Promise<Uint8Array>
  readonly open?: (honest: (transport: KeyTransport) => Uint8Array, transport: KeyTransport) => Uint8Array
  readonly algorithms?: readonly SignatureAlgorithm[]
}

/** A logged-in token whose keys are here. */
function session(pairs: readonly Pair[], quirks: Quirks = {}): TokenSession {
  const pair = (keyId: string): Pair => pairs.find(each => each.keyId === keyId) ?? fail()
  const signer = (keyId: string) => softSigner({ ...pair(keyId), intermediates: [] })
  return {
    certificates: () => Promise.resolve(certificatesOf(pairs)),
    algorithms: keyId => Promise.resolve(quirks.algorithms ?? signer(keyId).algorithms),
    sign(keyId, algorithm, digest) {
      const honest = (bytes: Uint8Array) => signer(keyId).sign(algorithm, bytes)
      return quirks.sign === undefined ? honest(digest) : quirks.sign(honest, digest)
    },
    async open(keyId, transport) {
      await Promise.resolve()
      const honest = (what: KeyTransport): Uint8Array => openTransport(pair(keyId).privateKey, what)
      return quirks.open === undefined ? honest(transport) : quirks.open(honest, transport)
    },
    close: () => Promise.resolve(),
  }
}

function fail(): never {
  throw new Error('no such key')
}

function certificatesOf(pairs: readonly Pair[]): readonly TokenCertificate[] {
  return pairs.map(({ keyId, use, certificate }) => ({ keyId, label: keyId, certificate, uses: [use] }))
}

async function check(pairs: readonly Pair[], quirks: Quirks = {}) {
  return checkKeys(session(pairs, quirks), certificatesOf(pairs))
}
async function deviations(pairs: readonly Pair[], quirks: Quirks): Promise<readonly (string | null)[]> {
  return (await check(pairs, quirks)).map(({ deviation }) => deviation)
}

const { bidder, rival } = practiceCa()
const rsa: readonly Pair[] = [
  { keyId: '01', use: 'sign', ...bidder.sign },
  { keyId: '02', use: 'decrypt', ...bidder.decrypt },
]
const gm = gmCa()
const sm2: readonly Pair[] = [
  { keyId: '01', use: 'sign', ...gm.bidder.sign },
  { keyId: '02', use: 'decrypt', ...gm.bidder.decrypt },
]
const ec: readonly Pair[] = (['sign', 'decrypt'] as const).map((use, index) => ecPair(`0${index + 1}`, use))

function ecPair(keyId: string, profile: CertificateProfile & KeyUse): Pair {
  const privateKey: KeyObject = testKey(`first-use-${profile}`, 'P-256')
  const { certificate } = practiceCa().issue('unused', { profile, publicKey: publicKeyInfo(privateKey) })
  return { keyId, use: profile, certificate, privateKey }
}

describe.each([
  ['RSA', rsa],
  ['EC', ec],
  ['SM2', sm2],
] as const)('the first use of %s keys', (name, pairs) => {
  const [signing, opening] = [pairs.filter(({ use }) => use === 'sign'), pairs.filter(({ use }) => use === 'decrypt')]

  test('finds nothing where they do what they should', async () => {
    const checks = await check(pairs)
    expect(checks.map(({ keyId, use, deviation }) => [keyId, use, deviation])).toEqual([
      ['01', 'sign', null],
      ['02', 'decrypt', null],
    ])
    for (const each of checks) requireNoDeviation(each)
  })

  test('finds a library that hashes what was a hash already', async () => {
    const again = (digest: Uint8Array): Uint8Array =>
      name === 'SM2' ? sm3(digest) : Uint8Array.from(createHash('sha256').update(digest).digest())
    expect(await deviations(signing, { sign: (honest, digest) => honest(again(digest)) })).toEqual(['hashed-again'])
  })

  test('finds a signature that is nobody’s', async () => {
    expect(await deviations(signing, { sign: honest => honest(new Uint8Array(32).fill(7)) })).toEqual([
      'wrong-signature',
    ])
    expect(await deviations(signing, { sign: () => Promise.resolve(new Uint8Array(0)) })).toEqual(['wrong-signature'])
  })

  test('finds what was decrypted to something else', async () => {
    const flipped = (bytes: Uint8Array): Uint8Array => bytes.map((byte, index) => (index === 31 ? byte ^ 1 : byte))
    expect(await deviations(opening, { open: (honest, what) => flipped(honest(what)) })).toEqual(['wrong-plaintext'])
  })

  test('finds a library that leaves out zeros of a plaintext', async () => {
    const stripped = (bytes: Uint8Array): Uint8Array => bytes.subarray(bytes.findIndex(byte => byte !== 0))
    expect(await deviations(opening, { open: (honest, what) => stripped(honest(what)) })).toEqual(['stripped-zeros'])
  })

  test('tells a refusal with the driver’s words', async () => {
    const refuse = (): never => {
      throw new CryptoFailure('token.unsupported', 'CKR_KEY_FUNCTION_NOT_PERMITTED while signing')
    }
    const refusal = { deviation: 'refused', detail: 'CKR_KEY_FUNCTION_NOT_PERMITTED while signing' }
    expect(await check(pairs, { sign: () => Promise.resolve().then(refuse), open: refuse })).toMatchObject([
      refusal,
      refusal,
    ])
    expect(await deviations(signing, { algorithms: [] })).toEqual(['refused'])
  })

  test('is no judgement of the key when the token is pulled out or the driver crashes', async () => {
    for (const code of ['token.removed', 'token.driver-crashed', 'token.pin-locked', 'cancelled'] as const) {
      const end = (): never => {
        throw new CryptoFailure(code, 'it ended')
      }
      await expect(check(signing, { sign: () => Promise.resolve().then(end) })).rejects.toMatchObject({ code })
      await expect(check(opening, { open: end })).rejects.toMatchObject({ code })
    }
  })

  test('refuses a key that deviates, and says which and how', async () => {
    const [found] = await check(signing, { sign: () => Promise.resolve(new Uint8Array(64)) })
    expect(() => found !== undefined && requireNoDeviation(found)).toThrow(
      'token.deviation: the signing key: what it signed does not verify with its certificate',
    )
  })
})

test('a signature by another key of the lock is told as such', async () => {
  const other: Pair = { keyId: '03', use: 'sign', ...rival.sign }
  const pairs = [...rsa, other]
  const foreign = softSigner({ ...rival.sign, intermediates: [] })
  const [first] = await deviations(pairs, { sign: (_, digest) => foreign.sign('rsa-pkcs1-sha256', digest) })
  expect(first).toBe('foreign-key')
})

test('an RSA signature without its first zero is told as such', async () => {
  // One in 256 begins with a zero: another digest is signed until one does, and the rest of the world verifies that one.
  const signer = softSigner({ ...bidder.sign, intermediates: [], algorithms: ['rsa-pss-sha256'] })
  const short = async (_: unknown, digest: Uint8Array): Promise<Uint8Array> => {
    for (;;) {
      const signature = await signer.sign('rsa-pss-sha256', digest)
      if (signature[0] === 0) return signature.subarray(1)
    }
  }
  expect(await deviations(rsa.slice(0, 1), { sign: short, algorithms: ['rsa-pss-sha256'] })).toEqual(['stripped-zeros'])
})

test('a lock that opens OAEP and nothing else is as good', async () => {
  const oaepOnly = (honest: (what: KeyTransport) => Uint8Array, what: KeyTransport): Uint8Array => {
    if (what.kind !== 'rsa-oaep-sha256') throw new CryptoFailure('token.unsupported', 'no PKCS#1 here')
    return honest(what)
  }
  expect(await deviations(rsa.slice(1), { open: oaepOnly })).toEqual([null])
})

test('an SM2 lock meets a point with a short coordinate first', async () => {
  const { hard, easy } = trialEnvelopes(parseCertificate(gm.bidder.decrypt.certificate)) ?? fail()
  const shortIn = ({ transport }: typeof hard): boolean =>
    transport.kind === 'sm2-sm4-cbc' && readSm2Cipher(transport.encryptedKey, 'asn1').x[0] === 0
  expect(shortIn(hard)).toBe(true)
  const trips = (honest: (what: KeyTransport) => Uint8Array, what: KeyTransport): Uint8Array =>
    shortIn({ transport: what, plaintext: hard.plaintext }) ? new Uint8Array(32) : honest(what)
  expect(await deviations(sm2.slice(1), { open: trips })).toEqual(['stripped-zeros'])
  expect(easy.plaintext[0]).not.toBe(0)
})

test('certificates of unknown keys and of authorities are passed over', async () => {
  const { publicKey } = generateKeyPairSync('ed25519')
  const { certificate } = practiceCa().issue('unused', {
    profile: 'sign',
    publicKey: new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })),
    notBefore: practiceNotBefore,
    notAfter: practiceNotAfter,
  })
  const shown: readonly TokenCertificate[] = [
    { keyId: '01', label: '', certificate, uses: ['sign'] },
    { keyId: '02', label: '', certificate: Uint8Array.of(1, 2, 3), uses: ['decrypt'] },
    { keyId: '03', label: '', certificate: practiceCa().intermediate, uses: [] },
  ]
  expect(await checkKeys(session([]), shown)).toEqual([])
})

describe('on a real library', () => {
  let hsm: SoftHsm
  let lock: SoftHsmLock
  let driver: TokenDriver

  beforeAll(async () => {
    hsm = makeSoftHsm()
    lock = addSoftHsmLock(hsm)
    Object.assign(process.env, hsm.environment)
    driver = await openPkcs11Driver(hsm.modulePath)
  })

  afterAll(async () => {
    await driver.close()
    hsm.remove()
  })

  test('both keys pass, whatever the library cannot do by itself', async () => {
    const open = await driver.login(lock.uri, lock.pin)
    const checks = await checkKeys(open, await open.certificates())
    // SoftHSM lists its objects in no order.
    expect(checks.map(({ use, deviation }) => `${use} ${deviation}`).sort()).toEqual(['decrypt null', 'sign null'])
    await open.close()
  })
})
