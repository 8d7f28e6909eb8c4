/** Object identifiers that only signatures in PDFs need; the rest is in `crypto/der/oids.ts`. */
export const pdfOids = {
  /** id-aa-timeStampToken (RFC 3161, Appendix A): the time stamp of a signature, among its unsigned attributes. */
  signatureTimestamp: '1.2.840.113549.1.9.16.2.14',
} as const
