import type { SignedDocument } from '../../crypto/index.ts'
import { AppFailure } from '../contract/failure.ts'
import { briskRetry, notThePlatform, refusalOf, retrying } from '../http/index.ts'
import type { HttpPort, HttpResponse, RetryPolicy } from '../http/index.ts'
import { base64, fieldsOf, patterns } from './fields.ts'
import type { Fields } from './fields.ts'
import { uploadPart } from '../upload/index.ts'
import { readEvents } from './events.ts'
import type { Platform, Submission, SubmissionPart } from './port.ts'
import { pathOf, platformRoutes } from './routes.ts'
import type { Route } from './routes.ts'
import {
  decodeListing,
  decodeOpening,
  decodeReleaseAnswer,
  decodeSigned,
  encodeRelease,
  encodeSigned,
  headerArchiveBytes,
  partNames,
} from './wire.ts'
import type { Json } from './wire.ts'

/** The largest JSON answer that is read, in bytes; a record of hundreds of bids is the longest. */
const answerBytes = 32 * 1024 * 1024
/** The largest tender package that is read, in bytes. */
const packageBytes = 512 * 1024 * 1024

export interface HttpPlatformOptions {
  /** How often a request is sent again when no answer comes. */
  readonly retry?: RetryPolicy
  /** Stops whatever request is under way. */
  readonly signal?: AbortSignal
  /** Bytes a second that parts may take at most; asked before each part. */
  readonly uploadLimit?: () => Promise<number | undefined>
}

/**
 * The neutral HTTP adapter: a platform that speaks `main/practice/openapi.yaml` under `baseUrl` (http or https).
 * Answers are bounded, then checked; a refusal becomes the failure whose code it names, with the platform's own words.
 */
