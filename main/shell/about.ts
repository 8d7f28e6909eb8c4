import type { AppView } from '../contract/views.ts'
import { measureCryptoSpeed } from './crypto-speed.ts'

/** Set by the bundler: the version of the app, and the Electron it is made for. */
declare const BIDSEAL_VERSION: string
declare const BIDSEAL_ELECTRON: string

/** What the app is and how it runs here. Runs the start-up self-test. */
export function about(): Omit<AppView, 'language'> {
  const electron = process.versions.electron
  return {
    version: BIDSEAL_VERSION,
    electron,
    practiceRuntime: electron !== BIDSEAL_ELECTRON,
    hardwareCrypto: measureCryptoSpeed().hardware,
  }
}
