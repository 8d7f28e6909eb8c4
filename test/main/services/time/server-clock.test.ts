import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { intl1, signDocument, systemRandomness } from '../../../../crypto/index.ts'
import type { DocumentFields, SignedDocument, Tender } from '../../../../crypto/index.ts'
import { AppFailure } from '../../../../main/contract/failure.ts'
import type { Platform } from '../../../../main/platform/index.ts'
import { openServerClock } from '../../../../main/services/index.ts'
import type { ServerClock } from '../../../../main/services/index.ts'
import type { Journal } from '../../../../main/store/index.ts'
import { codeOf } from '../../../fixtures/practice-platform.ts'
import { practiceCa, type PracticeIdentity } from '../../../fixtures/practice-ca.ts'
import { clockAt, makeTender } from '../../../fixtures/sealed-bid.ts'

const hour = 3_600_000
const day = 24 * hour
const start = Date.parse('2026-03-02T06:00:00.500Z')

let tender: Tender
/** The computer: what both of its clocks say, and what the platform's true time is. */
let world: { wall: number; monotonic: number; server: number }
/** The platform: how long an answer takes, and what it says instead of the truth. */
let answers: {
  trip: number
  lie: Partial<DocumentFields<'notice'>>
  signer: PracticeIdentity
  fails: AppFailure | null
  meanwhile: () => void
}
let asked: { signed: number; unsigned: number }
let last: SignedDocument | null
let replay: SignedDocument | null
let clock: ServerClock
let noted: unknown[]

/** Time goes by, awake. */
function pass(milliseconds: number): void {
  world.wall += milliseconds
  world.monotonic += milliseconds
  world.server += milliseconds
}

/** The computer sleeps; its monotonic clock stands. */
function sleep(milliseconds: number): void {
  world.wall += milliseconds
  world.server += milliseconds
}

const platform = {
  async signedTime(packageDigest: string, nonce: string): Promise<SignedDocument> {
    asked.signed += 1
    pass(answers.trip / 2)
    const { platformId, tenderId, lotId = '' } = tender.fields
    const publishedAt = new Date(world.server).toISOString()
    const fields = { platformId, tenderId, lotId, packageDigest, publishedAt, nonce, certificates: [], ...answers.lie }
    answers.meanwhile()
    pass(answers.trip / 2)
    if (answers.fails !== null) throw answers.fails
    last = replay ?? (await signDocument('notice', fields, answers.signer.signer(), intl1, clockAt(new Date(start))))
    return last
  },
  serverTime(): Promise<Date> {
    asked.unsigned += 1
    pass(answers.trip)
    return Promise.resolve(new Date(world.server - answers.trip / 2))
  },
} as unknown as Platform

beforeAll(async () => {
  tender = (await makeTender()).tender
})

beforeEach(() => {
  world = { wall: start - 7 * 60_000, monotonic: 12_345, server: start }
  answers = { trip: 40, lie: {}, signer: practiceCa().notice, fails: null, meanwhile: () => undefined }
  asked = { signed: 0, unsigned: 0 }
  last = null
  replay = null
  noted = []
  clock = openServerClock(
    {
      clock: { now: () => new Date(world.wall) },
      monotonic: () => world.monotonic,
      randomness: systemRandomness,
      journal: {
        append(kind: string, facts: object) {
          noted.push({ kind, ...facts })
          return Promise.reject(new Error('the disk is full'))
        },
      } as unknown as Journal,
    },
    platform,
    tender,
  )
})

const error = (): number => Math.abs((clock.now()?.getTime() ?? 0) - world.server)

describe('the platform’s time', () => {
  test('is read from its signed answer, with what this computer’s clock is off by', async () => {
    const reading = await clock.read()
    expect(reading).toMatchObject({ signed: true, uncertaintyMs: 20 })
    expect(Math.abs(reading.offsetMs - 7 * 60_000)).toBeLessThanOrEqual(20)
    expect(Math.abs(reading.serverTime.getTime() - world.server)).toBeLessThanOrEqual(20)
    expect(asked).toEqual({ signed: 1, unsigned: 0 })
  })

  test('goes on with the monotonic clock, and nothing is asked for it', async () => {
    await clock.read()
    pass(3 * hour)
    expect(error()).toBeLessThanOrEqual(20)
    expect(clock.reading()?.uncertaintyMs).toBeGreaterThan(1_000)
    expect(asked.signed).toBe(1)
  })

  test('is nobody’s guess before the first reading', () => {
    expect(clock.now()).toBeNull()
    expect(clock.reading()).toBeNull()
    expect(clock.notBefore()).toBeNull()
    expect(clock.standing(new Date(start))).toBe('unknown')
  })

  test('of a platform that writes whole seconds is known to a second', async () => {
    answers.lie = { publishedAt: '2026-03-02T06:00:00Z' }
    const reading = await clock.read()
    expect(reading.uncertaintyMs).toBeGreaterThan(500)
    expect(error()).toBeLessThanOrEqual(reading.uncertaintyMs)
  })

  test('is asked once by two that read at once', async () => {
    const [one, two] = await Promise.all([clock.read(), clock.read()])
    expect(one).toBe(two)
    expect(asked.signed).toBe(1)
  })
})

