import { isHashedAgain, signatureHolds, withZeros } from '../../../../../crypto/index.ts'
import type { Certificate, SignatureAlgorithm } from '../../../../../crypto/index.ts'
import { type Bench, type Case, failed, type Level, notApplicable, type Outcome, passed } from '../../case.ts'
import { both, type ReadKey, readKeys, signingKey, type TrialSignature, trySigning } from './attempt.ts'

const kinds = ['pkcs11', 'skf'] as const

interface AlgorithmCase {
  readonly id: string
  readonly algorithm: SignatureAlgorithm
  readonly level: Level
  readonly name: string
  readonly clause: string
  readonly key: Certificate['key']['kind']
}

const algorithmCases: readonly AlgorithmCase[] = [
  {
    id: 'C-SIG-001',
    algorithm: 'rsa-pkcs1-sha256',
    level: 'must',
    name: 'RSA PKCS#1 v1.5 / SHA-256',
    clause: 'PKCS#11 v2.40 mechanisms §2.1.6',
    key: 'rsa',
  },
  {
    id: 'C-SIG-002',
    algorithm: 'rsa-pss-sha256',
    level: 'should',
    name: 'RSA-PSS / SHA-256',
    clause: 'PKCS#11 v2.40 mechanisms §2.1.10',
    key: 'rsa',
  },
  {
    id: 'C-SIG-003',
    algorithm: 'ecdsa-sha256',
    level: 'must',
    name: 'ECDSA / SHA-256',
    clause: 'PKCS#11 v2.40 mechanisms §2.3.6',
    key: 'ec',
  },
  {
    id: 'C-SIG-004',
    algorithm: 'sm2-sm3',
    level: 'must',
    name: 'SM2 / SM3',
    clause: 'GM/T 0016-2012 §7.6.11 · GB/T 32918.2',
    key: 'sm2',
  },
]

/** Signatures, each verified in software. */
export const signingCases: readonly Case[] = [
  ...algorithmCases.map(({ id, algorithm, level, name, clause, key }): Case => ({
    id,
    group: 'signing',
    level,
    kinds,
    clause,
    text: {
      title: both(`${name} 签名可用软件验证`, `${name} verifies in software`),
      purpose: both(
        '对随机消息签名，并用锁内证书在软件中验签。',
        'Signs random messages and verifies them in software by the certificate on the key.',
      ),
      why: both(
        '平台用软件验签；验不过的签名等于没签。',
        'Platforms verify in software; what fails there is no signature.',
      ),
      remedy: both(
        '按标准对输入的摘要签名，不再次杂凑；输出长度固定。',
        'Sign the digest as it is given, hash nothing again, answer the full length.',
      ),
    },
    needs: { pin: true, keys: 'sign' },
    ...(level === 'must' ? { scenarios: ['seal', 'release', 'sign-pdf'] as const } : {}),
    run: bench => runAlgorithm(bench, algorithm, key),
  })),
  {
    id: 'C-SIG-005',
    group: 'signing',
    level: 'must',
    kinds,
    clause: 'PKCS#11 v2.40 mechanisms §2.1, §2.3 · GM/T 0009-2012 §7',
    text: {
      title: both('前导零不丢失', 'Leading zeros are kept'),
      purpose: both(
        '反复签名（--rounds 次），检查长度与前导零。',
        'Signs again and again (--rounds) and looks at lengths and leading zeros.',
      ),
      why: both(
        '约每 256 次签名出一次错：偏偏可能在截标前几分钟。',
        'It fails once in about 256 signatures: perhaps minutes before the deadline.',
      ),
      remedy: both('整数左侧补零到固定长度。', 'Pad numbers on the left to their full length.'),
    },
    needs: { pin: true, keys: 'sign' },
    scenarios: ['seal', 'release', 'sign-pdf'],
    async run(bench) {
      const session = await bench.session()
      const key = await signingKey(bench, session)
      if (key === null) return failed('no-algorithm-offered')
      let zeros = 0
      for (let round = 0; round < bench.rounds && !bench.signal.aborted; round += 1) {
        const tried = await trySigning(bench, session, key)
        const fault = faultOf(key, tried, readKeys(bench.keys.sign))
        if (fault !== null) {
          return failed(fault, [{ name: 'round', value: round + 1 }, ...detailOf(tried)])
        }
        if ('answer' in tried.signed && tried.signed.answer[0] === 0) zeros += 1
      }
      return passed([
        { name: 'rounds', value: bench.rounds },
        { name: 'withLeadingZero', value: zeros },
      ])
    },
  },
  {
    id: 'C-SIG-006',
    group: 'signing',
    level: 'must',
    kinds,
    clause: 'PKCS#11 v2.40 §4.9 (CKA_ID) · GM/T 0016-2012 §7.5',
    text: {
      title: both('每张签名证书都对应自己的私钥', 'Each signing certificate has its own key'),
      purpose: both('用每张签名证书的密钥各签一次并验证。', 'Signs once with the key of each signing certificate.'),
      why: both('证书与私钥错配时，签出来的是别人的签名。', 'With mixed-up pairs the signature is somebody else’s.'),
      remedy: both('修正 CKA_ID（或容器）与证书的对应。', 'Bind certificates to their keys by CKA_ID or container.'),
    },
    needs: { pin: true, keys: 'sign' },
    scenarios: ['seal', 'release', 'sign-pdf'],
    async run(bench) {
      const session = await bench.session()
      const keys = readKeys(bench.keys.sign).filter(({ certificate }) => certificate.key.kind !== 'other')
      for (const key of keys) {
        const [algorithm] = await session.algorithms(key.keyId)
        if (algorithm === undefined) return failed('no-algorithm-offered', [{ name: 'key', value: key.keyId }])
        const tried = await trySigning(bench, session, { ...key, algorithm })
        const fault = faultOf({ ...key, algorithm }, tried, keys)
        if (fault !== null) return failed(fault, [{ name: 'key', value: key.keyId }, ...detailOf(tried)])
      }
      return passed([{ name: 'keys', value: keys.length }])
    },
  },
]

