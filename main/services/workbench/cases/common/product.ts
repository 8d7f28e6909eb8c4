import { join } from 'node:path'
import {
  acceptRelease,
  bytesSource,
  CryptoFailure,
  makeRelease,
  openSealedBid,
  parseCertificate,
  signFileGm,
  signPdf,
  toHex,
  unwrapPartKeys,
  verifyFileGm,
  verifyPdf,
} from '../../../../../crypto/index.ts'
import type { BidSink, TokenSession } from '../../../../../crypto/index.ts'
import { type Bench, type Case, failed, notApplicable, type Outcome, passed, type Scenario } from '../../case.ts'
import { both, same } from './attempt.ts'
import { platformAnswers, type PracticeDesk, practiceDesk, sealPracticeBid } from './practice-bid.ts'

const kinds = ['pkcs11', 'skf'] as const

const remedy = both('见本报告中签名与解密各项的不符合项。', 'See what this report names among signing and decryption.')

/** What the product does with the key, whole. */
export const productCases: readonly Case[] = [
  {
    ...of('C-PRD-001', 'seal'),
    text: {
      title: both('封标', 'Seals a bid'),
      purpose: both(
        '以演练标书封标：锁签名、加密给锁，再不用密钥核验。',
        'Seals a practice bid, signed by and for this key, and verifies it without a key.',
      ),
      why: both('这就是投标人截标前要做的事。', 'It is what a bidder does before the deadline.'),
      remedy,
    },
    run: bench =>
      atDesk(bench, async (desk, session) => {
        const started = bench.now()
        const { verified } = await sealPracticeBid(bench, desk, session, false)
        bench.timing('seal', bench.now() - started)
        return passed([
          { name: 'suite', value: desk.suite.id },
          { name: 'parts', value: verified.parts.length },
        ])
      }),
  },
  {
    ...of('C-PRD-002', 'trial-decryption'),
    text: {
      title: both('试解密', 'Opens it on trial'),
      purpose: both(
        '封标后立即用锁打开，逐字节比较内容。',
        'Opens the sealed bid with the key and compares every byte.',
      ),
      why: both('封完就验证能解开，开标当天才不会落空。', 'What is proved to open now opens at the opening.'),
      remedy,
    },
    run: bench =>
      atDesk(bench, async (desk, session) => {
        const { verified, contents, proved } = await sealPracticeBid(bench, desk, session, true)
        if (!proved) return failed('self-test-not-done')
        const { keys } = await unwrapPartKeys(verified, desk.opener(session))
        const received: Uint8Array[] = []
        await openSealedBid(verified, keys, sinkTo(received), { signal: bench.signal })
        return same(Buffer.concat(received), contents) ? passed() : failed('contents-differ')
      }),
  },
  {
    ...of('C-PRD-003', 'release'),
    text: {
      title: both('开标时交出密钥', 'Releases the keys at the opening'),
      purpose: both(
        '用锁解开自己的信封，为平台重新加密并签名；由平台一侧接收并解密。',
        'Opens its own envelopes, wraps the keys for the platform and signs; the platform’s side takes them.',
      ),
      why: both('这一步失败，标书按未解密处理。', 'If this fails the bid counts as not decrypted.'),
      remedy,
    },
    run: bench =>
      atDesk(bench, async (desk, session) => {
        const { verified } = await sealPracticeBid(bench, desk, session, false)
        const { tender, platform, openingTime } = desk
        const at = new Date(openingTime.getTime() + 2_000)
        const { receipt, challenge } = await platformAnswers(bench, desk, verified)
        const started = bench.now()
        const release = await makeRelease({
          ...{ verified, tender, receipt, challenge, clock: { now: () => at } },
          opener: desk.opener(session),
          signer: await desk.signer(session),
        })
        bench.timing('release', bench.now() - started)
        const { held, parts } = await acceptRelease({
          ...{ verified, tender, challenge, release, at, opener: platform.openingKey },
        })
        const evidence = [{ name: 'parts', value: parts.map(({ name, result }) => `${name} ${result}`).join(', ') }]
        return held === null ? failed('release-refused', evidence) : passed(evidence)
      }),
  },
  {
    ...of('C-PRD-004', 'sign-pdf'),
    text: {
      title: both('签署 PDF', 'Signs a PDF'),
      purpose: both(
        '签署一份 PDF 并验证签名（SM2 时为 GB/T 35275 外部签名）。',
        'Signs a PDF and verifies it; with SM2 beside it by GB/T 35275.',
      ),
      why: both('投标文件须逐份签章。', 'Every document of a bid has to be signed.'),
      remedy,
    },
    run: bench => atDesk(bench, (desk, session) => signDocumentCase(bench, desk, session)),
  },
]

