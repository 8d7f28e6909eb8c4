import type { BrokenVector } from '../../library.ts'
import { baseNamed } from '../bids.ts'
import { forge } from '../forge.ts'
import { collect } from '../vector.ts'

// Check 2, the rules of JSON, broken in seal.json; every text is signed.

/** Vectors of the JSON rules. */
export async function jsonVectors(): Promise<readonly BrokenVector[]> {
  const { vectors, from } = collect()
  const base = await baseNamed('bidder')
  const add = from(base)
  const refuse = (name: string, comment: string, headerText: (text: string) => string) =>
    add(`json-${name}`, 'seal.header', comment, forge(base, { headerText }))
  const append = (member: string) => (text: string) => `${text.slice(0, -1)},${member}}`
  const refuseMember = (name: string, comment: string, member: string) => refuse(name, comment, append(member))

  await refuseMember('duplicate-name', 'a name twice', '"suite":"intl-1"')
  await refuseMember('duplicate-name-escaped', 'a name twice, once written with an escape', '"\\u0073uite":"intl-1"')
  await refuseMember('duplicate-name-inside', 'a name twice in a field that is ignored', '"x":{"y":1,"y":2}')
  await refuse('duplicate-type', 'type twice', text => append('"type":"bidseal/1 seal"')(text))
  await refuseMember('proto', '__proto__ in a field that is ignored', '"x":{"__proto__":{}}')
  await refuseMember('proto-escaped', '__proto__ written with an escape', '"x":{"\\u005f_proto__":{}}')
  await refuseMember('constructor', 'constructor in a field that is ignored', '"x":{"constructor":1}')
  await refuseMember('prototype', 'prototype in a field that is ignored', '"prototype":1')
  await refuseMember('depth-nine', 'nine levels', '"x":[[[[[[[[1]]]]]]]]')
  await refuseMember('fraction', 'a fraction', '"x":1.0')
  await refuseMember('exponent', 'an exponent', '"x":1e2')
  await refuseMember('above-2-53', 'an integer of 2^53', '"x":9007199254740992')
  await refuseMember('below-minus-2-53', 'an integer of -2^53', '"x":-9007199254740992')
  await refuseMember('minus-zero', 'minus zero', '"x":-0')
  await refuseMember('leading-zero', 'a leading zero', '"x":01')
  await refuseMember('plus', 'a plus sign', '"x":+1')
  await refuseMember('nan', 'NaN', '"x":NaN')
  await refuseMember('lone-surrogate', 'half of a surrogate pair, escaped', '"x":"\\ud800"')
  await refuseMember('lone-low-surrogate', 'the other half alone', '"x":"\\udc00 "')
  await refuseMember('lone-surrogate-in-name', 'half of a surrogate pair in a name', '"\\ud800":1')
  await refuseMember('noncharacter', 'a noncharacter (RFC 7493, 2.1)', '"x":"\\uffff"')
  await refuseMember('control-character', 'a tab inside a string', '"x":"\t"')
  await refuseMember('bad-escape', 'an escape that JSON does not have', '"x":"\\x41"')
  await refuseMember('trailing-comma', 'a comma before the bracket', '"x":[1,]')
  await refuseMember('single-quotes', 'a string in single quotes', "'x':1")
  await refuseMember('comment', 'a comment', '"x":1/* */')
  await refuse('line-feed', 'a line feed between two fields', text => text.replace(',"format"', ',\n"format"'))
  await refuse('carriage-return', 'a carriage return between two fields', text =>
    text.replace(',"format"', ',\r"format"'),
  )
  await refuse('line-end-at-end', 'a line feed at the end', text => `${text}\n`)
  await refuse('byte-order-mark', 'a byte order mark', text => `\ufeff${text}`)
  await refuse('two-values', 'a second value after the first', text => `${text}{}`)
  await refuse('open-object', 'the last bracket missing', text => text.slice(0, -1))
  await refuse('array', 'a list around it', text => `[${text}]`)
  await refuse('blank-before-type', 'a blank before type', text => text.replace('{"type"', '{ "type"'))
  await refuse('blank-inside-type', 'a blank after the colon of type', text => text.replace('"type":', '"type": '))
  await refuse('type-escaped', 'type written with an escape', text => text.replace('"type"', '"typ\\u0065"'))
  await refuse('type-not-first', 'type as the second field', text =>
    text.replace(/^\{("type":"[^"]*"),("format":1)/, '{$2,$1'),
  )
  const invalid = (bytes: string) => (headerBytes: string) =>
    Buffer.from(append('"x":"~"')(headerBytes)).toString('latin1').replace('~', bytes)
  const asBytes = (name: string, comment: string, bytes: string) =>
    add(
      `json-${name}`,
      'seal.header',
      comment,
      forge(base, { headerBytes: text => Buffer.from(invalid(bytes)(text), 'latin1') }),
    )
  await asBytes('invalid-utf-8', 'a byte that is no UTF-8', '\xff')
  await asBytes('surrogate-in-utf-8', 'half of a surrogate pair in UTF-8', '\xed\xa0\x80')
  await asBytes('overlong-utf-8', 'an overlong form in UTF-8', '\xc0\xaf')
  return vectors
}