const lengths = [0, 1, 32, 1000]

async function runAlgorithm(
  bench: Bench,
  algorithm: SignatureAlgorithm,
  kind: Certificate['key']['kind'],
): Promise<Outcome> {
  const keys = readKeys(bench.keys.sign)
  if (!keys.some(({ certificate }) => certificate.key.kind === kind)) return notApplicable('no-such-key')
  const session = await bench.session()
  const key = await signingKey(bench, session, algorithm)
  if (key === null) return failed(`${algorithm}-not-offered`)
  for (const length of lengths) {
    const tried = await trySigning(bench, session, key, length)
    const fault = faultOf(key, tried, keys)
    if (fault !== null) return failed(fault, [{ name: 'messageBytes', value: length }, ...detailOf(tried)])
  }
  return passed([{ name: 'signatures', value: lengths.length }])
}

/** The name of what is wrong with a signature; null when nothing is. */
function faultOf(
  { certificate, algorithm, keyId }: ReadKey & { readonly algorithm: SignatureAlgorithm },
  { signed, holds, message, digest }: TrialSignature,
  others: readonly ReadKey[],
): string | null {
  if ('refusal' in signed) {
    return /verif/.test(signed.refusal) ? 'wrong-signature' : 'signature-refused'
  }
  if (holds) return null
  if (isHashedAgain(certificate, algorithm, digest, signed.answer)) return 'hashed-again'
  const whole = withZeros(certificate, signed.answer)
  if (whole !== null && signatureHolds(certificate, algorithm, message, whole)) return 'leading-zeros-stripped'
  const foreign = others.some(
    other => other.keyId !== keyId && signatureHolds(other.certificate, algorithm, message, signed.answer),
  )
  return foreign ? 'foreign-key' : 'wrong-signature'
}

function detailOf({ signed }: TrialSignature): readonly { readonly name: string; readonly value: string | number }[] {
  return 'refusal' in signed
    ? [{ name: 'detail', value: signed.refusal }]
    : [{ name: 'signatureBytes', value: signed.answer.length }]
}
