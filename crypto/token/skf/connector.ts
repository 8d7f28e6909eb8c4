import { CryptoFailure } from '../../errors.ts'
import { readHandle, type SkfName } from './buffers.ts'
import { type DeviceInfo, readDeviceInfo } from './device-info.ts'
import { closeQuietly } from './halves.ts'
import type { SkfLibrary } from './library.ts'

/** An application on a device that is plugged in: PINs and containers are each application's own. */
export interface SkfToken {
  readonly device: SkfName
  readonly info: DeviceInfo
  readonly application: SkfName
}

/** An open device and application; good until the connector goes somewhere else. */
export interface SkfConnection {
  readonly token: SkfToken
  readonly device: bigint
  readonly application: bigint
}

/** An open device. */
export interface SkfDevice {
  readonly name: SkfName
  readonly handle: bigint
  readonly info: DeviceInfo
}

/**
 * The one device and the one application that are open. There are never two: libraries keep a current device and a current
 * application for the whole process, and take every handle for those (tokens.md 1.4), so that a second session would sign
 * with the first one's key. Going to another token closes what is open, then connects to the device, then opens the
 * application. What the user has logged in to stays so: neither closing an application nor disconnecting clears that
 * (GM/T 0016, 7.1.5 and 7.3.6), only `SKF_ClearSecureState` does.
 */
export class Connector {
  readonly #library: SkfLibrary
  #device: SkfDevice | null = null
  #application: { readonly name: SkfName; readonly handle: bigint } | null = null

  constructor(library: SkfLibrary) {
    this.#library = library
  }

  /** Connects to a device, unless that is the one. Throws what the library throws. */
  toDevice(name: SkfName): SkfDevice {
    if (this.#device?.name.text === name.text) return this.#device
    this.close()
    const handle = readHandle(out => this.#library.call('SKF_ConnectDev', name.bytes, out))
    try {
      this.#device = { name, handle, info: readDeviceInfo(this.#library, handle) }
      return this.#device
    } catch (error) {
      closeQuietly(this.#library, 'SKF_DisConnectDev', handle)
      throw error
    }
  }

  /**
   * Opens a token's application, unless that is the one. Throws what the library throws, `token.removed` when another device
   * bears the name by now.
   */
  to(token: SkfToken): SkfConnection {
    const device = this.toDevice(token.device)
    if (device.info.serial !== token.info.serial) {
      this.close()
      throw new CryptoFailure('token.removed', 'another token is plugged in under the name of this one')
    }
    if (this.#application?.name.text !== token.application.text) {
      this.#closeApplication()
      const handle = readHandle(out =>
        this.#library.call('SKF_OpenApplication', device.handle, token.application.bytes, out),
      )
      this.#application = { name: token.application, handle }
    }
    return { token, device: device.handle, application: this.#application.handle }
  }

  /** Whether this is what is open. */
  isAt({ device, application }: SkfToken): boolean {
    return this.#device?.name.text === device.text && this.#application?.name.text === application.text
  }

  /** Closes what is open, unless it is one of these devices. */
  closeUnlessIn(devices: readonly SkfName[]): void {
    if (!devices.some(({ text }) => text === this.#device?.name.text)) this.close()
  }

  /** Closes what is open; never throws: the token may be gone. Nobody is logged out by it. */
  close(): void {
    this.#closeApplication()
    if (this.#device !== null) closeQuietly(this.#library, 'SKF_DisConnectDev', this.#device.handle)
    this.#device = null
  }

  #closeApplication(): void {
    if (this.#application !== null) closeQuietly(this.#library, 'SKF_CloseApplication', this.#application.handle)
    this.#application = null
  }
}