export function httpPlatform(baseUrl: string, http: HttpPort, options: HttpPlatformOptions = {}): Platform {
  const base = parseBase(baseUrl)
  const policy = options.retry ?? briskRetry

  // What is no answer of the platform's is asked for again, like silence: hence read inside.
  const exchange = <T>(route: Route, segments: Segments, read: Reading<T>, body?: Json): Promise<T> =>
    retrying(
      policy,
      async () => {
        const response = await http.request({
          method: route.method,
          url: addressOf(base, pathOf(route, segments)),
          headers: {
            accept: 'application/json',
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(body === undefined ? {} : { body: new TextEncoder().encode(JSON.stringify(body)) }),
          signal: options.signal,
        })
        if (response.status < 200 || response.status >= 300) throw await refusalOfResponse(response)
        return read.as(await response.bytes(read.limit))
      },
      options.signal,
    )
  const ask = async (route: Route, segments: Segments = {}, body?: Json): Promise<Fields> =>
    fieldsOf(await exchange(route, segments, { limit: answerBytes, as: parseJson }, body), 'platform.refused')
  const askSigned = async (route: Route, segments: Segments, body: Json): Promise<SignedDocument> =>
    decodeSigned(await ask(route, segments, body))

  return {
    serverTime: async () => (await ask(platformRoutes.time)).time('serverTime'),
    signedTime: async (packageDigest, nonce) =>
      decodeSigned(await ask(platformRoutes.signedTime, { packageDigest, nonce })),
    notices: async packageDigest =>
      (await ask(platformRoutes.notices, { packageDigest })).objects('notices', 1_000).map(decodeSigned),
    tenders: async () => (await ask(platformRoutes.tenders)).objects('tenders', 10_000).map(decodeListing),
    tenderPackage: packageDigest =>
      exchange(platformRoutes.tenderPackage, { packageDigest }, { limit: packageBytes, as: archive }),
    nonce: async () => (await ask(platformRoutes.nonce, {}, {})).text('nonce', patterns.digest),
    async beginSubmission({ headerArchive, authorisation }) {
      const body = { headerArchive: base64(headerArchive), authorisation: encodeSigned(authorisation) }
      return decodeSubmission(await ask(platformRoutes.beginSubmission, {}, body), base)
    },
    sendPart: async (part, source, control) =>
      uploadPart({
        ...control,
        ...{ url: part.uploadUrl, source, http, signal: control.signal ?? options.signal },
        limit: await options.uploadLimit?.(),
      }),
    completeSubmission: submissionId => askSigned(platformRoutes.completeSubmission, { submissionId }, {}),
    withdraw: withdrawal => askSigned(platformRoutes.withdraw, {}, encodeSigned(withdrawal)),
    opening: async openingId => decodeOpening(await ask(platformRoutes.opening, { openingId })),
    async signIn(openingId, document) {
      await ask(platformRoutes.signIn, { openingId }, encodeSigned(document))
    },
    challenge: (openingId, sealDigest) => askSigned(platformRoutes.challenge, { openingId, sealDigest }, {}),
    release: async (openingId, release) =>
      decodeReleaseAnswer(await ask(platformRoutes.release, { openingId }, encodeRelease(release))),
    events: (openingId, asked) =>
      readEvents(http, addressOf(base, pathOf(platformRoutes.events, { openingId })), {
        ...asked,
        signal: asked.signal ?? options.signal,
      }),
    beginTwin: async (openingId, sealDigest) =>
      decodeParts(await ask(platformRoutes.beginTwin, { openingId, sealDigest }, {}), base),
    async completeTwin(openingId, sealDigest) {
      await ask(platformRoutes.completeTwin, { openingId, sealDigest }, {})
    },
    async record(openingId) {
      const record = (await ask(platformRoutes.record, { openingId })).objectOrNull('record')
      return record === null ? null : decodeSigned(record)
    },
    async confirm(openingId, confirmation) {
      await ask(platformRoutes.confirm, { openingId }, encodeSigned(confirmation))
    },
    async object(openingId, objection) {
      await ask(platformRoutes.object, { openingId }, encodeSigned(objection))
    },
    async sealedDigests(openingId) {
      return (await ask(platformRoutes.sealedDigests, { openingId })).texts('sealDigests', patterns.digest, 100_000)
    },
    header: sealDigest =>
      exchange(platformRoutes.header, { sealDigest }, { limit: headerArchiveBytes, as: headerBytes }),
  }
}

type Segments = Readonly<Record<string, string>>

/** How the body of a 2xx is read: at most so many bytes, and as what. */
interface Reading<T> {
  readonly limit: number
  readonly as: (bytes: Uint8Array) => T
}

function parseBase(baseUrl: string): URL {
  const refused = new AppFailure('arguments.bad', 'the address of the platform must be a plain http or https URL')
  let base: URL
  try {
    base = new URL(baseUrl)
  } catch {
    throw refused
  }
  if (!/^https?:$/.test(base.protocol) || base.username !== '' || base.search !== '' || base.hash !== '') throw refused
  return base
}

function addressOf(base: URL, path: string): string {
  return new URL(`${base.pathname.replace(/\/$/, '')}${path}`, base).href
}

function decodeSubmission(fields: Fields, base: URL): Submission {
  const submissionId = fields.text('submissionId', patterns.uuid)
  const parts = decodeParts(fields, base)
  return fields.oneOf('state', ['uploading', 'received']) === 'uploading'
    ? { submissionId, state: 'uploading', parts }
    : { submissionId, state: 'received', parts, receipt: decodeSigned(fields.object('receipt')) }
}

function decodeParts(fields: Fields, base: URL): readonly SubmissionPart[] {
  return fields.objects('parts', partNames.length).map(part => ({
    name: part.oneOf('name', partNames),
    size: part.count('size'),
    // A path only: parts go to the platform that was asked, wherever its answer points.
    uploadUrl: addressOf(base, part.text('uploadPath', patterns.path)),
    offset: part.count('offset'),
  }))
}

async function refusalOfResponse(response: HttpResponse): Promise<AppFailure> {
  const bytes = await response.bytes(64 * 1024).catch(() => new Uint8Array())
  return refusalOf(response.status, bytes)
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw notThePlatform('no JSON', error)
  }
}

/** Bytes that begin as a sealed bid's archive does, with its first entry's name. */
function headerBytes(bytes: Uint8Array): Uint8Array {
  if (!new TextDecoder().decode(bytes.subarray(0, 9)).startsWith('mimetype\0')) throw notThePlatform('no sealed bid')
  return bytes
}

/** Bytes that begin as a ZIP archive does; the page of a login is none. */
function archive(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) throw notThePlatform('no archive')
  return bytes
}
