import { expect, test } from 'vitest'
import { guardCodes } from '../../../../main/services/index.ts'
import type { GuardCode } from '../../../../main/services/index.ts'
import type {
  GuardedBid,
  GuardedRecipient,
  GuardFacts,
  KeyHere,
  LockHere,
  SealedFacts,
} from '../../../../main/services/guards/facts.ts'
import { guardFindings } from '../../../../main/services/guards/rules.ts'

const hour = 3_600_000
const day = 24 * hour
const opening = Date.parse('2026-03-10T01:30:00Z')
const before = (milliseconds: number): Date => new Date(opening - milliseconds)
const company = '91530000MA6K3N4X5T'
const sealId = '11111111-1111-4111-8111-111111111111'

const recipient = (changes: Partial<GuardedRecipient> = {}): GuardedRecipient => ({
  ...{ id: 'a'.repeat(16), role: 'main', label: '公章锁', subject: 'CN=云岭', issuer: 'CN=CA', serial: '01' },
  ...{ certificateDigest: 'c1', publicKeyDigest: 'k1', notAfter: before(-400 * day) },
  ...changes,
})
const key = (changes: Partial<KeyHere> & { readonly digest?: readonly [string, string] } = {}): KeyHere => {
  const { digest = ['c1', 'k1'], ...more } = changes
  const digests = { certificate: digest[0], publicKey: digest[1] }
  return {
    ...{ use: 'decrypt', subject: 'CN=云岭', issuer: 'ca', issuerName: 'CN=CA', notAfter: before(-400 * day) },
    ...{ creditCode: company, digests: { 'intl-1': digests, 'gm-1': { certificate: '-', publicKey: '-' } } },
    ...{ accepted: new Map([[sealId, true]]), revokedSince: new Map() },
    ...more,
  }
}
const signing = (changes: Partial<KeyHere> = {}): KeyHere => key({ use: 'sign', digest: ['s1', 'sk1'], ...changes })
const lock = (keys: readonly KeyHere[] = [signing(), key()], changes: Partial<LockHere> = {}): LockHere => ({
  ...{ uri: 'p12:/lock', label: '公章锁', pin: 'ok' as const, keys },
  ...changes,
})
const sealed = (changes: Partial<SealedFacts> = {}): SealedFacts => ({
  suite: 'intl-1',
  recipients: [recipient()],
  recovery: false,
  signer: { subject: 'CN=云岭', issuer: 'ca', revokedSince: null },
  ...changes,
})
const bid = (changes: Partial<GuardedBid> = {}): GuardedBid => ({
  ...{ sealId, shortCode: 'ABCD1234', state: 'received', title: '引水工程', tenderId: 'T', lotId: '01' },
  ...{ creditCode: company, deadline: before(hour), openingTime: before(0), closesAt: before(-hour) },
  ...{ sealed: sealed(), fileThere: true, addendum: null },
  ...changes,
})
const facts = (changes: Partial<GuardFacts> = {}): GuardFacts => ({
  ...{ now: before(10 * day), bids: [bid()], damaged: [], locks: [lock()] },
  ...changes,
})
const of = (changes: Partial<GuardedBid>, more: Partial<GuardFacts> = {}): GuardFacts =>
  facts({ bids: [bid(changes)], ...more })

/** A delivered bid ten days before its opening, its lock here, is what nothing is to be said of. */
const fine = facts()

test('nothing is said of a delivered bid whose lock is here', () => {
  expect(guardFindings(fine)).toEqual([])
})

const backup = recipient({
  ...{ id: 'b'.repeat(16), role: 'backup', label: '副锁' },
  certificateDigest: 'c2',
  publicKeyDigest: 'k2',
})
const renewedKey = key({ digest: ['c9', 'k1'] })
const newKey = key({ digest: ['c9', 'k9'] })
const unsent = { state: 'sealed' } as const

