import { gmCa } from '../fixtures/gm-ca.ts'
import { practiceCa } from '../fixtures/practice-ca.ts'
import { makeSoftPkcs11, type SoftPkcs11Key, type SoftPkcs11Quirk } from '../fixtures/soft-pkcs11.ts'
import { ecBidder, type KeyAndCertificate, opens, signs, type TokenSubject } from './subject.ts'
import { tokenSuite } from './suite.ts'

const { bidder, intermediate } = practiceCa()
const gm = gmCa()
const [p256, p384] = [ecBidder('P-256'), ecBidder('P-384')]

const rsaPairs = [
  signs(bidder.sign, 'rsa-pkcs1-sha256', 'rsa-pss-sha256'),
  opens(bidder.decrypt, 'rsa-oaep-sha256', 'rsa-pkcs1'),
]
const ecPairs = [p256, p384].flatMap(({ sign, decrypt }) => [
  signs(sign, 'ecdsa-sha256'),
  opens(decrypt, 'ecdh-aes256-wrap'),
])
const sm2Pairs = [signs(gm.bidder.sign, 'sm2-sm3'), opens(gm.bidder.decrypt, 'sm2-sm4-cbc')]

/** A lock with all the keys a vendor could put on one. */
function subject(quirks: readonly SoftPkcs11Quirk[]): TokenSubject {
  const p11 = makeSoftPkcs11({ quirks })
  const pin = '246810'
  const keys = [bidder, p256, p384, gm.bidder].flatMap(({ sign, decrypt }, index) => [
    key(`${index}1`, 'sign', sign),
    key(`${index}2`, 'decrypt', decrypt),
  ])
  p11.addLock({ token: 'KEY', label: '公章锁', pin, keys, intermediates: [intermediate, gm.intermediate] })
  return {
    module: { kind: 'pkcs11', path: p11.modulePath, profile: p11.profile },
    environment: p11.environment,
    label: '公章锁',
    pin,
    pairs: [...rsaPairs, ...ecPairs, ...sm2Pairs],
    strangers: [intermediate, gm.intermediate],
    triesLeft: () => p11.triesLeft('KEY'),
    remove: () => p11.remove(),
  }
}

function key(id: string, use: SoftPkcs11Key['use'], { certificate, privateKey }: KeyAndCertificate): SoftPkcs11Key {
  return { id, label: `${use} ${id}`, use, certificate, privateKey }
}

tokenSuite({ title: 'the soft PKCS#11 module', changesPin: true, prepare: () => subject([]) })

tokenSuite({
  title: 'the soft PKCS#11 module with what one vendor does otherwise',
  changesPin: true,
  prepare: () => subject(['numbers=westone', 'no-id', 'no-modulus', 'bare-ec-point', 'strip-zeros', 'sm2-message']),
})

tokenSuite({
  title: 'the soft PKCS#11 module with what another does',
  changesPin: true,
  inOwnProcess: false,
  prepare: () => subject(['numbers=mssince', 'always-authenticate', 'no-ec-params', 'sm2-z', 'no-pin-flags']),
})
