import type { ReactNode } from 'react'
import type { CertificateView } from '../../main/contract/views.ts'
import { dayOf, nameOf, useText } from '../messages/index.ts'
import { Mark } from './marks.tsx'

const month = 30 * 86_400_000

/** The certificates of a lock. `now` is the time since 1970 in milliseconds, for what is about to expire. */
export function Certificates(props: {
  readonly certificates: readonly CertificateView[]
  readonly now: number
}): ReactNode {
  const text = useText()
  if (props.certificates.length === 0) return <p className="quiet">{text('locks.noCertificates')}</p>
  return (
    <div className="table-scroll">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{text('locks.subject')}</th>
            <th scope="col">{text('locks.uses')}</th>
            <th scope="col">{text('locks.algorithm')}</th>
            <th scope="col">{text('locks.creditCode')}</th>
            <th scope="col">{text('locks.issuer')}</th>
            <th scope="col">{text('locks.validity')}</th>
          </tr>
        </thead>
        <tbody>
          {props.certificates.map(certificate => (
            <tr key={`${certificate.issuer} ${certificate.serial}`}>
              <td>{nameOf(certificate.subject)}</td>
              <td>{certificate.uses.map(use => text(`locks.use.${use}`)).join(' · ')}</td>
              <td>{certificate.algorithm}</td>
              <td>
                {certificate.creditCode === null ? (
                  <span className="quiet">{text('locks.noCreditCode')}</span>
                ) : (
                  <code>{certificate.creditCode}</code>
                )}
              </td>
              <td>{nameOf(certificate.issuer)}</td>
              <td>
                <Validity notAfter={certificate.notAfter} now={props.now} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Validity({ notAfter, now }: { readonly notAfter: string; readonly now: number }): ReactNode {
  const text = useText()
  const left = Date.parse(notAfter) - now
  if (left > month) return <span className="figures">{dayOf(notAfter)}</span>
  return (
    <Mark tone="deadline">
      {dayOf(notAfter)} {text(left > 0 ? 'locks.expiresSoon' : 'locks.expired')}
    </Mark>
  )
}
