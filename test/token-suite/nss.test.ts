import { makeNssToken, nssTokenLabel } from '../fixtures/nss.ts'
import { practiceCa } from '../fixtures/practice-ca.ts'
import { ecBidder, opens, signs, softPair } from './subject.ts'
import { tokenSuite } from './suite.ts'

tokenSuite({
  title: 'NSS softoken',
  changesPin: true,
  prepare() {
    const { bidder, intermediate } = practiceCa()
    const ec = ecBidder('P-256')
    const token = makeNssToken({
      pin: '1234abcd',
      label: 'BidKey',
      keys: [bidder, ec].flatMap(({ sign, decrypt }) => [softPair('sign', sign), softPair('decrypt', decrypt)]),
      intermediates: [intermediate],
    })
    return {
      module: { kind: 'pkcs11', path: token.modulePath, profile: { parameters: token.parameters } },
      environment: {},
      label: nssTokenLabel,
      pin: token.pin,
      pairs: [
        signs(bidder.sign, 'rsa-pkcs1-sha256', 'rsa-pss-sha256'),
        opens(bidder.decrypt, 'rsa-oaep-sha256', 'rsa-pkcs1'),
        signs(ec.sign, 'ecdsa-sha256'),
        opens(ec.decrypt, 'ecdh-aes256-wrap'),
      ],
      strangers: [intermediate],
      remove: () => token.remove(),
    }
  },
})
