import type { TokenCertificate } from '../port.ts'
import { formatTokenUri } from '../uri.ts'
import { readNames, readUlong, type SkfName, ulong } from './buffers.ts'
import type { SkfToken } from './connector.ts'
import type { SkfCertificate } from './halves.ts'
import type { SkfLibrary } from './library.ts'

/** Names of the devices that the library lists as plugged in. Throws what the library throws. */
export function readDevices(library: SkfLibrary): readonly SkfName[] {
  return readNames('SKF_EnumDev', (out, size) => library.call('SKF_EnumDev', true, out, size))
}

/** Names of a device's applications; a blank device has none. Throws what the library throws. */
export function readApplications(library: SkfLibrary, device: bigint): readonly SkfName[] {
  return readNames('SKF_EnumApplication', (out, size) => library.call('SKF_EnumApplication', device, out, size))
}

/**
 * What SKF_GetDevState says of a device; null when the library lacks it, fails, or says something else (headers differ about
 * the number of DEV_UNKNOW_STATE).
 */
export function readDeviceState(library: SkfLibrary, device: SkfName): 'absent' | 'present' | null {
  if (!library.has('SKF_GetDevState')) return null
  const state = ulong(0xffffffff)
  try {
    library.call('SKF_GetDevState', device.bytes, state)
  } catch {
    return null
  }
  return states[readUlong(state)] ?? null
}

/** GM/T 0016, 6.4: DEV_ABSENT_STATE, DEV_PRESENT_STATE. */
const states = ['absent', 'present'] as const

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
