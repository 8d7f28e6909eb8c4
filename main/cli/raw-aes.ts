import { intl1 } from '../../crypto/index.ts'
import { chunkCipher, rawAes } from '../services/index.ts'

// Plain Node's side of a benchmark that runs elsewhere: `raw-aes.cjs raw|chunk MiB` prints the seconds it took.

const [, , which, size] = process.argv
const sizeMiB = Number(size)
const contestant = (mebibytes: number) => (which === 'raw' ? rawAes(mebibytes) : chunkCipher(intl1, mebibytes))

void (async () => {
  // The compiler's warming up is no part of it.
  await contestant(Math.min(sizeMiB, 16)).run()
  process.stdout.write(String(await contestant(sizeMiB).run()))
})()
