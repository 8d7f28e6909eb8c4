import { timingSafeEqual } from 'node:crypto'
import { isJsonObject, parseStrictJson } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { fieldsOf, patterns } from '../../platform/index.ts'
import type { PracticeContext } from '../context.ts'
import { makeTenderPackage } from '../make-tender.ts'
import { moveAllOn } from '../opening/window.ts'
import { openStored } from '../submission/stored.ts'
import { practiceRoutes, practiceTokenHeader } from './admin-routes.ts'
import { endpointsOf } from './router.ts'
import type { Endpoint, Exchange, Reply } from './router.ts'

/** Longest tender package or specification that is taken, in bytes. */
const packageBytes = 64 * 1024 * 1024

/** The practice requests, each refused without the token that was printed at the start. */
export function adminEndpoints(context: PracticeContext, token: string): readonly Endpoint[] {
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
  })
  return endpoints.map(endpoint => ({
    ...endpoint,
    handle(exchange) {
      requireToken(exchange, token)
      return endpoint.handle(exchange)
    },
  }))
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
