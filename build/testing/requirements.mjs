import { access, readdir } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { run } from '../project.mjs'

/**
 * Something the tests need from the system.
 * @typedef {object} Requirement
 * @property {string} name as a person would look for it
 * @property {string} why
 * @property {readonly (readonly string[])[]} packages Debian packages; of each list the first that exists is taken
 * @property {() => Promise<boolean>} present
 */

const softHsmPlaces = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib64/softhsm/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
  '/opt/homebrew/lib/softhsm/libsofthsm2.so',
]

const cryptoPlaces = ['/usr/lib/libcrypto.a', '/usr/lib64/libcrypto.a', '/usr/local/lib/libcrypto.a']

/** @type {readonly Requirement[]} */
export const testRequirements = [
  command('g++', 'compiles the PKCS#11 binding', 'g++'),
  command('gcc', 'compiles the faulty modules and the soft locks of the tests', 'gcc'),
  command('make', 'compiles the PKCS#11 binding', 'make'),
  command('python3', 'compiles the PKCS#11 binding (node-gyp)', 'python3'),
  command('openssl', 'an independent reader of our signatures and envelopes', 'openssl'),
  command('softhsm2-util', 'makes the tokens of the tests', 'softhsm2'),
  command('pkcs11-tool', 'an independent view of what is on a token', 'opensc'),
  command('certutil', 'makes the token of another PKCS#11 library', 'libnss3-tools'),
  command('pk12util', 'puts keys onto it', 'libnss3-tools'),
  command('pdfsig', 'an independent judge of signatures on PDFs', 'poppler-utils'),
  command('pdftoppm', 'pictures of the pages of PDFs', 'poppler-utils'),
  command('qpdf', 'an independent reader of PDFs', 'qpdf'),
  ...(process.platform === 'linux'
    ? [
        command('strace', 'watches which files a command writes', 'strace'),
        command('faketime', 'programs whose clock is off by a day', 'faketime'),
      ]
    : []),
  {
    name: 'libsofthsm2.so',
    why: 'the PKCS#11 library the tests run on',
    packages: [['softhsm2']],
    present: async () => (await firstPresent(softHsmPlaces)) !== null || (await inMultiarch('softhsm/libsofthsm2.so')),
  },
  {
    name: 'libsoftokn3.so',
    why: 'the other PKCS#11 library the tests run on',
    packages: [['libnss3']],
    present: async () =>
      (await firstPresent(['/usr/lib64/libsoftokn3.so'])) !== null ||
      (await inMultiarch('libsoftokn3.so')) ||
      (await inMultiarch('nss/libsoftokn3.so')),
  },
  {
    name: 'libcrypto.a',
    why: 'the soft locks of the tests, SKF and PKCS#11, are built on it (OpenSSL 3)',
    packages: [['libssl-dev']],
    present: async () => (await firstPresent(cryptoPlaces)) !== null || (await inMultiarch('libcrypto.a')),
  },
]

/**
 * Published test vectors that Debian packages: installed where that is possible, else the tests that judge by them are
 * listed among what did not run.
 * @type {readonly Requirement[]}
 */
export const vectorRequirements = [
  {
    name: 'PKITS',
    why: 'the path validation test suite of NIST',
    packages: [['python3-cryptography-vectors']],
    present: async () => {
      const debianFolder = '/usr/lib/python3/dist-packages/cryptography_vectors/x509/PKITS_data'
      return Boolean(process.env['BIDSEAL_PKITS']) || (await firstPresent([debianFolder])) !== null
    },
  },
  {
    name: "NIST's signature vectors",
    why: 'signatures that are valid, and others that are not',
    packages: [['python3-cryptography-vectors']],
    present: async () =>
      (await firstPresent(['/usr/lib/python3/dist-packages/cryptography_vectors/asymmetric'])) !== null,
  },
]

/** What the tests of the window need beside the runtime. @type {readonly Requirement[]} */
export const windowRequirements =
  process.platform === 'linux' ? [command('Xvfb', 'the display the tests of the window open it on', 'xvfb')] : []

/**
 * The shared libraries an Electron executable lacks here.
 * @param {string} executable
 * @returns {Requirement}
 */
export function electronLibraries(executable) {
  return {
    name: "Electron's shared libraries",
    why: 'the tests of crypto/ run again inside Electron',
    packages: [
      ['libgtk-3-0', 'libgtk-3-0t64'],
      ['libnss3'],
      ['libasound2', 'libasound2t64'],
      ['libgbm1'],
      ['libxss1'],
      ['libatspi2.0-0', 'libatspi2.0-0t64'],
      ['libsecret-1-0'],
    ],
    present: async () => {
      if (process.platform !== 'linux') return true
      const { code, output } = await run('ldd', [executable], { output: 'capture' })
      return code === 0 && !output.includes('not found')
    },
  }
}

/**
 * Sees that everything is there. On Debian, as root, what is missing is installed.
 * @param {readonly Requirement[]} requirements
 * @returns {Promise<readonly Requirement[]>} what is still missing
 */
export async function provide(requirements) {
  const missing = await absent(requirements)
  if (missing.length === 0 || !(await canInstall())) return missing
  console.log(`installing: ${missing.map(({ name }) => name).join(', ')} …`)
  await aptGet('update')
  const wanted = new Set(await Promise.all(missing.flatMap(({ packages }) => packages).map(existingPackage)))
  await aptGet('install', '-y', '--no-install-recommends', '--no-upgrade', ...wanted)
  return absent(requirements)
}

/**
 * Silent unless it fails: what it says then is what the person has to know.
 * @param {...string} args
 */
async function aptGet(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { code, output } = await run('apt-get', ['-q', ...args], { env, output: 'capture', limitMs: 20 * 60_000 })
  if (code !== 0) console.log(output.trimEnd())
}

/**
 * One sentence for a person who has to install it.
 * @param {Requirement} requirement
 */
export function explain({ name, why, packages }) {
  return `${name} is missing: ${why}. On Debian: apt-get install ${packages.map(([first]) => first).join(' ')}`
}

/**
 * @param {string} name
 * @param {string} why
 * @param {string} debianPackage
 * @returns {Requirement}
 */
function command(name, why, debianPackage) {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(folder => folder !== '')
  return {
    name,
    why,
    packages: [[debianPackage]],
    present: async () => (await firstPresent(folders.map(folder => join(folder, name)))) !== null,
  }
}

/** @param {readonly Requirement[]} requirements */
async function absent(requirements) {
  const present = await Promise.all(requirements.map(requirement => requirement.present()))
  return requirements.filter((_, index) => present[index] === false)
}

async function canInstall() {
  return process.getuid?.() === 0 && (await firstPresent(['/etc/debian_version'])) !== null
}

/**
 * Of several names of one package (they change between Debian releases) the one that exists here.
 * @param {readonly string[]} names
 */
async function existingPackage(names) {
  for (const name of names) {
    const { code, output } = await run('apt-cache', ['policy', name], { output: 'capture' })
    if (code === 0 && /Candidate: (?!\(none\))/.test(output)) return name
  }
  return names[0] ?? ''
}

/**
 * Debian's multiarch folders hold libraries under the machine's triplet.
 * @param {string} library
 */
async function inMultiarch(library) {
  const triplets = await readdir('/usr/lib').catch(() => [])
  return (await firstPresent(triplets.map(triplet => `/usr/lib/${triplet}/${library}`))) !== null
}

/** @param {readonly string[]} paths */
async function firstPresent(paths) {
  for (const path of paths) {
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    )
      return path
  }
  return null
}
