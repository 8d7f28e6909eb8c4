import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { toPem } from '../../crypto/cert/pem.ts'
import { publicKeyInfoOf, readPrivateKey, type Sm2PrivateKey, writePrivateKey } from '../../crypto/sign/private-key.ts'
import {
  generateSm2Key,
  sm2Decrypt,
  sm2Digest,
  sm2Encrypt,
  sm2PublicOf,
  sm2SignDigest,
  sm2VerifyDigest,
} from '../../crypto/sm/sm2/index.ts'
import { type OpensslBench, withOpenssl } from '../fixtures/openssl.ts'
import { scripted, shortCoordinateScalars } from '../fixtures/sm2.ts'

// openssl knows the same arithmetic: what one makes the other takes, two hundred times each way.

/** Fewer inside Electron, where the same code runs in two kinds of process. */
const rounds = 'electron' in process.versions ? 20 : 200

/** As many openssl at a time; a busy machine needs its time all the same. */
const abreast = 4
const patience = 240_000

const digest = ['-rawin', '-digest', 'sm3', '-pkeyopt', 'distid:1234567812345678']

/** What one round has: a key of its own, written for openssl, and a message of 1 to 64 bytes. */
interface Round {
  readonly number: number
  readonly d: Uint8Array
  readonly publicPoint: Uint8Array
  readonly message: Uint8Array
  /** Files in the bench's folder. */
  readonly file: Readonly<Record<'key' | 'public' | 'message', string>>
}

/** Does all the rounds, a few abreast. */
async function eachRound(bench: OpensslBench, judge: (round: Round) => Promise<void>): Promise<void> {
  let next = 0
  const work = async () => {
    while (next < rounds) await judge(newRound(bench, next++))
  }
  await Promise.all(Array.from({ length: abreast }, work))
}

function newRound(bench: OpensslBench, number: number): Round {
  const privateKey: Sm2PrivateKey = { kind: 'sm2', d: generateSm2Key() }
  const message = Uint8Array.from(randomBytes(1 + (number % 64)))
  const file = {
    key: bench.put(`key-${number}`, toPem(writePrivateKey(privateKey), 'PRIVATE KEY')),
    public: bench.put(`public-${number}`, toPem(publicKeyInfoOf(privateKey), 'PUBLIC KEY')),
    message: bench.put(`message-${number}`, message),
  }
  return { number, d: privateKey.d, publicPoint: sm2PublicOf(privateKey.d), message, file }
}

describe('with openssl', () => {
  it(
    'our signatures verify there',
    () =>
      withOpenssl(bench =>
        eachRound(bench, async ({ number, d, publicPoint, message, file }) => {
          const signature = bench.put(`signature-${number}`, sm2SignDigest(d, sm2Digest(publicPoint, message)))
          const files = ['-pubin', '-inkey', file.public, '-in', file.message, '-sigfile', signature]
          const { ok, stderr } = await bench.start('pkeyutl', '-verify', ...files, ...digest)
          expect(ok, stderr).toBe(true)
        }),
      ),
    patience,
  )

  it(
    'its signatures verify here',
    () =>
      withOpenssl(bench =>
        eachRound(bench, async ({ publicPoint, message, file }) => {
          const files = ['-inkey', file.key, '-in', file.message]
          const { stdout, stderr } = await bench.start('pkeyutl', '-sign', ...files, ...digest)
          expect(sm2VerifyDigest(publicPoint, sm2Digest(publicPoint, message), stdout), stderr).toBe(true)
        }),
      ),
    patience,
  )

  it(
    'our ciphertexts open there, those with short coordinates too',
    () =>
      withOpenssl(bench => {
        const short = shortCoordinateScalars(4, 5000n)
        return eachRound(bench, async ({ number, publicPoint, message, file }) => {
          const nonce = number % 10 === 0 ? short[(number / 10) % short.length] : undefined
          const cipher =
            nonce === undefined
              ? sm2Encrypt(publicPoint, message)
              : sm2Encrypt(publicPoint, message, scripted(nonce, generateSm2Key()))
          const files = ['-inkey', file.key, '-in', bench.put(`cipher-${number}`, cipher)]
          const { stdout, stderr } = await bench.start('pkeyutl', '-decrypt', ...files)
          expect(Uint8Array.from(stdout), stderr).toEqual(message)
        })
      }),
    patience,
  )

  it(
    'its ciphertexts open here',
    () =>
      withOpenssl(bench =>
        eachRound(bench, async ({ d, message, file }) => {
          const files = ['-pubin', '-inkey', file.public, '-in', file.message]
          const { stdout } = await bench.start('pkeyutl', '-encrypt', ...files)
          expect(sm2Decrypt(d, stdout)).toEqual(message)
        }),
      ),
    patience,
  )

  it('keys made there are read here, as PKCS#8 and as openssl’s own form', () =>
    withOpenssl(bench => {
      for (const made of [
        ['-algorithm', 'SM2'],
        ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:SM2'],
      ]) {
        expect(bench.run('genpkey', ...made, '-out', 'made.pem').ok).toBe(true)
        const publicKey = bench.run('pkey', '-in', 'made.pem', '-pubout', '-outform', 'DER').stdout
        const pkcs8 = bench.run('pkcs8', '-topk8', '-nocrypt', '-in', 'made.pem', '-outform', 'DER').stdout
        const own = bench.run('pkey', '-in', 'made.pem', '-outform', 'DER').stdout
        for (const der of [pkcs8, own]) {
          expect(publicKeyInfoOf(readPrivateKey(der))).toEqual(Uint8Array.from(publicKey))
        }
      }
    }))
})