/** Of each rule: what it triggers on, how urgent that is, and what is so close to it that it must not. */
const table: readonly (readonly [GuardCode, string, GuardFacts, readonly GuardFacts[]])[] = [
  ['record-damaged', 'warning', facts({ bids: [], damaged: [sealId] }), []],
  ['header-missing', 'warning', of({ sealed: null }), []],
  [
    'file-missing',
    'warning',
    of({ ...unsent, fileThere: false }),
    [
      of({ fileThere: false }),
      of({ ...unsent, fileThere: null }),
      of({ ...unsent, fileThere: false }, { now: before(0) }),
    ],
  ],
  ['not-submitted', 'warning', of(unsent, { now: before(25 * hour) }), [of(unsent, { now: before(25 * hour + 1) })]],
  [
    'not-submitted',
    'urgent',
    of({ state: 'submitting' }, { now: before(3 * hour) }),
    [facts({ now: before(3 * hour) })],
  ],
  ['deadline-passed', 'note', of(unsent, { now: before(hour) }), [of(unsent, { now: before(hour + 1) })]],
  ['addendum-newer', 'warning', of({ addendum: 'ff' }), [of({ addendum: 'ff' }, { now: before(hour - 1) })]],
  [
    'opening-near',
    'note',
    facts({ now: before(day) }),
    [facts({ now: before(day + 1) }), of(unsent, { now: before(day) })],
  ],
  ['opening-near', 'urgent', facts({ now: before(hour / 2) }), []],
  ['opening-now', 'urgent', facts({ now: before(0) }), [facts({ now: before(1) }), facts({ now: before(-hour) })]],
  ['opening-missed', 'warning', facts({ now: before(-hour) }), [of(unsent, { now: before(-hour) })]],
  [
    'no-lock-here',
    'urgent',
    facts({ locks: [], now: before(day) }),
    [
      facts({ locks: [], now: before(day + 1) }),
      facts({ locks: [lock([renewedKey])], now: before(day) }),
      of({ sealed: sealed({ recipients: [backup, recipient()] }) }, { now: before(day) }),
      of(unsent, { locks: [], now: before(hour - 1) }),
    ],
  ],
  ['no-lock-here', 'warning', of({ sealed: sealed({ recovery: true }) }, { locks: [], now: before(day) }), []],
  [
    'lock-absent',
    'note',
    facts({ locks: [], now: before(3 * day + 1) }),
    [facts({ locks: [lock([newKey])] }), facts({ locks: [], now: before(day) })],
  ],
  ['lock-absent', 'warning', facts({ locks: [], now: before(3 * day) }), []],
  ['lock-absent', 'note', of({ sealed: sealed({ recipients: [recipient(), backup] }) }, { now: before(hour) }), []],
  ['lock-renewed', 'note', facts({ locks: [lock([signing(), renewedKey])] }), []],
  [
    'lock-new-key',
    'warning',
    facts({ locks: [lock([signing(), newKey])] }),
    [
      facts({ locks: [lock([signing(), newKey]), lock()] }),
      facts({ locks: [lock([key({ digest: ['c9', 'k9'], creditCode: '91530000000000000X' })])] }),
      facts({ locks: [lock([key({ digest: ['c9', 'k9'], subject: 'CN=别家' })], { label: '别的锁' })] }),
      of(
        { sealed: sealed({ recipients: [recipient(), { ...backup, subject: 'CN=云岭' }] }) },
        { locks: [lock([signing(), key({ digest: ['c2', 'k2'] })], { label: '副锁' })] },
      ),
    ],
  ],
  [
    'pin-locked',
    'urgent',
    facts({ locks: [lock(undefined, { pin: 'locked' })] }),
    [facts({ locks: [lock([signing()], { pin: 'locked' })] })],
  ],
  [
    'pin-last-try',
    'warning',
    facts({ locks: [lock(undefined, { pin: 'last-try' })] }),
    [facts({ locks: [lock(undefined, { pin: 'few-tries' })] })],
  ],
  [
    'certificate-expires-early',
    'warning',
    of({ sealed: sealed({ recipients: [recipient({ notAfter: before(-hour + 1) })] }) }),
    [
      of({ sealed: sealed({ recipients: [recipient({ notAfter: before(-hour) })] }) }),
      of(
        { sealed: sealed({ recipients: [recipient({ notAfter: before(5 * day) })] }) },
        { locks: [lock([signing(), renewedKey])] },
      ),
    ],
  ],
  [
    'certificate-expires-soon',
    'note',
    of({ sealed: sealed({ recipients: [recipient({ notAfter: before(-29 * day) })] }) }),
    [of({ sealed: sealed({ recipients: [recipient({ notAfter: before(-31 * day) })] }) })],
  ],
  [
    'certificate-revoked',
    'warning',
    facts({ locks: [lock([signing(), key({ revokedSince: new Map([[sealId, '2026-03-01T00:00:00.000Z']]) })])] }),
    [facts({ locks: [lock([signing(), key({ revokedSince: new Map([['another', '2026-03-01T00:00:00.000Z']]) })])] })],
  ],
  [
    'signing-expires',
    'warning',
    facts({ locks: [lock([signing({ notAfter: before(0) }), key()])] }),
    [
      facts({ locks: [lock([signing({ notAfter: before(0) }), signing(), key()])] }),
      facts({ locks: [lock([signing({ notAfter: before(0), creditCode: '91530000000000000X' }), key()])] }),
    ],
  ],
  [
    'signer-revoked',
    'warning',
    of({ sealed: sealed({ signer: { subject: 'CN=云岭', issuer: 'ca', revokedSince: '2026-03-01T00:00:00.000Z' } }) }),
    [],
  ],
  [
    'authority-changed',
    'note',
    facts({ locks: [lock([signing({ issuer: 'ca2' }), key()])] }),
    [facts({ locks: [lock([signing({ issuer: 'ca2' }), signing(), key()])] })],
  ],
  [
    'authority-not-accepted',
    'warning',
    facts({ locks: [lock([signing({ issuer: 'ca2', accepted: new Map([[sealId, false]]) }), key()])] }),
    [
      facts({ locks: [lock([signing({ issuer: 'ca2', accepted: new Map([[sealId, false]]) }), signing(), key()])] }),
      facts({ locks: [lock([signing({ issuer: 'ca2', accepted: new Map() }), key()])] }),
    ],
  ],
]

