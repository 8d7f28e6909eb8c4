import { describe, expect, it } from 'vitest'
import type { KeyTransport } from '../../../../crypto/envelope/key-opener.ts'
import { CryptoFailure } from '../../../../crypto/errors.ts'
import { type CallName, calls } from '../../../../crypto/token/host/calls.ts'
import { connectTokenHost } from '../../../../crypto/token/host/client.ts'
import { encodeFrame, frameReader } from '../../../../crypto/token/host/frames.ts'
import {
  decodeReply,
  decodeRequest,
  encodeCall,
  encodeFailure,
  encodeResult,
} from '../../../../crypto/token/host/protocol.ts'
import { expectFailure, expectRejection } from '../../../fixtures/failure.ts'

function body(frame: Uint8Array): Uint8Array {
  return frame.subarray(4)
}

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}

function base64(length: number): string {
  return Buffer.alloc(length).toString('base64')
}

describe('the token process protocol', () => {
  it('carries each call’s arguments and result unchanged', () => {
    const args = { session: 1, keyId: '01', algorithm: 'rsa-pss-sha256', digest: Uint8Array.of(0, 255, 1) } as const
    const request = decodeRequest(body(encodeCall(7, 'sign', calls.sign.args.encode(args))))
    expect(request).toMatchObject({ kind: 'call', id: 7, name: 'sign' })
    if (request.kind === 'call') expect(calls.sign.args.decode(request.args)).toEqual(args)
    const token = {
      uri: 'pkcs11:token=a',
      kind: 'pkcs11',
      label: '云岭',
      manufacturer: 'm',
      model: 'd',
      serial: '1',
      pin: { state: 'last-try', triesLeft: 1, protectedPath: false },
      certificates: [{ keyId: '01', label: '签名', certificate: Uint8Array.of(48, 0), uses: ['sign'] }],
      mechanisms: ['CKM_RSA_PKCS'],
    } as const
    expect(calls.list.result.decode(JSON.parse(JSON.stringify(calls.list.result.encode([token]))))).toEqual([token])
    const practice = { label: '演练', keyKind: 'sm2', pin: '123456', soPin: '' } as const
    expect(calls.initialise.args.decode(calls.initialise.args.encode(practice))).toEqual(practice)
    const module = { kind: 'pkcs11', path: '/a.so', profile: { parameters: 'x' } } as const
    expect(calls.load.args.decode(calls.load.args.encode({ module }))).toEqual({ module })
  })

  it.each<KeyTransport>([
    { kind: 'rsa-oaep-sha256', encryptedKey: Uint8Array.of(1, 0, 255) },
    { kind: 'rsa-pkcs1', encryptedKey: Uint8Array.of(2), keyLength: 32 },
    {
      kind: 'sm2-sm4-cbc',
      encryptedKey: Uint8Array.of(0x30, 0),
      iv: new Uint8Array(16).fill(7),
      content: new Uint8Array(48).fill(9),
    },
  ])('carries a key to be opened as $kind', transport => {
    const args = { session: 1, keyId: '02', transport }
    expect(calls.open.args.decode(JSON.parse(JSON.stringify(calls.open.args.encode(args))))).toEqual(args)
  })

  it.each([
    ['of an unknown kind', { kind: 'rsa-raw', encryptedKey: 'AA==' }],
    ['without its IV', { kind: 'sm2-sm4-cbc', encryptedKey: 'AA==', content: 'AA==' }],
    ['with more content than an envelope has', { kind: 'sm2-sm4-cbc', encryptedKey: '', iv: '', content: base64(49) }],
  ])('refuses a key to be opened %s', (_name, transport) => {
    expectFailure('token.driver-crashed', () => calls.open.args.decode({ session: 1, keyId: '02', transport }))
  })

  it.each([
    ['no JSON', new TextEncoder().encode('core dumped')],
    ['bytes that are no UTF-8', Uint8Array.of(0xff, 0xfe)],
    ['an array', json([1])],
    ['no id', json({ call: 'list', args: null })],
    ['a negative id', json({ id: -1, call: 'list' })],
    ['an unknown operation', json({ id: 1, call: 'exec', args: 'rm' })],
    ['an operation of Object', json({ id: 1, call: 'constructor', args: null })],
  ])('refuses a request that is %s', (_name, bytes) => {
    expectFailure('token.driver-crashed', () => decodeRequest(bytes))
  })

  it.each([
    ['an unknown failure code', json({ id: 1, code: 'token.exploded', detail: '' })],
    ['a failure without its detail', json({ id: 1, code: 'token.absent' })],
    ['nothing at all', json({ id: 1 })],
  ])('refuses a reply with %s', (_name, bytes) => {
    expectFailure('token.driver-crashed', () => decodeReply(bytes))
  })

  it.each<[string, CallName, unknown]>([
    ['a missing field', 'login', { uri: 'pkcs11:' }],
    ['a field too many', 'login', { uri: 'pkcs11:', pin: null, consent: {}, note: 1 }],
    ['a text too long', 'login', { uri: 'pkcs11:', pin: '1'.repeat(1000), consent: {} }],
    ['bytes that are not base64', 'sign', { session: 1, keyId: '', algorithm: 'rsa-pkcs1-sha256', digest: 'ä' }],
    ['an unknown algorithm', 'sign', { session: 1, keyId: '', algorithm: 'md5', digest: '' }],
    ['an unknown layout', 'load', { module: { kind: 'skf', path: '/x', layout: 'aligned' } }],
    ['an unknown kind of module', 'load', { module: { kind: 'other', path: '/x' } }],
    ['an unknown transport', 'open', { session: 1, keyId: '', transport: { kind: 'none', encryptedKey: '' } }],
  ])('refuses arguments with %s', (_name, call, args) => {
    expectFailure('token.driver-crashed', () => calls[call].args.decode(args))
  })

  it('hides the words of an error that is not ours', () => {
    const reply = decodeReply(body(encodeFailure(3, new TypeError('the PIN 246810 is no string'))))
    expect(reply).toMatchObject({ kind: 'failed', failure: { code: 'internal' } })
    expect(JSON.stringify(reply)).not.toContain('246810')
  })
})

