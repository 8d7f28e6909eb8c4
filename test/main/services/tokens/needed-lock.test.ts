import { afterAll, beforeAll, expect, test } from 'vitest'
import { readSealedBid, nodeFiles, parseTokenUri } from '../../../../crypto/index.ts'
import type { SealedBid, TokenSummary } from '../../../../crypto/index.ts'
import type { LockKey, Locks } from '../../../../main/services/index.ts'
import { requireOpeningLock } from '../../../../main/services/tokens/needed-lock.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'
import { makeSealedBid, type SealedFixture } from '../../../fixtures/sealed-bid.ts'

let fixture: SealedFixture
let bid: SealedBid
let close: () => Promise<void>

beforeAll(async () => {
  fixture = await makeSealedBid({ documents: [{ name: 'a.pdf', bytes: new Uint8Array(1000) }] })
  const source = await nodeFiles.open(fixture.path)
  close = () => source.close()
  bid = await readSealedBid(source)
})

afterAll(async () => {
  await close()
  fixture.remove()
})

const { bidder, rival } = practiceCa()
const uri = 'pkcs11:token=A'

function locks(certificates: Readonly<Record<string, Uint8Array>>): Locks {
  const token: TokenSummary = {
    ...{ uri, label: 'A', manufacturer: '', model: '', serial: '', certificates: [], mechanisms: [] },
    kind: 'pkcs11',
    pin: { state: 'ok', protectedPath: false },
  }
  const keys = Object.entries(certificates).map(([keyId, certificate]): LockKey => ({
    token,
    certificate: { keyId, label: '', uses: ['decrypt'], certificate },
  }))
  const asked = (): Promise<never> => Promise.reject(new Error('the PIN was asked for'))
  return {
    find: () => Promise.resolve(token),
    key: asked,
    keys: (_uri, use) => Promise.resolve(use === 'decrypt' ? keys : []),
    signer: asked,
    opener: asked,
    close: () => Promise.resolve(),
  }
}

test('the lock’s one key is taken as it was named', async () => {
  expect(await requireOpeningLock(locks({ '02': bidder.decrypt.certificate }), uri, bid)).toMatchObject({
    uri,
    recipient: { role: 'main' },
  })
})

test('of an old and a renewed key the one the bid was sealed to is taken', async () => {
  const both = locks({ '02': rival.decrypt.certificate, '04': bidder.decrypt.certificate })
  const { uri: named } = await requireOpeningLock(both, uri, bid)
  expect(parseTokenUri(named)).toEqual({ kind: 'pkcs11', token: 'A', keyId: '04' })
})

test('a certificate that cannot be read is passed over, and a lock with none is told by its label', async () => {
  const odd = locks({ '01': Uint8Array.of(1, 2), '02': bidder.decrypt.certificate })
  expect((await requireOpeningLock(odd, uri, bid)).recipient.role).toBe('main')
  await expect(requireOpeningLock(locks({}), uri, bid)).rejects.toMatchObject({
    code: 'token.wrong-lock',
    failure: { wrongLock: { needed: [{ subject: expect.stringContaining(bidder.name) }], plugged: [{ label: 'A' }] } },
  })
})
