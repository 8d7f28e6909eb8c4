import type { ReactNode } from 'react'
import type { RevocationView, SealedBidView } from '../../../main/contract/views.ts'
import { Facts } from '../../components/facts.tsx'
import { EnvelopeMark } from '../../components/icons.tsx'
import { Digest, Mark, ShortCode } from '../../components/marks.tsx'
import { Part } from '../../components/screen.tsx'
import { moment, size, useText } from '../../messages/index.ts'

/** A sealed bid: its short code, and which locks were proved to open it. */
export function SealResult({ sealedBid }: { readonly sealedBid: SealedBidView }): ReactNode {
  const text = useText()
  return (
    <>
      <div className="sealed" data-testid="sealed" data-seal={sealedBid.seal}>
        <EnvelopeMark large />
        <div>
          <Mark tone="proved">{text('seal.result')}</Mark>
          <div>
            <span className="quiet">{text('common.shortCode')} </span>
            <ShortCode code={sealedBid.shortCode} />
          </div>
          <p className="quiet">{text('seal.shortCodeHint')}</p>
        </div>
      </div>
      <Part title={text('seal.recipients')}>
        <ul className="recipients">
          {sealedBid.recipients.map(({ role, label, proved, revokedSince }) => (
            <li key={`${role} ${label}`} data-testid="recipient" data-proved={proved}>
              <span>
                {text(`seal.role.${role}`)}
                {label !== '' && <strong> {label}</strong>}
              </span>
              <Mark tone={proved ? 'proved' : 'plain'} icon={proved ? 'proved' : 'todo'}>
                {text(proved ? 'seal.proved' : 'seal.notProved')}
              </Mark>
              {revokedSince !== null && (
                <Mark tone="attention">{text('seal.recipientRevoked', { time: moment(revokedSince) })}</Mark>
              )}
            </li>
          ))}
        </ul>
        <SealFacts sealedBid={sealedBid} />
      </Part>
    </>
  )
}

/** When it was sealed, how large it is, its digest. */
export function SealFacts({ sealedBid }: { readonly sealedBid: SealedBidView }): ReactNode {
  const text = useText()
  return (
    <Facts
      facts={[
        [
          text('common.sealedAt'),
          <span key="time" className="figures">
            {moment(sealedBid.sealedAt)}
          </span>,
        ],
        [
          text('common.size'),
          <span key="size" className="figures">
            {size(sealedBid.size)}
          </span>,
        ],
        ...(sealedBid.signerRevocation === null
          ? []
          : [[text('seal.signer'), <SignerRevocation key="signer" standing={sealedBid.signerRevocation} />] as const]),
        [text('common.sealDigest'), <Digest key="digest" hex={sealedBid.sealDigest} />],
      ]}
    />
  )
}

/** As of when the signer's certificate was not revoked, or that nobody looked. */
function SignerRevocation({ standing }: { readonly standing: RevocationView }): ReactNode {
  const text = useText()
  if (standing.status === 'not-checked')
    return <span data-testid="revocation">{text('seal.revocationNotChecked')}</span>
  const source = standing.source === 'crl' ? 'CRL' : 'OCSP'
  return <span data-testid="revocation">{text('seal.notRevoked', { time: moment(standing.asOf), source })}</span>
}
