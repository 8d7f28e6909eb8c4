import type { PracticeKeyKind, Suite } from '../../../crypto/index.ts'

/** The kind of key that a suite's practice CA and locks have. */
export function practiceKeyKind(suite: Suite): PracticeKeyKind {
  return suite.id === 'gm-1' ? 'sm2' : 'rsa-2048'
}
