import {
  decodeDocument,
  type DocumentFields,
  intl1,
  sha256Hex,
  signDocument,
  type SignedDocument,
  type Signer,
  systemClock,
} from '../../../crypto/index.ts'
import { nodeHttp } from '../../../main/http/index.ts'
import { httpPlatform } from '../../../main/platform/index.ts'
import { loadPlatformKeys, type PlatformKeys } from '../../../main/practice/index.ts'
import { type DeliveredBid, deliverBid, openCommand } from '../../fixtures/faults/delivered-bid.ts'
import type { FaultRig } from '../../fixtures/faults/fault-rig.ts'
import { flipped, type WholeAnswer } from '../../fixtures/faults/exchange.ts'
import { badEnding, failureOf, homeState, keptDocument } from '../../fixtures/faults/truth.ts'
import { releasesAt } from '../../fixtures/faults/attendance.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'
import { randomFrom } from '../../setup/scale.ts'

/** What lies about the opening came to. */
export interface LieReport {
  /** Codes each lie was refused with. */
  readonly refused: Readonly<Record<string, readonly string[]>>
  readonly wrong: readonly string[]
}

interface Scene {
  readonly rig: FaultRig
  readonly bid: DeliveredBid
  /** Of an opening that is under way. */
  readonly other: DeliveredBid
  readonly keys: PlatformKeys
  readonly random: (limit: number) => number
}

/** A lie about an opening; the codes it may be refused with. */
interface Lie {
  readonly name: string
  readonly codes: RegExp
  /** Whether the opening has truly begun. */
  readonly begun: boolean
  /** Whether the person says yes to what is asked. */
  readonly yes: boolean
  tell(scene: Scene): Promise<void> | void
  /** The environment of the client. */
  readonly env?: (rig: FaultRig) => Readonly<Record<string, string>>
}

type Challenge = DocumentFields<'challenge'>

/** A challenge that is not to be answered: another text, signed by whom it should or by another. */
function forged(
  name: string,
  codes: RegExp,
  change: (fields: Challenge, scene: Scene) => Partial<Challenge>,
  signerOf: (keys: PlatformKeys) => Signer = keys => keys.opening,
): Lie {
  return {
    ...{ name, codes, begun: true, yes: true },
    tell(scene) {
      swapChallenge(scene, async document => {
        const fields = decodeDocument('challenge', document.bytes)
        const changed = { ...fields, ...change(fields, scene) }
        return signDocument('challenge', changed, signerOf(scene.keys), intl1, systemClock)
      })
    },
  }
}

const other = 'ab'.repeat(32)
const refusedChallenge = /^opening\.challenge$/

/** In the order they are told: after the last of those before the opening the platform has begun it. */
const lies: readonly Lie[] = [
  forged(
    'a challenge signed with the key for receipts',
    refusedChallenge,
    () => ({}),
    keys => keys.receipt,
  ),
  forged(
    'a challenge signed by a stranger',
    refusedChallenge,
    () => ({}),
    () => practiceCa().opening.signer(),
  ),
  forged('keys for a certificate the tender does not list', refusedChallenge, () => ({
    recipient: sha256Hex(practiceCa().opening.certificate),
  })),
  forged('keys for the certificate for receipts', refusedChallenge, (_, { keys }) => ({
    recipient: sha256Hex(keys.receipt.certificate),
  })),
  forged('a challenge over another bid', refusedChallenge, (_, scene) => ({
    sealDigest: scene.other.sealed.sealDigest,
  })),
  forged('a challenge over another receipt', refusedChallenge, () => ({ receiptDigest: other })),
  forged('a challenge of another tender', refusedChallenge, ({ tender }) => ({ tender: { ...tender, tenderId: 'X' } })),
  forged('a challenge of another opening', refusedChallenge, (_, scene) => ({ openingId: scene.other.openingId })),
  forged('a challenge from before the opening time', /^opening\.early$/, ({ openedAt }) => ({
    openedAt: new Date(Date.parse(openedAt) - 7_200_000).toISOString(),
  })),
  {
    ...{ name: 'the challenge of another bid, as it is', codes: refusedChallenge, begun: true, yes: true },
    tell(scene) {
      swapChallenge(scene, () => challengeOf(scene.rig, scene.other))
    },
  },
  {
    ...{ name: 'a challenge with one bit flipped', codes: /^(opening\.challenge|document\.)/, begun: true, yes: true },
    tell(scene) {
      swapChallenge(scene, document => {
        const { bytes, signature } = document
        const flip = (of: Uint8Array): Buffer => flipped(Buffer.from(of), scene.random(of.length), scene.random(8))
        return scene.random(2) === 0 ? { bytes: flip(bytes), signature } : { bytes, signature: flip(signature) }
      })
    },
  },
  {
    ...{ name: 'a computer a day ahead, before the opening', codes: /^opening\.early$/, begun: false, yes: true },
    tell: ({ rig }) => rig.clientClock?.jump(1),
    env: ({ clientClock }) => clientClock?.environment ?? {},
  },
  {
    name: 'an opening that is said to have begun, with a challenge that was made early',
    codes: /^(opening\.early|opening\.challenge|platform\.not-open|platform\.clock)$/,
    ...{ begun: false, yes: true },
    async tell(scene) {
      const { rig, bid, keys } = scene
      sayOpen(scene)
      const template = decodeDocument('challenge', (await challengeOf(rig, scene.other)).bytes)
      const receipt = keptDocument(rig, bid.sealed, 'receipt')
      const fields: Challenge = {
        ...template,
        openingId: bid.openingId,
        tender: { ...template.tender, tenderId: bid.tender.fields.tenderId },
        sealDigest: bid.sealed.sealDigest,
        receiptDigest: sha256Hex(receipt?.bytes ?? new Uint8Array()),
      }
      const made = await signDocument('challenge', fields, keys.opening, intl1, systemClock)
      rig.proxy.answerAll(
        ({ path }) => path.includes('/challenges/'),
        () => json(signedJson(made)),
      )
    },
  },
  {
    name: 'a platform a day ahead, before the opening',
    codes: /^(opening\.not-confirmed|opening\.early|platform\.clock)$/,
    ...{ begun: false, yes: false },
    tell: ({ rig }) => rig.platformClock?.jump(1),
  },
]

