// Opens a sealed bid (suite intl-1) with nothing but Node, tar and openssl. Written from FORMAT.md alone.
// node stranger-reader.mjs FILE.sbid ROOT.pem OUT_DIR KEY.pem|CODE [AGENCY_KEY.pem]      (the last in policy split)
import { execFileSync } from 'node:child_process'
import { createDecipheriv, createHash, createPublicKey, hkdfSync } from 'node:crypto'
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'

const [file, root, out, ...locks] = process.argv.slice(2)
mkdirSync(out, { recursive: true })
const work = mkdtempSync(join(out, 'reader-'))
process.on('exit', () => rmSync(work, { recursive: true, force: true }))
const at = name => join(work, name)
const run = (program, ...args) => execFileSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
const sha = (...pieces) => pieces.reduce((hash, piece) => hash.update(piece), createHash('sha256')).digest()
const hex = bytes => Buffer.from(bytes).toString('hex')
const must = (holds, what) => {
  if (!holds) throw new Error(what)
}

// Verify: the archive is the canonical one, the signature and its chain, the header's digests.
run('tar', '-xf', file, '-C', work)
const names = String(run('tar', '-tf', file))
  .trim()
  .split('\n')
const again = ['--format=ustar', '-b1', '--owner=0', '--group=0', '--numeric-owner', '--mode=0644', '--mtime=@0']
run('tar', ...again, '-cf', at('again.tar'), '-C', work, ...names)
run('cmp', file, at('again.tar'))
rmSync(at('again.tar'))
verify('META-INF/seal')
const headerBytes = readFileSync(at('META-INF/seal.json'))
const header = JSON.parse(headerBytes)
must(String(headerBytes).startsWith('{"type":"bidseal/1 seal"') && header.format === 1, 'not a seal header')
must(header.suite === 'intl-1', 'another suite')
const { tender, bidder, signer } = header
const context = sha(
  [
    'bidseal/1 context',
    header.suite,
    header.sealId,
    header.keyPolicy,
    tender.tenderId,
    tender.lotId,
    tender.packageDigest,
  ]
    .concat(bidder.creditCode, signer.certificateDigest)
    .join('\0'),
)
for (const part of header.parts) openPart(part)

// Inside the parts: signatures, bindings, documents.
verify('opening')
verify('bid')
const [opening, bid] = ['opening.json', 'bid.json'].map(name => JSON.parse(readFileSync(at(name))))
must(opening.type === 'bidseal/1 opening' && bid.type === 'bidseal/1 bid', 'documents of another kind')
for (const inner of [opening, bid]) {
  must(inner.sealId === header.sealId && inner.creditCode === bidder.creditCode, 'of another bid')
  for (const field of Object.keys(inner.tender)) must(inner.tender[field] === tender[field], 'of another tender')
}
must(bid.openingDigest === hex(sha(readFileSync(at('opening.json')))), 'other opening data')
bid.documents.forEach(({ name, size, digest }, index) => {
  const bytes = readFileSync(at(`documents/${String(index + 1).padStart(4, '0')}`))
  must(bytes.length === size && hex(sha(bytes)) === digest, 'a document is another one')
  must(!/[/\\\0]/.test(name) && name !== '.' && name !== '..', 'no file name')
  mkdirSync(join(out, 'documents'), { recursive: true })
  renameSync(at(`documents/${String(index + 1).padStart(4, '0')}`), join(out, 'documents', name))
})
console.log(JSON.stringify({ sealDigest: hex(sha(headerBytes)), opening: opening.forms, bid }))

/** A detached signature, its chain, and that the header's signer made it. */
function verify(name) {
  const [content, signature] = [at(`${name}.json`), at(`${name}.p7s`)]
  const given = ['-inform', 'DER', '-in', signature, '-content', content, '-CAfile', root, '-purpose', 'any']
  run('openssl', 'cms', '-verify', '-cades', '-binary', ...given, '-signer', at('signer.pem'), '-out', '/dev/null')
  const der = run('openssl', 'x509', '-in', at('signer.pem'), '-outform', 'DER')
  must(hex(sha(der)) === JSON.parse(readFileSync(at('META-INF/seal.json'))).signer.certificateDigest, 'another signer')
}

/** The 32 bytes one lock (or the recovery code) is given for a part. */
function unwrap(part, lock) {
  const code = /^[0-9A-Z]{40}$/.test(lock)
  const spki = code ? null : createPublicKey(readFileSync(lock)).export({ format: 'der', type: 'spki' })
  const mine = each => (code ? each.role === 'recovery' : each.publicKeyDigest === hex(sha(spki)))
  const recipient = header.recipients.find(mine)
  const envelope = at(`keys/${part.name}.${recipient.id}.p7m`)
  must(
    recipient.envelopes.find(each => each.part === part.name).digest === hex(sha(readFileSync(envelope))),
    'another envelope',
  )
  const key = code ? ['-pwri_password', lock] : ['-inkey', lock]
  return run('openssl', 'cms', '-decrypt', '-inform', 'DER', '-in', envelope, ...key)
}

/** Unwraps a part's key, checks commitment, root and tags, and unpacks the plaintext. */
function openPart(part) {
  const salt = Buffer.from(part.salt, 'hex')
  const derive = (key, label) =>
    Buffer.from(hkdfSync('sha256', key, salt, Buffer.concat([Buffer.from(`${label}\0${part.name}\0`), context]), 32))
  const shares = locks.map(lock => unwrap(part, lock))
  const key = shares.reduce((one, other) => one.map((byte, index) => byte ^ other[index]))
  must(hex(derive(key, 'bidseal/1 commit')) === part.keyCommitment, 'the key does not match its commitment')
  const streamKey = derive(key, 'bidseal/1 stream')
  const [sealed, plain] = [openSync(at(`parts/${part.name}.enc`), 'r'), openSync(at('plain.tar'), 'w')]
  const count = Math.max(1, Math.ceil(part.size / 2 ** 20))
  const leaves = []
  for (let index = 0; index < count; index += 1) {
    const chunk = Buffer.alloc(Math.min(2 ** 20, part.size - index * 2 ** 20) + 16)
    must(readSync(sealed, chunk) === chunk.length, 'cut short')
    const nonce = Buffer.alloc(12)
    nonce.writeUIntBE(index, 5, 6)
    nonce[11] = index === count - 1 ? 1 : 0
    const cipher = createDecipheriv('aes-256-gcm', streamKey, nonce).setAuthTag(chunk.subarray(-16))
    const bytes = Buffer.concat([cipher.update(chunk.subarray(0, -16)), cipher.final()])
    leaves.push(sha(Buffer.of(0), chunk))
    writeSync(plain, bytes)
  }
  must(hex(sha(Buffer.of(1), ...leaves)) === part.root, 'another root')
  closeSync(sealed)
  closeSync(plain)
  run('tar', '-xf', at('plain.tar'), '-C', work)
}
