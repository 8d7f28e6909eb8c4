import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { practiceCa, type PracticeIdentity } from '../fixtures/practice-ca.ts'
import { addSoftHsmLock, makeSoftHsm, pkcs11Tool, writeSoftHsmCertificate } from '../fixtures/softhsm.ts'
import { ecBidder, opens, signs } from './subject.ts'
import { tokenSuite } from './suite.ts'

tokenSuite({
  title: 'SoftHSM2',
  changesPin: true,
  prepare() {
    const { bidder, intermediate } = practiceCa()
    const hsm = makeSoftHsm()
    const lock = addSoftHsmLock(hsm)
    const { label, pin } = lock
    const ec = ecBidder('P-384')
    addPair('11', ec.sign, '--usage-sign')
    addPair('12', ec.decrypt, '--usage-derive')

    function addPair(id: string, { privateKey, certificate }: PracticeIdentity, usage: string): void {
      const file = join(hsm.tokensFolder, '..', 'key.der')
      writeFileSync(file, privateKey.export({ format: 'der', type: 'pkcs8' }))
      pkcs11Tool(hsm, lock, '--write-object', file, '--type', 'privkey', '--id', id, '--label', id, usage)
      rmSync(file)
      writeSoftHsmCertificate(hsm, lock, certificate, id, id)
    }

    return {
      module: { kind: 'pkcs11', path: hsm.modulePath },
      environment: hsm.environment,
      label,
      pin,
      pairs: [
        signs(bidder.sign, 'rsa-pkcs1-sha256', 'rsa-pss-sha256'),
        opens(bidder.decrypt, 'rsa-oaep-sha256', 'rsa-pkcs1'),
        signs(ec.sign, 'ecdsa-sha256'),
        opens(ec.decrypt, 'ecdh-aes256-wrap'),
      ],
      strangers: [intermediate],
      remove: () => hsm.remove(),
    }
  },
})
