// Opens a sealed bid (suite gm-1) with nothing but Node, tar and openssl. Written from FORMAT.md alone.
// node stranger-reader-gm.mjs FILE.sbid ROOT.pem OUT_DIR KEY.pem|CODE [AGENCY_KEY.pem]      (the last in policy split)
// Node and openssl must know SM3 and SM4; neither has SM4-GCM or reads GB/T 35275, so both are done here.
import { execFileSync } from 'node:child_process'
import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const id = '1234567812345678'
const [file, root, out, ...locks] = process.argv.slice(2)
mkdirSync(out, { recursive: true })
const work = mkdtempSync(join(out, 'reader-'))
process.on('exit', () => rmSync(work, { recursive: true, force: true }))
const at = name => join(work, name)
const run = (program, ...args) => execFileSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
const sm3 = (...pieces) => pieces.reduce((hash, piece) => hash.update(piece), createHash('sm3')).digest()
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
must(header.suite === 'gm-1', 'another suite')
const { tender, bidder, signer } = header
const ids = [header.suite, header.sealId, header.keyPolicy, tender.tenderId, tender.lotId, tender.packageDigest]
const context = sm3(['bidseal/1 context', ...ids, bidder.creditCode, signer.certificateDigest].join('\0'))
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
must(bid.openingDigest === hex(sm3(readFileSync(at('opening.json')))), 'other opening data')
bid.documents.forEach(({ name, size, digest }, index) => {
  const place = at(`documents/${String(index + 1).padStart(4, '0')}`)
  const bytes = readFileSync(place)
  must(bytes.length === size && hex(sm3(bytes)) === digest, 'a document is another one')
  must(!/[/\\\0]/.test(name) && name !== '.' && name !== '..', 'no file name')
  mkdirSync(join(out, 'documents'), { recursive: true })
  renameSync(place, join(out, 'documents', name))
})
console.log(JSON.stringify({ sealDigest: hex(sm3(headerBytes)), opening: opening.forms, bid }))

/** DER: the elements of a constructed one, each with its tag, content and all its bytes. */
function elements(bytes) {
  const list = []
  for (let from = 0; from < bytes.length; from = list.at(-1).end) {
    const count = bytes[from + 1] < 0x80 ? 0 : bytes[from + 1] - 0x80
    const start = from + 2 + count
    const end = start + (count === 0 ? bytes[from + 1] : bytes.readUIntBE(from + 2, count))
    list.push({ tag: bytes[from], content: bytes.subarray(start, end), raw: bytes.subarray(from, end), end })
  }
  return list
}

/** Follows the contents of a DER message: `path` has the number of the element on every level. */
function inside(der, ...path) {
  return path.reduce((bytes, index) => elements(bytes)[index].content, der)
}

/** A GB/T 35275 signature: openssl verifies r and s with the signer's key over the content, and the chain link by link. */
function verify(name) {
  const data = inside(readFileSync(at(`${name}.p7s`)), 0, 1, 0)
  const listed = elements(elements(data)[3].content).map(({ raw }) => raw)
  const info = elements(inside(data, 4, 0))
  const isSigner = der => {
    const [, serial, , issuer] = elements(inside(der, 0, 0))
    return Buffer.concat([issuer.raw, serial.raw]).equals(info[1].content)
  }
  const certificate = listed.find(isSigner)
  must(hex(sm3(certificate)) === JSON.parse(readFileSync(at('META-INF/seal.json'))).signer.certificateDigest, 'signer')
  const pem = der =>
    `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`
  writeFileSync(at('signer.pem'), pem(certificate))
  writeFileSync(at('signature'), info[4].content)
  const key = ['-certin', '-inkey', at('signer.pem'), '-rawin', '-digest', 'sm3', '-pkeyopt', `distid:${id}`]
  run('openssl', 'pkeyutl', '-verify', ...key, '-in', at(`${name}.json`), '-sigfile', at('signature'))
  // openssl 3.0 takes the id for the first certificate of a chain only, so each link is a chain of its own.
  const nameOf = (der, field) => elements(inside(der, 0, 0))[field].raw
  for (let link = certificate; link !== undefined;) {
    const issuer = listed.find(der => der !== link && nameOf(der, 5).equals(nameOf(link, 3)))
    writeFileSync(at('link.pem'), pem(link))
    if (issuer !== undefined) writeFileSync(at('issuer.pem'), pem(issuer))
    const trusted = ['-partial_chain', '-CAfile', issuer === undefined ? root : at('issuer.pem')]
    run('openssl', 'verify', ...trusted, '-vfyopt', `distid:${id}`, at('link.pem'))
    link = issuer
  }
}

