import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isSm2Key, type PrivateKey } from '../../../crypto/sign/private-key.ts'
import type { SkfExtension, SkfProfile } from '../../../crypto/token/profiles/driver-profile.ts'
import { buildSoftSkf, type SoftSkfBuild } from './build.ts'

/** A soft SKF library with devices of its own: a folder for each, and renaming the folder is how it is pulled out. */
export interface SoftSkf {
  readonly modulePath: string
  /** What a program that is to see these devices needs in its environment. */
  readonly environment: Readonly<Record<EnvironmentName, string>>
  /** Plugs in a device with nothing on it. */
  addBlank(device: string, issuer?: string): void
  /** Plugs in a device with an application, PINs, and containers. */
  addLock(lock: SoftSkfLock): void
  /** Pulls a device out; `plugIn` brings it back as it was, with nobody logged in. */
  pullOut(device: string): void
  plugIn(device: string): void
  /** Pulls `device` out and plugs in what was pulled out as `other`, under the name of `device`. */
  swap(device: string, other: string): void
  /**
   * Faults from now on, in every process with this environment (soft.h): `sign:hang,absent=KEY`; an empty text ends them.
   */
  setFaults(faults: string): void
  /** Functions that were called since the last time this was asked, in order. */
  calls(): readonly string[]
  /** Handles that the process which called the library last has open. */
  openHandles(): number
  /** Tries left of the user PIN, as the device has stored it. */
  triesLeft(device: string): number
  remove(): void
}

type EnvironmentName =
  'BIDSEAL_SOFT_SKF' | 'BIDSEAL_SOFT_SKF_LOG' | 'BIDSEAL_SOFT_SKF_HANDLES' | 'BIDSEAL_SOFT_SKF_FAULT_FILE'

/** What a device holds. */
export interface SoftSkfLock {
  readonly device: string
  readonly pin: string
  readonly tries?: number
  /** The PIN is said to be the one it was delivered with. */
  readonly pinIsDefault?: boolean
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

/** Vendors whose own functions the library has (extensions.c), for `vendor=` in BIDSEAL_SOFT_SKF_QUIRKS. */
export type SoftSkfVendor = keyof typeof softSkfVendors

export const softSkfApplication = 'BIDSEAL'

const blob = (name: string, selector: SkfExtension['selector'] = 'none'): SkfExtension => {
  return { name, selector, input: 'blob' }
}
const bytes = (name: string, selector: SkfExtension['selector'] = 'none'): SkfExtension => {
  return { name, selector, input: 'bytes' }
}

/** What a driver must be told of each of them. */
export const softSkfVendors = {
  longmai: { sm2Extension: blob('SKF_ECCPrvKeyDecrypt'), rsaExtension: bytes('SKF_RSAPrvKeyDecrypt') },
  xjca: { sm2Extension: blob('SKF_ECCPrvKeyDecryptEx', 'sign-flag'), rsaExtension: bytes('SKF_RSAPrvKeyDecrypt') },
  haitai: { sm2Extension: blob('SKF_ECCDecrypt'), rsaExtension: bytes('SKF_RSADecrypt') },
  ccore: {
    sm2Extension: blob('V_ECCPrvKeyDecrypt', 'key-spec'),
    rsaExtension: bytes('V_RSAPrvKeyDecrypt', 'key-spec'),
  },
  wisec: { sm2Extension: blob('SKF_PrvKeyDecrypt'), rsaExtension: bytes('SKF_RSAPrvKeyDecrypt') },
  'wisec-type': { sm2Extension: blob('SKF_PrvKeyDecrypt', 'type'), rsaExtension: bytes('SKF_RSAPrvKeyDecrypt') },
  'key-spec': {
    sm2Extension: blob('SKF_PrvKeyDecrypt', 'key-spec'),
    rsaExtension: bytes('SKF_RSADecrypt', 'key-spec'),
  },
  'sign-flag': { sm2Extension: blob('SKF_ECCDecrypt', 'sign-flag') },
  sof: { sm2Extension: bytes('SKF_ECCDecrypt'), rsaExtension: bytes('SKF_RSAPriKeyOperation') },
} as const satisfies Readonly<Record<string, SkfProfile>>

/** No devices yet. */
export function makeSoftSkf(build: SoftSkfBuild): SoftSkf {
  const folder = mkdtempSync(join(tmpdir(), 'bidseal-soft-skf-'))
  const devices = join(folder, 'devices')
  const [log, handles, faultFile] = [join(folder, 'calls'), join(folder, 'handles'), join(folder, 'faults')]
  let plugged = 0
  mkdirSync(devices)
  const plugIn = (other: string, device = other): void => {
    plugged += 1
    writeFileSync(join(devices, `.${other}`, 'plug'), String(plugged))
    renameSync(join(devices, `.${other}`), join(devices, device))
  }
  const addBlank = (device: string, issuer = 'BidSeal practice'): void => {
    mkdirSync(join(devices, device))
    writeFileSync(join(devices, device, 'info'), `BidSeal\n${issuer}\n软锁 ${device}\n${device}-0001\n`)
  }
  return {
    modulePath: buildSoftSkf(build),
    environment: {
      BIDSEAL_SOFT_SKF: devices,
      BIDSEAL_SOFT_SKF_LOG: log,
      BIDSEAL_SOFT_SKF_HANDLES: handles,
      BIDSEAL_SOFT_SKF_FAULT_FILE: faultFile,
    },
    addBlank,
    addLock({ device, pin, tries = 6, pinIsDefault = false, containers }) {
      addBlank(device, 'Test CA')
      const application = join(devices, device, softSkfApplication)
      mkdirSync(application)
      writeFileSync(join(application, 'pin'), `10 10 0 admin-pin\n${tries} ${tries} ${pinIsDefault ? 1 : 0} ${pin}\n`)
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
    plugIn: device => plugIn(device),
    swap(device, other) {
      renameSync(join(devices, device), join(devices, `.${device}`))
      plugIn(other, device)
    },
    setFaults(faults) {
      // Read at every call: never a half of it.
      writeFileSync(`${faultFile}.part`, faults)
      renameSync(`${faultFile}.part`, faultFile)
    },
    calls() {
      const text = existsSync(log) ? readFileSync(log, 'utf8') : ''
      rmSync(log, { force: true })
      return text.split('\n').filter(line => line !== '')
    },
    openHandles: () => (existsSync(handles) ? Number(readFileSync(handles, 'utf8')) : 0),
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
