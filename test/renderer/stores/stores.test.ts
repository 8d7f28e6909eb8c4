import { expect, test } from 'vitest'
import type { SealId } from '../../../main/contract/ids.ts'
import { app } from '../../../renderer/stores/app.ts'
import { bidFor, bids } from '../../../renderer/stores/bids.ts'
import { jobAbout, jobs, lastJob } from '../../../renderer/stores/jobs.ts'
import { lockOf, locks, locksFor, onlyOthers } from '../../../renderer/stores/locks.ts'
import { opening } from '../../../renderer/stores/opening.ts'
import { questions } from '../../../renderer/stores/questions.ts'
import { rehearsal } from '../../../renderer/stores/rehearsal.ts'
import { currentSealed, deliveredBid, sealed } from '../../../renderer/stores/sealed.ts'
import { chosenTender, tenders } from '../../../renderer/stores/tenders.ts'
import { openConnectedPage, openPage, settled } from '../all-stores.ts'
import {
  backupLock,
  fullBid,
  ids,
  job,
  lock,
  modules,
  otherTender,
  sealedBid,
  submittedBid,
  tender,
} from '../sample-views.ts'

test('opening the page fills every store and chooses the first tender', async () => {
  await openConnectedPage({ modules, tenders: [tender, otherTender], bids: [fullBid], sealed: [sealedBid] })
  expect(app.getState().view?.version).toBe('0.1.0')
  expect(chosenTender(tenders.getState())).toEqual(tender)
  expect(bidFor(bids.getState(), ids.tender)).toEqual(fullBid)
  expect(currentSealed(sealed.getState(), ids.tender)).toEqual(sealedBid)
  expect(locks.getState().modules).toEqual(modules)
})

test('a failed request leaves what was there and keeps its failure until the next one', async () => {
  const bridge = await openConnectedPage({ tenders: [tender], failing: { 'tender.import': 'tender.invalid' } })
  await tenders.getState().importPackage()
  expect(tenders.getState()).toMatchObject({ busy: false, failure: { code: 'tender.invalid' }, tenders: [tender] })
  bridge.world.failing = {}
  await tenders.getState().load()
  expect(tenders.getState().failure).toBeNull()
})

test('what the user stopped is no failure', async () => {
  await openConnectedPage({ failing: { 'tender.import': 'cancelled' } })
  await tenders.getState().importPackage()
  expect(tenders.getState().failure).toBeNull()
})

test('an imported package is chosen, and listed once however often it is imported', async () => {
  await openConnectedPage({ tenders: [otherTender] })
  await tenders.getState().importPackage()
  await tenders.getState().importPackage()
  expect(tenders.getState().tenders).toEqual([otherTender, tender])
  expect(tenders.getState().chosen).toBe(ids.tender)
})

test('a tender that has gone is no longer chosen', async () => {
  const bridge = await openConnectedPage({ tenders: [tender, otherTender] })
  bridge.world.tenders = [otherTender]
  await tenders.getState().load()
  expect(tenders.getState().chosen).toBe(ids.otherTender)
})

test('locks are offered by what their certificates are for', () => {
  const signOnly = { ...lock, certificates: lock.certificates.filter(({ uses }) => uses.includes('sign')) }
  const seen = [{ name: 'a', kind: 'pkcs11', locks: [signOnly], failure: null } as const]
  expect(locksFor(seen, { use: 'sign', practice: false })).toEqual([signOnly])
  expect(locksFor(seen, { use: 'decrypt', practice: false })).toEqual([])
  expect(lockOf(seen, ids.lock)).toEqual(signOnly)
  expect(lockOf(null, ids.lock)).toBeNull()
})

test('practice locks are offered for a rehearsal only, real ones for a real bid only', () => {
  const practice = { ...backupLock, practice: true }
  const both = [{ name: 'a', kind: 'pkcs11', locks: [lock, practice], failure: null } as const]
  const real = { use: 'sign', practice: false } as const
  const rehearsal = { use: 'sign', practice: true } as const
  expect(locksFor(both, real)).toEqual([lock])
  expect(locksFor(both, rehearsal)).toEqual([practice])
  expect([onlyOthers(both, real), onlyOthers(both, rehearsal)]).toEqual([false, false])
  const one = [{ ...both[0]!, locks: [practice] }]
  expect([onlyOthers(one, real), onlyOthers(one, rehearsal), onlyOthers([], real)]).toEqual([true, false, false])
})

