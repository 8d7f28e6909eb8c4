import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseCertificate } from '../../../crypto/cert/certificate.ts'
import { sealBid } from '../../../crypto/envelope/seal.ts'
import type { RecipientRequest, SealOptions } from '../../../crypto/envelope/seal-options.ts'
import type { SuiteId } from '../../../crypto/suite.ts'
import { nodeFiles } from '../../../crypto/io/node-files.ts'
import { systemRandomness } from '../../../crypto/io/system.ts'
import { gm1 } from '../../../crypto/suites/gm-1.ts'
import { intl1 } from '../../../crypto/suites/intl-1.ts'
import { clockAt } from '../../fixtures/sealed-bid.ts'
import { hasVector, vectorBytes, vectorPath } from '../library.ts'
import { type Base, forge, loadBase } from './forge.ts'
import { recipientOf } from './recipients.ts'
import { tenderNamed, type TenderName } from './tenders.ts'
import { type Anybody, bidderSigner, everybody } from './everybody.ts'
import { bidder, people, sealingTime } from './world.ts'

// The sealed bids in bids/, made by our own writer. They hold fresh randomness, so what is there is kept.

/** Printed code of the bid `recovery`. */
export const recoveryCode = '0123456789ABCDEFGHJKMNPQRSTVWXYZ01234567'

interface BidRecipe {
  /** `intl-1` unless told otherwise. */
  readonly suite?: SuiteId
  readonly comment: string
  readonly tender: TenderName
  readonly signer?: Anybody
  readonly open: readonly Anybody[]
  readonly alsoOpen?: readonly Anybody[]
  /** Whether the locks are at hand at the sealing: OAEP if they are, PKCS#1 v1.5 if not. */
  readonly present?: boolean
  readonly recovery?: boolean
  readonly plainTwin?: boolean
  /** Changes the finished bid, for what our writer does not write. */
  readonly finish?: (base: Base) => Promise<Uint8Array>
}

/** How each bid is made. */
export const bidRecipes = {
  bidder: {
    comment: 'Key policy bidder: a main and a backup lock, two parts. The backup certificate shows the credit code.',
    tender: 'bidder',
    open: ['bidder-decrypt'],
    alsoOpen: ['bidder-backup'],
  },
  split: {
    comment: 'Key policy split: the lock holds share A, the agency share B.',
    tender: 'split',
    open: ['bidder-decrypt', 'agency'],
  },
  whole: {
    comment: 'Sealed whole: one part. Signed with P-256.',
    tender: 'whole',
    signer: 'bidder-sign-p256',
    open: ['bidder-decrypt'],
  },
  recovery: {
    comment: 'Sealed whole, with a recovery code; the lock was not there at the sealing: PKCS#1 v1.5.',
    tender: 'recovery',
    open: ['bidder-decrypt'],
    present: false,
    recovery: true,
  },
  'plain-twin': {
    comment: 'With a plain twin, the remedy of its tender.',
    tender: 'plain-twin',
    open: ['bidder-decrypt'],
    plainTwin: true,
  },
  'ec-recipient': {
    comment: 'Sealed whole; the backup lock has a P-256 key: an envelope by key agreement.',
    tender: 'whole',
    open: ['bidder-decrypt'],
    finish: addEcRecipient,
  },
  'gm-whole': {
    suite: 'gm-1',
    comment: 'Suite gm-1, sealed whole: a main and a backup lock and a recovery code.',
    tender: 'gm-whole',
    open: ['gm-bidder-decrypt'],
    alsoOpen: ['gm-bidder-backup'],
    recovery: true,
  },
  'gm-split': {
    suite: 'gm-1',
    comment:
      'Suite gm-1, key policy split, two parts, a plain twin. The tender lists an RSA agency too, which is no recipient.',
    tender: 'gm-split',
    open: ['gm-bidder-decrypt', 'gm-agency'],
    plainTwin: true,
  },
} as const satisfies Readonly<Record<string, BidRecipe>>

