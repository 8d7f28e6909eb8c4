import { describe, expect, it } from 'vitest'
import { rawAnswers, rawCalls, requireCarried } from '../../../../crypto/token/host/raw-codec.ts'
import type { RawAnswer, RawArgument, RawCall } from '../../../../crypto/token/raw/index.ts'
import { expectFailure } from '../../../fixtures/failure.ts'

const some = Uint8Array.of(1, 2, 3)

const everything: readonly RawArgument[] = [
  { kind: 'number', value: -1 },
  { kind: 'handle', value: '18446744073709551615' },
  { kind: 'bytes', value: some },
  { kind: 'pattern', length: 1000 },
  { kind: 'null' },
  { kind: 'room', length: 256 },
  { kind: 'count', value: 256 },
  { kind: 'handle-out' },
  { kind: 'handles-out', length: 4 },
  { kind: 'struct', struct: 'CK_INFO' },
  { kind: 'initialize', flags: 2, reserved: 'configdir=x' },
  { kind: 'cipher', iv: some, padding: 1 },
]

const pointed: readonly RawArgument[] = [
  { kind: 'mechanism', type: 9, parameter: { kind: 'oaep', hash: 1, mgf: 2, label: null, source: 0 } },
  { kind: 'mechanism', type: 9, parameter: { kind: 'pss', hash: 1, mgf: 2, salt: 32 } },
  { kind: 'mechanism', type: 9, parameter: { kind: 'ecdh', kdf: 1, shared: some, publicData: some } },
  { kind: 'mechanism', type: 9, parameter: { kind: 'bytes', value: some } },
  { kind: 'mechanism', type: 9, parameter: null },
  {
    kind: 'template',
    attributes: [
      { type: 0, value: some },
      { type: 1, value: true },
      { type: 2, value: 7 },
      { type: 3, value: null, room: 20 },
      { type: 4, value: null, length: -1 },
    ],
  },
]

const answer: RawAnswer = {
  code: 0,
  ms: 1.25,
  overrun: false,
  answers: [
    ...[null, 5, -1, '77', some, ['1', '2'], []],
    [{ type: 3, length: -1, bytes: null, number: null }],
    { flags: 2, label: some },
  ],
}

function through(calls: readonly RawCall[]): readonly RawCall[] {
  const json: unknown = JSON.parse(JSON.stringify(rawCalls.encode(calls)))
  return rawCalls.decode(json)
}

describe('raw calls between the processes', () => {
  it('carry every kind of argument and of answer', () => {
    const calls = [
      { name: 'C_Sign', args: everything },
      { name: 'C_Login', args: pointed },
    ]
    expect(through(calls)).toEqual(calls)
    const json: unknown = JSON.parse(JSON.stringify(rawAnswers.encode([answer])))
    expect(rawAnswers.decode(json)).toEqual([answer])
  })

  it('refuse what is over a bound, and say nothing of it', () => {
    const login = (...args: readonly RawArgument[]): RawCall => ({ name: 'C_Login', args })
    const wrong: readonly (readonly RawCall[])[] = [
      [login({ kind: 'bytes', value: new Uint8Array(256 * 1024 + 3).fill(0x31) })],
      [login({ kind: 'number', value: 1.5 })],
      [login({ kind: 'handle', value: '-1' })],
      [login(...new Array<RawArgument>(13).fill({ kind: 'null' }))],
      new Array<RawCall>(9).fill(login()),
      [login({ kind: 'cipher', iv: new Uint8Array(40) })],
    ]
    for (const calls of wrong) {
      expect(expectFailure('arguments.bad', () => requireCarried(calls))).not.toMatch(/MTEx|1111/)
    }
  })

  it.each([
    ['an unknown kind', [{ name: 'C_Sign', args: [{ kind: 'address', value: 4096 }] }]],
    ['a kind that every object has', [{ name: 'C_Sign', args: [{ kind: 'constructor' }] }]],
    ['a field too many', [{ name: 'C_Sign', args: [{ kind: 'null', value: 1 }] }]],
    ['no list', { name: 'C_Sign', args: [] }],
  ])('refuse %s', (_, json) => {
    expectFailure('token.driver-crashed', () => rawCalls.decode(json))
  })

  it.each([
    ['a number that is none', { ...answer, code: 'x', answers: [] }],
    ['two values in one', { code: 0, ms: 0, overrun: false, answers: [{ handle: '1', bytes: '' }] }],
    ['an empty value', { code: 0, ms: 0, overrun: false, answers: [{}] }],
    ['a handle that is none', { code: 0, ms: 0, overrun: false, answers: [{ handle: 'x' }] }],
    ['a value of a kind unknown', { code: 0, ms: 0, overrun: false, answers: [{ address: '1' }] }],
    ['a time that is none', { code: 0, ms: -1, overrun: false, answers: [] }],
  ])('refuse %s from the token process', (_, json) => {
    expectFailure('token.driver-crashed', () => rawAnswers.decode([json]))
  })
})
