import { makeSoftSkf } from '../fakes/skf/soft-skf.ts'
import { gmCa } from '../fixtures/gm-ca.ts'
import { practiceCa } from '../fixtures/practice-ca.ts'
import { opens, signs, type TokenSubject } from './subject.ts'

/** A lock of the soft SKF library in one of its layouts: an SM2 container, and an RSA one that can sign. */
export function skfSubject(layout: 'packed' | 'natural'): TokenSubject {
  const { bidder, intermediate } = gmCa()
  const rsa = practiceCa().bidder
  const skf = makeSoftSkf(layout)
  const pin = '246810'
  skf.addLock({
    device: 'KEY',
    pin,
    containers: [
      { name: '公章', sign: bidder.sign, encrypt: bidder.decrypt },
      { name: 'RSA', sign: rsa.sign },
      { name: 'issuer', sign: { certificate: intermediate } },
    ],
  })
  return {
    module: { kind: 'skf', path: skf.modulePath, profile: { layout } },
    environment: skf.environment,
    label: '软锁 KEY',
    pin,
    pairs: [signs(bidder.sign, 'sm2-sm3'), signs(rsa.sign, 'rsa-pkcs1-sha256'), opens(bidder.decrypt, 'sm2-sm4-cbc')],
    strangers: [intermediate],
    triesLeft: () => skf.triesLeft('KEY'),
    remove: () => skf.remove(),
  }
}
