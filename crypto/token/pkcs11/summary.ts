import type { PKCS11 } from 'pkcs11js'
import type { TokenSummary } from '../port.ts'
import type { Pkcs11Profile } from '../profiles/driver-profile.ts'
import { formatTokenUri } from '../uri.ts'
import { type Pkcs11Certificate, readCertificates } from './certificates.ts'
import { CKF, mechanismName } from './constants.ts'
import type { Pkcs11Library } from './library.ts'
import { pinState, readMechanisms, type TokenSlot } from './slots.ts'

/** What can be seen of a token without a PIN. Throws what the library throws. */
export function summarise({ functions, path, profile }: Pkcs11Library, token: TokenSlot): TokenSummary {
  return {
    uri: summaryUri(token, path),
    kind: 'pkcs11',
    label: token.label,
    manufacturer: token.manufacturer,
    model: token.model,
    serial: token.serial,
    pin: pinState(token.flags),
    certificates: publicCertificates(functions, token).map(({ keyId, label, certificate, uses }) => ({
      keyId,
      label,
      certificate,
      uses,
    })),
    mechanisms: Array.from(
      readMechanisms(functions, token.slot),
      number => sm2Name(number, profile) ?? mechanismName(number),
    ),
  }
}

/** The vendor's own numbers mean what the profile says: by their names in GM/T 0006, as other locks show them. */
function sm2Name(mechanism: number, { sm2 }: Pkcs11Profile): string | null {
  if (mechanism === sm2?.sign.mechanism) return 'SGD_SM2_1'
  return mechanism === sm2?.decrypt.mechanism ? 'SGD_SM2_3' : null
}

/** The token's name, its library included, so that it can be found again from the command line. */
export function summaryUri(token: TokenSlot, modulePath: string): string {
  const { label, serial, manufacturer, model } = token
  return formatTokenUri({ kind: 'pkcs11', token: label, serial, manufacturer, model, modulePath })
}

function publicCertificates(functions: PKCS11, token: TokenSlot): readonly Pkcs11Certificate[] {
  const session = functions.C_OpenSession(token.slot, CKF.serialSession)
  try {
    return readCertificates(functions, session)
  } finally {
    functions.C_CloseSession(session)
  }
}
