import { CryptoFailure, openPlainTwin } from '../../../crypto/index.ts'
import type { ByteSource, JobControl, SealedBid } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Platform } from '../../platform/index.ts'
import { recordedWork } from '../evidence/recorded-platform.ts'
import type { Ports } from '../ports.ts'
import type { OpeningKeys } from './keys.ts'

/** A plain twin that has been proved to be the bid's, and that the person agrees to hand over. */
export interface ReadyTwin {
  /** Sends what the platform does not have yet, and hands the twin over. Throws `opening.*`, `platform.*`. */
  send(platform: Platform, openingId: string): Promise<void>
  close(): Promise<void>
}

/**
 * Opens a plain twin and holds it against the roots the bid's signed header binds, before anybody is asked and before a
 * byte leaves this computer. Throws `opening.remedy` where the way to the platform is open to others, `opening.other-run`
 * for the twin of another run, another bid or a changed one, `input.unreadable` for what is no twin,
 * `opening.not-confirmed` when the person does not agree; the journal has each.
 */
export function readyTwin(
  ports: Ports,
  bid: SealedBid,
  platformUrl: string,
  twin: PlainTwin,
  control: JobControl,
): Promise<ReadyTwin> {
  const { sealDigest, header } = bid
  return recordedWork(ports, { sealId: header.sealId, sealDigest }, 'prove-twin', () => {
    requirePrivateWay(platformUrl)
    return proved(ports, bid, twin, control)
  })
}

/** SECURITY: the plaintext of a bid crosses no network unencrypted. */
function requirePrivateWay(platformUrl: string): void {
  const url = urlOf(platformUrl)
  if (url?.protocol === 'https:' || url?.protocol === 'file:') return
  const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/
  if (url?.protocol === 'http:' && loopback.test(url.hostname)) return
  throw new AppFailure('opening.remedy', 'a plain twin goes to an https address only: on the way others could read it')
}

function urlOf(address: string): URL | null {
  try {
    return new URL(address)
  } catch {
    return null
  }
}

type PlainTwin = Extract<OpeningKeys, { kind: 'plain-twin' }>

async function proved(ports: Ports, bid: SealedBid, twin: PlainTwin, control: JobControl): Promise<ReadyTwin> {
  const file = await ports.files.open(twin.file)
  try {
    const parts = await provedParts(bid, file, control)
    const total = [...parts.values()].reduce((sum, { size }) => sum + size, 0)
    if (!(await twin.handOver(total))) {
      throw new AppFailure('opening.not-confirmed', 'the plain twin was not to be handed over')
    }
    return {
      send: (platform, openingId) => send(platform, openingId, bid, parts, control),
      close: () => file.close(),
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function provedParts(
  bid: SealedBid,
  file: ByteSource,
  control: JobControl,
): Promise<ReadonlyMap<string, ByteSource>> {
  try {
    return await openPlainTwin(bid, file, control)
  } catch (error) {
    if (!(error instanceof CryptoFailure) || error.code !== 'seal.inner') throw error
    throw new AppFailure('opening.other-run', error.detail, { cause: error })
  }
}

async function send(
  platform: Platform,
  openingId: string,
  bid: SealedBid,
  parts: ReadonlyMap<string, ByteSource>,
  { signal, onProgress }: JobControl,
): Promise<void> {
  const asked = await platform.beginTwin(openingId, bid.sealDigest)
  const total = asked.reduce((sum, { size }) => sum + size, 0)
  let before = 0
  for (const part of asked) {
    const source = parts.get(part.name)
    if (source?.size !== part.size) {
      throw new AppFailure('platform.refused', 'the platform asks for a part of another size')
    }
    const start = before
    await platform.sendPart(part, source, {
      signal,
      onProgress: ({ done }) => onProgress?.({ stage: 'upload', done: start + done, total }),
    })
    before += part.size
  }
  await platform.completeTwin(openingId, bid.sealDigest)
}
