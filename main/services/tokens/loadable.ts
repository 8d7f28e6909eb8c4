import { isAbsolute } from 'node:path'
import type { TokenDriver } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { ModuleReference, TokenHosts } from '../ports.ts'
import { type LibraryFault, readLibraryFile } from './library-file.ts'
import type { LibraryBuild, LibrarySystem } from './library-headers.ts'

/** What this program was built for; vendors' libraries must be built for the same. */
export interface HostBuild {
  readonly platform: NodeJS.Platform
  readonly arch: string
}

/** The driver of a module, its file looked at first. Throws as {@link requireLoadable} does. */
export function driverOf(hosts: TokenHosts, module: ModuleReference): TokenDriver {
  // A relative name is nobody's file: the driver refuses it.
  if (module.kind !== 'soft' && isAbsolute(module.path)) requireLoadable(module.path)
  return hosts.driver(module)
}

/**
 * Refuses a library that this program could not load, before a process is started for it. Throws `token.driver-bitness` for
 * one built for another system, word size or processor, `token.driver-unavailable` for what is no library at all.
 */
export function requireLoadable(path: string, host: HostBuild = process): void {
  const file = readLibraryFile(path)
  if (file.state === 'unusable') throw new AppFailure('token.driver-unavailable', faultDetails[file.fault])
  if (fits(file.builds, host)) return
  const [theirs, ours] = differenceInWords(file.builds, host)
  throw new AppFailure('token.driver-bitness', `the file is ${theirs}; this program is ${ours}`)
}

/** Whether one of the builds is for this program. */
export function fits(builds: readonly LibraryBuild[], { platform, arch }: HostBuild): boolean {
  return builds.some(
    ({ system, processor, word }) => system === systemOf(platform) && processor === arch && word === wordOf(arch),
  )
}

/** Bits of a word of this program. */
export function wordOf(arch: string): 32 | 64 {
  return ['arm', 'ia32', 'mips', 'mipsel', 'ppc', 's390'].includes(arch) ? 32 : 64
}

/** Systems as people call them. */
export const systemNames: Readonly<Record<LibrarySystem, string>> = {
  linux: 'Linux',
  win32: 'Windows',
  darwin: 'macOS',
}

/** Processors as people call them. */
export function processorName(arch: string): string {
  return processors[arch] ?? arch
}

const processors: Readonly<Record<string, string>> = {
  arm: 'ARM',
  arm64: 'ARM64',
  ia32: 'x86',
  x64: 'x86-64',
  loong64: 'LoongArch',
  mips: 'MIPS',
  mipsel: 'MIPS',
  riscv64: 'RISC-V',
  other: 'another processor',
}

/** `a 32-bit Windows library` and `64-bit Linux`; processors are named only where nothing else differs. */
function differenceInWords(builds: readonly LibraryBuild[], host: HostBuild): readonly [string, string] {
  const ours = `${wordOf(host.arch)}-bit ${systemNames[systemOf(host.platform)]}`
  const theirs = [...new Set(builds.map(({ word, system }) => `${word}-bit ${systemNames[system]}`))]
  const article = (text: string): string => `a ${text} library`
  if (!theirs.includes(ours)) return [article(theirs.join(' and ')), ours]
  const names = [...new Set(builds.map(({ processor }) => processorName(processor)))].join(' and ')
  return [`${article(theirs.join(' and '))} for ${names}`, `for ${processorName(host.arch)}`]
}

function systemOf(platform: NodeJS.Platform): LibrarySystem {
  return platform === 'win32' || platform === 'darwin' ? platform : 'linux'
}

const faultDetails: Readonly<Record<LibraryFault, string>> = {
  missing: 'there is no file under this name',
  loop: 'the name is a link that leads back to itself',
  'not-a-file': 'the name is no file',
  unreadable: 'the file cannot be read',
  empty: 'the file is empty',
  text: 'the file is a text, no library',
  'not-a-library': 'the file is no library',
  damaged: 'the file is a library that is cut off or damaged',
}
