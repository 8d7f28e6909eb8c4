import type { TokenDriver, TokenSummary } from '../../../crypto/index.ts'
import { toFailure } from '../failure.ts'
import type { ModuleReference } from '../ports.ts'
import { meansToken } from '../tokens/find-token.ts'
import { interfacesOf, type LibraryFile, readLibraryFile } from '../tokens/library-file.ts'
import { fits } from '../tokens/loadable.ts'
import type { DoctorParts } from './doctor.ts'
import { examineToken } from './examine-token.ts'
import { type ExaminedModule, type ExaminedToken, type HostFacts, notReached, type Rung } from './report.ts'

/** Climbs the rungs of one module, from its file to its tokens. What fails ends the climb and is told; nothing is thrown. */
export async function examineModule(parts: DoctorParts, reference: ModuleReference): Promise<ExaminedModule> {
  const known = reference.kind === 'soft' ? null : await parts.knownLibrary(reference)
  const found = { reference, sha256: known?.sha256 ?? null, vendor: known?.vendor ?? null }
  const file = reference.kind === 'soft' ? null : readLibraryFile(reference.path)
  const rungs = [fileRung(reference, file), bitnessRung(file, parts.host)]
  if (rungs.some(({ status }) => status === 'problem')) {
    return { ...found, rungs: [...rungs, notReached('loads'), notReached('slots')], tokens: [] }
  }
  const driver = parts.hosts.driver(reference)
  const loads = await loadsRung(driver)
  if (loads.status === 'problem') return { ...found, rungs: [...rungs, loads, notReached('slots')], tokens: [] }
  const { rung, tokens } = await slotsRung(parts, driver)
  const examined: ExaminedToken[] = []
  for (const token of tokens) examined.push(await examineToken(parts, reference, driver, token))
  return { ...found, rungs: [...rungs, loads, rung], tokens: examined }
}

function fileRung({ kind, path }: ModuleReference, file: LibraryFile | null): Rung {
  const rung = 'driver-file'
  if (file === null) return { rung, status: 'ok', finding: { code: 'driver-file.soft' } }
  if (file.state === 'unusable') {
    return { rung, status: 'problem', finding: { code: 'driver-file.fault', fault: file.fault } }
  }
  const interfaces: readonly string[] = [...interfacesOf(path)]
  if (interfaces.includes(kind)) {
    return { rung, status: 'ok', finding: { code: 'driver-file.library', interfaces, bytes: file.bytes } }
  }
  // A wrapper may pass on what it exports under other means: the library is asked all the same.
  return { rung, status: 'warning', finding: { code: 'driver-file.no-interface' } }
}

function bitnessRung(file: LibraryFile | null, host: HostFacts): Rung {
  const rung = 'bitness'
  if (file === null) return { rung, status: 'ok', finding: { code: 'bitness.soft' } }
  if (file.state === 'unusable') return notReached(rung)
  const { builds } = file
  return fits(builds, host)
    ? { rung, status: 'ok', finding: { code: 'bitness.fits', builds, host } }
    : { rung, status: 'problem', finding: { code: 'bitness.differs', builds, host } }
}

async function loadsRung(driver: TokenDriver): Promise<Rung> {
  try {
    const { description, manufacturer, version } = await driver.module()
    return { rung: 'loads', status: 'ok', finding: { code: 'loads.ok', description, manufacturer, version } }
  } catch (error) {
    return { rung: 'loads', status: 'problem', finding: { code: 'loads.failed', failure: toFailure(error) } }
  }
}

async function slotsRung(
  { token: wanted }: DoctorParts,
  driver: TokenDriver,
): Promise<{ readonly rung: Rung; readonly tokens: readonly TokenSummary[] }> {
  const rung = 'slots'
  try {
    const all = await driver.list()
    const tokens = all.filter(token => wanted === null || meansToken(wanted, token))
    if (tokens.length > 0) {
      return { rung: { rung, status: 'ok', finding: { code: 'slots.tokens', count: tokens.length } }, tokens }
    }
    const code = all.length === 0 ? 'slots.empty' : 'slots.not-the-one'
    return { rung: { rung, status: 'problem', finding: { code } }, tokens }
  } catch (error) {
    return {
      rung: { rung, status: 'problem', finding: { code: 'slots.failed', failure: toFailure(error) } },
      tokens: [],
    }
  }
}
