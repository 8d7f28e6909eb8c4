// `sm-crypto-gcm.mjs MiB`: seals that much with SM4-GCM of sm-crypto-v2, in memory, and prints the seconds it took. The
// benchmarks' peer, in a process of its own so that it shares neither memory nor compiler with ours.
import { sm4 } from 'sm-crypto-v2'

const sizeMiB = Number(process.argv[2])
const chunk = new Uint8Array(2 ** 20).fill(0x5a)
const key = '01'.repeat(16)

/** @param {number} index */
function seal(index) {
  const iv = index.toString(16).padStart(24, '0')
  return sm4.encrypt(chunk, key, { mode: 'gcm', iv, padding: 'none', output: 'array', outputTag: true })
}

// The compiler's warming up is no part of it.
for (let index = 0; index < Math.min(sizeMiB, 4); index += 1) seal(index)
const started = performance.now()
for (let index = 0; index < sizeMiB; index += 1) seal(index)
process.stdout.write(String((performance.now() - started) / 1000))
