import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readDer } from '../../../crypto/der/reader.ts'
import { bitString, integer, oid, sequence, tlv, utf8String } from '../../../crypto/der/writer.ts'
import { systemRandomness } from '../../../crypto/io/system.ts'
import {
  checkTimestampReply,
  TimestampRefused,
  timestampRequest,
  type TimestampRequest,
} from '../../../crypto/sign/timestamp-request.ts'
import type { Imprint } from '../../../crypto/sign/timestamp.ts'
import { sm3 } from '../../../crypto/sm/sm3.ts'
import { derBytes, derTree, edited, flipped } from '../../fixtures/der-edit.ts'
import { expectFailure } from '../../fixtures/failure.ts'
import { withOpenssl } from '../../fixtures/openssl.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'
import { startTimeStampServer, type TimeStampServerRig } from '../../fixtures/time-stamp-server.ts'
import { toPem } from '../../../crypto/cert/pem.ts'

const ca = practiceCa()
const randomness = systemRandomness
const data = Uint8Array.from(randomBytes(300))
const sha256: Imprint = { hash: 'sha256', digest: Uint8Array.from(createHash('sha256').update(data).digest()) }
const overSm3: Imprint = { hash: 'sm3', digest: sm3(data) }

let server: TimeStampServerRig
let request: TimestampRequest
let answer: Uint8Array

beforeAll(async () => {
  server = await startTimeStampServer()
  request = timestampRequest(sha256, { randomness })
  answer = Uint8Array.from(await server.stamp(request.der))
})

afterAll(() => server.close())

const refuses = (bytes: Uint8Array, asked = request): string =>
  expectFailure('document.signature', () => checkTimestampReply(bytes, asked))

describe('a question', () => {
  it('is read by openssl as what it is: version, imprint, policy, nonce, certificates wanted', () =>
    withOpenssl(bench => {
      for (const [imprint, name] of [
        [sha256, 'sha256'],
        [overSm3, 'sm3'],
      ] as const) {
        const { der, nonce } = timestampRequest(imprint, { randomness, policy: '1.2.3.4.2' })
        bench.put('q', der)
        const text = bench.run('ts', '-query', '-in', 'q', '-text').stdout.toString()
        expect(text).toContain('Version: 1')
        expect(text).toContain(`Hash Algorithm: ${name}`)
        expect(text).toContain('Policy OID: 1.2.3.4.2')
        expect(text.toLowerCase()).toContain(`nonce: 0x${nonce.toString(16).padStart(16, '0')}`)
        expect(text).toContain('Certificate required: yes')
      }
    }))

  it('has another nonce each time', () => {
    const nonces = Array.from({ length: 8 }, () => timestampRequest(sha256, { randomness }).nonce)
    expect(new Set(nonces).size).toBe(8)
  })

  it('is about 32 bytes', () => {
    const digest = new Uint8Array(20)
    expectFailure('arguments.bad', () => timestampRequest({ hash: 'sha256', digest }, { randomness }))
  })
})

describe('an answer', () => {
  it('of openssl ts is taken, and openssl verifies the token that is kept of it', () =>
    withOpenssl(bench => {
      const { time, policy, token, response, signer } = checkTimestampReply(answer, request)
      expect(Math.abs(time.getTime() - Date.now())).toBeLessThan(60_000)
      expect(policy).toBe('1.2.3.4.1')
      expect(Buffer.from(signer.der)).toEqual(Buffer.from(ca.timestamp.certificate))
      bench.put('data', data)
      bench.put('root.pem', toPem(ca.root, 'CERTIFICATE'))
      bench.put('token', token)
      bench.put('response', response)
      const byToken = bench.run('ts', '-verify', '-data', 'data', '-in', 'token', '-token_in', '-CAfile', 'root.pem')
      expect(byToken.ok, byToken.stderr).toBe(true)
      bench.put('q', request.der)
      const byQuery = bench.run('ts', '-verify', '-queryfile', 'q', '-in', 'response', '-CAfile', 'root.pem')
      expect(byQuery.ok, byQuery.stderr).toBe(true)
    }))

  it('may be over SM3', async () => {
    const asked = timestampRequest(overSm3, { randomness })
    const { time } = checkTimestampReply(await server.stamp(asked.der), asked)
    expect(Math.abs(time.getTime() - Date.now())).toBeLessThan(60_000)
    refuses(answer, { ...asked, nonce: request.nonce })
  })

  it('is given under the policy that was asked for', async () => {
    const asked = timestampRequest(sha256, { randomness, policy: '1.2.3.4.2' })
    expect(checkTimestampReply(await server.stamp(asked.der), asked).policy).toBe('1.2.3.4.2')
    expect(refuses(answer, { ...request, policy: '1.2.3.4.2' })).toContain('another policy')
  })

  it('to another question is refused: another nonce, none, another imprint', async () => {
    expect(refuses(answer, { ...request, nonce: request.nonce ^ 1n })).toContain('another question')
    const digest = flipped(sha256.digest, 3)
    expect(refuses(answer, { ...request, imprint: { hash: 'sha256', digest } })).toContain('something else')
    const withoutNonce = edited(request.der, [], root => {
      root.children = root.children.filter((_child, index) => index !== 2)
    })
    expect(refuses(await server.stamp(withoutNonce))).toContain('nonce is missing')
  })

  it('without the authority’s certificates, or with a broken signature, is refused', async () => {
    const withoutCertificates = edited(request.der, [], root => {
      root.children = root.children.slice(0, 3)
    })
    refuses(await server.stamp(withoutCertificates))
    refuses(flipped(answer, answer.length * 8 - 3))
    refuses(answer.subarray(0, answer.length - 1))
    refuses(new Uint8Array(70_000))
    refuses(new Uint8Array(0))
  })

  it('that grants with changes is judged by what it holds', () => {
    const changed = edited(answer, [0, 0], node => {
      node.content = Uint8Array.of(1)
    })
    expect(checkTimestampReply(changed, request).policy).toBe('1.2.3.4.1')
  })

  it('that refuses is told by its name, with the authority’s own words', async () => {
    const asked = timestampRequest(sha256, { randomness, policy: '1.2.3.4.9' })
    const answered = await server.stamp(asked.der)
    const refusal = caught(() => checkTimestampReply(answered, asked))
    expect(refusal).toBeInstanceOf(TimestampRefused)
    expect(refusal).toMatchObject({
      code: 'document.signature',
      detail: 'the time-stamp authority gives no time stamp: rejection (unacceptedPolicy)',
      authoritySays: expect.stringContaining('policy'),
    })
  })

  it('that refuses may say nothing, or something unheard of', () => {
    const silent = sequence(sequence(integer(2)))
    expect(caught(() => checkTimestampReply(silent, request))).toMatchObject({ authoritySays: null })
    const words = sequence(utf8String(`时间服务暂停 ${'x'.repeat(500)}`))
    const odd = sequence(sequence(integer(9), words, bitString(Uint8Array.of(0, 0, 0, 1))))
    const refusal = caught(() => checkTimestampReply(odd, request))
    expect(refusal).toMatchObject({ detail: expect.stringContaining('status 9 (bit 31)') })
    expect((refusal as TimestampRefused).authoritySays).toMatch(/^时间服务暂停 x{193}$/)
    refuses(sequence(sequence(oid('1.2.3'))))
    refuses(sequence(sequence(integer(0)), tlv(0x30)))
    refuses(derBytes({ ...derTree(answer), tag: 0x31 }))
    expect(readDer(answer).children()).toHaveLength(2)
  })
})

function caught(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