describe('after', () => {
  test.each<[string, () => void]>([
    [
      'a sleep of an hour',
      () => {
        sleep(hour)
      },
    ],
    ['this computer’s clock was set a day on', () => (world.wall += day)],
    ['this computer’s clock was set a day back', () => (world.wall -= day)],
  ])('%s, nothing is known until the platform has been asked again', async (_what, happens) => {
    await clock.read()
    happens()
    expect(clock.now()).toBeNull()
    expect(clock.standing(new Date(world.server + day))).toBe('unknown')
    await clock.read()
    expect(error()).toBeLessThanOrEqual(20)
  })

  test('a sleep the journal says how long it was, once; nothing depends on that', async () => {
    await clock.read()
    sleep(hour)
    await clock.read()
    await clock.read()
    expect(noted).toEqual([{ kind: 'clock-jumped', apartMs: hour }])
  })

  test('a jump of the clock while the answer is under way, that answer is not believed but another asked for', async () => {
    let jumps = 1
    answers.meanwhile = () => {
      if (jumps-- > 0) world.wall += day
    }
    await clock.read()
    expect(asked.signed).toBe(2)
    expect(error()).toBeLessThanOrEqual(20)
  })

  test('three answers with a jump in each, it is said that the clock cannot be relied upon', async () => {
    answers.meanwhile = () => {
      sleep(hour)
    }
    expect(await codeOf(clock.read())).toBe('platform.clock')
    expect(clock.now()).toBeNull()
  })
})

describe('on a slow network', () => {
  test('the quickest of several answers counts', async () => {
    const trips = [1_200, 900, 300]
    answers.trip = 1_800
    answers.meanwhile = () => (answers.trip = trips.shift() ?? 1_800)
    const reading = await clock.read()
    expect(asked.signed).toBe(3)
    expect(reading.uncertaintyMs).toBeLessThan(800)
    expect(error()).toBeLessThanOrEqual(reading.uncertaintyMs)
  })

  test('one answer must do where each takes seconds, and its uncertainty is told', async () => {
    answers.trip = 8_000
    const reading = await clock.read()
    expect(asked.signed).toBe(1)
    expect(reading.uncertaintyMs).toBe(4_000)
    expect(clock.standing(new Date(world.server + 2_000))).toBe('unsure')
    expect(clock.standing(new Date(world.server + 9_000))).toBe('before')
    expect(clock.standing(new Date(world.server - 9_000))).toBe('after')
  })
})

describe('a platform that lies is found out:', () => {
  test.each<[string, () => void]>([
    [
      'another nonce',
      () => {
        answers.lie = { nonce: 'ab'.repeat(32) }
      },
    ],
    [
      'another package',
      () => {
        answers.lie = { packageDigest: 'ab'.repeat(32) }
      },
    ],
    [
      'another lot',
      () => {
        answers.lie = { lotId: '02' }
      },
    ],
    [
      'another platform',
      () => {
        answers.lie = { platformId: 'elsewhere' }
      },
    ],
    [
      'a certificate listed for something else',
      () => {
        answers.signer = practiceCa().receipt
      },
    ],
    [
      'a time at which its certificate is not valid',
      () => {
        answers.lie = { publishedAt: '1999-01-01T00:00:00.000Z' }
      },
    ],
  ])('%s', async (_what, lies) => {
    lies()
    expect(await codeOf(clock.read())).toBe('platform.clock')
    expect(clock.now()).toBeNull()
    // SECURITY: a wrong signed answer is no reason to believe an unsigned one.
    expect(asked.unsigned).toBe(0)
  })

  test('yesterday’s answer again', async () => {
    await clock.read()
    replay = last
    pass(day)
    expect(await codeOf(clock.read())).toBe('platform.clock')
    expect(error()).toBeLessThan(30)
  })

  test('a time before what it has signed already, here or in a receipt', async () => {
    clock.learn(new Date(world.server))
    world.server -= day
    expect(await codeOf(clock.read())).toBe('platform.clock')
    world.server += day
    await clock.read()
    world.server -= 10_000
    expect(await codeOf(clock.read())).toBe('platform.clock')
  })
})

describe('what the platform has signed elsewhere', () => {
  test('is a time that has passed, whatever this computer says', () => {
    const received = new Date(world.server)
    clock.learn(received)
    expect(clock.notBefore()).toEqual(received)
    expect(clock.standing(received)).toBe('after')
    expect(clock.standing(new Date(world.server + hour))).toBe('unknown')
    pass(hour)
    expect(clock.notBefore()?.getTime()).toBeGreaterThan(received.getTime() + hour - 1_000)
    world.wall -= day
    sleep(hour)
    expect(clock.notBefore()?.getTime()).toBeGreaterThan(received.getTime() + hour - 1_000)
    expect(clock.now()).toBeNull()
  })
})

describe('a platform without signed time', () => {
  test('is believed as far as that goes, and it is told', async () => {
    answers.fails = new AppFailure('platform.unknown', 'no such request')
    expect(await clock.read()).toMatchObject({ signed: false, uncertaintyMs: 20 })
    expect(error()).toBeLessThanOrEqual(20)
    expect(clock.notBefore()).toBeNull()
  })

  test('that has signed before is not believed without', async () => {
    await clock.read()
    answers.fails = new AppFailure('platform.unknown', 'no such request')
    expect(await codeOf(clock.read())).toBe('platform.unknown')
    expect(asked.unsigned).toBe(0)
    expect(error()).toBeLessThanOrEqual(20)
  })

  test('is not what one is that cannot be reached', async () => {
    answers.fails = new AppFailure('platform.unreachable', 'no answer')
    expect(await codeOf(clock.read())).toBe('platform.unreachable')
    expect(asked.unsigned).toBe(0)
  })
})
