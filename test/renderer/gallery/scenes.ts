import type { JobView } from '../../../main/contract/views.ts'
import type { World } from '../fake-bridge.ts'
import {
  appView,
  emptyBid,
  fullBid,
  ids,
  job,
  modules,
  openedBid,
  openingView,
  otherTender,
  sealedBid,
  submittedBid,
  tender,
} from '../sample-views.ts'

/** One picture of the gallery: a world, what is clicked in it, and what jobs tell meanwhile. */
export interface Scene {
  readonly world: Partial<World>
  /** Test ids, clicked one after the other. */
  readonly clicks: readonly string[]
  readonly jobs?: readonly JobView[]
}

const composed = { modules, tenders: [tender], bids: [fullBid] }
const sealed = { ...composed, bids: [{ ...fullBid, sealed: ids.seal, sealedIsCurrent: true }], sealed: [sealedBid] }
const submitted = { ...sealed, sealed: [submittedBid] }
const open = { ...submitted, opening: { ...openingView, state: 'open' as const, released: 3 } }
const mebibyte = 2 ** 20

/** Every screen in the states that people meet. */
export const scenes: Readonly<Record<string, Scene>> = {
  'first-run': { world: { app: { ...appView, practiceRuntime: true } }, clicks: [] },
  tender: { world: { modules, tenders: [tender, otherTender] }, clicks: [] },
  rehearsal: {
    world: {
      modules,
      tenders: [{ ...tender, practice: true }],
      rehearsal: { running: true, tender: ids.tender, practicePin: '204816' },
    },
    clicks: ['nav-tender'],
  },
  locks: { world: { modules }, clicks: ['nav-locks'] },
  'locks-empty': { world: {}, clicks: ['nav-locks'] },
  'documents-begin': { world: { modules, tenders: [tender] }, clicks: ['nav-documents'] },
  documents: { world: { ...composed, bids: [{ ...fullBid, findings: emptyBid.findings }] }, clicks: ['nav-documents'] },
  seal: { world: composed, clicks: ['nav-seal'] },
  'seal-choice': { world: composed, clicks: ['nav-seal', 'select-main'] },
  'seal-blocked': { world: { ...composed, bids: [emptyBid] }, clicks: ['nav-seal'] },
  'seal-sheet': { world: composed, clicks: ['nav-seal', 'action-bid.seal'] },
  'seal-progress': {
    world: composed,
    clicks: ['nav-seal', 'action-bid.seal', 'confirm-bid.seal'],
    jobs: [
      { ...job, stage: 'digest', done: 48 * mebibyte, total: 48 * mebibyte },
      { ...job, stage: 'seal', done: 4 * mebibyte, total: 48 * mebibyte },
      { ...job, stage: 'seal', done: 21 * mebibyte, total: 48 * mebibyte },
    ],
  },
  'seal-failed': {
    world: composed,
    clicks: ['nav-seal', 'action-bid.seal', 'confirm-bid.seal'],
    jobs: [
      { ...job, stage: 'digest', done: 12 * mebibyte, total: 48 * mebibyte },
      { ...job, state: 'failed', failure: { code: 'token.driver-crashed', because: 'token.removed' } },
    ],
  },
  'seal-result': { world: sealed, clicks: ['nav-seal'] },
  submit: { world: sealed, clicks: ['nav-submit'] },
  'submit-address': {
    world: { ...sealed, tenders: [{ ...tender, platformAddress: null }] },
    clicks: ['nav-submit'],
  },
  'submit-sheet': { world: sealed, clicks: ['nav-submit', 'action-sealed.submit'] },
  'submit-progress': {
    world: sealed,
    clicks: ['nav-submit', 'action-sealed.submit', 'confirm-sealed.submit'],
    jobs: [
      { ...job, kind: 'submit', seal: ids.seal, stage: 'verify', done: 48 * mebibyte, total: 48 * mebibyte },
      { ...job, kind: 'submit', seal: ids.seal, stage: 'upload', done: 6 * mebibyte, total: 48 * mebibyte },
      { ...job, kind: 'submit', seal: ids.seal, stage: 'upload', done: 17 * mebibyte, total: 48 * mebibyte },
    ],
  },
  'submit-refused': {
    world: sealed,
    clicks: ['nav-submit', 'action-sealed.submit', 'confirm-sealed.submit'],
    jobs: [
      {
        ...job,
        kind: 'submit',
        seal: ids.seal,
        state: 'failed',
        failure: { code: 'platform.refused', platformSays: '投标保证金尚未到账，暂不受理。' },
      },
    ],
  },
  submitted: { world: submitted, clicks: ['nav-submit'] },
  'withdraw-sheet': { world: submitted, clicks: ['nav-submit', 'action-sealed.withdraw'] },
  'opening-waiting': { world: submitted, clicks: ['nav-opening'] },
  'opening-open': { world: open, clicks: ['nav-opening'] },
  'release-sheet': { world: open, clicks: ['nav-opening', 'action-opening.release'] },
  'opening-unreachable': {
    world: { ...submitted, failing: { 'opening.state': 'platform.unreachable' } },
    clicks: ['nav-opening'],
  },
  question: {
    world: {
      ...open,
      questions: [
        {
          question: ids.question,
          job: ids.job,
          kind: 'clock-disagrees',
          facts: { own: openingView.serverTime, platform: tender.openingTime, openingTime: tender.openingTime },
        },
      ],
    },
    clicks: [],
  },
  'question-short-code': {
    world: {
      ...open,
      questions: [{ question: ids.question, job: ids.job, kind: 'short-code', facts: { shortCode: '7K3QX9MD' } }],
    },
    clicks: [],
  },
  record: { world: { ...submitted, sealed: [openedBid] }, clicks: ['nav-record'] },
  'record-waiting': {
    world: { ...submitted, sealed: [{ ...openedBid, state: 'released', record: null }] },
    clicks: ['nav-record'],
  },
}
