import type { DigestGroup } from '../suite.ts'
import type { SmVariant } from './kernel/variant.ts'
import { Sm3Stream } from './sm3.ts'
import { newSm3State, sm3Engine, sm3LaneCount } from './sm3-engine.ts'
import { CryptoFailure } from '../errors.ts'

/** From how many streams on four lanes are faster than one stream after the other. */
const worthwhile = 3

/** Digests of up to four streams at once, in the lanes of SIMD as far as at least three of them go on. */
export function createSm3Group(streams: number, variant?: SmVariant): DigestGroup {
  if (streams > sm3LaneCount) throw new CryptoFailure('arguments.bad', `a group of more than ${sm3LaneCount} digests`)
  const engine = sm3Engine(variant)
  const running = Array.from({ length: streams }, () => new Sm3Stream(engine))
  return {
    lanes: streams,
    update(pieces) {
      const empty = new Uint8Array(0)
      let busy = running.map((stream, index) => ({ stream, blocks: stream.blocksOf(pieces[index] ?? empty) }))
      for (;;) {
        busy = busy.filter(({ blocks }) => blocks.length > 0)
        if (engine.compressFour === null || busy.length < worthwhile) break
        const common = Math.min(...busy.map(({ blocks }) => blocks.length))
        const [first] = busy
        // A lane without a stream repeats the first one's bytes for nothing.
        const lanes = Array.from({ length: sm3LaneCount }, (_, lane) => busy[lane] ?? first)
        engine.compressFour(
          lanes.map((_, lane) => busy[lane]?.stream.state ?? newSm3State()),
          lanes.map(each => each?.blocks.subarray(0, common) ?? empty),
        )
        busy = busy.map(({ stream, blocks }) => ({ stream, blocks: blocks.subarray(common) }))
      }
      for (const { stream, blocks } of busy) engine.compress(stream.state, blocks)
    },
    digests: () => running.map(stream => stream.digest()),
  }
}
