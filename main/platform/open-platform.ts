import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { AppFailure } from '../contract/failure.ts'
import type { HttpPort } from '../http/index.ts'
import { filePlatform } from './files/file-platform.ts'
import { httpPlatform } from './http-platform.ts'
import type { HttpPlatformOptions } from './http-platform.ts'
import type { Platform } from './port.ts'

/**
 * The platform at an address: `http:` and `https:` speak the neutral interface, `file:` names the exchange folder of a
 * platform that takes files through its own page. Throws `arguments.bad` for any other.
 */
export function openPlatform(address: string, http: HttpPort, options: HttpPlatformOptions = {}): Platform {
  if (!/^file:/i.test(address)) return httpPlatform(address, http, options)
  let root: string
  try {
    root = fileURLToPath(address)
  } catch (error) {
    throw new AppFailure('arguments.bad', 'the exchange folder must be a file: URL with an absolute path', {
      cause: error,
    })
  }
  return filePlatform(root, { nonce: () => randomBytes(32).toString('hex'), signal: options.signal })
}
