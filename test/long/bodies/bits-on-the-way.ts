import { readFileSync, rmSync, statSync } from 'node:fs'
import { bytesSource, type Tender } from '../../../crypto/index.ts'
import { readTenderPackage } from '../../../main/platform/index.ts'
import type { FaultRig } from '../../fixtures/faults/fault-rig.ts'
import { flipped } from '../../fixtures/faults/exchange.ts'
import type { Passage } from '../../fixtures/faults/connection.ts'
import type { RequestHead } from '../../fixtures/faults/request-reader.ts'
import { badEnding, failureOf, untruths } from '../../fixtures/faults/truth.ts'
import { randomFrom } from '../../setup/scale.ts'
import { submitCommand } from './submit-faults.ts'

const mebibyte = 2 ** 20

/** What became of flipped bits. */
export interface FlipReport {
  /** In what is sent: the parts, the header archive, every signed document. Found before a receipt was given. */
  readonly bodies: { readonly flipped: number; readonly found: number }
  /** In the heads of requests, where a bit may mean nothing. */
  readonly heads: { readonly flipped: number; readonly refused: number }
  /** In answers, where the client has to find it. */
  readonly answers: { readonly flipped: number; readonly noticed: number }
  readonly where: Readonly<Record<string, number>>
  readonly wrong: readonly string[]
}

export interface Flips {
  readonly bodies: number
  readonly heads: number
  readonly answers: number
  readonly seed: number
}

type Target = 'body' | 'head' | 'answer'

/**
 * Flips one bit of each of many submissions on its way. What is flipped in a body must be found before there is a receipt;
 * whatever is flipped, what is stored is the file and nobody says received who should not.
 */
export async function flipBitsOnTheWay(rig: FaultRig, flips: Flips): Promise<FlipReport> {
  const random = randomFrom(flips.seed)
  const wrong: string[] = []
  const where = new Map<string, number>()
  const counts = { body: [0, 0], head: [0, 0], answer: [0, 0] } satisfies Record<Target, [number, number]>
  const folder = await rig.newBid('bid-of-flips', rig.tenderFile, 2 * mebibyte)
  const { tender } = await readTenderPackage(bytesSource(readFileSync(rig.tenderFile)))
  const wanted: readonly [Target, number][] = [
    ['body', flips.bodies],
    ['head', flips.heads],
    ['answer', flips.answers],
  ]
  for (const [target, count] of wanted) {
    while (counts[target][0] < count) {
      const one = await flipOnce(rig, tender, folder, target, random)
      wrong.push(...one.wrong)
      if (one.request === null) continue
      counts[target][0] += 1
      counts[target][1] += Number(one.found)
      const kind = `${target} of ${one.request.replace(/[0-9a-f-]{32,}/g, '…')}`
      where.set(kind, (where.get(kind) ?? 0) + 1)
      if (target === 'body' && !one.found) wrong.push(`a bit flipped in the body of ${one.request} was not found`)
    }
  }
  return {
    bodies: { flipped: counts.body[0], found: counts.body[1] },
    heads: { flipped: counts.head[0], refused: counts.head[1] },
    answers: { flipped: counts.answer[0], noticed: counts.answer[1] },
    where: Object.fromEntries([...where].sort(([a], [b]) => a.localeCompare(b))),
    wrong,
  }
}

interface Flip {
  /** Null when the submission never came to it. */
  readonly request: string | null
  readonly found: boolean
  readonly wrong: readonly string[]
}

async function flipOnce(
  rig: FaultRig,
  tender: Tender,
  folder: string,
  target: Target,
  random: (limit: number) => number,
): Promise<Flip> {
  const { proxy } = rig
  const sealed = await rig.seal('flipped.sbid', folder, rig.tenderFile)
  const size = statSync(sealed.path).size
  let request: string | null = null
  let from = 0
  const note = (head: RequestHead): void => {
    request = `${head.method} ${head.path}`
    from = proxy.seen.length - 1
  }
  const inBody = (passage: Passage): void => {
    const length = Number(passage.head.headers.get('content-length') ?? size)
    proxy.when({ bodyByte: random(length) }, there => {
      note(there.head)
      there.flip(random(8))
    })
  }
  proxy.when({ before: chosen(target, random) }, passage => {
    if (target === 'body') {
      inBody(passage)
      return
    }
    note(passage.head)
    if (target === 'head') passage.flipInHead(random(passage.head.bytes.length), random(8))
    else passage.answer(async (_, forward) => damaged(await forward(), random))
  })
  const first = await rig.run(submitCommand(rig, sealed))
  await proxy.calm()
  const refused = proxy.seen.slice(from).some(({ status }) => status === null || status >= 400)
  const wrong = [...badEnding(first), ...(await untruths(rig, tender, sealed, first))]
  let last = first
  for (let attempt = 0; attempt < 5 && last.code !== 0; attempt += 1) {
    last = await rig.run(submitCommand(rig, sealed))
    wrong.push(...badEnding(last), ...(await untruths(rig, tender, sealed, last)))
  }
  if (last.code !== 0) wrong.push(`does not end after a flip in ${String(request)}: ${String(failureOf(last)?.code)}`)
  await rig.run(['withdraw', sealed.sealId, ...submitCommand(rig, sealed).slice(2)])
  rmSync(sealed.path)
  const told = wrong.map(each => `${target} of ${String(request)}: ${each}`)
  return { request, found: refused || first.code !== 0, wrong: told }
}

/** Six in ten of the flips in bodies fall on a part, two on the header archive, the others on any request with a body. */
function chosen(target: Target, random: (limit: number) => number): (head: RequestHead) => boolean {
  const draw = random(10)
  let skip = target === 'body' ? (draw < 6 ? random(2) : 0) : random(8)
  const matches = ({ method, path, headers }: RequestHead): boolean => {
    // Other answers have no body.
    if (target === 'answer') return method === 'GET' || method === 'POST'
    if (target === 'head') return true
    if (draw < 6) return method === 'PATCH'
    if (draw < 8) return path === '/api/submissions'
    return method === 'POST' && Number(headers.get('content-length') ?? 0) > 2
  }
  return head => matches(head) && skip-- === 0
}

function damaged<T extends { readonly body: Buffer }>(answer: T, random: (limit: number) => number): T {
  const { body } = answer
  return body.length === 0 ? answer : { ...answer, body: flipped(body, random(body.length), random(8)) }
}
