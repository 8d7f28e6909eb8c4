import { CryptoFailure } from '../../errors.ts'
import type { TokenCertificate, TokenSummary } from '../port.ts'
import { formatTokenUri, matchesSkfToken, type SkfUri } from '../uri.ts'
import { readHandle, readNames, type SkfName } from './buffers.ts'
import { type DeviceInfo, readDeviceInfo } from './device-info.ts'
import { toFailure } from './errors.ts'
import { closeQuietly, readCertificates, type SkfCertificate } from './halves.ts'
import type { SkfLibrary } from './library.ts'
import { readPinState } from './pins.ts'

/** An application on a device that is plugged in: PINs and containers are each application's own. */
export interface SkfToken {
  readonly device: SkfName
  readonly info: DeviceInfo
  readonly application: SkfName
}

/** An open device and application. */
export interface SkfConnection {
  readonly token: SkfToken
  readonly device: bigint
  readonly application: bigint
}

/** Names of the devices that are plugged in. Throws what the library throws. */
export function readDevices(library: SkfLibrary): readonly SkfName[] {
  return readNames('SKF_EnumDev', (out, size) => library.call('SKF_EnumDev', true, out, size))
}

/** Names of a device's applications; a blank device has none. Throws what the library throws. */
export function readApplications(library: SkfLibrary, device: bigint): readonly SkfName[] {
  return readNames('SKF_EnumApplication', (out, size) => library.call('SKF_EnumApplication', device, out, size))
}

/**
 * What `read` makes of every application that is plugged in. A device that fails does not hide the others; when all do, the
 * first one's failure is thrown: its library or profile is at fault.
 */
export function readTokens<T>(library: SkfLibrary, read: (connection: SkfConnection) => T): readonly T[] {
  const devices = readDevices(library)
  const results: T[] = []
  let first: CryptoFailure | null = null
  let readable = false
  for (const device of devices) {
    try {
      results.push(...readDevice(library, device, read))
      readable = true
    } catch (error) {
      const failure = toFailure(error, 'reading a token')
      // Pulled out between two calls: then it is absent.
      if (failure.code !== 'token.removed') first ??= failure
    }
  }
  if (first !== null && !readable) throw first
  return results
}

/** The one token that a name means. Throws `token.absent`, `token.wrong-lock` for several. */
export function findToken(library: SkfLibrary, uri: SkfUri): SkfToken {
  const tokens = readTokens(library, ({ token }) => token)
  const found = tokens.filter(({ info, application }) =>
    matchesSkfToken(uri, { ...info, application: application.text }),
  )
  const [token] = found
  if (token === undefined) throw new CryptoFailure('token.absent', 'no token of that name is plugged in')
  if (found.length > 1) throw new CryptoFailure('token.wrong-lock', `${found.length} tokens bear that name`)
  return token
}

/** Opens a token's device and application. Throws what the library throws. */
export function connect(library: SkfLibrary, token: SkfToken): SkfConnection {
  const device = readHandle(out => library.call('SKF_ConnectDev', token.device.bytes, out))
  try {
    const application = readHandle(out => library.call('SKF_OpenApplication', device, token.application.bytes, out))
    return { token, device, application }
  } catch (error) {
    closeQuietly(library, 'SKF_DisConnectDev', device)
    throw error
  }
}

/** Closes both; never throws: the token may be gone. `logOut`: DisConnectDev alone leaves the user logged in. */
export function disconnect(library: SkfLibrary, { device, application }: SkfConnection, logOut: boolean): void {
  if (logOut) closeQuietly(library, 'SKF_ClearSecureState', application)
  closeQuietly(library, 'SKF_CloseApplication', application)
  closeQuietly(library, 'SKF_DisConnectDev', device)
}

/** What can be seen of a token without a PIN. Throws what the library throws. */
export function summarise(library: SkfLibrary, { token, application }: SkfConnection): TokenSummary {
  const { manufacturer, label, serial, algorithms } = token.info
  return {
    uri: uriOf(library, token),
    kind: 'skf',
    label: label === '' ? token.application.text : label,
    manufacturer,
    // The standard knows none.
    model: '',
    serial,
    pin: readPinState(library, application),
    certificates: readCertificates(library, application).map(publicPart),
    mechanisms: algorithms,
  }
}

/** The part of a certificate that the token port shows. */
export function publicPart({ keyId, label, certificate, uses }: SkfCertificate): TokenCertificate {
  return { keyId, label, certificate, uses }
}

/** The token's name, its library included, so that it can be found again from the command line. */
export function uriOf(library: SkfLibrary, { info, application }: SkfToken): string {
  const { label, serial, manufacturer } = info
  return formatTokenUri({
    kind: 'skf',
    token: label,
    serial,
    manufacturer,
    application: application.text,
    modulePath: library.path,
  })
}

function readDevice<T>(library: SkfLibrary, name: SkfName, read: (connection: SkfConnection) => T): readonly T[] {
  const device = readHandle(out => library.call('SKF_ConnectDev', name.bytes, out))
  try {
    const info = readDeviceInfo(library, device)
    return readApplications(library, device).map(applicationName => {
      const token = { device: name, info, application: applicationName }
      const application = readHandle(out => library.call('SKF_OpenApplication', device, applicationName.bytes, out))
      try {
        return read({ token, device, application })
      } finally {
        closeQuietly(library, 'SKF_CloseApplication', application)
      }
    })
  } finally {
    closeQuietly(library, 'SKF_DisConnectDev', device)
  }
}
