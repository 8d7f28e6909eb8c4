import { CryptoFailure } from '../../errors.ts'
import type { PinState, TokenSummary } from '../port.ts'
import { matchesSkfToken, type SkfUri } from '../uri.ts'
import type { SkfName } from './buffers.ts'
import type { Connector, SkfToken } from './connector.ts'
import type { DeviceInfo } from './device-info.ts'
import { publicPart, readApplications, readDevices, readDeviceState, uriOf } from './devices.ts'
import { toFailure } from './errors.ts'
import { readCertificates, type SkfCertificate } from './halves.ts'
import type { SkfLibrary } from './library.ts'
import { readPinState, type ToldTries } from './pins.ts'

/** What has been read of a device since it was plugged in. */
interface KnownDevice {
  readonly info: DeviceInfo
  readonly tokens: readonly KnownToken[]
}

interface KnownToken {
  readonly token: SkfToken
  certificates: readonly SkfCertificate[] | null
  pin: PinState | null
}

/**
 * The devices that are plugged in, and what was read of them: certificates travel slowly, and a window asks every two
 * seconds. What was read holds as long as the device is present. A device is recognised by its serial number, too, before
 * what is known of it is believed; nothing is kept of a token that shows no certificate, because one may be put on it at any
 * time.
 *
 * SKF_WaitForDevEvent is not used: no other call may overlap it, and it blocks as long as nothing happens. Ending it takes a
 * second thread and SKF_CancelWaitForDevEvent, which libraries lack.
 */
export class KnownDevices {
  readonly #library: SkfLibrary
  readonly #connector: Connector
  readonly #told: ToldTries
  readonly #devices = new Map<string, KnownDevice>()
  /** Devices of which SKF_GetDevState has said that they are present: only then its "absent" means something. */
  readonly #stateTold = new Set<string>()

  constructor(library: SkfLibrary, connector: Connector, told: ToldTries) {
    this.#library = library
    this.#connector = connector
    this.#told = told
  }

  /**
   * Every token that is plugged in. `quiet` leaves the devices that are known already alone, because somebody is logged in
   * and another one is open. A device that fails does not hide the others; when all do, the first one's failure is thrown:
   * its library or profile is at fault.
   */
  list(quiet: boolean): readonly TokenSummary[] {
    return this.#each(name => this.#known(name, quiet).tokens.map(known => this.#summarise(known, quiet)))
  }

  /** DEVINFO of every device. Throws as {@link list} does. */
  infos(quiet: boolean): readonly DeviceInfo[] {
    return this.#each(name => [this.#known(name, quiet).info])
  }

  /** The one token that a name means. Throws `token.absent`, `token.wrong-lock` for several. */
  find(uri: SkfUri, quiet: boolean): SkfToken {
    const tokens = this.#each(name => this.#known(name, quiet).tokens.map(({ token }) => token))
    const found = tokens.filter(({ info, application }) =>
      matchesSkfToken(uri, { ...info, application: application.text }),
    )
    const [token] = found
    if (token === undefined) throw new CryptoFailure('token.absent', 'no token of that name is plugged in')
    if (found.length > 1) throw new CryptoFailure('token.wrong-lock', `${found.length} tokens bear that name`)
    return token
  }

  /** The certificates of a token. Throws what the library throws. */
  certificatesOf(token: SkfToken): readonly SkfCertificate[] {
    const known = this.#knownToken(token)
    if (known?.certificates) return known.certificates
    const certificates = readCertificates(this.#library, this.#connector.to(token).application)
    if (known !== undefined && certificates.length > 0) known.certificates = certificates
    return certificates
  }

  /** Its certificates are to be read again: after a login there may be more to see, after writing there are others. */
  forget(token: SkfToken): void {
    const known = this.#knownToken(token)
    if (known !== undefined) known.certificates = null
  }

  /** Something was pulled out: nothing is believed any more, not even where somebody is logged in. */
  forgetAll(): void {
    this.#devices.clear()
  }

  /** Throws `token.removed` when the device is no longer plugged in. */
  requirePresent({ device }: SkfToken): void {
    if (this.#isPresent(device)) return
    throw new CryptoFailure('token.removed', 'the token is no longer plugged in')
  }

  /** Looks which devices are there, and forgets those that aren't. */
  #look(): readonly SkfName[] {
    const devices = this.#present()
    for (const name of this.#devices.keys()) {
      if (!devices.some(({ text }) => text === name)) this.#devices.delete(name)
    }
    // Its handles went with it.
    this.#connector.closeUnlessIn(devices)
    return devices
  }

  #isPresent(device: SkfName): boolean {
    return this.#present().some(({ text }) => text === device.text)
  }

  #present(): readonly SkfName[] {
    return readDevices(this.#library).filter(device => {
      const state = readDeviceState(this.#library, device)
      if (state === 'present') this.#stateTold.add(device.text)
      return state !== 'absent' || !this.#stateTold.has(device.text)
    })
  }

  #known(name: SkfName, quiet: boolean): KnownDevice {
    const known = this.#devices.get(name.text)
    if (known !== undefined && quiet) return known
    const { handle, info } = this.#connector.toDevice(name)
    if (known?.info.serial === info.serial) return known
    const applications = readApplications(this.#library, handle)
    const tokens = applications.map(application => {
      return { token: { device: name, info, application }, certificates: null, pin: null }
    })
    const read = { info, tokens }
    // An application may be made on a blank device at any time.
    if (tokens.length > 0) this.#devices.set(name.text, read)
    else this.#devices.delete(name.text)
    return read
  }

  #knownToken(token: SkfToken): KnownToken | undefined {
    return this.#devices.get(token.device.text)?.tokens.find(one => isSame(one.token, token))
  }

  /** What can be seen of a token without a PIN. */
  #summarise(known: KnownToken, quiet: boolean): TokenSummary {
    const { token } = known
    const isRead = known.certificates !== null
    if (!isRead || !quiet || this.#connector.isAt(token) || known.pin === null) {
      known.pin = readPinState(this.#library, this.#connector.to(token), this.#told)
    }
    const certificates = this.certificatesOf(token)
    // Whatever a library says of a token that goes while it is read.
    if (!isRead) this.requirePresent(token)
    const { manufacturer, label, serial, algorithms } = token.info
    return {
      uri: uriOf(this.#library, token),
      kind: 'skf',
      label: label === '' ? token.application.text : label,
      manufacturer,
      // The standard knows none.
      model: '',
      serial,
      pin: known.pin,
      certificates: certificates.map(publicPart),
      mechanisms: algorithms,
    }
  }

  #each<T>(read: (device: SkfName) => readonly T[]): readonly T[] {
    const results: T[] = []
    let first: CryptoFailure | null = null
    let readable = false
    for (const device of this.#look()) {
      try {
        results.push(...read(device))
        readable = true
      } catch (error) {
        const failure = toFailure(error, 'reading a token')
        this.#devices.delete(device.text)
        this.#connector.close()
        // Pulled out between two calls: then it is absent, by whatever code the library says so.
        if (failure.code !== 'token.removed' && this.#isPresent(device)) first ??= failure
      }
    }
    if (first !== null && !readable) throw first
    return results
  }
}

/** Whether both are the same application on the same device. */
export function isSame(a: SkfToken, b: SkfToken): boolean {
  return a.device.text === b.device.text && a.application.text === b.application.text
}
