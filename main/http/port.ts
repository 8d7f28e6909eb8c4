/** One request. Nothing is followed, retried or cached by the port: what to do with an answer is the caller's business. */
export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH'
  /** Absolute, http or https. */
  readonly url: string
  /** Lower-case names. The port adds host and content-length (of bytes). */
  readonly headers?: Readonly<Record<string, string>>
  /** Bytes at hand, or pieces that are asked for as the connection takes them. The caller must not change them meanwhile. */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>
  /** Bytes of a body in pieces, where they are known: some servers take no body whose length they aren't told. */
  readonly length?: number
  /** Stops the request; it then fails with `cancelled`, the signal's reason as its cause. */
  readonly signal?: AbortSignal | undefined
}

/** An answer whose head has arrived. Its body must be read to the end or given up with `discard`. */
export interface HttpResponse {
  readonly status: number
  /** Lower-case names; a name sent several times is joined with a comma. */
  readonly headers: Readonly<Record<string, string>>
  /** The body in pieces, readable once; breaking off closes the connection. Throws as `request` does. */
  readonly body: AsyncIterable<Uint8Array>
  /** The whole body; more than `limit` bytes is `platform.refused`, and the rest is not read. */
  bytes(limit: number): Promise<Uint8Array>
  /** Gives the body up. */
  discard(): void
}

/**
 * All HTTP of the product goes through this port: Node's implementation for the command line, Electron's for the app.
 */
export interface HttpPort {
  /**
   * Throws `platform.unreachable` when no whole answer comes, `platform.proxy` when the proxy is the reason,
   * `platform.certificate` when the server cannot prove who it is (nothing of the request has been sent then), `cancelled`
   * when the signal says so.
   */
  request(request: HttpRequest): Promise<HttpResponse>
  /** Gives up idle connections: after a sleep or a change of the network they lead nowhere, and nobody says so. */
  refresh?(): void
}
