import { describe, expect, it } from 'vitest'
import { conclude, judgeAttempts } from '../../../../main/services/evidence/judgement.ts'
import type { Standing, Terms } from '../../../../main/services/evidence/judgement.ts'
import { sideOf } from '../../../../main/services/evidence/side.ts'
import type { FailureCode } from '../../../../main/contract/failure.ts'
import type { JournalEntry } from '../../../../main/store/index.ts'

const terms: Terms = {
  deadline: '2026-11-24T09:00:00Z',
  openingTime: '2026-11-24T09:30:00Z',
  closesAt: '2026-11-24T10:30:00Z',
}

const before = '2026-11-24T08:30:00.000Z'
const inWindow = '2026-11-24T09:40:00.000Z'
const after = '2026-11-24T10:31:00.000Z'

type Step = readonly [code: FailureCode | 'ok' | 'unanswered', at: string, act?: string, detail?: string]
const receipt = 'received'
const signedIn: Step = ['ok', inWindow, 'sign-in']

/** A journal of attempts and answers; `received` is the line of the receipt. */
function log(...steps: readonly (Step | typeof receipt)[]): readonly JournalEntry[] {
  const entries: JournalEntry[] = []
  const add = (kind: string, facts: JournalEntry['facts']): void => {
    entries.push({ n: entries.length, prev: '', at: before, kind, facts })
  }
  for (const step of steps) {
    if (step === receipt) {
      add('received', { receivedAt: before })
      continue
    }
    const [code, serverTime, act = 'release', detail] = step
    if (code.startsWith('token.')) {
      add('failed', { act: 'lock', code, side: 'bidder', serverTime })
      continue
    }
    add('attempt', { act, serverTime })
    if (code === 'unanswered') continue
    const side = code === 'ok' ? {} : { side: sideOf({ code, ...(detail === undefined ? {} : { detail }) }) }
    add('answer', { act, code, ...side, serverTime })
  }
  return entries
}

const notReleased: Standing = {
  ...{ received: true, withdrawn: false, replaced: false },
  recorded: { state: 'not-released' },
}

describe('one attempt after the receipt', () => {
  it.each([
    ['a wrong PIN', 'token.pin-incorrect', inWindow, 'bidder', 'lock', 'deemed-revoked'],
    ['the wrong lock', 'token.wrong-lock', inWindow, 'bidder', 'lock', 'deemed-revoked'],
    ['a crash of the driver', 'token.driver-crashed', inWindow, 'bidder', 'lock', 'deemed-revoked'],
    ['being late', 'platform.closed', after, 'bidder', 'late', 'deemed-revoked'],
    ['a key that does not match', 'seal.key-mismatch', inWindow, 'bidder', 'does-not-open', 'deemed-revoked'],
    ['a broken chunk', 'seal.chunk', inWindow, 'bidder', 'does-not-open', 'deemed-revoked'],
    ['a broken inner signature', 'seal.inner', inWindow, 'bidder', 'does-not-open', 'deemed-revoked'],
    ['a document that differs', 'seal.document', inWindow, 'bidder', 'does-not-open', 'deemed-revoked'],
    ['a twin of another run', 'opening.other-run', inWindow, 'bidder', 'other-run', 'deemed-revoked'],
    ['an expired certificate', 'cert.expired', inWindow, 'bidder', 'certificate', 'deemed-revoked'],
    ['a full disk', 'output.disk-full', inWindow, 'bidder', 'own-computer', 'deemed-revoked'],
    ['an outage', 'platform.unreachable', inWindow, 'network', 'outage', 'deemed-withdrawn'],
    ['a refusal within the window', 'platform.refused', inWindow, 'platform', 'refused-in-window', 'deemed-withdrawn'],
    ['a full disk there', 'platform.storage', inWindow, 'platform', 'refused-in-window', 'deemed-withdrawn'],
    [
      'a stored container that is damaged',
      'seal.container',
      inWindow,
      'platform',
      'damaged-after-receipt',
      'deemed-withdrawn',
    ],
    ['a stored part that is damaged', 'seal.root', inWindow, 'platform', 'damaged-after-receipt', 'deemed-withdrawn'],
    [
      'a challenge that does not verify',
      'opening.challenge',
      inWindow,
      'platform',
      'broken-answer',
      'deemed-withdrawn',
    ],
    ['an answer signed by a stranger', 'document.signature', inWindow, 'platform', 'broken-answer', 'deemed-withdrawn'],
    ['a place in the queue', 'platform.queued', inWindow, 'platform', 'queued', 'nothing'],
    ['being early', 'opening.early', before, 'nobody', 'too-early', 'nothing'],
    ['a stop by the user', 'cancelled', inWindow, 'nobody', 'stopped', 'open'],
    ['an attempt without an answer', 'unanswered', inWindow, 'nobody', 'unanswered', 'open'],
    ['a fault of the program', 'internal', inWindow, 'nobody', 'unclear', 'open'],
  ] as const)('judges %s', (_what, code, at, side, rule, meaning) => {
    const judged = judgeAttempts(log(receipt, signedIn, [code, at]), terms).at(-1)
    expect(judged).toMatchObject({ code, side, rule, meaning, phase: 'opening', at, timeOf: 'platform' })
  })

  it('lays a 5xx on the platform, a broken connection on the network', () => {
    expect(sideOf({ code: 'platform.unreachable', detail: 'the platform answered HTTP 503' })).toBe('platform')
    expect(sideOf({ code: 'platform.unreachable', detail: 'the connection failed (ECONNRESET)' })).toBe('network')
  })

  it('lays a window that closed while the release waited in the queue on the platform', () => {
    const judged = judgeAttempts(log(receipt, ['platform.queued', inWindow], ['platform.closed', after]), terms)
    expect(judged.at(-1)).toMatchObject({ rule: 'window-too-short', side: 'platform', meaning: 'deemed-withdrawn' })
  })

  it('lays lateness after an outage within the window on the platform, after a wrong PIN on the bidder', () => {
    const hindered = judgeAttempts(log(receipt, ['platform.unreachable', inWindow], ['platform.closed', after]), terms)
    expect(hindered.at(-1)).toMatchObject({ rule: 'late-after-hindrance', meaning: 'deemed-withdrawn' })
    const own = judgeAttempts(log(receipt, ['token.pin-incorrect', inWindow], ['platform.closed', after]), terms)
    expect(own.at(-1)).toMatchObject({ rule: 'late', meaning: 'deemed-revoked' })
  })

  it('forgets outages before the receipt and before the opening: they hindered no release', () => {
    const judged = judgeAttempts(
      log(
        ['platform.unreachable', before, 'begin'],
        receipt,
        ['platform.unreachable', before],
        ['platform.closed', after],
      ),
      terms,
    )
    expect(judged.at(-1)).toMatchObject({ rule: 'late', side: 'bidder' })
  })
})

