import type { Sm2Transport } from '../../envelope/key-opener.ts'
import { readHandle, readUlong, ulong } from './buffers.ts'
import { unlessBad } from './ciphertext.ts'
import { SGD } from './constants.ts'
import { absurd } from './errors.ts'
import { closeQuietly } from './halves.ts'
import type { SkfLibrary } from './library.ts'

const blockLength = 16

/** Room for the decrypted content: padding types that a library ignores add a block at most. */
const outputLength = 48 + blockLength

/**
 * The standard's way to open an SM2 envelope: the token unwraps the SM4 key, which stays in it, and decrypts the content with
 * it. `blob` is an ECCCIPHERBLOB. Answers what the token made of the content, null for a bad ciphertext; the caller wipes it.
 * Throws what the library throws for the token itself, `token.unsupported` for an absurd length.
 */
export function decryptInToken(
  library: SkfLibrary,
  container: bigint,
  blob: Uint8Array,
  { iv, content }: Sm2Transport,
  requirePresent: () => void,
): Uint8Array | null {
  const key = unlessBad(requirePresent, () =>
    readHandle(out => library.call('SKF_ImportSessionKey', container, SGD.sm4Cbc, blob, blob.length, out)),
  )
  // SECURITY: without a key in the token the second step cannot be done for show (RFC 3218); who sees that sits at the token.
  if (key === null) return null
  try {
    library.call('SKF_DecryptInit', key, { iv })
    const decrypt = isByBlocks(library) ? decryptByBlocks : decryptOnce
    return unlessBad(requirePresent, () => decrypt(library, key, content))
  } finally {
    closeQuietly(library, 'SKF_CloseHandle', key)
  }
}

/** As the profile says; a library that lacks what it says has the other. */
function isByBlocks(library: SkfLibrary): boolean {
  const has = library.has('SKF_DecryptUpdate') && library.has('SKF_DecryptFinal')
  return has && (library.profile.decrypt === 'by-blocks' || !library.has('SKF_Decrypt'))
}

function decryptOnce(library: SkfLibrary, key: bigint, content: Uint8Array): Uint8Array {
  return collect(add => {
    add('SKF_Decrypt', (out, size) =>
      library.call('SKF_Decrypt', key, Uint8Array.from(content), content.length, out, size),
    )
  })
}

function decryptByBlocks(library: SkfLibrary, key: bigint, content: Uint8Array): Uint8Array {
  return collect(add => {
    for (let at = 0; at < content.length; at += blockLength) {
      const block = content.slice(at, at + blockLength)
      add('SKF_DecryptUpdate', (out, size) => library.call('SKF_DecryptUpdate', key, block, block.length, out, size))
    }
    add('SKF_DecryptFinal', (out, size) => library.call('SKF_DecryptFinal', key, out, size))
  })
}

type Add = (name: string, call: (out: Uint8Array, size: Uint8Array) => void) => void

/** What the calls have written, one after the other; each has the whole room, in a buffer larger than it is told. */
function collect(run: (add: Add) => void): Uint8Array {
  const collected = new Uint8Array(outputLength)
  const room = new Uint8Array(4096)
  let length = 0
  try {
    run((name, call) => {
      const size = ulong(outputLength)
      call(room, size)
      const written = readUlong(size)
      if (written > outputLength - length) throw absurd(name, written)
      collected.set(room.subarray(0, written), length)
      length += written
    })
    return collected.slice(0, length)
  } finally {
    collected.fill(0)
    room.fill(0)
  }
}
