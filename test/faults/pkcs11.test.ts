import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KeyTransport } from '../../crypto/envelope/key-opener.ts'
import type { SignatureAlgorithm } from '../../crypto/sign/signer.ts'
import { gmCa } from '../fixtures/gm-ca.ts'
import { practiceCa } from '../fixtures/practice-ca.ts'
import { bidderKeys, makeSoftPkcs11, type SoftPkcs11Operation } from '../fixtures/soft-pkcs11.ts'
import { ecBidder } from '../token-suite/subject.ts'
import { faultTable, type FaultyLock } from './table.ts'

const { bidder, intermediate } = practiceCa()
const gm = gmCa().bidder
const ec = ecBidder('P-256')
const crashed = 'token.driver-crashed'
const hung = 'token.driver-hung'
const removed = 'token.removed'
const unsupported = 'token.unsupported'
/** Of a bad answer to a decryption nothing may be told: any other key is as good. */
const other = 'other bytes'

/** A lock with RSA, EC and SM2 keys: each is used in a way of its own. */
function makeLock(): FaultyLock {
  const p11 = makeSoftPkcs11()
  const pin = '246810'
  const keys = [bidder, ec, gm].flatMap((one, index) =>
    bidderKeys(one).map(key => ({ ...key, id: `${index}${key.id.slice(1)}` })),
  )
  p11.addLock({ token: 'KEY', label: '公章锁', pin, keys, intermediates: [intermediate] })
  const store = p11.environment['BIDSEAL_SOFT_P11_STORE'] ?? ''
  const stateIn = (folder: string): string => join(store, folder, 'token')
  const fresh = readFileSync(stateIn('KEY'))
  const words = { crash: 'crash', hang: 'hang', removal: 'remove', garbage: 'garbage', length: 'long' } as const
  let out = false
  return {
    module: { kind: 'pkcs11', path: p11.modulePath, profile: p11.profile },
    environment: p11.environment,
    label: '公章锁',
    pin,
    fail(fault, operation) {
      p11.setFaults(`${operation as SoftPkcs11Operation}:${words[fault]}`)
      out = fault === 'removal'
    },
    mend() {
      p11.setFaults()
      if (out) p11.plugIn('KEY')
      out = false
    },
    triesLeft: () =>
      Number(
        readFileSync(stateIn(out ? '.KEY' : 'KEY'), 'utf8')
          .split('\n')[5]
          ?.split(' ')[1],
      ),
    unlock: () => writeFileSync(stateIn('KEY'), fresh),
    remove: () => p11.remove(),
  }
}

type Keys = Readonly<Record<'sign' | 'decrypt', { readonly certificate: Uint8Array }>>

function signing({ sign: { certificate } }: Keys, algorithm: SignatureAlgorithm) {
  return { kind: 'sign', word: 'sign', certificate, algorithm } as const
}

function opening({ decrypt: { certificate } }: Keys, transport: KeyTransport['kind']) {
  return { kind: 'open', certificate, transport } as const
}

faultTable({
  title: 'the soft PKCS#11 module',
  makeLock,
  operations: [
    { name: 'list', word: 'list', kind: 'list' },
    { name: 'certificates', word: 'certificate', kind: 'list' },
    { name: 'login', word: 'login', kind: 'login' },
    { ...signing(bidder, 'rsa-pss-sha256'), name: 'sign', sealing: true },
    { ...signing(ec, 'ecdsa-sha256'), name: 'sign EC' },
    { ...signing(gm, 'sm2-sm3'), name: 'sign SM2' },
    { ...opening(bidder, 'rsa-pkcs1'), name: 'decrypt', word: 'decrypt', sealing: true },
    { ...opening(ec, 'ecdh-aes256-wrap'), name: 'derive', word: 'derive', sealing: true },
    { ...opening(gm, 'sm2-sm4-cbc'), name: 'decrypt SM2', word: 'decrypt' },
  ],
  // The binding believes the number of slots, and ends its process.
  expected: {
    crash: [crashed, crashed, crashed, crashed, crashed, crashed, crashed, crashed, crashed],
    hang: [hung, hung, hung, hung, hung, hung, hung, hung, hung],
    removal: ['not listed', 'not listed', removed, removed, removed, removed, removed, removed, removed],
    lock: ['locked', 'locked', 'token.pin-locked', 'done', 'done', 'done', 'done', 'done', 'done'],
    garbage: ['not listed', 'no certificates', 'done', unsupported, unsupported, unsupported, other, other, other],
    length: [crashed, 'no certificates', 'done', unsupported, unsupported, unsupported, other, unsupported, other],
  },
  usual: {
    'intl-1': { sign: bidder.sign.certificate, decrypt: bidder.decrypt.certificate },
    'gm-1': { sign: gm.sign.certificate, decrypt: gm.decrypt.certificate },
  },
  expectedSealing: {
    crash: [crashed, crashed, crashed],
    hang: [hung, hung, hung],
    removal: [removed, removed, removed],
    garbage: [unsupported, 'seal.self-test', 'seal.self-test'],
    length: [unsupported, 'seal.self-test', unsupported],
  },
})