describe('one attempt before the receipt', () => {
  it('means nothing while it can be repeated, whoever failed', () => {
    const codes = ['platform.unreachable', 'platform.storage', 'token.pin-incorrect', 'seal.root'] as const
    const judged = judgeAttempts(log(...codes.map(code => [code, before, 'part'] as const)), terms)
    expect(judged.map(({ rule, meaning }) => [rule, meaning])).toEqual(codes.map(() => ['to-be-repeated', 'nothing']))
    expect(judged.map(({ side }) => side)).toEqual(['network', 'platform', 'bidder', 'network'])
  })

  it('is deemed withdrawn at the deadline in any case, on the side that hindered it', () => {
    const own = judgeAttempts(log(['platform.late', inWindow, 'complete']), terms)
    expect(own).toMatchObject([{ rule: 'deadline', side: 'bidder', meaning: 'deemed-withdrawn' }])
    const hindered = judgeAttempts(
      log(['platform.storage', before, 'part'], ['platform.late', inWindow, 'complete']),
      terms,
    )
    expect(hindered.at(-1)).toMatchObject({
      rule: 'deadline-after-hindrance',
      side: 'platform',
      meaning: 'deemed-withdrawn',
    })
    expect(conclude(own, { received: false, withdrawn: false, replaced: false, recorded: null })).toEqual({
      ...{ outcome: 'deemed-withdrawn', because: [1] },
    })
  })
})

describe('the bid as a whole', () => {
  const concluded = (...steps: readonly (Step | typeof receipt)[]) =>
    conclude(judgeAttempts(log(receipt, ...steps), terms), notReleased)

  it('follows the record where the bid was opened or withdrawn, whatever failed before', () => {
    const attempts = judgeAttempts(log(receipt, ['token.pin-incorrect', inWindow], ['ok', inWindow]), terms)
    expect(conclude(attempts, { ...notReleased, recorded: { state: 'opened' } })).toEqual({
      outcome: 'opened',
      because: [],
    })
    expect(conclude(attempts, { ...notReleased, recorded: null })).toMatchObject({ outcome: 'delivered' })
    expect(conclude(attempts, { ...notReleased, withdrawn: true })).toMatchObject({ outcome: 'withdrawn' })
    expect(conclude(attempts, { ...notReleased, replaced: true })).toMatchObject({ outcome: 'replaced' })
  })

  it.each([
    ['seal.root', 'deemed-withdrawn'],
    ['seal.key-mismatch', 'deemed-revoked'],
    ['seal.document', 'deemed-revoked'],
  ] as const)('judges a bid that the record calls failed with %s', (code, outcome) => {
    expect(conclude([], { ...notReleased, recorded: { state: 'failed', code } })).toEqual({ outcome, because: [] })
  })

  it('lies on the side of all failed attempts, and stays open where they lie on both', () => {
    expect(concluded(['token.pin-incorrect', inWindow])).toEqual({ outcome: 'deemed-revoked', because: [1] })
    expect(concluded(signedIn, ['platform.refused', inWindow])).toEqual({ outcome: 'deemed-withdrawn', because: [4] })
    expect(concluded(signedIn, ['token.pin-incorrect', inWindow], ['platform.refused', inWindow])).toEqual({
      ...{ outcome: 'open', because: [3, 5] },
    })
    expect(concluded(['cancelled', inWindow])).toMatchObject({ outcome: 'open' })
  })

  it('stays open where the log holds nothing of the opening: it may have been attended elsewhere', () => {
    expect(concluded()).toEqual({ outcome: 'open', because: [] })
  })
})

