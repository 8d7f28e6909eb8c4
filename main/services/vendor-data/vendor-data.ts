import { basename, join } from 'node:path'
import { open } from 'node:fs/promises'
import {
  authorityOf,
  envelopeLimit,
  openPublisherData,
  profileForLibrary,
  requireNewer,
} from '../../../crypto/index.ts'
import type { Certificate, DataKind, MatchedLibrary, TrustList, VendorProfile } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { readJsonIfThere, withLock, writeFileAtomic, writeJsonAtomic } from '../../store/index.ts'
import type { Home } from '../../store/index.ts'
import { dataFolder, installedFile, installedState, loadData } from './data-files.ts'
import type { DataSources, LoadedData } from './data-files.ts'
import { librariesOnDisk } from './libraries-on-disk.ts'
import type { FoundLibrary } from './libraries-on-disk.ts'
import { libraryDigest } from './library-digest.ts'

/** A library that is to be used, by its path. */
export interface LibraryAt {
  readonly kind: 'pkcs11' | 'skf'
  readonly path: string
}

/** What an update has changed. */
export interface DataUpdate {
  readonly kind: DataKind
  /** The version that was in use before. */
  readonly from: number
  readonly to: number
}

/** The publisher's data as one home uses them: vendor profiles and trust list. */
export interface VendorData {
  /** Everything in use, with where it comes from and what was left aside. */
  inUse(): LoadedData
  profiles(): readonly VendorProfile[]
  trust(): TrustList
  /** What is known of a library, by its digest or its name; null for one nobody knows. */
  profileOf(library: LibraryAt): Promise<MatchedLibrary | null>
  /** The vendors' libraries that are on this computer, where the profiles look for them. */
  libraries(): readonly FoundLibrary[]
  /** Where a certificate's authority writes the credit code; undefined where that is not known. */
  creditCodePlaces(certificate: Certificate): readonly string[] | undefined
  /**
   * Takes over a signed file. Throws `input.unreadable`, `data.malformed`, `data.signature`, `data.downgrade`, `output.*`;
   * what is in use then stays.
   */
  update(file: string): Promise<DataUpdate>
}

/** The data of a home. Read when they are first asked for, and again when an installed file has changed. */
export function vendorData(home: Home, sources: DataSources = {}): VendorData {
  let loaded: { readonly state: string; readonly data: LoadedData } | null = null
  const inUse = (): LoadedData => {
    const state = installedState(home)
    if (loaded?.state !== state) loaded = { state, data: loadData(home, sources) }
    return loaded.data
  }
  const profiles = (): readonly VendorProfile[] => inUse().profiles.content.profiles
  const trust = (): TrustList => inUse().trust.content
  return {
    inUse,
    profiles,
    trust,
    async profileOf({ kind, path }) {
      const sha256 = await libraryDigest(path)
      return profileForLibrary(profiles(), { name: basename(path), sha256, platform: process.platform, kind })
    },
    libraries: () => librariesOnDisk(profiles()),
    creditCodePlaces: certificate => authorityOf(trust(), certificate)?.creditCodeOids,
    async update(file) {
      const bytes = await readOffered(file)
      const offered = openPublisherData(bytes, sources.keys)
      return withLock(join(dataFolder(home), 'update.lock'), async () => {
        const { kind, content } = offered
        const used = inUse()
        const from = (kind === 'vendor-profiles' ? used.profiles : used.trust).content.version
        const seen = await seenVersions(home)
        requireNewer(content.version, from)
        // Whoever can take an installed file away shall not thereby bring an older one back.
        if (content.version < (seen[kind] ?? 0)) requireNewer(content.version, seen[kind] ?? 0)
        await writeFileAtomic(installedFile(home, kind), bytes)
        await writeJsonAtomic(seenFile(home), { ...seen, [kind]: content.version })
        loaded = null
        return { kind, from, to: content.version }
      })
    },
  }
}

/** One set of data for each home of this process, so that files are read and verified once. */
export function vendorDataAt(home: Home): VendorData {
  const data = byHome.get(home.root) ?? vendorData(home)
  byHome.set(home.root, data)
  return data
}

const byHome = new Map<string, VendorData>()

/** The highest version of each kind that was ever installed here. */
type SeenVersions = Partial<Record<DataKind, number>>

function seenFile(home: Home): string {
  return join(dataFolder(home), 'versions.json')
}

async function seenVersions(home: Home): Promise<SeenVersions> {
  const value = await readJsonIfThere(seenFile(home)).catch(() => null)
  const of = (kind: DataKind): number | undefined => {
    const version = typeof value === 'object' && value !== null && kind in value ? value[kind as keyof typeof value] : 0
    return typeof version === 'number' && Number.isSafeInteger(version) ? version : undefined
  }
  return { 'vendor-profiles': of('vendor-profiles') ?? 0, 'trust-list': of('trust-list') ?? 0 }
}

async function readOffered(file: string): Promise<Uint8Array> {
  try {
    const handle = await open(file, 'r')
    try {
      const { size } = await handle.stat()
      if (size > envelopeLimit) throw new AppFailure('data.malformed', 'the file is too long for signed data')
      return await handle.readFile()
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (error instanceof AppFailure) throw error
    throw new AppFailure('input.unreadable', 'the file cannot be read', { cause: error })
  }
}
