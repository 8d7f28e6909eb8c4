import { mkdirSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { app } from 'electron'
import { defaultHome } from '../store/index.ts'

/**
 * The user's data folder, the same one the command line uses, and inside it a folder of its own for what Chromium keeps.
 * To be called before the app is ready and before the single-instance lock is asked for, which lies there.
 */
export function useHomeFolder(): string {
  const named = process.env['BIDSEAL_HOME']
  const home = named !== undefined && isAbsolute(named) ? named : defaultHome()
  const browser = join(home, 'browser')
  mkdirSync(browser, { recursive: true, mode: 0o700 })
  app.setName('BidSeal')
  app.setPath('userData', home)
  app.setPath('sessionData', browser)
  return home
}
