import {
  CryptoFailure,
  displayName,
  lookForCreditCode,
  readableCertificate,
  validatePath,
} from '../../../../../crypto/index.ts'
import type { Certificate, TokenCertificate } from '../../../../../crypto/index.ts'
import { type Bench, type Case, type Evidence, failed, passed, skipped } from '../../case.ts'
import { both, readKeys, same } from './attempt.ts'

const kinds = ['pkcs11', 'skf'] as const

/** What the certificates of the token are worth for a bid. */
export const certificateCases: readonly Case[] = [
  {
    id: 'C-CER-001',
    group: 'certificates',
    level: 'should',
    kinds,
    clause: 'PKCS#11 v2.40 §4.6 · GM/T 0016-2012 §7.6.4',
    text: {
      title: both('不输 PIN 即可读出证书', 'Certificates are read without a PIN'),
      purpose: both('登录前枚举证书。', 'Lists the certificates before any login.'),
      why: both(
        '插锁就能看到单位名称和有效期，避免为了看一眼而消耗 PIN 次数。',
        'A bidder sees name and validity at once, and no PIN try is spent on looking.',
      ),
      remedy: both(
        '证书对象设为公开（CKA_PRIVATE=false）。',
        'Make certificates public objects (CKA_PRIVATE = false).',
      ),
    },
    needs: { token: true },
    run({ token }) {
      const shown = token?.certificates ?? []
      const evidence = [{ name: 'certificates', value: shown.length }]
      return Promise.resolve(shown.length > 0 ? passed(evidence) : failed('certificates-hidden', evidence))
    },
  },
  {
    id: 'C-CER-002',
    group: 'certificates',
    level: 'must',
    kinds,
    clause: 'RFC 5280 §4.1 · GM/T 0015-2012',
    text: {
      title: both('证书编码正确', 'Certificates are well encoded'),
      purpose: both('按 DER 严格解析锁内每张证书。', 'Reads every certificate on the key as strict DER.'),
      why: both(
        '编码不规范的证书，其他平台会拒收签名。',
        'Other platforms refuse signatures of malformed certificates.',
      ),
      remedy: both('重新签发，编码遵循 DER。', 'Issue it again in DER.'),
    },
    needs: { token: true },
    async run(bench) {
      const all = await allCertificates(bench)
      const unreadable = all.filter(({ certificate }) => readableCertificate(certificate) === null)
      const evidence = [
        { name: 'certificates', value: all.length },
        { name: 'unreadable', value: unreadable.length },
      ]
      return unreadable.length === 0 ? passed(evidence) : failed('certificate-malformed', evidence)
    },
  },
  {
    id: 'C-CER-003',
    group: 'certificates',
    level: 'must',
    kinds,
    clause: 'GM/T 0034-2014 · GM/T 0016-2012 §7.6.4',
    text: {
      title: both('签名与加密证书成对', 'A signing and an encryption certificate, as a pair'),
      purpose: both('查找主体一致的签名证书与加密证书。', 'Looks for both certificates under one subject.'),
      why: both(
        '封标用加密证书，递交与解密用签名证书；缺一不可。',
        'A bid is sealed for the one and submitted with the other; neither can be missing.',
      ),
      remedy: both(
        '写入双证书，主体一致，并分别与各自私钥关联（CKA_ID 或同一容器）。',
        'Write both certificates with one subject, each bound to its private key (CKA_ID or one container).',
      ),
    },
    needs: { token: true },
    scenarios: ['seal', 'trial-decryption', 'release'],
    run(bench) {
      const [sign, decrypt] = [readKeys(bench.keys.sign), readKeys(bench.keys.decrypt)]
      const pair = sign.some(one => decrypt.some(other => same(one.certificate.subject, other.certificate.subject)))
      const evidence = [
        { name: 'signing', value: sign.length },
        { name: 'encryption', value: decrypt.length },
      ]
      if (pair) return Promise.resolve(passed(evidence))
      const code =
        sign.length === 0
          ? 'no-signing-certificate'
          : decrypt.length === 0
            ? 'no-encryption-certificate'
            : 'pair-differs'
      return Promise.resolve(failed(code, evidence))
    },
  },
  {
    id: 'C-CER-004',
    group: 'certificates',
    level: 'should',
    kinds,
    clause: 'RFC 5280 §4.1.2.4 · GM/T 0015-2012 §5.2.4',
    text: {
      title: both('中文名称可正确显示', 'Chinese names read right'),
      purpose: both('检查主体名称的字符编码。', 'Looks how the subject’s text is encoded.'),
      why: both('名称乱码时，开标一览表与回执上都认不出投标人。', 'A garbled name makes the bidder unrecognisable.'),
      remedy: both('中文使用 UTF8String。', 'Write Chinese as UTF8String.'),
    },
    needs: { token: true },
    async run(bench) {
      const subjects = (await readable(bench)).map(({ subject }) => displayName(subject))
      const garbled = subjects.filter(text => /[\u0080-\u00ff\ufffd]|#[0-9a-f]{8,}/i.test(text))
      const evidence = [
        { name: 'subject', value: subjects[0] ?? '' },
        { name: 'chinese', value: subjects.some(text => /\p{Script=Han}/u.test(text)) },
      ]
      return garbled.length === 0 ? passed(evidence) : failed('subject-not-utf8', evidence)
    },
  },
  {
    id: 'C-CER-005',
    group: 'certificates',
    level: 'must',
    kinds,
    clause: 'GM/T 0015-2023 · GB 32100-2015',
    text: {
      title: both('统一社会信用代码及其位置', 'The credit code, and where it stands'),
      purpose: both(
        '在主体与扩展项中查找信用代码并验证校验位。',
        'Looks for the code in subject and extensions and checks its check character.',
      ),
      why: both(
        '标书以信用代码认定投标人；没有代码，签名证明不了是谁投的标。',
        'The code says who bids; without it a signature does not tell whose bid it is.',
      ),
      remedy: both(
        '将 18 位代码写入 1.2.156.10260.4.1.4（或 4.4）扩展项，两张证书一致。',
        'Write the 18 characters to the extension 1.2.156.10260.4.1.4 (or 4.4), the same in both certificates.',
      ),
    },
    needs: { token: true },
    run(bench) {
      const keys = [...readKeys(bench.keys.sign), ...readKeys(bench.keys.decrypt)]
      const found = keys.map(({ certificate }) => lookForCreditCode(certificate))
      const places = [...new Set(found.flatMap(each => each.found.map(({ where }) => where)))]
      const codes = new Set(found.map(({ counts }) => counts?.code ?? ''))
      const evidence: Evidence[] = [{ name: 'places', value: places.join(', ') }]
      if (keys.length === 0 || codes.has('')) {
        const several = found.some(each => each.counts === null && each.found.length > 0)
        return Promise.resolve(failed(several ? 'credit-codes-differ' : 'credit-code-missing', evidence))
      }
      if (codes.size > 1) return Promise.resolve(failed('credit-code-differs-in-pair', evidence))
      const oids = places.flatMap(where => /[0-9]+(?:\.[0-9]+)+/.exec(where)?.[0] ?? [])
      return Promise.resolve(passed(evidence, { creditCodeOids: oids }))
    },
  },
  {
    id: 'C-CER-006',
    group: 'certificates',
    level: 'should',
    kinds,
    clause: 'RFC 5280 §4.2.1.3 · GM/T 0034-2014',
    text: {
      title: both('密钥用法明确', 'Key usage says which is which'),
      purpose: both(
        '检查 keyUsage：一张只签名，一张只加密。',
        'Looks whether one certificate signs and the other encrypts.',
      ),
      why: both(
        '用法不清时，程序可能用签名密钥去加密标书。',
        'Otherwise a bid may be sealed for a key that cannot open it.',
      ),
      remedy: both(
        '签名证书 digitalSignature+nonRepudiation，加密证书 keyEncipherment/dataEncipherment。',
        'digitalSignature + nonRepudiation in one, keyEncipherment / dataEncipherment in the other.',
      ),
    },
    needs: { token: true },
    run({ keys }) {
      const mixed = keys.sign.filter(({ uses }) => uses.length > 1)
      const evidence = [{ name: 'mixed', value: mixed.length }]
      return Promise.resolve(mixed.length === 0 ? passed(evidence) : failed('usage-not-separate', evidence))
    },
  },
  {
    id: 'C-CER-007',
    group: 'certificates',
    level: 'must',
    kinds,
    clause: 'RFC 5280 §4.1.2.5',
    text: {
      title: both('证书在有效期内', 'Certificates are in date'),
      purpose: both('比较有效期与当前时间。', 'Compares the dates with the time of this computer.'),
      why: both(
        '证书过期则不能投标；封标后过期则解密当天签不了名。',
        'Nobody bids, or releases a key, with an expired one.',
      ),
      remedy: both('续期；更新证书时保留原加密密钥。', 'Renew it, and keep the old encryption key on the token.'),
    },
    needs: { token: true },
    run(bench) {
      const at = bench.ports.clock.now()
      const keys = [...readKeys(bench.keys.sign), ...readKeys(bench.keys.decrypt)].map(each => each.certificate)
      const ends = Math.min(...keys.map(({ notAfter }) => notAfter.getTime()))
      const evidence = keys.length === 0 ? [] : [{ name: 'validTo', value: new Date(ends).toISOString() }]
      if (keys.some(({ notBefore }) => at < notBefore)) return Promise.resolve(failed('not-yet-valid', evidence))
      return Promise.resolve(at.getTime() > ends ? failed('expired', evidence) : passed(evidence))
    },
  },
  {
    id: 'C-CER-008',
    group: 'certificates',
    level: 'should',
    kinds,
    clause: 'RFC 5280 §6.1',
    text: {
      title: both('证书链可验证到信任列表', 'The chain leads to a trusted root'),
      purpose: both(
        '用锁内与本机的中间证书，验证到信任列表中的根。',
        'Follows the chain by what is on the key and at hand to the trust list.',
      ),
      why: both(
        '平台只认信任列表内的 CA；链不通，递交时会被拒收。',
        'Platforms take bids only of authorities they trust.',
      ),
      remedy: both(
        '将中间证书写入锁内；向平台申请纳入信任列表。',
        'Put the intermediates on the key; have the root listed.',
      ),
    },
    needs: { token: true },
    async run(bench) {
      if (bench.anchors.length === 0) return skipped('no-trust-anchors')
      const others = [...(await readable(bench)), ...bench.issuers.flatMap(der => readableCertificate(der) ?? [])]
      const faults = [
        ...readKeys(bench.keys.sign).map(({ certificate }) => chainFault(bench, certificate, 'sign', others)),
        ...readKeys(bench.keys.decrypt).map(({ certificate }) => chainFault(bench, certificate, 'decrypt', others)),
      ].filter(fault => fault !== null)
      const evidence = [{ name: 'faults', value: faults.length }]
      const [first] = faults
      return first === undefined ? passed(evidence) : failed('chain-not-trusted', [...evidence, first])
    },
  },
]

/** Every certificate on the token, those that show only after a login too. */
async function allCertificates(bench: Bench): Promise<readonly TokenCertificate[]> {
  const shown = bench.token?.certificates ?? []
  if (shown.length > 0) return shown
  return [...bench.keys.sign, ...bench.keys.decrypt]
}

async function readable(bench: Bench): Promise<readonly Certificate[]> {
  return readKeys(await allCertificates(bench)).map(({ certificate }) => certificate)
}

function chainFault(
  bench: Bench,
  leaf: Certificate,
  leafUse: 'sign' | 'decrypt',
  others: readonly Certificate[],
): Evidence | null {
  const now = bench.ports.clock.now()
  const at = now > leaf.notAfter ? leaf.notAfter : now < leaf.notBefore ? leaf.notBefore : now
  const intermediates = others.filter(one => one !== leaf && !same(one.subject, one.issuer)).slice(0, 16)
  try {
    validatePath({ leaf, intermediates, anchors: bench.anchors, at, leafUse, names: 'rfc5280' })
    return null
  } catch (error) {
    if (!(error instanceof CryptoFailure) || !error.code.startsWith('cert.')) throw error
    return { name: 'fault', value: error.code }
  }
}
