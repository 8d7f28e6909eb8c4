import { networkSettings } from '../../store/index.ts'
import type { Ports } from '../ports.ts'
import type { TimeStampServer } from '../signing/time-stamps.ts'

/** The time-stamp server that is set: of this run, else of the settings; null for none. Throws `input.unreadable`. */
export async function timeStampServer(ports: Pick<Ports, 'timeStamps' | 'home'>): Promise<TimeStampServer | null> {
  if (ports.timeStamps !== undefined) return ports.timeStamps
  return (await networkSettings(ports.home).read()).timeStamps ?? null
}