/** The lies by name, for a test that tells some of them. */
export const lieNames: readonly string[] = lies.map(({ name }) => name)

/**
 * Tells all lies about an opening so many times. No key may be released: nothing is sent, the platform has no release, the
 * home says nothing of one. Where the opening has truly begun, the bid then opens with the truth.
 */
export async function lieAboutOpenings(
  rig: FaultRig,
  rounds: number,
  start: number,
  names = lieNames,
): Promise<LieReport> {
  const random = randomFrom(start)
  const wrong: string[] = []
  const refused = new Map<string, string[]>()
  const keys = await loadPlatformKeys(rig.platformFolder)
  const others = await deliverBid(rig, 'E53000010000023999', { hours: 1, releaseMinutes: 10_080 })
  await rig.advanceTo(others.openingTime)
  for (let round = 0; round < rounds; round += 1) {
    for (const begun of [false, true]) {
      const told = lies.filter(lie => lie.begun === begun && names.includes(lie.name))
      if (told.length === 0) continue
      const name = `E53000010000023${String(2 * round + Number(begun)).padStart(3, '0')}`
      const bid = await deliverBid(rig, name, { hours: begun ? 1 : 12, releaseMinutes: 3 * 24 * 60 })
      if (begun) await rig.advanceTo(bid.openingTime)
      const scene: Scene = { rig, bid, other: others, keys, random }
      for (const lie of told) {
        const { code, found } = await tellOne(lie, scene)
        refused.set(lie.name, [...(refused.get(lie.name) ?? []), code])
        wrong.push(...found.map(each => `${lie.name}: ${each}`))
      }
      if (begun) wrong.push(...(await truth(scene)))
    }
  }
  return { refused: Object.fromEntries(refused), wrong }
}

async function tellOne(lie: Lie, scene: Scene): Promise<{ readonly code: string; readonly found: readonly string[] }> {
  const { rig, bid } = scene
  await lie.tell(scene)
  const from = rig.proxy.seen.length
  const run = await rig.run(openCommand(rig, bid, lie.yes), lie.env?.(rig))
  const sent = rig.proxy.seen.slice(from).filter(({ path }) => path.endsWith('/releases'))
  await rig.proxy.calm()
  rig.platformClock?.jump(0)
  rig.clientClock?.jump(0)
  const code = failureOf(run)?.code ?? 'ok'
  const found = [...badEnding(run)]
  if (!lie.codes.test(code)) found.push(`ended with ${code}: ${run.stdout.slice(0, 300)}`)
  if (sent.length > 0) found.push('a release was sent')
  if ((await releasesAt(rig, bid)).length > 0) found.push('the platform has a release')
  if (keptDocument(rig, bid.sealed, 'release') !== null) found.push('the home holds a release')
  const state = homeState(rig, bid.sealed)
  if (state === 'released' || state === 'closed') found.push(`the home says ${state}`)
  return { code, found }
}

/** The opening as it is: the bid opens. */
async function truth({ rig, bid }: Scene): Promise<readonly string[]> {
  const run = await rig.run(openCommand(rig, bid))
  return run.code === 0 ? [] : [`does not open with the truth: ${run.stdout.slice(0, 300)}`]
}

function swapChallenge(
  { rig }: Scene,
  swap: (document: SignedDocument) => Promise<SignedDocument> | SignedDocument,
): void {
  rig.proxy.answerAll(
    ({ path }) => path.includes('/challenges/'),
    async (_, forward) => {
      const answer = await forward()
      if (answer.status !== 200) return answer
      const { document, signature } = JSON.parse(answer.body.toString('utf8')) as Record<string, string>
      const bytes = (text = ''): Uint8Array => Buffer.from(text, 'base64')
      const swapped = await swap({ bytes: bytes(document), signature: bytes(signature) })
      return json(signedJson(swapped))
    },
  )
}

/** The platform's unsigned word that the opening is open, whatever it truly says. */
function sayOpen({ rig }: Scene): void {
  rig.proxy.answerAll(
    ({ method, path }) => method === 'GET' && /\/api\/openings\/[^/]+$/.test(path),
    async (_, forward) => {
      const answer = await forward()
      const closesAt = new Date(Date.now() + 400 * 24 * 3_600_000).toISOString()
      const said = { ...(JSON.parse(answer.body.toString('utf8')) as object), state: 'open', closesAt, bids: 1 }
      return json(said)
    },
  )
}

function challengeOf(rig: FaultRig, { openingId, sealed }: DeliveredBid): Promise<SignedDocument> {
  return httpPlatform(rig.url, nodeHttp()).challenge(openingId, sealed.sealDigest)
}

function signedJson({ bytes, signature }: SignedDocument): object {
  const base64 = (of: Uint8Array): string => Buffer.from(of).toString('base64')
  return { document: base64(bytes), signature: base64(signature) }
}

function json(value: object): WholeAnswer {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(value)) }
}
