import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeSoftSkf, softSkfApplication } from '../fakes/skf/soft-skf.ts'
import { gmCa } from '../fixtures/gm-ca.ts'
import { faultTable, type FaultyLock } from './table.ts'

const { bidder } = gmCa()
const crashed = 'token.driver-crashed'
const hung = 'token.driver-hung'
const removed = 'token.removed'
const unsupported = 'token.unsupported'

function makeLock(): FaultyLock {
  const skf = makeSoftSkf('packed')
  const pin = '246810'
  skf.addLock({ device: 'KEY', pin, containers: [{ name: '公章', sign: bidder.sign, encrypt: bidder.decrypt }] })
  const pins = join(skf.environment.BIDSEAL_SOFT_SKF, 'KEY', softSkfApplication, 'pin')
  const fresh = readFileSync(pins)
  let out = false
  return {
    module: { kind: 'skf', path: skf.modulePath, profile: { layout: 'packed' } },
    environment: skf.environment,
    label: '软锁 KEY',
    pin,
    fail(fault, operation) {
      const words = { crash: 'crash', hang: 'hang', removal: 'remove', garbage: 'garbage', length: 'long' } as const
      skf.setFaults(`${operation}:${words[fault]}`)
      out = fault === 'removal'
    },
    mend() {
      skf.setFaults('')
      if (out) skf.plugIn('KEY')
      out = false
    },
    triesLeft() {
      const file = out ? pins.replace('/KEY/', '/.KEY/') : pins
      return Number(readFileSync(file, 'utf8').split('\n')[1]?.split(' ')[1])
    },
    unlock: () => writeFileSync(pins, fresh),
    remove: () => skf.remove(),
  }
}

faultTable({
  title: 'the soft SKF library',
  makeLock,
  operations: [
    { name: 'list', word: 'list', kind: 'list' },
    { name: 'login', word: 'login', kind: 'login' },
    {
      name: 'sign',
      word: 'sign',
      kind: 'sign',
      certificate: bidder.sign.certificate,
      algorithm: 'sm2-sm3',
      sealing: true,
    },
    {
      name: 'decrypt',
      word: 'decrypt',
      kind: 'open',
      certificate: bidder.decrypt.certificate,
      transport: 'sm2-sm4-cbc',
      sealing: true,
    },
  ],
  // What has no length (the PIN's answer, a signature of SM2) cannot have an absurd one.
  expected: {
    crash: [crashed, crashed, crashed, crashed],
    hang: [hung, hung, hung, hung],
    removal: ['not listed', removed, removed, removed],
    lock: ['locked', 'token.pin-locked', 'done', 'done'],
    garbage: ['not listed', 'done', unsupported, 'other bytes'],
    length: [unsupported, 'done', 'done', unsupported],
  },
  usual: { 'gm-1': { sign: bidder.sign.certificate, decrypt: bidder.decrypt.certificate } },
  expectedSealing: {
    crash: [crashed, crashed],
    hang: [hung, hung],
    removal: [removed, removed],
    garbage: [unsupported, 'seal.self-test'],
    length: ['done', unsupported],
  },
})
