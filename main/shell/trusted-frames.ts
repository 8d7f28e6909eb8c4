/** What a message says of its sender, as Electron knows it. */
export interface Sender {
  readonly sender: { readonly id: number; readonly mainFrame: unknown }
  readonly senderFrame: { readonly origin: string } | null
}

/** The pages we opened ourselves, by their web contents. */
export interface TrustedFrames {
  /** Remembers that these contents show the page of this origin. */
  add(contents: TrackedContents, origin: string): void
  /** SECURITY: S17. Whether a message comes from the main frame, of exactly this origin, of contents we made for it. */
  isTrusted(message: Sender, origin: string): boolean
}

interface TrackedContents {
  readonly id: number
  once(event: 'destroyed', listener: () => void): unknown
}

/** An empty list; only who is added is trusted. */
export function trustedFrames(): TrustedFrames {
  const known = new Map<number, string>()
  return {
    add(contents, origin) {
      known.set(contents.id, origin)
      contents.once('destroyed', () => known.delete(contents.id))
    },
    isTrusted({ sender, senderFrame }, origin) {
      return (
        senderFrame !== null &&
        senderFrame === sender.mainFrame &&
        senderFrame.origin === origin &&
        known.get(sender.id) === origin
      )
    },
  }
}
