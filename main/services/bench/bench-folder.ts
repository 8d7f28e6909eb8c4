import { open, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import {
  completeCreditCode,
  generatePrivateKey,
  publicKeyInfoOf,
  throwIfCancelled,
  toBase64,
  toPem,
  writePrivateKey,
} from '../../../crypto/index.ts'
import type { JobControl, Suite } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { setupPracticePlatform } from '../../practice/index.ts'
import { writeFileAtomic } from '../../store/index.ts'
import type { RehearsalAuthority } from '../rehearsal/authority.ts'
import { makeAuthority } from '../rehearsal/authority.ts'
import type { RehearsalFolders } from '../rehearsal/folders.ts'
import { practiceKeyKind } from '../rehearsal/key-kind.ts'
import type { PracticeTender } from '../rehearsal/practice-tender.ts'
import { makePracticeTender } from '../rehearsal/practice-tender.ts'
import { project } from '../rehearsal/project.ts'
import type { PeerFiles } from './peers.ts'
import type { StoredBid, StoredKey } from './stored-bid.ts'
import { storeBid } from './stored-bid.ts'
import type { BenchPorts } from './subject.ts'

/** Files to be measured on: a bid of several documents, and the same bytes as one file for other programs. */
export interface BenchFolder {
  readonly authority: RehearsalAuthority
  readonly tender: PracticeTender
  readonly bid: StoredBid
  /** Where the bid is stored for other processes. */
  readonly bidFile: string
  readonly peers: PeerFiles
}

const hour = 3_600_000
const mebibyte = 2 ** 20

/** Makes CA, keys, tender and documents of random bytes in prepared folders. Throws `output.disk-full`, `cancelled`. */
export async function makeBenchFolder(
  ports: BenchPorts,
  folders: RehearsalFolders,
  { suite, sizeMiB, alone }: { readonly suite: Suite; readonly sizeMiB: number; readonly alone: boolean },
  control: Pick<JobControl, 'signal'>,
): Promise<BenchFolder> {
  await requireSpace(folders.root, (alone ? 3 : 8) * sizeMiB)
  const authority = await makeAuthority(folders.ca, suite, ports)
  await setupPracticePlatform({
    dir: folders.platform,
    platformId: project.platformId,
    suite,
    authority: {
      issue: ({ commonName, publicKey }) =>
        Promise.resolve(authority.issue({ commonName, publicKey, profile: 'platform' })),
      intermediates: [authority.issuing],
    },
  })
  const openingTime = new Date(ports.clock.now().getTime() + hour)
  const documents = documentsIn(folders)
  const places = documents.map(({ role }) => ({ id: role, title: role, required: true }))
  const terms = { openingTime, keyPolicy: 'bidder', remedy: 'none', signed: false, documents: places } as const
  const tender = await makePracticeTender(folders, authority.root, terms, ports.clock)
  const [sign, decrypt] = await Promise.all([identity(authority, suite, 'sign'), identity(authority, suite, 'decrypt')])
  const peers: PeerFiles = {
    input: join(folders.root, 'documents.bin'),
    signer: await pem(folders, 'signer.pem', 'CERTIFICATE', sign.certificate),
    signerKey: await pem(folders, 'signer-key.pem', 'PRIVATE KEY', sign.privateKey),
    recipient: await pem(folders, 'recipient.pem', 'CERTIFICATE', decrypt.certificate),
    recipientKey: await pem(folders, 'recipient-key.pem', 'PRIVATE KEY', decrypt.privateKey),
    folder: folders.sealed,
  }
  const bid: StoredBid = {
    suite: suite.id,
    tender: tender.path,
    documents,
    sign: stored(sign),
    decrypt: stored(decrypt),
    issuing: toBase64(authority.issuing),
    sealed: join(folders.sealed, 'bench.sbid'),
    opened: folders.opened,
  }
  await writeDocuments(bid, alone ? null : peers.input, sizeMiB, ports, control)
  const bidFile = join(folders.root, 'bench-bid.json')
  await storeBid(bidFile, bid)
  return { authority, tender, bid, bidFile, peers }
}

/** A bid is several files: eight, of equal length. */
function documentsIn({ root }: RehearsalFolders): StoredBid['documents'] {
  return Array.from({ length: 8 }, (_, index) => {
    const name = `document-${index + 1}.pdf`
    return { role: `d${index + 1}`, name, path: join(root, name) }
  })
}

/** Random, so that nothing on the way can compress it. Whatever will be overwritten is there, empty. */
async function writeDocuments(
  { documents, sealed, opened }: StoredBid,
  together: string | null,
  sizeMiB: number,
  { randomness }: BenchPorts,
  { signal }: Pick<JobControl, 'signal'>,
): Promise<void> {
  await writeFileAtomic(sealed, new Uint8Array())
  const whole = together === null ? null : await open(together, 'wx')
  try {
    for (const [index, { name, path }] of documents.entries()) {
      await writeFileAtomic(join(opened, name), new Uint8Array())
      const file = await open(path, 'wx')
      try {
        for (let left = shareOf(sizeMiB * mebibyte, documents.length, index); left > 0; left -= mebibyte) {
          throwIfCancelled(signal)
          const bytes = randomness.bytes(Math.min(left, mebibyte))
          await file.writeFile(bytes)
          await whole?.writeFile(bytes)
        }
      } finally {
        await file.close()
      }
    }
  } finally {
    await whole?.close()
  }
}

/** Equal shares of a number, as far as it can be divided. */
function shareOf(all: number, shares: number, index: number): number {
  const ends = (place: number): number => Math.floor((all * place) / shares)
  return ends(index + 1) - ends(index)
}

async function requireSpace(folder: string, neededMiB: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const free = Math.floor((bavail * bsize) / mebibyte)
  if (free < neededMiB) {
    throw new AppFailure('output.disk-full', `${neededMiB} MiB are needed beside the temporary files, ${free} are free`)
  }
}

interface BenchIdentity {
  readonly certificate: Uint8Array
  /** PKCS#8. */
  readonly privateKey: Uint8Array
}

async function identity(
  authority: RehearsalAuthority,
  suite: Suite,
  profile: 'sign' | 'decrypt',
): Promise<BenchIdentity> {
  const privateKey = await generatePrivateKey(practiceKeyKind(suite))
  const creditCode = completeCreditCode(project.creditCodeStem)
  const publicKey = publicKeyInfoOf(privateKey)
  return {
    certificate: authority.issue({ commonName: project.bidder, creditCode, profile, publicKey }),
    privateKey: writePrivateKey(privateKey),
  }
}

function stored({ certificate, privateKey }: BenchIdentity): StoredKey {
  return { certificate: toBase64(certificate), privateKey: toBase64(privateKey) }
}

async function pem(
  { locks }: RehearsalFolders,
  name: string,
  label: 'CERTIFICATE' | 'PRIVATE KEY',
  der: Uint8Array,
): Promise<string> {
  const path = join(locks, name)
  await writeFileAtomic(path, Buffer.from(toPem(der, label)), 0o600)
  return path
}
