// Signs the vendor profiles and the trust list the program is shipped with, and updates of them:
//
//   BIDSEAL_PUBLISHER_KEY=key.pem node build/data/sign.mjs            signs what lies in crypto/token/profiles/data
//   BIDSEAL_PUBLISHER_KEY=key.pem node build/data/sign.mjs -o FOLDER  the same into a folder, to be handed out
//   node build/data/sign.mjs --new-key key.pem                        makes a key and prints what is to be pinned
//
// build/docs/vendor-data.md says when and how.
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { mkdir, readFile, realpath, rename, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { inProject, projectRoot } from '../project.mjs'
import { envelopeOf, payloadOf, publisherKeyOf } from './dsse.mjs'

const data = inProject('crypto/token/profiles/data')
const pinned = inProject('crypto/token/profiles/publisher-keys.ts')
const kinds = ['vendor-profiles', 'trust-list']

try {
  const [option, value, ...more] = process.argv.slice(2)
  if (option === undefined) await signAll(data)
  else if (value === undefined || more.length > 0) throw new Error('see the first lines of build/data/sign.mjs')
  else if (option === '--new-key') await newKey(value)
  else if (option === '-o') await signAll(resolve(value))
  else throw new Error(`no such option: ${option}`)
} catch (error) {
  console.error(`sign: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}

/** @param {string} folder */
async function signAll(folder) {
  const key = await readKey()
  const { id } = publisherKeyOf(key)
  if (!(await readFile(pinned, 'utf8')).includes(id)) {
    throw new Error(`key ${id} is not pinned in crypto/token/profiles/publisher-keys.ts: no program would accept it`)
  }
  await mkdir(folder, { recursive: true })
  for (const kind of kinds) await signOne(kind, folder, key)
}

/**
 * @param {string} kind
 * @param {string} folder
 * @param {import('node:crypto').KeyObject} key
 */
async function signOne(kind, folder, key) {
  const source = JSON.parse(await readFile(join(data, `${kind}.json`), 'utf8'))
  const payload = Buffer.from(JSON.stringify(source))
  const target = join(folder, `${kind}.dsse.json`)
  await requireNewVersion(kind, payload, source.version)
  const text = envelopeOf(`application/vnd.bidseal.${kind}+json`, payload, [key])
  const draft = `${target}.${process.pid}.part`
  await writeFile(draft, text)
  await rename(draft, target)
  console.error(`sign: ${basename(target)}, version ${source.version}, ${payload.length} bytes`)
}

/**
 * Programs in use take what has a higher version only: changed data under the version of what was signed would reach nobody.
 * @param {string} kind
 * @param {Buffer} payload
 * @param {number} version
 */
async function requireNewVersion(kind, payload, version) {
  const present = await readFile(join(data, `${kind}.dsse.json`), 'utf8').catch(() => null)
  if (present === null) return
  const signed = payloadOf(present)
  if (signed.equals(payload)) return
  const last = JSON.parse(signed.toString('utf8')).version
  if (version > last) return
  throw new Error(`${kind}.json was changed but has version ${version}; version ${last} has been signed: count it up`)
}

async function readKey() {
  const path = process.env['BIDSEAL_PUBLISHER_KEY']
  if (path === undefined || path === '') throw new Error('BIDSEAL_PUBLISHER_KEY must name the file of the private key')
  const key = createPrivateKey(await readFile(path))
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('the publisher signs with an Ed25519 key')
  return key
}

/** @param {string} path */
async function newKey(path) {
  const folder = await realpath(dirname(resolve(path)))
  const inside = relative(await realpath(projectRoot), folder)
  if (inside === '' || !(inside === '..' || inside.startsWith(`..${sep}`) || resolve(inside) === inside)) {
    throw new Error('a private key does not belong into the project: name a file outside of it')
  }
  const { privateKey } = generateKeyPairSync('ed25519')
  await writeFile(path, privateKey.export({ format: 'pem', type: 'pkcs8' }), { flag: 'wx', mode: 0o600 })
  const { id, publicKey } = publisherKeyOf(privateKey)
  console.log(`  {\n    id: '${id}',\n    publicKey: '${publicKey}',\n  },`)
}
