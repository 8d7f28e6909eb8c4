import { describe, expect, it } from 'vitest'
import { decodeDocument, encodeDocument } from '../../../crypto/documents/encoding.ts'
import { type DocumentFields, type DocumentKind, documentShapes } from '../../../crypto/documents/kinds.ts'
import { codeOf } from '../../fixtures/refusals.ts'

const digest = 'ab'.repeat(32)
const signIn: DocumentFields<'signIn'> = {
  openingId: '开标-1',
  sealDigest: digest,
  creditCode: '91530100MA6K0B7Q2X',
  nonce: '00'.repeat(32),
  at: '2026-03-02T01:00:00Z',
}
const challenge: DocumentFields<'challenge'> = {
  openingId: 'o',
  tender: { platform: 'p', tenderId: 't', lotId: '' },
  sealDigest: digest,
  receiptDigest: digest,
  recipient: digest,
  list: digest,
  openedAt: '2026-03-02T01:00:00Z',
  closesAt: '2026-03-02T02:00:00Z',
  nonce: digest,
}
const decode = (kind: DocumentKind, text: string) => decodeDocument(kind, Buffer.from(text))
const textOf = <K extends DocumentKind>(kind: K, fields: DocumentFields<K>) =>
  Buffer.from(encodeDocument(kind, fields)).toString()

describe('documents', () => {
  it('begin with their type and read back as they were written', () => {
    const text = textOf('signIn', signIn)
    expect(text.startsWith('{"type":"bidseal/1 signIn","openingId":"开标-1"')).toBe(true)
    expect(decode('signIn', text)).toEqual(signIn)
  })

  it('are refused as another kind, whichever was asked for', async () => {
    const text = textOf('signIn', signIn)
    for (const kind of Object.keys(documentShapes) as DocumentKind[]) {
      if (kind !== 'signIn') expect(await codeOf(() => decode(kind, text))).toBe('document.wrong-type')
    }
  })

  it('are malformed when the bytes do not begin with the type', async () => {
    const text = textOf('signIn', signIn)
    const moved = text.replace('"type":"bidseal/1 signIn",', '').replace('}', ',"type":"bidseal/1 signIn"}')
    for (const other of [
      moved,
      ` ${text}`,
      text.replace('{"', '{ "'),
      text.replace('type', 't\\u0079pe'),
      '',
      '{}',
      '[]',
    ]) {
      expect(await codeOf(() => decode('signIn', other))).toBe('document.malformed')
    }
  })

  it('ignore unknown fields, but challenge, release, opening and bid refuse them at every level', async () => {
    const signInText = textOf('signIn', signIn).replace(/}$/, ',"later":1}')
    expect(decode('signIn', signInText)).toEqual(signIn)
    const text = textOf('challenge', challenge)
    expect(decode('challenge', text)).toEqual(challenge)
    expect(await codeOf(() => decode('challenge', text.replace(/}$/, ',"later":1}')))).toBe('document.malformed')
    expect(await codeOf(() => decode('challenge', text.replace('"lotId":""', '"lotId":"","x":1')))).toBe(
      'document.malformed',
    )
  })

  it('refuse a missing field and a second type', async () => {
    const text = textOf('signIn', signIn)
    expect(await codeOf(() => decode('signIn', text.replace(/,"at":"[^"]*"/, '')))).toBe('document.malformed')
    expect(await codeOf(() => decode('signIn', text.replace(/}$/, ',"type":"bidseal/1 signIn"}')))).toBe(
      'document.malformed',
    )
  })

  it('are not written with fields a reader would refuse', async () => {
    expect(await codeOf(() => encodeDocument('signIn', { ...signIn, nonce: 'short' }))).toBe('document.malformed')
    expect(await codeOf(() => encodeDocument('signIn', { ...signIn, openingId: '\ud800' }))).toBe('document.malformed')
  })

  it('are refused above their length before they are read', async () => {
    const text = textOf('signIn', signIn).replace(/}$/, `,"x":"${'y'.repeat(2 ** 20)}"}`)
    expect(await codeOf(() => decode('signIn', text))).toBe('document.malformed')
  })
})
