import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeDocument, sha256Hex, signDocument, suiteOfSignature, systemClock } from '../../../../crypto/index.ts'
import type { SignedDocument, Signer } from '../../../../crypto/index.ts'
import { loadPlatformKeys } from '../../../../main/practice/platform-keys.ts'
import { packagedBid } from '../../../../main/services/evidence/bid-facts.ts'
import { loadTrust, toFailure, verifyEvidence } from '../../../../main/services/index.ts'
import { readCanonicalZip, writeCanonicalZip } from '../../../../main/services/evidence/canonical-zip.ts'
import { homeAt } from '../../../../main/store/index.ts'
import { askCli, objectOf, runCli } from '../../../fixtures/cli.ts'
import { documentedBlocks, documentedScript, evidenceRun, runShell } from '../../../fixtures/evidence.ts'
import type { EvidenceRun } from '../../../fixtures/evidence.ts'
import { withOpenssl } from '../../../fixtures/openssl.ts'
import { opensslStamp } from '../../../fixtures/time-stamp.ts'
import { seed } from '../../../setup/scale.ts'
import { changeTheEntries, changeTheFile } from '../../../long/bodies/evidence.ts'

describe.each(['intl', 'gm'] as const)('an evidence package of a whole run (%s)', suite => {
  let run: EvidenceRun
  let folder: string

  beforeAll(async () => {
    run = await evidenceRun(suite)
    folder = mkdtempSync(join(tmpdir(), 'bidseal-evidence-'))
    copyFileSync(run.evidence, join(folder, 'evidence.zip'))
    copyFileSync(run.root, join(folder, 'root.pem'))
  }, 120_000)

  afterAll(() => {
    run.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('says of an opened bid that it was opened, and holds what was signed about it', () => {
    expect(run.exported).toMatchObject({ ok: true, signed: true, conclusion: { outcome: 'opened' } })
    expect(run.exported['entries']).toEqual(
      expect.arrayContaining([
        ...['bid/bid.header', 'bid/seal.json', 'bid/seal.p7s', 'tender/tender.json', 'tender/tender.p7s'],
        ...[
          'platform/receipt.json',
          'platform/challenge.json',
          'platform/release-receipt.json',
          'platform/record.json',
        ],
        ...['bidder/submit.json', 'bidder/sign-in.json', 'bidder/release.json', 'bidder/confirm.json'],
        ...['bidder/release.opening.p7m', 'bidder/release.body.p7m', 'journal/lines.jsonl', 'journal/chain.txt'],
        ...['certificates/bidder.pem', 'summary.pdf', 'README.txt', 'verify.sh', 'manifest.p7s', 'SHA256SUMS'],
      ]),
    )
  })

  it('holds for `evidence verify` in another home, without a network and a lock', async () => {
    const verified = await askCli([
      '--home',
      join(folder, 'other'),
      'evidence',
      'verify',
      run.evidence,
      '--trust',
      run.root,
    ])
    expect(verified).toMatchObject({ ok: true, sealId: run.sealId, signed: true, tenderTrusted: true })
    const { lines, kept, signedHeads } = verified['journal'] as Record<string, number>
    expect(lines).toBeGreaterThanOrEqual(kept ?? Infinity)
    expect(signedHeads).toBeGreaterThanOrEqual(3)
  })

  it('holds for the documented commands, run exactly as they stand', async () => {
    const blocks = documentedBlocks()
    const [all] = blocks.filter(({ about, commands }) => about === '' && commands.startsWith('unzip'))
    const whole = await runShell(all?.commands ?? 'false', folder)
    expect(whole.output).toMatch(/The evidence package holds\.\n$/)
    expect(whole.ok).toBe(true)
    const byHand = blocks.filter(({ about }) => about === suite)
    expect(byHand).toHaveLength(1)
    for (const { commands } of byHand) {
      const { ok, output } = await runShell(commands, join(folder, 'evidence'))
      expect(output).toContain(String(run.exported['sealDigest']))
      expect(ok).toBe(true)
    }
    expect(readFileSync(join(folder, 'evidence', 'verify.sh'), 'utf8')).toBe(documentedScript())
  })

  it('is refused under a root that has nothing to do with it', async () => {
    const stranger = join(folder, 'stranger.pem')
    const made = await runShell(
      `openssl req -x509 -newkey rsa:2048 -nodes -keyout /dev/null -subj /CN=Stranger -days 9 -out '${stranger}' 2>/dev/null`,
      folder,
    )
    expect(made.ok).toBe(true)
    const refused = await runCli(['--json', '--home', folder, 'evidence', 'verify', run.evidence, '--trust', stranger])
    expect(refused.code).toBe(1)
    expect(objectOf(refused)).toMatchObject({ ok: false, code: 'evidence.broken' })
    const { ok, output } = await runShell('sh verify.sh ../stranger.pem', join(folder, 'evidence'))
    expect(output).toContain('WRONG  tender/tender.json')
    expect(ok).toBe(false)
  })

  it('shows every change of a byte to `evidence verify`, and inside its entries to the documented commands', async () => {
    expect(await changeTheFile(run, 100, seed)).toEqual({ detected: 100, missed: [] })
    expect(await changeTheEntries(run, 10, seed)).toEqual({ detected: 10, missed: [] })
  }, 60_000)

  it('shows a changed entry to both even when all digests were written anew', async () => {
    const files = readCanonicalZip(readFileSync(run.evidence))
    const trust = await loadTrust(homeAt(folder), [run.root])
    // manifest.json is signed: it cannot be written anew without the lock.
    for (const name of ['platform/receipt.json', 'journal/lines.jsonl', 'summary.pdf', 'bidder/release.p7s']) {
      const forged = new Map(files)
      forged.set(
        name,
        Uint8Array.from(files.get(name) ?? [], (byte, index) => (index === 40 ? byte ^ 1 : byte)),
      )
      const forgery = join(folder, 'forged')
      rmSync(forgery, { recursive: true, force: true })
      for (const [each, bytes] of forged) {
        mkdirSync(join(forgery, each, '..'), { recursive: true })
        writeFileSync(join(forgery, each), bytes)
      }
      const sums = await runShell(
        String.raw`rm SHA256SUMS; find . -type f | sed 's|^\./||' | LC_ALL=C sort | xargs sha256sum > ../sums; mv ../sums SHA256SUMS`,
        forgery,
      )
      expect(sums.ok).toBe(true)
      expect((await runShell('sh verify.sh ../root.pem', forgery)).ok).toBe(false)
      forged.set('SHA256SUMS', readFileSync(join(forgery, 'SHA256SUMS')))
      const path = join(folder, 'forged.zip')
      writeFileSync(path, writeCanonicalZip(forged))
      const failure = await verifyEvidence({ clock: systemClock }, path, trust).then(() => null, toFailure)
      expect(failure).toMatchObject({ code: 'evidence.broken', detail: expect.stringContaining(name) as string })
    }
  })

  it('holds with time stamps over what the bidder signed, and says whose authority is not judged', async () => {
    const delivery = join(run.home, 'deliveries', run.sealId)
    const [bytes, signature] = ['json', 'p7s'].map(ending => readFileSync(join(delivery, `release.${ending}`)))
    const used = suiteOfSignature(signature ?? Buffer.alloc(0))
    const { signatureOctets } = used?.verifyDetached(bytes ?? Buffer.alloc(0), signature ?? Buffer.alloc(0)) ?? {}
    await withOpenssl(bench => {
      const stamp = opensslStamp(bench, signatureOctets ?? Buffer.alloc(0), { suite: used?.id ?? 'intl-1' })
      writeFileSync(join(delivery, 'release.tsr'), stamp)
    })
    const output = join(folder, 'stamped.zip')
    await askCli(['--home', run.home, 'evidence', 'export', run.sealId, '-o', output])
    const { stamps } = await verifyEvidence({ clock: systemClock }, output, { anchors: [], named: false })
    expect(stamps).toMatchObject([{ entry: 'bidder/release.tsr', trusted: false }])
    await runShell('unzip -q stamped.zip -d stamped', folder)
    const { ok, output: said } = await runShell('sh verify.sh ../root.pem', join(folder, 'stamped'))
    expect(said).toMatch(/^ok +bidder\/release\.tsr: .* GMT, of an authority that is NOT judged$/m)
    expect(ok).toBe(true)
    rmSync(join(delivery, 'release.tsr'))
  }, 60_000)

  it('applies signed notices, here and in verify.sh, and refuses one of a stranger', async () => {
    const keys = await loadPlatformKeys(join(run.home, '..', 'platform'))
    const tender = readFileSync(join(folder, 'evidence', 'tender', 'tender.json'))
    const { platformId, tenderId, lotId = '', publishedAt } = decodeDocument('tender', tender)
    const packageDigest = sha256Hex(tender)
    const fields = { platformId, tenderId, lotId, packageDigest, publishedAt, certificates: [] }
    const later = { deadline: '2099-01-01T00:00:00Z', openingTime: '2099-01-01T00:30:00Z' }
    const notice = (signer: Signer) =>
      signDocument('notice', { ...fields, ...later }, signer, keys.suite, { now: () => new Date(publishedAt) })
    const files = new Map(readCanonicalZip(readFileSync(run.evidence)))
    const withNotice = ({ bytes, signature }: SignedDocument) =>
      packagedBid(new Map([...files, ['platform/notice-1.json', bytes], ['platform/notice-1.p7s', signature]]))
    const { terms } = await withNotice(await notice(keys.notice))
    expect([terms.deadline, terms.openingTime].map(Date.parse)).toEqual(Object.values(later).map(Date.parse))
    await expect(withNotice(await notice(keys.receipt))).rejects.toMatchObject({ failure: { code: 'evidence.broken' } })
    const kept = join(run.home, 'notices', packageDigest)
    const { bytes, signature } = await notice(keys.notice)
    mkdirSync(kept, { recursive: true })
    writeFileSync(join(kept, `${sha256Hex(bytes)}.json`), bytes)
    writeFileSync(join(kept, `${sha256Hex(bytes)}.p7s`), signature)
    const output = join(folder, 'noticed.zip')
    await askCli(['--home', run.home, 'evidence', 'export', run.sealId, '-o', output])
    rmSync(kept, { recursive: true })
    await runShell('unzip -q noticed.zip -d noticed', folder)
    const { ok, output: said } = await runShell('sh verify.sh ../root.pem', join(folder, 'noticed'))
    expect(said).toContain("platform/notice-1.json: deadline '2099-01-01T00:00:00Z'")
    expect(said).toContain('revocation of the certificates is NOT checked')
    expect(ok).toBe(true)
  })

  it('says so where no lock signed it, and is never written over another file', async () => {
    const output = join(folder, 'unsigned.zip')
    const args = ['--home', run.home, 'evidence', 'export', run.sealId, '-o', output]
    expect(await askCli(args)).toMatchObject({ ok: true, signed: false })
    const verified = await verifyEvidence({ clock: systemClock }, output, { anchors: [], named: false })
    expect(verified).toMatchObject({ signed: false, tenderTrusted: false })
    const again = await runCli(['--json', ...args])
    expect(objectOf(again)).toMatchObject({ ok: false, code: 'output.exists' })
    if (suite === 'gm') return
    await runShell('unzip -q unsigned.zip -d unsigned', folder)
    const { ok, output: said } = await runShell('sh verify.sh', join(folder, 'unsigned'))
    expect(ok).toBe(true)
    expect(said).toContain('NOT signed')
    expect(said).toContain('its signer is NOT judged')
  })
})
