import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isSm2Key, type PrivateKey } from '../../../crypto/sign/private-key.ts'
import { buildSoftSkf, type SoftSkfBuild } from './build.ts'

/** A soft SKF library with devices of its own: a folder for each, and renaming the folder is how it is pulled out. */
export interface SoftSkf {
  readonly modulePath: string
  /** What a program that is to see these devices needs in its environment. */
  readonly environment: Readonly<Record<'BIDSEAL_SOFT_SKF' | 'BIDSEAL_SOFT_SKF_LOG', string>>
  /** Plugs in a device with nothing on it. */
  addBlank(device: string, issuer?: string): void
  /** Plugs in a device with an application, PINs, and containers. */
  addLock(lock: SoftSkfLock): void
  /** Pulls a device out; `plugIn` brings it back as it was. */
  pullOut(device: string): void
  plugIn(device: string): void
  /** Functions that were called since the last time this was asked, in order. */
  calls(): readonly string[]
  /** Tries left of the user PIN, as the device has stored it. */
  triesLeft(device: string): number
  remove(): void
}

/** What a device holds. */
export interface SoftSkfLock {
  readonly device: string
  readonly pin: string
  readonly tries?: number
  readonly containers: readonly SoftSkfContainer[]
}

/** The halves of a container; a key may come without its certificate and the other way round. */
export interface SoftSkfContainer {
  readonly name: string
  readonly sign?: SoftSkfHalf
  readonly encrypt?: SoftSkfHalf
}

export interface SoftSkfHalf {
  readonly privateKey?: PrivateKey
  readonly certificate?: Uint8Array
}

export const softSkfApplication = 'BIDSEAL'

/** No devices yet. */
export function makeSoftSkf(build: SoftSkfBuild): SoftSkf {
  const folder = mkdtempSync(join(tmpdir(), 'bidseal-soft-skf-'))
  const devices = join(folder, 'devices')
  const log = join(folder, 'calls')
  mkdirSync(devices)
  const addBlank = (device: string, issuer = 'BidSeal practice'): void => {
    mkdirSync(join(devices, device))
    writeFileSync(join(devices, device, 'info'), `BidSeal\n${issuer}\n软锁 ${device}\n${device}-0001\n`)
  }
  return {
    modulePath: buildSoftSkf(build),
    environment: { BIDSEAL_SOFT_SKF: devices, BIDSEAL_SOFT_SKF_LOG: log },
    addBlank,
    addLock({ device, pin, tries = 6, containers }) {
      addBlank(device, 'Test CA')
      const application = join(devices, device, softSkfApplication)
      mkdirSync(application)
      writeFileSync(join(application, 'pin'), `10 10 0 admin-pin\n${tries} ${tries} 0 ${pin}\n`)
      for (const { name, sign, encrypt } of containers) {
        mkdirSync(join(application, name))
        for (const [half, file] of [
          [sign, 'sign'],
          [encrypt, 'encrypt'],
        ] as const) {
          const path = join(application, name, file)
          if (half?.privateKey !== undefined) writeFileSync(`${path}.key`, keyBytes(half.privateKey))
          if (half?.certificate !== undefined) writeFileSync(`${path}.cer`, half.certificate)
        }
      }
    },
    pullOut: device => renameSync(join(devices, device), join(devices, `.${device}`)),
    plugIn: device => renameSync(join(devices, `.${device}`), join(devices, device)),
    calls() {
      const text = existsSync(log) ? readFileSync(log, 'utf8') : ''
      rmSync(log, { force: true })
      return text.split('\n').filter(line => line !== '')
    },
    triesLeft: device => {
      const pins = readFileSync(join(devices, device, softSkfApplication, 'pin'), 'utf8')
      return Number(pins.split('\n')[1]?.split(' ')[1])
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function keyBytes(privateKey: PrivateKey): Uint8Array {
  return isSm2Key(privateKey) ? privateKey.d : privateKey.export({ format: 'der', type: 'pkcs8' })
}
