import { expect, test } from 'vitest'
import { CryptoFailure, cryptoFailureCodes } from '../../../crypto/index.ts'
import { AppFailure, failures, isFailureCode } from '../../../main/contract/failure.ts'
import { toFailure } from '../../../main/services/index.ts'

test('every code of crypto/ is in the one table', () => {
  expect(cryptoFailureCodes.filter(code => !isFailureCode(code))).toEqual([])
})

test('every exit code is one of those that are documented', () => {
  for (const { exit } of Object.values(failures)) expect([1, 2, 3, 4, 130]).toContain(exit)
})

test('keeps the codes of our own failures', () => {
  expect(toFailure(new CryptoFailure('seal.root', 'x'))).toEqual({ code: 'seal.root', detail: 'x' })
  expect(toFailure(new AppFailure('platform.late', 'y', { platformSays: '已截止' }))).toEqual({
    code: 'platform.late',
    detail: 'y',
    platformSays: '已截止',
  })
})

test('tells that a signature failed because of its certificates', () => {
  const failure = new CryptoFailure('seal.signature', 'x', new CryptoFailure('cert.expired', 'x'))
  expect(toFailure(failure)).toEqual({ code: 'seal.signature', detail: 'x', because: 'cert.expired' })
})

test('says nothing of what a foreign error says: it could hold a path or a PIN', () => {
  const failure = toFailure(new Error('ENOENT: /srv/secret, PIN 123456'))
  expect(JSON.stringify(failure)).not.toMatch(/secret|123456/)
  expect(failure.code).toBe('internal')
  expect(toFailure('a thrown string').code).toBe('internal')
})