test('the newest sealed bid is the one to submit, the delivered one the one to open', async () => {
  const newer = { ...sealedBid, seal: 'newer' as SealId, sealedAt: new Date().toISOString() }
  await openConnectedPage({ tenders: [tender], sealed: [newer, submittedBid] })
  expect(currentSealed(sealed.getState(), ids.tender)).toEqual(newer)
  expect(deliveredBid(sealed.getState(), ids.tender)).toEqual(submittedBid)
  sealed.getState().choose(submittedBid.seal)
  expect(currentSealed(sealed.getState(), ids.tender)).toEqual(submittedBid)
})

test.each(['withdrawn', 'replaced', 'submitting'] as const)(
  'a bid that is %s does not count at the opening',
  async state => {
    await openConnectedPage({ tenders: [tender], sealed: [{ ...submittedBid, state }] })
    expect(deliveredBid(sealed.getState(), ids.tender)).toBeNull()
  },
)

test('a job is found by what the page started it for, and by the sealed bid it names', async () => {
  const bridge = await openConnectedPage({ bids: [fullBid] })
  await bids.getState().seal(ids.bid, { sign: ids.lock, main: ids.lock, backups: [], again: false })
  bridge.emit({ kind: 'job', job })
  expect(jobAbout(jobs.getState(), 'seal', ids.bid)?.job).toEqual(job)
  expect(jobAbout(jobs.getState(), 'submit', ids.bid)).toBeNull()
  expect(jobAbout(jobs.getState(), 'seal', null)).toBeNull()
  bridge.emit({ kind: 'job', job: { ...job, state: 'done', seal: ids.seal } })
  expect(jobAbout(jobs.getState(), 'seal', ids.seal)?.job.state).toBe('done')
  expect(lastJob(jobs.getState(), 'seal')?.about).toBe(ids.bid)
})

test('a job that is told of before its request has come back is not lost', () => {
  openPage()
  jobs.getState().accept(job)
  jobs.getState().started(ids.job, ids.bid)
  expect(jobAbout(jobs.getState(), 'seal', ids.bid)?.job).toEqual(job)
})

test('when a job has ended, what it changed is asked for again', async () => {
  const bridge = await openConnectedPage({ tenders: [tender], bids: [fullBid] })
  bridge.world.sealed = [sealedBid]
  bridge.world.bids = [{ ...fullBid, sealed: ids.seal }]
  bridge.emit({ kind: 'job', job: { ...job, state: 'done', seal: ids.seal } })
  await settled()
  expect(sealed.getState().sealed).toEqual([sealedBid])
  expect(bidFor(bids.getState(), ids.tender)?.sealed).toBe(ids.seal)
})

test('when a rehearsal is ready, its tender is chosen', async () => {
  const bridge = await openConnectedPage({ tenders: [otherTender] })
  await rehearsal.getState().start('gm-1')
  bridge.world.tenders = [otherTender, tender]
  bridge.world.rehearsal = { running: true, tender: ids.tender, practicePin: '123456' }
  bridge.emit({ kind: 'job', job: { ...job, kind: 'rehearsal', state: 'done' } })
  await settled()
  expect(rehearsal.getState().view?.practicePin).toBe('123456')
  expect(tenders.getState().chosen).toBe(ids.tender)
})

test('when locks or sealed bids have changed, they are asked for again', async () => {
  const bridge = await openConnectedPage()
  bridge.world.modules = modules
  bridge.world.sealed = [sealedBid]
  bridge.emit({ kind: 'locks-changed' })
  bridge.emit({ kind: 'sealed-changed' })
  await settled()
  expect(locks.getState().modules).toEqual(modules)
  expect(sealed.getState().sealed).toEqual([sealedBid])
})

test('a question is asked until it is answered or its job has ended', async () => {
  const question = { question: ids.question, job: ids.job, kind: 'short-code', facts: { shortCode: 'AB' } } as const
  const bridge = await openConnectedPage()
  bridge.emit({ kind: 'question', question })
  expect(questions.getState().questions).toEqual([question])
  await questions.getState().answer(ids.question, false)
  expect(bridge.asked.at(-1)).toEqual({ channel: 'question.answer', args: [ids.question, false] })
  expect(questions.getState().questions).toEqual([])
  bridge.emit({ kind: 'question', question })
  bridge.emit({ kind: 'job', job: { ...job, state: 'cancelled' } })
  await settled()
  expect(questions.getState().questions).toEqual([])
})

test('what the server said of one opening is forgotten for another', async () => {
  const bridge = await openConnectedPage()
  await opening.getState().ask(ids.seal)
  expect(opening.getState().view).toEqual(bridge.world.opening)
  bridge.world.failing = { 'opening.state': 'platform.unreachable' }
  await opening.getState().ask('other' as SealId)
  expect(opening.getState()).toMatchObject({ view: null, clock: null, failure: { code: 'platform.unreachable' } })
})
