import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Case, passed } from '../../../../main/services/workbench/case.ts'
import { openRunJournal } from '../../../../main/services/workbench/run-journal.ts'
import { homeAt } from '../../../../main/store/index.ts'
import { startCli } from '../../../fixtures/cli.ts'
import { bundleTokenHost, type TokenHostBundle } from '../../../fixtures/token-host-bundle.ts'
import { caseFor, makeRig, outcomes, type Rig, softPkcs11Subject, type SoftPkcs11Subject } from './rig.ts'

let bundle: TokenHostBundle
let rig: Rig
let subject: SoftPkcs11Subject

beforeAll(async () => {
  bundle = await bundleTokenHost('with-binding')
  rig = makeRig(bundle.program)
  subject = softPkcs11Subject('rsa')
})

afterAll(() => {
  subject.remove()
  rig.remove()
  bundle.remove()
})

const cancelled = { failure: { code: 'cancelled' } }

/** Three cases that note when they run; the second one does `inTheMiddle`. */
function threeCases(ran: string[], inTheMiddle: () => Promise<void>): readonly Case[] {
  const noting = (id: string, also: () => Promise<void> = () => Promise.resolve()): Case =>
    caseFor(id, async ({ timing }) => {
      ran.push(id)
      timing('try', 7)
      await also()
      return passed()
    })
  return [noting('C-TRY-001'), noting('C-TRY-002', inTheMiddle), noting('C-TRY-003')]
}

describe('a run that was interrupted', () => {
  it('stops when it is cancelled, and goes on where it has stopped', async () => {
    const ran: string[] = []
    // Stopping is no fall of the program, however often it is done in one case.
    for (const resume of [false, true]) {
      const stop = new AbortController()
      const cases = threeCases(ran, () => {
        stop.abort()
        return new Promise(() => undefined)
      })
      const stopped = rig.run(subject, { cases, resume }, { signal: stop.signal })
      await expect(stopped).rejects.toMatchObject(cancelled)
    }
    expect(ran.splice(0)).toEqual(['C-TRY-001', 'C-TRY-002', 'C-TRY-002'])
    const again = await rig.run(subject, { cases: threeCases(ran, () => Promise.resolve()), resume: true })
    expect(ran).toEqual(['C-TRY-002', 'C-TRY-003'])
    expect(again.results.map(({ kept }) => kept)).toEqual([true, false, false])
    expect(again.timings).toMatchObject([{ name: 'try', count: 4 - 1 }])
    // It came to its end: there is nothing left to go on with.
    const later: string[] = []
    await rig.run(subject, { cases: threeCases(later, () => Promise.resolve()), resume: true })
    expect(later).toHaveLength(3)
  })

  it('goes on after kill -9 of the whole program', async () => {
    const args = ['--json', '--home', rig.home, 'compat', '--module', subject.module.path]
    const profile = ['--profile', subject.p11.writeProfile()]
    const options = { env: { ...subject.environment, BIDSEAL_PIN: subject.pin } }
    const some = ['--groups', 'discovery,certificates,signing', '--rounds', '2']
    subject.p11.setFaults('sign:slow')
    const running = startCli([...args, ...profile, ...some], options)
    await until(() => lines().some(line => line.includes('"begun":"C-SIG-001"')))
    process.kill(running.pid, 'SIGKILL')
    expect((await running.ended).signal).toBe('SIGKILL')
    const done = lines().flatMap(line => {
      const { id, ms } = JSON.parse(line) as { id?: string; ms?: number }
      return id === undefined ? [] : [`${id} ${ms}`]
    })
    expect(done.length).toBeGreaterThan(8)
    subject.p11.setFaults()
    const resumed = await startCli([...args, ...profile, ...some, '--resume'], options).ended
    const report = JSON.parse(resumed.stdout) as {
      readonly cases: readonly { id: string; ms: number; status: string }[]
    }
    expect(report.cases.map(({ id, ms }) => `${id} ${ms}`).slice(0, done.length)).toEqual(done)
    expect(report.cases.find(({ id }) => id === 'C-SIG-001')).toMatchObject({ status: 'pass' })
    expect(lines()).toEqual([])
  }, 60_000)

  /** The lines of the one journal that is there. */
  function lines(): readonly string[] {
    const folder = join(rig.home, 'workbench')
    const [name] = existsSync(folder) ? readdirSync(folder).filter(each => each.endsWith('.run.jsonl')) : []
    if (name === undefined) return []
    return readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1)
  }
})

describe('the journal of a run', () => {
  const identity = { version: '1', sha256: 'ab'.repeat(32), serial: 'S1', settings: 'x' }
  const result = { id: 'C-SIG-001', ms: 5, outcome: passed(), timings: { sign: [1, 2] } }

  it('takes a line that was cut off for one that was never written', async () => {
    const home = homeAt(join(rig.home, 'torn'))
    const journal = await openRunJournal(home, identity, false)
    await journal.begin('C-SIG-001')
    await journal.append(result)
    await journal.begin('C-SIG-002')
    await journal.close()
    const [name = ''] = readdirSync(join(home.root, 'workbench'))
    const path = join(home.root, 'workbench', name)
    expect(name).toBe(`${identity.sha256}-S1.run.jsonl`)
    appendFileSync(path, '{"id":"C-SIG-002","ms":')
    const again = await openRunJournal(home, identity, true)
    expect([...again.kept.values()]).toEqual([result])
    expect(again.begunBefore('C-SIG-002')).toBe(1)
    await again.append({ ...result, id: 'C-SIG-002' })
    await again.close()
    const third = await openRunJournal(home, identity, true)
    expect([...third.kept.keys()]).toEqual(['C-SIG-001', 'C-SIG-002'])
    await third.close()
  })

  it('takes nothing over from a run with another profile or consent, or when it is not asked to', async () => {
    const home = homeAt(join(rig.home, 'other'))
    for (const [next, resume] of [
      [{ ...identity, settings: 'y' }, true],
      [identity, false],
    ] as const) {
      const journal = await openRunJournal(home, identity, false)
      await journal.append(result)
      await journal.close()
      const other = await openRunJournal(home, next, resume)
      expect(other.kept.size).toBe(0)
      await other.close()
    }
  })

  it('passes over a case that has taken the program down twice', async () => {
    const ran: string[] = []
    const cases = threeCases(ran, () => Promise.resolve())
    const stop = new AbortController()
    const stopping = threeCases([], () => {
      stop.abort()
      return new Promise(() => undefined)
    })
    await expect(rig.run(subject, { cases: stopping }, { signal: stop.signal })).rejects.toMatchObject(cancelled)
    const [name = ''] = readdirSync(join(rig.home, 'workbench'))
    const begun = '{"begun":"C-TRY-002"}\n'
    appendFileSync(join(rig.home, 'workbench', name), begun + begun)
    const run = await rig.run(subject, { cases, resume: true })
    expect(outcomes(run)['C-TRY-002']).toBe('fail took-the-program-down')
    expect(ran).toEqual(['C-TRY-003'])
  })
})

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 30_000
  while (!condition()) {
    if (Date.now() > end) throw new Error('it did not come to that')
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