describe('the application’s end of the connection', () => {
  it('gives each answer to the call it belongs to', async () => {
    const sent: Uint8Array[] = []
    const connection = connectTokenHost(bytes => sent.push(bytes))
    const first = connection.call('logout', { session: 1 })
    const second = connection.call('login', { uri: 'pkcs11:', pin: null, consent: {} })
    const ids = sent.flatMap(frame => frameReader().push(frame)).map(bytes => decodeRequest(bytes).id)
    connection.receive(encodeResult(ids[1] ?? 0, 5))
    connection.receive(encodeFailure(ids[0] ?? 0, new CryptoFailure('token.removed', 'gone')))
    expect(await second).toBe(5)
    await expectRejection('token.removed', first)
  })

  it('refuses an answer of the wrong shape, and one that nobody asked for', async () => {
    const connection = connectTokenHost(() => undefined)
    const call = connection.call('login', { uri: 'pkcs11:', pin: null, consent: {} })
    connection.receive(encodeResult(1, 'five'))
    await expectRejection('token.driver-crashed', call)
    expectFailure('token.driver-crashed', () => connection.receive(encodeResult(9, null)))
    expectFailure('token.driver-crashed', () => connection.receive(encodeFrame(json({ nonsense: true }))))
  })

  it('fails what waits and what comes when the process has ended', async () => {
    const connection = connectTokenHost(() => undefined)
    const call = connection.call('list', undefined)
    connection.end(new CryptoFailure('token.driver-crashed', 'SIGSEGV'))
    await expectRejection('token.driver-crashed', call)
    await expectRejection('token.driver-crashed', connection.call('list', undefined))
  })
})
