import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeSoftLock } from '../../crypto/token/soft/pkcs12-write.ts'
import { gmCa } from '../fixtures/gm-ca.ts'
import { practiceCa } from '../fixtures/practice-ca.ts'
import { ecBidder, opens, signs, softPair, type TokenSubject } from './subject.ts'
import { tokenSuite } from './suite.ts'

const { bidder, intermediate } = practiceCa()
const gm = gmCa()
const ec = ecBidder('P-256')

async function lockOf(
  keys: readonly ReturnType<typeof softPair>[],
  stranger: Uint8Array,
): Promise<Omit<TokenSubject, 'pairs'>> {
  const folder = mkdtempSync(join(tmpdir(), 'bidseal-suite-lock-'))
  const [path, label, pin] = [join(folder, '公章 锁.p12'), '云岭建设 公章锁', '演练-246810']
  await writeSoftLock(path, { pin, label, keys, intermediates: [stranger] })
  return {
    module: { kind: 'soft', path },
    environment: {},
    label,
    pin,
    strangers: [stranger],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

tokenSuite({
  title: 'the soft lock with RSA keys',
  changesPin: true,
  inOwnProcess: false,
  prepare: async () => ({
    ...(await lockOf([softPair('sign', bidder.sign), softPair('decrypt', bidder.decrypt)], intermediate)),
    pairs: [
      signs(bidder.sign, 'rsa-pkcs1-sha256', 'rsa-pss-sha256'),
      opens(bidder.decrypt, 'rsa-oaep-sha256', 'rsa-pkcs1'),
    ],
  }),
})

tokenSuite({
  title: 'the soft lock with EC keys',
  changesPin: true,
  inOwnProcess: false,
  prepare: async () => ({
    ...(await lockOf([softPair('sign', ec.sign), softPair('decrypt', ec.decrypt)], intermediate)),
    pairs: [signs(ec.sign, 'ecdsa-sha256'), opens(ec.decrypt, 'ecdh-aes256-wrap')],
  }),
})

tokenSuite({
  title: 'the soft lock with SM2 keys',
  changesPin: true,
  prepare: async () => ({
    ...(await lockOf([softPair('sign', gm.bidder.sign), softPair('decrypt', gm.bidder.decrypt)], gm.intermediate)),
    pairs: [signs(gm.bidder.sign, 'sm2-sm3'), opens(gm.bidder.decrypt, 'sm2-sm4-cbc')],
  }),
})
