import type { ReactNode } from 'react'
import type { SealedBidView } from '../../../main/contract/views.ts'
import { Facts } from '../../components/facts.tsx'
import { Digest, Mark, ShortCode } from '../../components/marks.tsx'
import { Part } from '../../components/screen.tsx'
import { moment, size, useText } from '../../messages/index.ts'

/** The verified receipt of the platform, held against the sealed bid. Nothing without a receipt. */
export function ReceiptFacts({ sealedBid }: { readonly sealedBid: SealedBidView }): ReactNode {
  const text = useText()
  const { receipt } = sealedBid
  if (receipt === null) return null
  const same = receipt.sealDigest === sealedBid.sealDigest
  return (
    <div data-testid="receipt" data-kind={receipt.kind}>
      <Part
        title={text(receipt.kind === 'withdrawn' ? 'submit.withdrawnTitle' : 'submit.receiptTitle')}
        aside={<Mark tone="proved">{text(`submit.receipt.${receipt.kind}`)}</Mark>}
      >
        <Facts
          facts={[
            [
              text('submit.receivedAt'),
              <span key="time" className="large-figure figures">
                {moment(receipt.receivedAt)}
              </span>,
            ],
            [text('common.shortCode'), <ShortCode key="code" code={sealedBid.shortCode} />],
            [
              text('common.size'),
              <span key="size" className="figures">
                {size(receipt.size)}
              </span>,
            ],
            [
              text('common.sealDigest'),
              <div key="digest">
                <Digest hex={receipt.sealDigest} />
                <div>
                  <Mark tone={same ? 'proved' : 'attention'}>
                    {text(same ? 'submit.digestMatches' : 'submit.digestDiffers')}
                  </Mark>
                </div>
              </div>,
            ],
          ]}
        />
      </Part>
    </div>
  )
}
