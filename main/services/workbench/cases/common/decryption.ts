import { generateKeyPairSync } from 'node:crypto'
import {
  encodeName,
  generatePrivateKey,
  issueCertificate,
  oaepEnvelope,
  parseCertificate,
  publicKeyInfoOf,
  trialEnvelopes,
} from '../../../../../crypto/index.ts'
import type { Certificate, KeyTransport, TokenSession, TrialEnvelope } from '../../../../../crypto/index.ts'
import { type Bench, type Case, failed, type Level, notApplicable, type Outcome, passed } from '../../case.ts'
import { type Answered, answerOf, both, type ReadKey, readKeys, same } from './attempt.ts'

const kinds = ['pkcs11', 'skf'] as const

interface TransportCase {
  readonly id: string
  readonly transport: KeyTransport['kind']
  readonly level: Level
  readonly name: string
  readonly clause: string
  readonly key: Certificate['key']['kind']
}

const transportCases: readonly TransportCase[] = [
  {
    id: 'C-DEC-001',
    transport: 'rsa-oaep-sha256',
    level: 'must',
    name: 'RSA-OAEP / SHA-256',
    clause: 'PKCS#11 v2.40 mechanisms §2.1.8',
    key: 'rsa',
  },
  {
    id: 'C-DEC-002',
    transport: 'rsa-pkcs1',
    level: 'should',
    name: 'RSA PKCS#1 v1.5',
    clause: 'PKCS#11 v2.40 mechanisms §2.1.6',
    key: 'rsa',
  },
  {
    id: 'C-DEC-003',
    transport: 'ecdh-aes256-wrap',
    level: 'must',
    name: 'ECDH + AES-256',
    clause: 'PKCS#11 v2.40 mechanisms §2.3.8',
    key: 'ec',
  },
  {
    id: 'C-DEC-004',
    transport: 'sm2-sm4-cbc',
    level: 'must',
    name: 'SM2 + SM4-CBC',
    clause: 'GM/T 0016-2012 §7.6.30 · GM/T 0009-2012',
    key: 'sm2',
  },
]

