import { readFile } from 'node:fs/promises'
import {
  bytesSource,
  completeCreditCode,
  fromBase64,
  readPrivateKey,
  softKeyOpener,
  softSigner,
  suiteById,
  systemClock,
  systemRandomness,
} from '../../../crypto/index.ts'
import type { KeyOpener, SealOptions, Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { readTenderPackage } from '../../platform/index.ts'
import { writeJsonAtomic } from '../../store/index.ts'
import { figures, inWords } from '../rehearsal/amount.ts'
import { bidPrice, project } from '../rehearsal/project.ts'
import { inPlaceFiles } from './in-place.ts'

/** A practice key with its certificate; bytes in base64. */
export interface StoredKey {
  readonly certificate: string
  readonly privateKey: string
}

/** A bid to be measured, as a file that processes hand on. Its keys are made for the one benchmark and die with it. */
export interface StoredBid {
  readonly suite: string
  /** Path of the tender package. */
  readonly tender: string
  readonly documents: readonly { readonly role: string; readonly name: string; readonly path: string }[]
  readonly sign: StoredKey
  readonly decrypt: StoredKey
  /** The authority between the practice root and the two certificates, base64. */
  readonly issuing: string
  /** The sealed bid; its file is there, and is overwritten. */
  readonly sealed: string
  /** A folder with a file for each document, which are overwritten. */
  readonly opened: string
}

/** A stored bid with everything that sealing and opening takes. */
export interface ReadyBid {
  readonly stored: StoredBid
  readonly tender: Tender
  readonly opener: KeyOpener
  readonly options: SealOptions
}

/** Writes a bid for other processes of this user. */
export function storeBid(path: string, bid: StoredBid): Promise<void> {
  return writeJsonAtomic(path, bid, 0o600)
}

/** Reads it and the tender package back, as a sealing would read them. */
export async function readyBid(path: string): Promise<ReadyBid> {
  const stored = JSON.parse(await readFile(path, 'utf8')) as StoredBid
  const suite = suiteById(stored.suite)
  if (suite === null) throw new AppFailure('arguments.bad', 'this version does not have the suite')
  const { tender } = await readTenderPackage(bytesSource(await readFile(stored.tender)))
  const [sign, decrypt] = [keyOf(stored.sign), keyOf(stored.decrypt)]
  const opener = softKeyOpener(decrypt)
  return {
    stored,
    tender,
    opener,
    options: {
      suite,
      tender,
      bidder: { name: project.bidder, creditCode: completeCreditCode(project.creditCodeStem) },
      forms: [{ id: 'opening', fields: openingFields() }],
      documents: stored.documents.map(({ role, name, path: file }, index) => ({
        ...{ id: `d${index + 1}`, name, role },
        mediaType: 'application/pdf',
        path: file,
      })),
      signer: softSigner({ ...sign, intermediates: [fromBase64(stored.issuing)] }),
      recipients: [{ role: 'main', label: 'bench', certificate: decrypt.certificate, opener }],
      output: stored.sealed,
      files: inPlaceFiles(stored.sealed),
      randomness: systemRandomness,
      clock: systemClock,
      selfTest: false,
    },
  }
}

/** What the tender's form asks for. */
export function openingFields(): readonly { readonly name: string; readonly value: string }[] {
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

function keyOf({ certificate, privateKey }: StoredKey) {
  return { certificate: fromBase64(certificate), privateKey: readPrivateKey(fromBase64(privateKey)) }
}