function of(id: string, scenario: Scenario) {
  return {
    ...({ id, group: 'product', level: 'must', kinds, clause: 'BidSeal' } as const),
    needs: { pin: true, keys: 'both' } as const,
    scenarios: [scenario] as const,
  }
}

/** Runs a scenario; what the product refuses is the case's finding, by the product's own code. */
async function atDesk(
  bench: Bench,
  work: (desk: PracticeDesk, session: TokenSession) => Promise<Outcome>,
): Promise<Outcome> {
  const desk = await practiceDesk(bench)
  if (desk === null) return notApplicable('keys-of-no-suite')
  try {
    return await work(desk, await bench.session())
  } catch (error) {
    if (!(error instanceof CryptoFailure) || !isFinding(error.code)) throw error
    return failed(error.code.replace('.', '-'), [{ name: 'detail', value: error.detail.slice(0, 200) }])
  }
}

function isFinding(code: string): boolean {
  return /^(seal|cert|document|opening)\./.test(code) || /^token\.(unsupported|deviation|wrong-lock)$/.test(code)
}

function sinkTo(received: Uint8Array[]): BidSink {
  return {
    document: () =>
      Promise.resolve({
        write(bytes: Uint8Array) {
          received.push(Uint8Array.from(bytes))
          return Promise.resolve()
        },
        close: () => Promise.resolve(),
      }),
  }
}

async function signDocumentCase(bench: Bench, desk: PracticeDesk, session: TokenSession): Promise<Outcome> {
  const source = bytesSource(smallPdf())
  const signer = await desk.signer(session)
  const started = bench.now()
  if (desk.suite.id === 'gm-1') {
    const signature = await signFileGm(source, signer, { signal: bench.signal })
    bench.timing('sign-pdf', bench.now() - started)
    await verifyFileGm(source, signature)
    return passed([{ name: 'form', value: 'GB/T 35275' }])
  }
  const output = join(bench.folder, `${toHex(bench.random.bytes(8))}.pdf`)
  await signPdf({
    ...{ source, output, files: bench.ports.files, signer, signal: bench.signal },
    place: { kind: 'invisible' },
    signingTime: bench.ports.clock.now(),
  })
  bench.timing('sign-pdf', bench.now() - started)
  const written = await bench.ports.files.open(output)
  try {
    const { signatures } = await verifyPdf(written, { anchors: [parseCertificate(desk.authority.root)] })
    const kind = signatures[0]?.verdict.kind ?? 'none'
    const evidence = [
      { name: 'form', value: 'PAdES B-B' },
      { name: 'verdict', value: kind },
    ]
    return kind === 'valid' ? passed(evidence) : failed('pdf-signature-wrong', evidence)
  } finally {
    await written.close()
  }
}

/** One empty page. */
function smallPdf(): Uint8Array {
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << >> >>',
  ]
  let text = '%PDF-1.7\n'
  const offsets = objects.map((body, index) => {
    const at = text.length
    text += `${index + 1} 0 obj\n${body}\nendobj\n`
    return at
  })
  const table = offsets.map(at => `${String(at).padStart(10, '0')} 00000 n \n`).join('')
  const start = text.length
  const size = objects.length + 1
  text += `xref\n0 ${size}\n0000000000 65535 f \n${table}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`
  return new TextEncoder().encode(text)
}