/** Envelopes made in software, opened by the key. */
export const decryptionCases: readonly Case[] = [
  ...transportCases.map(({ id, transport, level, name, clause, key }): Case => ({
    id,
    group: 'decryption',
    level,
    kinds,
    clause,
    text: {
      title: both(`打开 ${name} 数字信封`, `Opens envelopes of ${name}`),
      purpose: both('用软件加密、用锁解密，比较结果。', 'Encrypts in software, decrypts with the key, compares.'),
      why: both(
        '标书的密钥就装在这种信封里；打不开就开不了标。',
        'The bid’s key is in such an envelope; no opening without it.',
      ),
      remedy: both(
        '实现该填充方式，或提供裸 RSA（CKM_RSA_X_509）。',
        'Support the padding, or raw RSA (CKM_RSA_X_509).',
      ),
    },
    needs: { pin: true, keys: 'decrypt' },
    ...(level === 'must' ? { scenarios: ['seal', 'trial-decryption', 'release'] as const } : {}),
    run: bench => openOne(bench, key, transport),
  })),
  {
    id: 'C-DEC-005',
    group: 'decryption',
    level: 'must',
    kinds,
    clause: 'PKCS#11 v2.40 mechanisms §2.1 · GM/T 0009-2012 §7',
    text: {
      title: both('以零开头的明文与坐标', 'Plaintexts and coordinates that begin with zero'),
      purpose: both(
        '解密以零字节开头的明文；SM2 时密文坐标只有 31 字节。',
        'Decrypts a plaintext that begins with a zero byte; with SM2 the point has a coordinate of 31 bytes.',
      ),
      why: both('每 256 份标书就有一份打不开。', 'One bid in 256 would not open.'),
      remedy: both('不要去掉前导零。', 'Do not strip leading zeros.'),
    },
    needs: { pin: true, keys: 'decrypt' },
    scenarios: ['trial-decryption', 'release'],
    async run(bench) {
      const found = await usableKey(bench)
      if (found === null) return notApplicable('no-such-key')
      const { session, key, envelopes } = found
      for (const envelope of variants(key.certificate, envelopes.hard)) {
        const opened = await openTimed(bench, session, key, envelope)
        if (!isRight(opened, envelope)) {
          const easy = await openTimed(bench, session, key, envelopes.easy)
          const code = isRight(easy, envelopes.easy) ? 'leading-zeros-stripped' : 'wrong-plaintext'
          return failed(code, [{ name: 'transport', value: envelope.transport.kind }, ...detailOf(opened)])
        }
      }
      return passed()
    },
  },
  {
    id: 'C-DEC-006',
    group: 'decryption',
    level: 'must',
    kinds,
    clause: 'RFC 3218 · BidSeal',
    text: {
      title: both('他人信封解不出东西', 'An envelope for another key opens to nothing'),
      purpose: both('解密为另一把密钥加密的信封。', 'Decrypts an envelope that was made for another key.'),
      why: both('既不能解出别人的密钥，也不能因此崩溃或卡死。', 'It must neither give the key nor crash nor hang.'),
      remedy: both('返回规范的错误码，不要崩溃。', 'Answer a standard error code.'),
    },
    needs: { pin: true, keys: 'decrypt' },
    async run(bench) {
      const found = await usableKey(bench)
      if (found === null) return notApplicable('no-such-key')
      const { session, key } = found
      const foreign = await foreignEnvelope(bench, key.certificate)
      return shut(await openTimed(bench, session, key, foreign), foreign)
    },
  },
  {
    id: 'C-DEC-007',
    group: 'decryption',
    level: 'must',
    kinds,
    clause: 'RFC 3218 · BidSeal',
    text: {
      title: both('被篡改的信封解不出东西', 'A tampered envelope opens to nothing'),
      purpose: both('改动信封中的一个字节后解密。', 'Changes one byte of an envelope and decrypts it.'),
      why: both('篡改必须被发现，之后锁仍能正常使用。', 'Tampering must show, and the key must go on working.'),
      remedy: both('校验失败返回错误，不返回明文。', 'Answer an error where the check fails, never a plaintext.'),
    },
    needs: { pin: true, keys: 'decrypt' },
    async run(bench) {
      const found = await usableKey(bench)
      if (found === null) return notApplicable('no-such-key')
      const { session, key, envelopes } = found
      for (const envelope of variants(key.certificate, envelopes.easy)) {
        const outcome = shut(await openTimed(bench, session, key, tampered(envelope)), envelope)
        if (outcome.status !== 'pass') return outcome
        const sound = await openTimed(bench, session, key, envelope)
        if (!isRight(sound, envelope)) return failed('stuck-after-error', detailOf(sound))
      }
      return passed()
    },
  },
  {
    id: 'C-DEC-008',
    group: 'decryption',
    level: 'must',
    kinds,
    clause: 'BidSeal',
    text: {
      title: both('连续解密 100 次', 'A hundred in a row'),
      purpose: both('连续打开 100 个信封，逐一比较。', 'Opens a hundred envelopes, one after the other.'),
      why: both('解密大标书或多标段时不能中途失效。', 'Tenders with many lots must not fail half-way.'),
      remedy: both('释放每次操作占用的资源。', 'Free what each operation takes.'),
    },
    needs: { pin: true, keys: 'decrypt' },
    scenarios: ['trial-decryption', 'release'],
    async run(bench) {
      const found = await usableKey(bench)
      if (found === null) return notApplicable('no-such-key')
      const { session, key } = found
      for (let count = 0; count < 100 && !bench.signal.aborted; count += 1) {
        const envelope = trialEnvelopes(key.certificate)?.easy
        if (envelope === undefined) break
        const opened = await openTimed(bench, session, key, envelope)
        if (!isRight(opened, envelope)) {
          return failed('fails-in-a-row', [{ name: 'after', value: count }, ...detailOf(opened)])
        }
      }
      return passed([{ name: 'envelopes', value: 100 }])
    },
  },
]

async function openOne(
  bench: Bench,
  kind: Certificate['key']['kind'],
  transport: KeyTransport['kind'],
): Promise<Outcome> {
  const key = readKeys(bench.keys.decrypt).find(({ certificate }) => certificate.key.kind === kind)
  const envelopes = key === undefined ? null : trialEnvelopes(key.certificate)
  if (key === undefined || envelopes === null) return notApplicable('no-such-key')
  const session = await bench.session()
  const envelope = variants(key.certificate, envelopes.easy).find(each => each.transport.kind === transport)
  if (envelope === undefined) return notApplicable('no-such-envelope')
  const opened = await openTimed(bench, session, key, envelope)
  if ('refusal' in opened) return failed(`${transport}-refused`, detailOf(opened))
  return isRight(opened, envelope) ? passed() : failed('wrong-plaintext', detailOf(opened))
}

