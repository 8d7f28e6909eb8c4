import type { Case } from '../../case.ts'
import { certificateCases } from './certificates.ts'
import { concurrencyCases } from './concurrency.ts'
import { decryptionCases } from './decryption.ts'
import { discoveryCases } from './discovery.ts'
import { pinCases } from './pin.ts'
import { productCases } from './product.ts'
import { signingCases } from './signing.ts'
import { timingCases } from './timing.ts'

/** The cases for both kinds of libraries, through the product's own driver. */
export const commonCases: readonly Case[] = [
  ...discoveryCases,
  ...certificateCases,
  ...pinCases,
  ...signingCases,
  ...decryptionCases,
  ...concurrencyCases,
  ...productCases,
  ...timingCases,
]
