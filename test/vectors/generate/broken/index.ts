import type { BrokenFile, BrokenGroup, BrokenVector } from '../../library.ts'
import { judgedAt } from '../world.ts'
import { acceptedVectors } from './accepted.ts'
import { chainVectors } from './chain.ts'
import { chunkVectors } from './chunk.ts'
import { containerVectors } from './container.ts'
import { documentVectors } from './document.ts'
import { entriesVectors } from './entries.ts'
import { envelopeVectors } from './envelope.ts'
import { gmAcceptedVectors } from './gm-accepted.ts'
import { gmContainerVectors, gmHeaderVectors, gmTenderVectors } from './gm-container.ts'
import { gmEnvelopeVectors } from './gm-envelope.ts'
import { gmChunkVectors, gmInnerVectors, gmKeysVectors, gmRootVectors } from './gm-parts.ts'
import { gmSignatureVectors, gmTimestampVectors } from './gm-signature.ts'
import { headerVectors } from './header.ts'
import { innerVectors } from './inner.ts'
import { jsonVectors } from './json.ts'
import { keysVectors } from './keys.ts'
import { orderVectors } from './order.ts'
import { rootVectors } from './root.ts'
import { signatureVectors } from './signature.ts'
import { tenderVectors } from './tender.ts'
import { timestampVectors } from './timestamp.ts'

const makers: Readonly<Record<BrokenGroup, () => Promise<readonly BrokenVector[]>>> = {
  container: containerVectors,
  json: jsonVectors,
  header: headerVectors,
  signature: signatureVectors,
  chain: chainVectors,
  timestamp: timestampVectors,
  tender: tenderVectors,
  entries: entriesVectors,
  envelope: envelopeVectors,
  root: rootVectors,
  keys: keysVectors,
  chunk: chunkVectors,
  inner: innerVectors,
  document: documentVectors,
  order: orderVectors,
  accepted: acceptedVectors,
  'gm-container': gmContainerVectors,
  'gm-header': gmHeaderVectors,
  'gm-signature': gmSignatureVectors,
  'gm-timestamp': gmTimestampVectors,
  'gm-tender': gmTenderVectors,
  'gm-envelope': gmEnvelopeVectors,
  'gm-root': gmRootVectors,
  'gm-keys': gmKeysVectors,
  'gm-chunk': gmChunkVectors,
  'gm-inner': gmInnerVectors,
  'gm-accepted': gmAcceptedVectors,
}

/** Makes the file of one group; the same every time for the same keys and bids. */
export async function brokenFile(group: BrokenGroup): Promise<BrokenFile> {
  return { at: judgedAt.toISOString(), vectors: await makers[group]() }
}