test.each(table)('tells %s as %s, and not of what is only close to it', (code, level, triggers, near) => {
  expect(guardFindings(triggers)).toContainEqual(expect.objectContaining({ code, level }))
  for (const each of [fine, ...near]) expect(guardFindings(each).map(found => found.code)).not.toContain(code)
})

test('every rule stands in the table', () => {
  expect(new Set(table.map(([code]) => code))).toEqual(new Set(guardCodes))
})

test('a finding keeps its id from day to day, and no two have the same', () => {
  const both = sealed({ recipients: [recipient(), backup] })
  const [monday, thursday] = [9, 6].map(days =>
    guardFindings(of({ sealed: both }, { locks: [], now: before(days * day) })),
  )
  expect(monday?.map(({ id }) => id)).toEqual(thursday?.map(({ id }) => id))
  const all = table.flatMap(([, , triggers]) => guardFindings(triggers).map(({ id }) => id))
  expect(guardFindings(of({ sealed: both }, { locks: [], now: before(hour) })).length).toBe(
    new Set(guardFindings(of({ sealed: both }, { locks: [], now: before(hour) })).map(({ id }) => id)).size,
  )
  expect(all.every(id => /^[a-z-]+:[0-9a-f-]{36}(:[0-9a-f]{16})?$/.test(id))).toBe(true)
})

test('what is urgent comes first', () => {
  const found = guardFindings(
    facts({
      bids: [bid({ addendum: 'ff' }), bid({ shortCode: 'ZZZZ0000', state: 'sealed' })],
      now: before(2 * hour),
      locks: [lock(undefined, { pin: 'locked' })],
    }),
  )
  const levels = found.map(({ level }) => level)
  expect([...levels].sort((a, b) => rank(a) - rank(b))).toEqual(levels)
  expect(levels[0]).toBe('urgent')
})

const rank = (level: string): number => ['urgent', 'warning', 'note'].indexOf(level)