/** The first key that can open envelopes of its kind. */
export async function usableKey(bench: Bench): Promise<{
  readonly session: TokenSession
  readonly key: ReadKey
  readonly envelopes: { readonly hard: TrialEnvelope; readonly easy: TrialEnvelope }
} | null> {
  for (const key of readKeys(bench.keys.decrypt)) {
    const envelopes = trialEnvelopes(key.certificate)
    if (envelopes !== null) return { session: await bench.session(), key, envelopes }
  }
  return null
}

/** The envelope, and for RSA the same plaintext under OAEP. */
function variants(certificate: Certificate, envelope: TrialEnvelope): readonly TrialEnvelope[] {
  return certificate.key.kind === 'rsa' ? [envelope, oaepEnvelope(certificate, envelope)] : [envelope]
}

/** Opens an envelope and notes how long that took. */
export async function openTimed(
  bench: Bench,
  session: TokenSession,
  { keyId }: ReadKey,
  { transport }: TrialEnvelope,
): Promise<Answered> {
  const started = bench.now()
  const opened = await answerOf(() => session.open(keyId, transport))
  bench.timing('decrypt', bench.now() - started)
  return opened
}

/** Whether an envelope was opened to what is in it. */
export function isRight(opened: Answered, { plaintext }: TrialEnvelope): boolean {
  return 'answer' in opened && same(opened.answer, plaintext)
}

/** The product answers random bytes in place of an error (RFC 3218): neither the plaintext nor a refusal. */
function shut(opened: Answered, { plaintext }: TrialEnvelope): Outcome {
  if ('refusal' in opened) return failed('error-not-shut', detailOf(opened))
  return same(opened.answer, plaintext) ? failed('opened-all-the-same') : passed()
}

function detailOf(opened: Answered): readonly { readonly name: string; readonly value: string | number }[] {
  return 'refusal' in opened
    ? [{ name: 'detail', value: opened.refusal }]
    : [{ name: 'answerBytes', value: opened.answer.length }]
}

function tampered({ transport, plaintext }: TrialEnvelope): TrialEnvelope {
  const flip = (bytes: Uint8Array): Uint8Array => {
    const copy = Uint8Array.from(bytes)
    copy[copy.length - 1] = (copy[copy.length - 1] ?? 0) ^ 1
    return copy
  }
  return transport.kind === 'ecdh-aes256-wrap'
    ? { plaintext, transport: { ...transport, wrappedKey: flip(transport.wrappedKey) } }
    : { plaintext, transport: { ...transport, encryptedKey: flip(transport.encryptedKey) } }
}

/** An envelope for a key that was made for it alone; RSA is one in form only, so that it has the modulus's length. */
async function foreignEnvelope(bench: Bench, { key }: Certificate): Promise<TrialEnvelope> {
  if (key.kind === 'rsa') {
    const encryptedKey = bench.random.bytes(Math.ceil(key.bits / 8))
    encryptedKey[0] = 0
    return { plaintext: bench.random.bytes(32), transport: { kind: 'rsa-pkcs1', encryptedKey, keyLength: 32 } }
  }
  const curve = key.kind === 'ec' && key.curve === 'P-384' ? 'secp384r1' : 'prime256v1'
  const privateKey =
    key.kind === 'sm2' ? await generatePrivateKey('sm2') : generateKeyPairSync('ec', { namedCurve: curve }).privateKey
  const now = bench.ports.clock.now().getTime()
  const certificate = issueCertificate({
    subject: encodeName([['CN', 'BidSeal']]),
    publicKey: publicKeyInfoOf(privateKey),
    issuer: { certificate: 'self', privateKey },
    serial: bench.random.bytes(16),
    notBefore: new Date(now - 86_400_000),
    notAfter: new Date(now + 86_400_000),
    profile: 'decrypt',
  })
  const envelopes = trialEnvelopes(parseCertificate(certificate))
  if (envelopes === null) throw new Error('a key that was just made has no envelope')
  return envelopes.easy
}