/** The 32 bytes one lock (or the recovery code) is given for a part. */
function unwrap(part, lock) {
  const code = /^[0-9A-Z]{40}$/.test(lock)
  const spki = code ? null : run('openssl', 'pkey', '-in', lock, '-pubout', '-outform', 'DER')
  const mine = each => (code ? each.role === 'recovery' : each.publicKeyDigest === hex(sm3(spki)))
  const recipient = header.recipients.find(mine)
  const path = at(`keys/${part.name}.${recipient.id}.p7m`)
  const envelope = readFileSync(path)
  must(recipient.envelopes.find(each => each.part === part.name).digest === hex(sm3(envelope)), 'another envelope')
  if (code) return run('openssl', 'cms', '-decrypt', '-inform', 'DER', '-in', path, '-pwri_password', lock)
  const data = inside(envelope, 0, 1, 0)
  writeFileSync(at('transported'), inside(data, 1, 0, 3))
  const contentKey = run('openssl', 'pkeyutl', '-decrypt', '-inkey', lock, '-in', at('transported'))
  const decipher = createDecipheriv('sm4-cbc', contentKey, inside(data, 2, 1, 1))
  return Buffer.concat([decipher.update(inside(data, 2, 2)), decipher.final()])
}

/** HKDF (RFC 5869) with HMAC-SM3; at most 32 bytes. */
function derive(key, salt, label, part, length) {
  const secret = createHmac('sm3', salt).update(key).digest()
  const block = createHmac('sm3', secret).update(`${label}\0${part}\0`).update(context).update(Buffer.of(1))
  return block.digest().subarray(0, length)
}

/** Unwraps a part's key, checks commitment, root and tags, and unpacks the plaintext. */
function openPart(part) {
  const salt = Buffer.from(part.salt, 'hex')
  const shares = locks.map(lock => unwrap(part, lock))
  const key = shares.reduce((one, other) => one.map((byte, index) => byte ^ other[index]))
  must(hex(derive(key, salt, 'bidseal/1 commit', part.name, 32)) === part.keyCommitment, 'the key does not match')
  const streamKey = derive(key, salt, 'bidseal/1 stream', part.name, 16)
  const sealed = readFileSync(at(`parts/${part.name}.enc`))
  const [leaves, plain] = [[], []]
  const count = Math.max(1, Math.ceil(part.size / 2 ** 20))
  must(sealed.length === part.size + 16 * count, 'another length')
  for (let index = 0; index < count; index += 1) {
    const chunk = sealed.subarray(index * (2 ** 20 + 16), (index + 1) * (2 ** 20 + 16))
    const nonce = Buffer.alloc(12)
    nonce.writeUIntBE(index, 5, 6)
    nonce[11] = index === count - 1 ? 1 : 0
    plain.push(openChunk(streamKey, nonce, chunk))
    const quarter = Math.ceil(chunk.length / 4)
    const pieces = [0, 1, 2, 3].map(piece => sm3(chunk.subarray(piece * quarter, (piece + 1) * quarter)))
    leaves.push(sm3(Buffer.of(0), ...pieces))
  }
  must(hex(sm3(Buffer.of(1), ...leaves)) === part.root, 'another root')
  writeFileSync(at('plain.tar'), Buffer.concat(plain))
  run('tar', '-xf', at('plain.tar'), '-C', work)
}

/** SM4-GCM (NIST SP 800-38D with SM4) out of SM4-CTR and SM4-ECB. */
function openChunk(key, nonce, chunk) {
  const ciphertext = chunk.subarray(0, -16)
  const counter = value => Buffer.concat([nonce, Buffer.of(0, 0, 0, value)])
  const block = bytes => createCipheriv('sm4-ecb', key, null).setAutoPadding(false).update(bytes)
  const number = bytes => BigInt(`0x${hex(bytes)}`)
  // Multiples of the hash key by x^0 … x^127, so that a product is a sum.
  const multiples = [number(block(Buffer.alloc(16)))]
  while (multiples.length < 128) {
    const last = multiples.at(-1)
    multiples.push(last & 1n ? (last >> 1n) ^ (0xe1n << 120n) : last >> 1n)
  }
  const lengths = Buffer.alloc(16)
  lengths.writeBigUInt64BE(BigInt(ciphertext.length) * 8n, 8)
  const padding = Buffer.alloc((16 - (ciphertext.length % 16)) % 16)
  const hashed = Buffer.concat([ciphertext, padding, lengths])
  let sum = 0n
  for (let from = 0; from < hashed.length; from += 16) {
    const bits = (sum ^ number(hashed.subarray(from, from + 16))).toString(2).padStart(128, '0')
    sum = 0n
    for (let bit = 0; bit < 128; bit += 1) if (bits[bit] === '1') sum ^= multiples[bit]
  }
  must((sum ^ number(block(counter(1)))) === number(chunk.subarray(-16)), 'a tag does not hold')
  return createDecipheriv('sm4-ctr', key, counter(2)).update(ciphertext)
}
