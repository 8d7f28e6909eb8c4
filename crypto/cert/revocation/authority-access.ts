import { CryptoFailure } from '../../errors.ts'
import { oids } from '../../der/oids.ts'
import { tags } from '../../der/reader.ts'
import { oidString } from '../../der/values.ts'
import type { Certificate } from '../certificate.ts'
import { readSequence } from '../extensions.ts'
import { generalName } from '../general-name.ts'
import { distributionPoints } from './distribution-points.ts'

/** Where an authority may be asked about one of its certificates: http and https addresses as they stand in it. */
export interface AuthorityAddresses {
  /** One entry a distribution point that the issuer itself serves; its addresses are as good as one another. */
  readonly crls: readonly (readonly string[])[]
  readonly ocsp: readonly string[]
  /** Where the issuer's own certificate is to be had. */
  readonly issuers: readonly string[]
}

/**
 * Reads the addresses off a certificate (RFC 5280, 4.2.1.13 and 4.2.2.1). What cannot be read, other kinds of names (ldap)
 * and other schemes are left out: nobody could ask there.
 */
export function authorityAddresses(certificate: Certificate): AuthorityAddresses {
  const points = readable(() => distributionPoints(certificate)).filter(({ indirect }) => !indirect)
  const access = readable(() => accessDescriptions(certificate))
  const at = (method: string): readonly string[] => access.flatMap(([id, text]) => (id === method ? [text] : []))
  return {
    crls: points
      .map(({ names }) => names.flatMap(name => (name.kind === 'uri' && isWeb(name.text) ? [name.text] : [])))
      .filter(addresses => addresses.length > 0),
    ocsp: at(oids.accessOcsp),
    issuers: at(oids.accessCaIssuers),
  }
}

/** AuthorityInfoAccess: how to ask, and where. */
function accessDescriptions({ extensions }: Certificate): readonly (readonly [string, string])[] {
  const extension = extensions.get(oids.authorityInfoAccess)
  if (extension === undefined) return []
  return readSequence(extension.value)
    .children()
    .flatMap(node => {
      const fields = node.fields()
      const method = oidString(fields.take(tags.oid))
      const place = generalName(fields.take())
      fields.end()
      return place.kind === 'uri' && isWeb(place.text) ? [[method, place.text] as const] : []
    })
}

function isWeb(text: string): boolean {
  return /^https?:\/\//i.test(text)
}

function readable<T>(read: () => readonly T[]): readonly T[] {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof CryptoFailure)) throw error
    return []
  }
}
