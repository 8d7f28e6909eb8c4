import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sealBid } from '../../../crypto/envelope/seal.ts'
import type { SealOptions } from '../../../crypto/envelope/seal-options.ts'
import type { CryptoFailureCode } from '../../../crypto/errors.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'
import { codeOf } from '../../fixtures/refusals.ts'
import {
  clockAt,
  makeTender,
  recoveryCode,
  type SealedFixtureOptions,
  sealOptions,
  type TenderChanges,
} from '../../fixtures/sealed-bid.ts'

const ca = practiceCa()
let folder = ''
let signatures = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-refusals-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function expectRefused(
  code: CryptoFailureCode,
  change: (options: SealOptions) => SealOptions | Promise<SealOptions>,
  fixture: SealedFixtureOptions = {},
): Promise<void> {
  const made = (await sealOptions(folder, fixture)).options
  const changed = await change(made)
  const counted = {
    ...changed.signer,
    sign: (...args: Parameters<typeof changed.signer.sign>) => ((signatures += 1), changed.signer.sign(...args)),
  }
  signatures = 0
  expect(await codeOf(() => sealBid({ ...changed, signer: counted }))).toBe(code)
  expect(signatures).toBe(0)
  expect(readdirSync(folder)).toEqual(['documents'])
}

const withTender = async (options: SealOptions, changes: TenderChanges) => ({
  ...options,
  tender: (await makeTender(changes)).tender,
})
const lock = (certificate: Uint8Array, role: 'main' | 'backup' = 'main') => ({ role, certificate })

describe('sealBid refuses, before anything is signed or written', () => {
  it('what the tender does not allow: suite, recovery code, plain twin, traces, forms', async () => {
    await expectRefused('seal.tender', options => withTender(options, { fields: { suites: ['gm-1'] } }))
    await expectRefused('seal.tender', options => ({ ...options, recovery: { code: recoveryCode } }))
    await expectRefused('seal.tender', options => ({ ...options, plainTwin: true }))
    await expectRefused('seal.tender', options => ({ ...options, traces: [{ name: 'mac', value: 'x' }] }))
    await expectRefused('seal.tender', options => ({ ...options, forms: [{ id: 'other', fields: [] }] }))
  })

  it('a split without an agency', async () => {
    await expectRefused('seal.tender', options =>
      withTender(options, { keyPolicy: 'split', fields: { certificates: [] } }),
    )
  })

  it('a lock that expires before the opening’s window is over, or is not valid yet', async () => {
    const during = ca.issue('bidder-decrypt', { profile: 'decrypt', notAfter: new Date('2026-03-02T09:00:00Z') })
    await expectRefused('cert.expired', options => ({ ...options, recipients: [lock(during.certificate)] }))
    const after = ca.issue('bidder-decrypt', { profile: 'decrypt', notBefore: new Date('2026-03-02T02:00:00Z') })
    await expectRefused('cert.expired', options => ({ ...options, recipients: [lock(after.certificate)] }))
  })

  it('a signer that has expired, leads to no accepted authority, or is another bidder’s', async () => {
    const late = clockAt(new Date('2037-01-01T00:00:00Z'))
    await expectRefused('cert.expired', options => ({ ...options, clock: late }))
    const acceptedCas = [Buffer.from(ca.agency.certificate).toString('base64')]
    await expectRefused('cert.untrusted', options => withTender(options, { fields: { acceptedCas } }))
    await expectRefused('token.wrong-lock', options => ({ ...options, signer: ca.rival.sign.signer() }))
  })

  it('a certificate of the wrong use, for signing and for receiving', async () => {
    await expectRefused('cert.untrusted', options => ({ ...options, signer: ca.bidder.decrypt.signer() }))
    await expectRefused('cert.untrusted', options => ({ ...options, recipients: [lock(ca.bidder.sign.certificate)] }))
  })

  it('another bidder’s lock as a recipient', async () => {
    await expectRefused('token.wrong-lock', options => ({
      ...options,
      recipients: [...options.recipients, lock(ca.rival.decrypt.certificate, 'backup')],
    }))
  })

  it('recipients twice, by certificate or by key, none, and more than sixteen', async () => {
    const twice = (options: SealOptions) => ({ ...options, recipients: [...options.recipients, ...options.recipients] })
    await expectRefused('arguments.bad', twice)
    const twin = ca.issue('bidder-decrypt', { profile: 'decrypt', creditCode: ca.bidder.creditCode })
    await expectRefused('arguments.bad', options => ({
      ...options,
      recipients: [...options.recipients, lock(twin.certificate, 'backup')],
    }))
    await expectRefused('arguments.bad', options => ({ ...options, recipients: [] }))
    const many = Array.from({ length: 17 }, () => lock(ca.bidder.decrypt.certificate))
    await expectRefused('arguments.bad', options => ({ ...options, recipients: many }))
  })

  it('bytes that are no certificate', async () => {
    await expectRefused('cert.unsupported', options => ({ ...options, recipients: [lock(Buffer.from('no'))] }))
  })

  it('names and texts that no reader accepts, and documents or forms named alike', async () => {
    const rename = (name: string) => (options: SealOptions) => ({
      ...options,
      documents: options.documents.map((each, index) => (index === 0 ? { ...each, name } : each)),
    })
    for (const name of ['', '..', 'a/b', 'a\\b', 'a\u0001', '标'.repeat(86)])
      await expectRefused('document.malformed', rename(name))
    await expectRefused('arguments.bad', rename('空 文件.txt'))
    const form = { id: 'opening', fields: [{ name: 'a', value: '\ud800' }] }
    await expectRefused('document.malformed', options => ({ ...options, forms: [form] }))
    await expectRefused('arguments.bad', options => ({ ...options, forms: [form, form] }))
    const same = {
      id: 'opening',
      fields: [
        { name: 'a', value: '1' },
        { name: 'a', value: '2' },
      ],
    }
    await expectRefused('arguments.bad', options => ({ ...options, forms: [same] }))
  })

  it('a recovery code that is none', async () => {
    await expectRefused('arguments.bad', options => ({ ...options, recovery: { code: recoveryCode.toLowerCase() } }), {
      remedy: 'recovery-code',
    })
  })

  it('a document longer than the tender allows, and all together', async () => {
    const limits = (fileBytes: number, bidBytes: number) => (options: SealOptions) =>
      withTender(options, { fields: { limits: { fileBytes, bidBytes } } })
    await expectRefused('seal.too-large', limits(2999, 2 ** 30))
    await expectRefused('seal.too-large', limits(2 ** 30, 3000))
  })

  it('a sparse document above 8 GiB at once, and documents that together are', async () => {
    const huge = join(folder, 'documents', 'huge.bin')
    const limits = { fileBytes: 2 ** 40, bidBytes: 2 ** 40 }
    writeFileSync(huge, '')
    for (const [size, count] of [
      [2 ** 33, 1],
      [2 ** 32, 2],
    ] as const) {
      truncateSync(huge, size)
      const begun = Date.now()
      await expectRefused('seal.too-large', async options => ({
        ...(await withTender(options, { fields: { limits } })),
        documents: Array.from({ length: count }, (_, index) => ({
          id: `${index}`,
          name: `${index}`,
          role: '',
          mediaType: 'a/b',
          path: huge,
        })),
      }))
      expect(Date.now() - begun).toBeLessThan(5000)
    }
    rmSync(huge)
  })

  it('a document that is not there', async () => {
    await expectRefused('input.unreadable', options => ({
      ...options,
      documents: options.documents.map(each => ({ ...each, path: join(folder, 'none') })),
    }))
  })
})
