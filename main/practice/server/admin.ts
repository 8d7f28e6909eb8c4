import { timingSafeEqual } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { isJsonObject, parseStrictJson } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { base64, encodeSigned, fieldsOf, patterns } from '../../platform/index.ts'
import { openBidderAuthority } from '../bidders/authority.ts'
import type { BidderAuthority } from '../bidders/authority.ts'
import { mostBidders, playBidders } from '../bidders/play-bidders.ts'
import type { PracticeContext } from '../context.ts'
import { makeTenderPackage } from '../make-tender.ts'
import { moveAllOn } from '../opening/window.ts'
import { scratchPrefix } from '../state/folders.ts'
import { extendTender } from '../submission/notices.ts'
import { openStored } from '../submission/stored.ts'
import { practiceRoutes, practiceTokenHeader } from './admin-routes.ts'
import { decodeScript } from './script-fields.ts'
import { endpointsOf } from './router.ts'
import type { Endpoint, Exchange, Reply } from './router.ts'

/** Longest tender package or specification that is taken, in bytes. */
const packageBytes = 64 * 1024 * 1024

/** Longest script, in bytes. */
const scriptBytes = 64 * 1024

/**
 * The practice requests, each refused without the token that was printed at the start. `interrupt` stops listening for so
 * many milliseconds.
 */
export function adminEndpoints(
  context: PracticeContext,
  token: string,
  interrupt: (milliseconds: number) => void,
): readonly Endpoint[] {
  let opened: Promise<BidderAuthority> | null = null
  const authority = (): Promise<BidderAuthority> =>
    (opened ??= openBidderAuthority(context.folders.keys, context.suite, context.clock.now()))
  const endpoints = endpointsOf(practiceRoutes, {
    async makeTender(exchange) {
      const value = parseStrictJson(await exchange.bytes(packageBytes), {
        maxBytes: packageBytes,
        code: 'arguments.bad',
      })
      const spec = isJsonObject(value) && isJsonObject(value['tender']) ? value['tender'] : {}
      const attachments = fieldsOf(value, 'arguments.bad')
        .objects('attachments', 1_000)
        .map(each => ({ path: each.text('path', patterns.line), bytes: each.bytes('bytes', packageBytes) }))
      return published(context, await makeTenderPackage(context, spec, attachments))
    },
    publishPackage: async exchange => published(context, await exchange.bytes(packageBytes)),
    async advanceClock(exchange) {
      const fields = await exchange.json(1_000)
      await context.clock.advance(fields.count('milliseconds'))
      await moveAllOn(context)
      return { kind: 'json', json: { serverTime: context.clock.now().toISOString() } }
    },
    bids() {
      const bids = context.bids.all().map(bid => ({
        sealDigest: bid.sealDigest,
        sealId: bid.sealId,
        openingId: bid.openingId,
        bidder: bid.bidder.name,
        state: context.bids.stateOf(bid),
      }))
      return Promise.resolve({ kind: 'json', json: { bids } })
    },
    async archive(exchange) {
      const bid = context.bids.bySealDigest(exchange.segment('sealDigest'))
      if (bid === null || bid.receipt === null) throw new AppFailure('platform.unknown', 'no such bid')
      return { kind: 'source', type: 'application/vnd.bidseal.sealed-bid', source: await openStored(context, bid) }
    },
    async script(exchange) {
      const spec = decodeScript(await exchange.json(scriptBytes))
      context.script.set(spec)
      if (spec.outage?.kind === 'refuse') interruptAfter(exchange.response, spec.outage.milliseconds, interrupt)
      return { kind: 'json', json: {} }
    },
    async extend(exchange) {
      const fields = await exchange.json(1_000)
      const notice = await extendTender(context, fields.text('packageDigest', patterns.digest), {
        deadline: fields.time('deadline'),
        openingTime: fields.time('openingTime'),
      })
      return { kind: 'json', json: encodeSigned(notice) }
    },
    async bidderAuthority() {
      return { kind: 'json', json: { root: base64((await authority()).root) } }
    },
    async bidders(exchange) {
      const fields = await exchange.json(1_000)
      const count = fields.count('count')
      if (count < 1 || count > mostBidders) throw new AppFailure('arguments.bad', `1 to ${mostBidders} bidders at once`)
      const openingId = fields.text('openingId', patterns.openingId)
      return { kind: 'json', json: { sealDigests: await playBidders(context, await authority(), openingId, count) } }
    },
    async scratch(exchange) {
      const path = join(context.folders.uploads, `${scratchPrefix}${exchange.segment('name')}`)
      await pipeline(exchange.request, createWriteStream(path))
      return { kind: 'json', json: { size: (await stat(path)).size } }
    },
  })
  return endpoints.map(endpoint => ({
    ...endpoint,
    handle(exchange) {
      requireToken(exchange, token)
      return endpoint.handle(exchange)
    },
  }))
}

/** The caller of the script gets his answer yet. */
function interruptAfter(response: ServerResponse, milliseconds: number, interrupt: (ms: number) => void): void {
  response.once('close', () => {
    interrupt(milliseconds)
  })
  response.setHeader('connection', 'close')
}

async function published(context: PracticeContext, bytes: Uint8Array): Promise<Reply> {
  const { tender, openingId } = await context.tenders.add(bytes)
  return { kind: 'json', json: { packageDigest: tender.packageDigest, openingId } }
}

function requireToken(exchange: Exchange, token: string): void {
  const given = Buffer.from(String(exchange.request.headers[practiceTokenHeader] ?? ''))
  const wanted = Buffer.from(token)
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
    throw new AppFailure('platform.refused', 'the practice token is missing or wrong')
  }
}