describe('a platform that says it is too late or too early while it is not', () => {
  it.each(['platform.closed', 'platform.late', 'platform.not-open'] as const)('has refused (%s)', code => {
    const judged = judgeAttempts(log(receipt, signedIn, [code, inWindow]), terms)
    expect(judged.at(-1)).toMatchObject({ rule: 'refused-in-window', side: 'platform', meaning: 'deemed-withdrawn' })
    expect(conclude(judged, notReleased)).toMatchObject({ outcome: 'deemed-withdrawn' })
  })

  it('has hindered a delivery before the deadline', () => {
    const judged = judgeAttempts(log(['platform.late', before, 'begin'], ['platform.late', inWindow, 'begin']), terms)
    expect(judged).toMatchObject([
      { rule: 'to-be-repeated', side: 'platform' },
      { rule: 'deadline-after-hindrance', side: 'platform' },
    ])
  })

  it('is early only before the opening time', () => {
    const [early] = judgeAttempts(log(receipt, ['platform.not-open', before]), terms)
    expect(early).toMatchObject({ rule: 'too-early', side: 'nobody', meaning: 'nothing' })
  })

  it('is not contradicted by this computer’s clock alone', () => {
    const timeless = log(receipt, ['platform.closed', after]).map(
      ({ facts: { serverTime: _, ...facts }, ...entry }) => ({
        ...{ ...entry, at: inWindow, facts },
      }),
    )
    expect(judgeAttempts(timeless, terms).at(-1)).toMatchObject({ rule: 'unclear', meaning: 'open' })
  })
})

describe('what is no hindrance', () => {
  const lastOf = (...steps: readonly (Step | typeof receipt)[]) =>
    judgeAttempts(log(receipt, ...steps, ['platform.closed', after]), terms).at(-1)

  it.each(['header', 'time', 'notices', 'events', 'opening'])('a platform without the reading: %s', act => {
    for (const code of ['platform.unknown', 'platform.refused'] as const) {
      const judged = judgeAttempts(log(receipt, [code, inWindow, act]), terms)
      expect(judged).toMatchObject([{ rule: 'reading-refused', side: 'nobody', meaning: 'nothing' }])
      expect(lastOf([code, inWindow, act])).toMatchObject({ rule: 'late', side: 'bidder' })
    }
  })

  it('being told to sign in first', () => {
    const judged = judgeAttempts(log(receipt, ['platform.refused', inWindow, 'challenge'], signedIn), terms)
    expect(judged[0]).toMatchObject({ rule: 'sign-in-first', meaning: 'nothing' })
    expect(lastOf(['platform.refused', inWindow, 'challenge'])).toMatchObject({ rule: 'late' })
  })

  it.each(['platform.proxy', 'platform.certificate'] as const)('the bidder’s own network settings (%s)', code => {
    expect(lastOf([code, inWindow])).toMatchObject({ rule: 'late', side: 'bidder' })
  })

  it('what was overcome: an act that succeeds clears it', () => {
    expect(lastOf(['platform.unreachable', inWindow, 'challenge'], ['ok', inWindow, 'challenge'])).toMatchObject({
      rule: 'late',
    })
  })

  it('and what is one leaves its own side on the lateness', () => {
    expect(lastOf(['platform.unreachable', inWindow])).toMatchObject({ rule: 'late-after-hindrance', side: 'network' })
    expect(lastOf(signedIn, ['platform.storage', inWindow])).toMatchObject({ side: 'platform' })
  })
})

it('takes the receipt’s time for the beginning of the opening where the log has no line of the receipt', () => {
  const received = { ...terms, receivedAt: before }
  const judged = judgeAttempts(log(signedIn, ['platform.refused', inWindow]), received)
  expect(judged).toMatchObject([{ phase: 'opening' }, { phase: 'opening', rule: 'refused-in-window' }])
  expect(conclude(judged, notReleased)).toMatchObject({ outcome: 'deemed-withdrawn' })
})
