import { array, hex, hexUpTo, integer, literal, object, oneOf, optional, ShapeMismatch } from '../../json/shape.ts'
import { string, time, uuid, type Infer, type Shape } from '../../json/shape.ts'
import { isJsonObject } from '../../json/value.ts'
import { bidder, digest, identifier, keyPolicy, partName, remedyKind, suiteId, tenderReference } from './common.ts'

const ignore = { unknown: 'ignore' } as const
const size = integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
const label = optional(string({ max: 200 }))
const derName = hexUpTo(4096)

const envelopes = array(object({ part: partName, digest }, ignore), { max: 2 })

const lockRecipient = object(
  {
    id: hex(8),
    role: oneOf(['main', 'backup', 'agency']),
    label,
    subject: derName,
    issuer: derName,
    serial: hexUpTo(64),
    notAfter: time,
    certificateDigest: digest,
    publicKeyDigest: digest,
    envelopes,
  },
  ignore,
)

const recoveryRecipient = object({ id: literal('recovery'), role: literal('recovery'), label, envelopes }, ignore)
const lockOnly: ReadonlySet<string> = new Set([
  'subject',
  'issuer',
  'serial',
  'notAfter',
  'certificateDigest',
  'publicKeyDigest',
])

/** A recipient with a certificate. */
export type LockRecipient = Infer<typeof lockRecipient>
/** The recipient that is a printed code. */
export type RecoveryRecipient = Infer<typeof recoveryRecipient>

const recipient: Shape<LockRecipient | RecoveryRecipient> = {
  read(value, at) {
    if (!isJsonObject(value) || value['role'] !== 'recovery') return lockRecipient.read(value, at)
    if (Object.keys(value).some(name => lockOnly.has(name))) {
      throw new ShapeMismatch(`${at} is a recovery code and has no certificate`)
    }
    return recoveryRecipient.read(value, at)
  },
}

const part = object(
  {
    name: partName,
    size,
    sealedSize: size,
    salt: hex(16),
    root: digest,
    keyCommitment: digest,
    shareCommitment: optional(object({ a: digest, b: digest }, ignore)),
  },
  ignore,
)

/** `seal.json`, the seal header (seal-format, "Header"). Rules between fields are checks 3 to 6. */
export const sealShape = object(
  {
    format: literal(1),
    suite: suiteId,
    sealId: uuid,
    createdAt: optional(time),
    clock: optional(string({ max: 64 })),
    tender: tenderReference('ignore'),
    bidder: bidder('ignore'),
    signer: object({ certificateDigest: digest }, ignore),
    keyPolicy,
    parts: array(part, { min: 1, max: 2 }),
    recipients: array(recipient, { max: 16 }),
    remedy: optional(
      object(
        { kind: remedyKind, plainTwin: optional(array(object({ name: partName, root: digest }, ignore), { max: 2 })) },
        ignore,
      ),
    ),
    replaces: optional(digest),
    traces: optional(array(object({ name: identifier, value: string({ max: 1000 }) }, ignore), { max: 64 })),
  },
  ignore,
)
