import { oids } from '../../../../crypto/der/oids.ts'
import { context, derNull, integer, oid, sequence } from '../../../../crypto/der/writer.ts'
import { at, derTree, edited } from '../../../fixtures/der-edit.ts'
import type { BrokenVector } from '../../library.ts'
import { baseNamed } from '../bids.ts'
import { envelopeTo, recipient } from '../envelopes.ts'
import { type Changes, entryNamed, forge } from '../forge.ts'
import { editBid } from '../inner.ts'
import { info, oidContent, resigned, signatureOf } from '../signatures.ts'
import { timestampOf } from '../timestamps.ts'
import { collect } from '../vector.ts'
import { people } from '../world.ts'

// What a reader must take though our writer does not write it.

/** Vectors that open. */
export async function acceptedVectors(): Promise<readonly BrokenVector[]> {
  const { vectors, from } = collect()
  const base = await baseNamed('bidder')
  const accept = (name: string, comment: string, changes: Changes) =>
    from(base)(`accepted-${name}`, null, comment, forge(base, changes))
  const headerText = (name: string, comment: string, change: (text: string) => string) =>
    accept(name, comment, { headerText: change })
  const append = (member: string) => (text: string) => `${text.slice(0, -1)},${member}}`
  await headerText('unknown-field', 'a field of seal.json that is not known', append('"later":{"x":1}'))
  await headerText('unknown-field-in-part', 'a field of a part that is not known', text =>
    text.replace('"salt":', '"later":true,"salt":'),
  )
  await headerText('depth-eight', 'eight levels', append('"x":[[[[[[[1]]]]]]]'))
  await headerText('largest-integers', 'the integers next to 2^53', append('"x":[9007199254740991,-9007199254740991]'))
  await headerText('blanks', 'blanks between tokens', text => text.replace(/,"suite":/, ' ,\t"suite" : '))
  await headerText('escapes', 'a value written with escapes', text =>
    text.replace('"keyPolicy":"bidder"', '"keyPolicy":"\\u0062idder"'),
  )
  await headerText('surrogate-pair', 'a surrogate pair, escaped', append('"x":"\\ud83d\\ude00"'))
  const dropped = (...names: readonly string[]): Changes => ({
    header: header => Object.fromEntries(Object.entries(header).filter(([name]) => !names.includes(name))),
  })
  await accept('without-claims', 'no createdAt, no clock', dropped('createdAt', 'clock'))
  await accept('time-with-decimals', 'a time with nine decimals', {
    header: header => ({ ...header, createdAt: '2026-03-02T01:00:00.123456789Z' }),
  })
  await accept('remedy-none', 'remedy none written out', {
    header: header => ({ ...header, remedy: { kind: 'none' } }),
  })
  await accept('without-labels', 'recipients without labels', {
    header: header => ({ ...header, recipients: header.recipients.map(({ label: _label, ...rest }) => rest) }),
  })
  await accept('recipients-order', 'the recipients in another order', {
    header: header => ({ ...header, recipients: [...header.recipients].reverse() }),
  })

  const sound = entryNamed(base.entries, 'META-INF/seal.p7s')
  const signed = (name: string, comment: string, signature: Uint8Array) =>
    accept(name, comment, { entries: { 'META-INF/seal.p7s': signature } })
  const headerBytes = entryNamed(base.entries, 'META-INF/seal.json')
  await signed(
    'without-signing-time',
    'no signing-time',
    signatureOf(headerBytes, { attributes: usual => usual.filter(each => each.type !== oids.signingTime) }),
  )
  await signed(
    'digest-null',
    'digest algorithms with NULL',
    edited(
      edited(sound, [1, 0, 1, 0], node => {
        node.children.push(derTree(derNull))
      }),
      [...info, 2],
      node => {
        node.children.push(derTree(derNull))
      },
    ),
  )
  await signed(
    'sha256-with-rsa',
    'signature algorithm sha256WithRSAEncryption',
    edited(sound, [...info, 4, 0], node => {
      node.content = oidContent(oids.sha256WithRsa)
    }),
  )
  await signed(
    'signed-anew',
    'the same attributes signed again',
    resigned(sound, () => undefined),
  )

  const main = base.header.recipients.find(each => each.role === 'main')?.id ?? ''
  const slot = `keys/body.${main}.p7m`
  const key = base.partKeys.get('body') ?? new Uint8Array()
  await accept('pkcs1-to-main', 'PKCS#1 v1.5 to a lock', {
    envelopes: { [slot]: envelopeTo('accepted', people['bidder-decrypt'], key, 'pkcs1') },
  })
  await accept('oaep-digests-null', 'OAEP whose digests have NULL', {
    envelopes: {
      [slot]: edited(entryNamed(base.entries, slot), recipient, node => {
        const sha256 = sequence(oid(oids.sha256), derNull)
        const mask = sequence(oid(oids.mgf1), sha256)
        node.children[2] = derTree(sequence(oid(oids.rsaesOaep), sequence(context(0, sha256), context(1, mask))))
      }),
    },
  })
  const { inner } = await editBid(base, { fields: fields => ({ ...fields, documents: [] }) })
  await accept('without-documents', 'no documents at all', {
    inner: { body: entries => (inner?.body?.(entries) ?? entries).slice(0, 2) },
  })

  const recovery = await baseNamed('recovery')
  const onRecovery = (name: string, comment: string, changes: Changes) =>
    from(recovery)(`accepted-${name}`, null, comment, forge(recovery, changes))
  const stamp = timestampOf(entryNamed(recovery.entries, 'META-INF/seal.p7s'))
  await onRecovery('timestamp', 'a time stamp', { entries: { 'META-INF/seal.tsr': stamp } })
  await from(recovery)(
    'accepted-timestamp-later',
    null,
    'a time stamp, judged after all certificates have expired',
    forge(recovery, { entries: { 'META-INF/seal.tsr': stamp } }),
    {
      at: '2040-01-01T00:00:00Z',
    },
  )
  const code = `keys/body.recovery.p7m`
  const envelope = entryNamed(recovery.entries, code)
  const parameters = [...recipient, 1, 1]
  await onRecovery('key-length-32', 'a keyLength of 32 written out', {
    envelopes: { [code]: edited(envelope, parameters, node => node.children.splice(2, 0, derTree(integer(32)))) },
  })
  await onRecovery('rounds-5000000', '5,000,000 rounds', {
    envelopes: {
      [code]: edited(envelope, [...parameters, 1], node => {
        node.content = at(derTree(sequence(integer(5_000_000))), [0]).content
      }),
    },
  })
  return vectors
}
