/** A signed document: its text, and the signature in base64 DER. */
export interface SignedText {
  readonly text: string
  readonly signature: string
}

/** A challenge with its receipt, and where there is one the release that answers it. */
export interface OpeningVector<Document = SignedText> {
  readonly name: string
  /** The client's refusal of the challenge, or, where there is a release, the platform's of the release; null for none. */
  readonly code: string | null
  readonly comment: string
  readonly receipt: Document
  readonly challenge: Document
  readonly release?: {
    readonly document: Document
    /** Envelopes in base64. */
    readonly envelopes: readonly { readonly part: 'opening' | 'body'; readonly envelope: string }[]
  }
  /** What the platform's receipt says of each part. */
  readonly results?: readonly ('matched' | 'refused')[]
}

/** The file `opening.json`: vectors name the documents they use. */
export interface OpeningFile {
  /** Name of the bid in `bids/`. */
  readonly bid: string
  /** The platform's time when it judges a release. */
  readonly at: string
  readonly vectors: readonly OpeningVector<string>[]
  readonly documents: Readonly<Record<string, SignedText>>
}
