import { createPublicKey, generateKeyPair } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { completeCreditCode, sealBid, softKeyOpener, softSigner, toPem } from '../../../crypto/index.ts'
import type { JobControl, SealOptions, Suite } from '../../../crypto/index.ts'
import { setupPracticePlatform } from '../../practice/index.ts'
import { writeFileAtomic } from '../../store/index.ts'
import type { Ports } from '../ports.ts'
import { figures, inWords } from '../rehearsal/amount.ts'
import type { RehearsalAuthority } from '../rehearsal/authority.ts'
import { makeAuthority } from '../rehearsal/authority.ts'
import type { RehearsalFolders } from '../rehearsal/folders.ts'
import { makePracticeTender } from '../rehearsal/practice-tender.ts'
import { bidPrice, project } from '../rehearsal/project.ts'
import { inPlaceFiles } from './in-place-files.ts'
import type { BenchFiles } from './peers.ts'

/** What a benchmark of sealing needs, made from new practice keys. */
export interface BenchBid {
  readonly files: BenchFiles
  /** The recipient's certificate, PEM, for other programs. */
  readonly certificate: string
  /** Everything but the control of the job. */
  readonly options: SealOptions
}

export type BenchPorts = Pick<Ports, 'clock' | 'randomness'>

const hour = 3_600_000

/** Makes CA, keys in memory, tender and a document of random bytes in prepared folders, and seals once for the output. */
export async function makeBenchBid(
  ports: BenchPorts,
  folders: RehearsalFolders,
  { suite, sizeMiB }: { readonly suite: Suite; readonly sizeMiB: number },
  control: JobControl,
): Promise<BenchBid> {
  const authority = await makeAuthority(folders.ca, ports)
  await setupPracticePlatform({
    dir: folders.platform,
    platformId: project.platformId,
    authority: {
      issue: ({ commonName, publicKey }) =>
        Promise.resolve(authority.issue({ commonName, publicKey, profile: 'platform' })),
      intermediates: [authority.issuing],
    },
  })
  const openingTime = new Date(ports.clock.now().getTime() + hour)
  const terms = { openingTime, keyPolicy: 'bidder', remedy: 'none' } as const
  const { tender } = await makePracticeTender(folders, authority.root, terms, ports.clock)
  const [sign, decrypt] = await Promise.all([identity(authority, 'sign'), identity(authority, 'decrypt')])
  const certificate = join(folders.locks, 'recipient.pem')
  await writeFileAtomic(certificate, Buffer.from(toPem(decrypt.certificate, 'CERTIFICATE')))
  const input = join(folders.root, 'document.bin')
  await writeRandom(input, sizeMiB, ports)
  const output = join(folders.sealed, 'bench.sbid')
  const document = { id: 'd1', name: 'document.bin', role: 'other', mediaType: 'application/octet-stream', path: input }
  const options: SealOptions = {
    suite,
    tender,
    bidder: { name: project.bidder, creditCode: completeCreditCode(project.creditCodeStem) },
    forms: [{ id: 'opening', fields: openingFields() }],
    documents: [document],
    signer: softSigner({ ...sign, intermediates: [authority.issuing] }),
    recipients: [{ role: 'main', label: 'bench', certificate: decrypt.certificate, opener: softKeyOpener(decrypt) }],
    output,
    files: inPlaceFiles(output),
    ...ports,
    selfTest: true,
  }
  // Others write elsewhere: an output longer than ours would leave bytes after the sealed bid. The warm-up gives each its
  // final length.
  const peerOutput = join(folders.sealed, 'peers.out')
  for (const path of [output, peerOutput]) await writeFileAtomic(path, new Uint8Array())
  // Once, for the output to have its final length.
  const { size } = await sealBid({ ...options, selfTest: false, signal: control.signal })
  if ((await stat(output)).size !== size) throw new Error('the sealed bid has another length than it says')
  return { files: { input, output: peerOutput }, certificate, options }
}

interface BenchIdentity {
  readonly certificate: Uint8Array
  readonly privateKey: KeyObject
}

async function identity(authority: RehearsalAuthority, profile: 'sign' | 'decrypt'): Promise<BenchIdentity> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const publicKey = new Uint8Array(createPublicKey(privateKey).export({ format: 'der', type: 'spki' }))
  const creditCode = completeCreditCode(project.creditCodeStem)
  return { certificate: authority.issue({ commonName: project.bidder, creditCode, profile, publicKey }), privateKey }
}

/** Random, so that nothing on the way can compress it. */
async function writeRandom(path: string, sizeMiB: number, { randomness }: BenchPorts): Promise<void> {
  const handle = await open(path, 'wx')
  try {
    for (let index = 0; index < sizeMiB; index += 1) await handle.writeFile(randomness.bytes(2 ** 20))
  } finally {
    await handle.close()
  }
}

function openingFields(): readonly { readonly name: string; readonly value: string }[] {
  const values = {
    bidder: project.bidder,
    price: figures(bidPrice),
    priceInWords: inWords(bidPrice),
    days: String(project.days),
    quality: '合格',
    manager: project.manager,
  }
  return Object.entries(values).map(([name, value]) => ({ name, value }))
}
