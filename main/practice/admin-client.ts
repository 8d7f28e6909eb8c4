import type { SignedDocument } from '../../crypto/index.ts'
import { AppFailure } from '../contract/failure.ts'
import { refusalOf } from '../http/index.ts'
import type { HttpPort } from '../http/index.ts'
import { base64, decodeSigned, fieldsOf, pathOf, patterns } from '../platform/index.ts'
import type { Fields, Json, TenderAttachment } from '../platform/index.ts'
import type { TenderSpec } from './make-tender.ts'
import type { ServedRoute } from './server/router.ts'
import type { ScriptSpec } from './state/script.ts'
import { practiceRoutes, practiceTokenHeader } from './server/admin-routes.ts'

/** A bid as the practice platform's own list shows it. */
export interface PracticeBid {
  readonly sealDigest: string
  readonly sealId: string
  readonly openingId: string
  readonly state: 'uploading' | 'received' | 'replaced' | 'withdrawn'
}

/** Bidders of one request. */
const biddersAtOnce = 25

/** The practice requests, for the rehearsal and tests. Failures as with `Platform`. */
export interface PracticeAdmin {
  /** Has the platform compose, sign and publish a tender. */
  makeTender(spec: TenderSpec, attachments?: readonly TenderAttachment[]): Promise<PublishedTender>
  /** Publishes a `.tender` file made elsewhere for this platform. */
  publishPackage(packageBytes: Uint8Array): Promise<PublishedTender>
  /** Moves the platform's clock on; answers its time. */
  advanceClock(milliseconds: number): Promise<Date>
  bids(): Promise<readonly PracticeBid[]>
  /** Has the platform misbehave as the script says; an empty one ends that. A start ends it too. */
  script(script: ScriptSpec): Promise<void>
  /** Moves deadline and opening of a package in force; answers the signed notice. */
  extend(extension: {
    readonly packageDigest: string
    readonly deadline: Date
    readonly openingTime: Date
  }): Promise<SignedDocument>
  /** The root certificate (DER) of the bidders the platform plays; a tender that shall have them accepts it. */
  bidderAuthority(): Promise<Uint8Array>
  /** Has other bidders seal and submit to an opening; answers their sealDigests. Each costs what a small bid costs. */
  bidders(openingId: string, count: number): Promise<readonly string[]>
  /**
   * Where a plain PUT of any file goes, beside the uploads and without anything else: what resumable uploads are measured
   * against. Whoever measures sends it himself, with these headers.
   */
  scratch(name: string): { readonly url: string; readonly headers: Readonly<Record<string, string>> }
  /** The canonical archive of a received bid, rebuilt from what is stored. */
  archive(sealDigest: string): Promise<AsyncIterable<Uint8Array>>
}

export interface PublishedTender {
  readonly packageDigest: string
  readonly openingId: string
}

/** Speaks to a practice platform with the token of its start. */
export function practiceAdmin(
  platform: { readonly url: string; readonly adminToken: string },
  http: HttpPort,
): PracticeAdmin {
  const send = async (
    route: Exclude<ServedRoute, { readonly method: 'PUT' }>,
    path: string,
    body?: Uint8Array,
  ): Promise<Awaited<ReturnType<HttpPort['request']>>> => {
    const response = await http.request({
      method: route.method,
      url: `${platform.url}${path}`,
      headers: { [practiceTokenHeader]: platform.adminToken, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body }),
    })
    if (response.status === 200) return response
    throw refusalOf(response.status, await response.bytes(65_536))
  }
  const ask = async (route: Exclude<ServedRoute, { readonly method: 'PUT' }>, body?: Uint8Array): Promise<Fields> =>
    answerOf(await (await send(route, route.path, body)).bytes(16 * 1024 * 1024))

  return {
    async makeTender(spec, attachments = []) {
      const files = attachments.map(({ path, bytes }) => ({ path, bytes: base64(bytes) }))
      return publishedOf(await ask(practiceRoutes.makeTender, jsonBytes({ tender: spec, attachments: files })))
    },
    publishPackage: async bytes => publishedOf(await ask(practiceRoutes.publishPackage, bytes)),
    async advanceClock(milliseconds) {
      return (await ask(practiceRoutes.advanceClock, jsonBytes({ milliseconds }))).time('serverTime')
    },
    bids: async () => (await ask(practiceRoutes.bids)).objects('bids', 100_000).map(bidOf),
    async script(script) {
      await ask(practiceRoutes.script, jsonBytes(script))
    },
    extend: async ({ packageDigest, deadline, openingTime }) =>
      decodeSigned(
        await ask(
          practiceRoutes.extend,
          jsonBytes({ packageDigest, deadline: deadline.toISOString(), openingTime: openingTime.toISOString() }),
        ),
      ),
    bidderAuthority: async () => (await ask(practiceRoutes.bidderAuthority)).bytes('root', 65_536),
    async bidders(openingId, count) {
      const sealDigests: string[] = []
      // Some at a time, so that no answer is waited for longer than connections live.
      for (let left = count; sealDigests.length === 0 || left > 0; left -= biddersAtOnce) {
        const body = jsonBytes({ openingId, count: Math.min(left, biddersAtOnce) })
        const made = await ask(practiceRoutes.bidders, body)
        sealDigests.push(...made.texts('sealDigests', patterns.digest, biddersAtOnce))
      }
      return sealDigests
    },
    scratch: name => ({
      url: `${platform.url}${pathOf(practiceRoutes.scratch, { name })}`,
      headers: { [practiceTokenHeader]: platform.adminToken },
    }),
    async archive(sealDigest) {
      return (await send(practiceRoutes.archive, pathOf(practiceRoutes.archive, { sealDigest }))).body
    },
  }
}

function publishedOf(fields: Fields): PublishedTender {
  return {
    packageDigest: fields.text('packageDigest', patterns.digest),
    openingId: fields.text('openingId', patterns.openingId),
  }
}

function bidOf(fields: Fields): PracticeBid {
  return {
    sealDigest: fields.text('sealDigest', patterns.digest),
    sealId: fields.text('sealId', patterns.uuid),
    openingId: fields.text('openingId', patterns.openingId),
    state: fields.oneOf('state', ['uploading', 'received', 'replaced', 'withdrawn']),
  }
}

function jsonBytes(value: Json | ScriptSpec | { readonly tender: TenderSpec; readonly attachments: Json }): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}

function answerOf(bytes: Uint8Array): Fields {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(bytes))
  } catch (error) {
    throw new AppFailure('platform.refused', 'the answer of the platform is not JSON', { cause: error })
  }
  return fieldsOf(value, 'platform.refused')
}