export type BidName = keyof typeof bidRecipes

/** Names of all bids. */
export const bidNames = Object.keys(bidRecipes) as readonly BidName[]

const loaded = new Map<BidName, Promise<Base>>()

/** A bid taken apart; made first when it is not in bids/ yet. */
export function baseNamed(name: BidName): Promise<Base> {
  const known = loaded.get(name) ?? make(name)
  loaded.set(name, known)
  return known
}

async function make(name: BidName): Promise<Base> {
  const recipe: BidRecipe = bidRecipes[name]
  const { tender } = await tenderNamed(recipe.tender)
  const load = (file: Uint8Array) => loadBase({ name, tenderName: recipe.tender, tender, file, open: recipe.open })
  const path = `bids/${name}.sbid`
  if (!hasVector(path)) {
    const sealed = await seal(recipe)
    const finished = recipe.finish === undefined ? sealed : await recipe.finish(await load(sealed))
    mkdirSync(vectorPath('bids/'), { recursive: true })
    writeFileSync(vectorPath(path), finished)
  }
  return load(vectorBytes(path))
}

const documents = [
  { name: '投标函（正本）.pdf', bytes: '%PDF-1.7 云岭建设集团有限公司 投标函' },
  { name: '空 文件.txt', bytes: '' },
  { name: '技术方案 第二卷.pdf', bytes: '%PDF-1.7 '.padEnd(3000, 'x') },
]

async function seal(recipe: BidRecipe): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'bidseal-vectors-'))
  const suite = recipe.suite === 'gm-1' ? gm1 : intl1
  try {
    const lock = (role: 'main' | 'backup', person: Anybody): RecipientRequest => ({
      role,
      label: role === 'main' ? '公章锁 财务-03' : '备用锁',
      certificate: everybody[person].certificate,
      ...(recipe.present === false ? {} : { opener: everybody[person].opener() }),
    })
    const options: SealOptions = {
      suite,
      tender: (await tenderNamed(recipe.tender)).tender,
      bidder,
      forms: [
        {
          id: 'opening',
          fields: [
            { name: '投标总价', value: '128,600,000.00' },
            { name: '工期', value: '540 日历天' },
          ],
        },
        { id: 'summary', fields: [{ name: '项目经理', value: '李某某' }] },
      ],
      documents: documents.map(({ name, bytes }, index) => {
        const path = join(folder, name)
        writeFileSync(path, bytes)
        return { id: `d${index + 1}`, name, role: 'letter', mediaType: 'application/pdf', path }
      }),
      signer: recipe.signer === undefined ? bidderSigner(suite) : everybody[recipe.signer].signer(),
      recipients: [
        lock('main', suite === gm1 ? 'gm-bidder-decrypt' : 'bidder-decrypt'),
        ...(recipe.alsoOpen ?? []).map(person => lock('backup', person)),
      ],
      ...(recipe.recovery === true ? { recovery: { label: '保险柜', code: recoveryCode } } : {}),
      ...(recipe.plainTwin === true ? { plainTwin: true } : {}),
      output: join(folder, 'bid.sbid'),
      files: nodeFiles,
      randomness: systemRandomness,
      clock: clockAt(sealingTime),
      selfTest: true,
    }
    await sealBid(options)
    return Uint8Array.from(readFileSync(options.output))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function addEcRecipient(base: Base): Promise<Uint8Array> {
  const { certificate } = people['bidder-decrypt-p256']
  const key = base.partKeys.get('body') ?? new Uint8Array()
  const envelope = intl1.wrapKey(key, { recipient: parseCertificate(certificate), padding: 'oaep' })
  const { described, entries } = recipientOf(intl1, certificate, 'backup', [['body', envelope]])
  return forge(base, { entries, header: header => ({ ...header, recipients: [...header.recipients, described] }) })
}
