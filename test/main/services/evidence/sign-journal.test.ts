import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { CryptoFailure, intl1, verifyDocument } from '../../../../crypto/index.ts'
import type { Signer } from '../../../../crypto/index.ts'
import { signedHead, signJournal } from '../../../../main/services/evidence/sign-journal.ts'
import type { Ports } from '../../../../main/services/index.ts'
import { deliveriesAt, homeAt, journalAt } from '../../../../main/store/index.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'

let folder: string
let ports: Ports

const bid = { sealId: '00000000-0000-4000-8000-000000000001', sealDigest: 'ab'.repeat(32) }

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-sign-journal-'))
  const home = homeAt(folder)
  const clock = { now: () => new Date('2026-11-24T09:00:00Z') }
  ports = {
    ...{ clock, home },
    journal: journalAt(home.journal, clock.now),
    deliveries: deliveriesAt(home.deliveries),
  } as unknown as Ports
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const moment = (signer: Signer) => ({ ...bid, signer, suite: intl1, moment: 'received' as const })

it('signs the last line with the lock, keeps that beside the bid, and writes that it did', async () => {
  await ports.journal.append('sealed', bid)
  await ports.journal.append('received', bid)
  await signJournal(ports, moment(practiceCa().bidder.sign.signer()))
  const head = await signedHead(ports, bid.sealId, 2)
  const { fields } = verifyDocument('journal', head ?? { bytes: new Uint8Array(0), signature: new Uint8Array(0) })
  const lines = await ports.journal.lines()
  expect(fields).toMatchObject({
    sequence: 2,
    previous: lines[1]?.digest,
    event: 'received',
    sealDigest: bid.sealDigest,
  })
  expect(lines.at(-1)?.entry).toMatchObject({
    kind: 'journal-signed',
    facts: { sequence: 2, moment: 'received', ...bid },
  })
})

it('stops nothing when the lock refuses: that is written', async () => {
  await ports.journal.append('received', bid)
  const refusing: Signer = {
    ...practiceCa().bidder.sign.signer(),
    sign: () => Promise.reject(new CryptoFailure('token.removed', 'gone')),
  }
  await signJournal(ports, moment(refusing))
  expect((await ports.journal.entries()).at(-1)).toMatchObject({
    ...{ kind: 'journal-unsigned', facts: { moment: 'received', code: 'token.removed', ...bid } },
  })
})

it('stops nothing when the journal is damaged', async () => {
  await ports.journal.append('received', bid)
  const path = ports.home.journal
  writeFileSync(path, readFileSync(path, 'utf8').replace('received', 'deceived').replace('"n":0', '"n":7'))
  await expect(signJournal(ports, moment(practiceCa().bidder.sign.signer()))).resolves.toBeUndefined()
})
