import { object, uuid } from '../../json/shape.ts'
import { creditCode, filledForms, nonce, tenderReference } from './common.ts'

/** `opening.json`: the data read out at the opening (开标一览表). Unknown fields are refused. */
export const openingShape = object(
  { nonce, sealId: uuid, tender: tenderReference('refuse'), creditCode, forms: filledForms('refuse') },
  { unknown: 'refuse' },
)
