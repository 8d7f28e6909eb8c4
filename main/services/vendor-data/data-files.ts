import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import {
  builtInData,
  CryptoFailure,
  dataKinds,
  envelopeLimit,
  openPublisherData,
  publisherKeys,
} from '../../../crypto/index.ts'
import type { DataKind, PublisherData, PublisherKey, TrustList, VendorProfiles } from '../../../crypto/index.ts'
import type { FailureCode } from '../../contract/failure.ts'
import { isMissing } from '../../store/index.ts'
import type { Home } from '../../store/index.ts'

/** Where data comes from and who may sign it; what is not told is the program's own. */
export interface DataSources {
  readonly builtIn?: Readonly<Record<DataKind, Uint8Array>> | undefined
  readonly keys?: readonly PublisherKey[] | undefined
}

/** One kind of data as it is in use. */
export interface DataInUse<T> {
  readonly content: T
  readonly origin: 'built-in' | 'installed'
}

/** An installed file that is not used, and why. */
export interface DataWarning {
  readonly kind: DataKind
  readonly code: FailureCode
  readonly detail: string
}

/** Everything in use. */
export interface LoadedData {
  readonly profiles: DataInUse<VendorProfiles>
  readonly trust: DataInUse<TrustList>
  readonly warnings: readonly DataWarning[]
}

/** Where an update of a kind is kept. */
export function installedFile(home: Home, kind: DataKind): string {
  return join(dataFolder(home), `${kind}.dsse.json`)
}

/** The folder of installed updates. */
export function dataFolder(home: Home): string {
  return join(home.root, 'data')
}

/** What tells whether an installed file has changed since it was read. */
export function installedState(home: Home): string {
  return dataKinds.map(kind => stateOf(installedFile(home, kind))).join('\n')
}

/**
 * Of what the program is shipped with and what is installed, the higher version of each kind. Both are verified every time; an
 * installed file that does not hold is left aside with a warning. Throws when the built-in data do not hold: then the program
 * itself is damaged.
 */
export function loadData(home: Home, { builtIn = builtInData, keys = publisherKeys }: DataSources): LoadedData {
  const warnings: DataWarning[] = []
  const used = <T extends Versioned>(kind: DataKind, contentOf: (data: PublisherData) => T): DataInUse<T> => {
    const shipped = contentOf(openPublisherData(builtIn[kind], keys))
    const installed = orWarn(kind, warnings, () => {
      const bytes = readBounded(installedFile(home, kind))
      return bytes === null ? null : contentOf(openPublisherData(bytes, keys))
    })
    return installed !== null && installed.version > shipped.version
      ? { content: installed, origin: 'installed' }
      : { content: shipped, origin: 'built-in' }
  }
  return { profiles: used('vendor-profiles', profilesIn), trust: used('trust-list', trustListIn), warnings }
}

interface Versioned {
  readonly version: number
}

function profilesIn(data: PublisherData): VendorProfiles {
  if (data.kind === 'vendor-profiles') return data.content
  throw new CryptoFailure('data.malformed', 'a trust list stands where vendor profiles belong')
}

function trustListIn(data: PublisherData): TrustList {
  if (data.kind === 'trust-list') return data.content
  throw new CryptoFailure('data.malformed', 'vendor profiles stand where a trust list belongs')
}

function orWarn<T>(kind: DataKind, warnings: DataWarning[], read: () => T | null): T | null {
  try {
    return read()
  } catch (error) {
    const { code, detail } =
      error instanceof CryptoFailure ? error : ({ code: 'input.unreadable', detail: 'it cannot be read' } as const)
    warnings.push({ kind, code, detail })
    return null
  }
}

function readBounded(path: string): Uint8Array | null {
  try {
    if (statSync(path).size > envelopeLimit) throw new CryptoFailure('data.malformed', 'it is too long')
    return readFileSync(path)
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

function stateOf(path: string): string {
  try {
    const { size, mtimeMs, ino } = statSync(path)
    return `${size} ${mtimeMs} ${ino}`
  } catch {
    return 'none'
  }
}
