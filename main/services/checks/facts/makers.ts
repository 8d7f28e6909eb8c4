import type { ByteSource, PdfFacts } from '../../../../crypto/index.ts'

/** What a property of a document says of who made it. */
interface Maker {
  readonly key: string
  readonly text: string
}

/** Entries of Info that say something else than who made the document. */
const notMakers = new Set(['Title', 'Subject', 'Keywords', 'CreationDate', 'ModDate', 'Trapped'])

/** What a PDF says of its makers: Info, and the XMP packets that stand in it uncompressed, as they nearly always do. */
export async function makersOf(source: ByteSource, { info, encryption }: PdfFacts): Promise<readonly Maker[]> {
  if (encryption !== null) return []
  const fromInfo = [...info].filter(([key]) => !notMakers.has(key)).map(([key, text]) => ({ key, text }))
  const fromXmp = (await packetsIn(source)).flatMap(propertiesOf)
  const seen = new Set<string>()
  return [...fromInfo, ...fromXmp].filter(({ key, text }) => {
    const once = `${key.toLowerCase()}\0${text}`
    if (text === '' || seen.has(once)) return false
    seen.add(once)
    return true
  })
}

const block = 1024 * 1024
/** Of longer files the ends are looked at. */
const searched = 64 * block
const longestPacket = 256 * 1024
const mostPackets = 16

async function packetsIn(source: ByteSource): Promise<readonly string[]> {
  const packets: string[] = []
  const ranges =
    source.size <= searched
      ? [[0, source.size] as const]
      : ([
          [0, searched / 2],
          [source.size - searched / 2, source.size],
        ] as const)
  for (const [start, end] of ranges) {
    let from = start
    while (from < end && packets.length < mostPackets) {
      const bytes = await piece(source, from, block + longestPacket)
      const at = bytes.indexOf('<x:xmpmeta')
      if (at < 0 || at >= block) {
        from += block
        continue
      }
      const packet = bytes.subarray(at, at + longestPacket)
      const stop = packet.indexOf('</x:xmpmeta>')
      packets.push(packet.subarray(0, stop < 0 ? packet.length : stop).toString('utf8'))
      from += at + (stop < 0 ? longestPacket : stop)
    }
  }
  return packets
}

async function piece(source: ByteSource, from: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(Math.min(length, source.size - from))
  await source.read(from, bytes)
  return bytes
}

/** As an element, with a list of values or without, or as an attribute. */
function propertiesOf(packet: string): readonly Maker[] {
  return ['dc:creator', 'dc:publisher', 'pdf:Producer', 'xmp:CreatorTool', 'pdfx:Company', 'photoshop:Credit'].flatMap(
    key => {
      const element = new RegExp(`<${key}[^>]*>([^]{0,4000}?)</${key}>`).exec(packet)?.[1]
      const attribute = new RegExp(`\\b${key}="([^"]{0,4000})"`).exec(packet)?.[1]
      const said = element ?? attribute ?? ''
      const texts = said.includes('<rdf:li')
        ? [...said.matchAll(/<rdf:li[^>]*>([^<]*)<\/rdf:li>/g)].map(([, text = '']) => text)
        : [said]
      return texts.map(text => ({ key, text: withoutEscapes(text).trim() }))
    },
  )
}

function withoutEscapes(text: string): string {
  const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (whole, name: string) => named[name] ?? whole)
}
