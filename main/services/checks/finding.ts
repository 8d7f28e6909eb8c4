/**
 * Where a rule comes from: a clause of the law, or a part of the tender package. The words for each stand with the front
 * ends.
 */
export type RuleSource =
  /** 招标投标法实施条例 第四十条: files of different bidders made or mixed by one hand. */
  | 'regulation-40'
  /** 招标投标法实施条例 第五十一条: no seal, no signature, against what the tender demands. */
  | 'regulation-51'
  /** 财政部令第87号 第五十九条: amounts that differ. */
  | 'mof87-59'
  /** 电子招标投标办法 第二十七条: amended and finished before the deadline. */
  | 'order20-27'
  /** 电子招标投标办法 第三十条, 第三十一条: the bidder decrypts in time, with a lock that works then. */
  | 'order20-31'
  /** 电子签名法 第十三条: a signature that counts. */
  | 'esign-13'
  | 'tender-documents'
  | 'tender-forms'
  | 'tender-limits'
  | 'tender-authorities'
  | 'tender-traces'
  | 'tender-identity'
  /** Nobody demands it; it is how this program keeps a bid readable. */
  | 'good-practice'

interface FindingRule {
  readonly level: 'fatal' | 'advice'
  readonly rule: RuleSource
}

/**
 * What can be wrong with a bid, by name. Fatal ones keep it from being sealed (必改), advice ones don't (建议). Other programs
 * rely on the names: one that has been given out keeps its meaning.
 */
export const findingRules = {
  'document-missing': { level: 'fatal', rule: 'tender-documents' },
  'document-gone': { level: 'fatal', rule: 'tender-documents' },
  'document-unknown': { level: 'fatal', rule: 'tender-documents' },
  'document-sealed': { level: 'fatal', rule: 'tender-documents' },
  'document-too-large': { level: 'fatal', rule: 'tender-limits' },
  'bid-too-large': { level: 'fatal', rule: 'tender-limits' },
  'form-unknown': { level: 'fatal', rule: 'tender-forms' },
  'field-missing': { level: 'fatal', rule: 'tender-forms' },
  'field-unknown': { level: 'fatal', rule: 'tender-forms' },
  'document-empty': { level: 'advice', rule: 'tender-documents' },
  'optional-missing': { level: 'advice', rule: 'tender-documents' },
  'file-unlisted': { level: 'advice', rule: 'tender-documents' },

  'required-empty': { level: 'fatal', rule: 'tender-documents' },
  'document-expired': { level: 'advice', rule: 'tender-documents' },
  'pages-too-many': { level: 'fatal', rule: 'tender-limits' },
  'pages-unknown': { level: 'fatal', rule: 'tender-limits' },
  'seal-missing': { level: 'fatal', rule: 'regulation-51' },
  'seal-untrusted': { level: 'fatal', rule: 'tender-authorities' },
  'signers-missing': { level: 'fatal', rule: 'regulation-51' },
  'signature-invalid': { level: 'fatal', rule: 'esign-13' },
  'signature-doubtful': { level: 'advice', rule: 'esign-13' },
  'pdf-broken': { level: 'advice', rule: 'good-practice' },
  'pdf-damaged': { level: 'advice', rule: 'good-practice' },
  'pdf-encrypted': { level: 'advice', rule: 'good-practice' },
  'pdf-scripted': { level: 'advice', rule: 'good-practice' },
  'field-invalid': { level: 'fatal', rule: 'tender-forms' },
  'amount-unreadable': { level: 'fatal', rule: 'tender-forms' },
  'words-mismatch': { level: 'fatal', rule: 'mof87-59' },
  'price-mismatch': { level: 'fatal', rule: 'mof87-59' },
  'boq-mismatch': { level: 'fatal', rule: 'mof87-59' },
  'boq-faults': { level: 'advice', rule: 'mof87-59' },
  'tender-other': { level: 'fatal', rule: 'tender-identity' },
  'tender-other-mentioned': { level: 'advice', rule: 'tender-identity' },
  'addendum-newer': { level: 'fatal', rule: 'order20-27' },
  'foreign-company': { level: 'advice', rule: 'regulation-40' },
  'other-company-bid': { level: 'advice', rule: 'regulation-40' },
  'other-company-lock': { level: 'advice', rule: 'regulation-40' },
  'trace-recorded': { level: 'advice', rule: 'tender-traces' },
  'certificate-expired': { level: 'fatal', rule: 'order20-31' },
  'certificate-expires-early': { level: 'fatal', rule: 'order20-31' },
  'certificate-expires-soon': { level: 'advice', rule: 'order20-31' },
  'certificate-wrong-use': { level: 'fatal', rule: 'esign-13' },
  'certificate-not-accepted': { level: 'fatal', rule: 'tender-authorities' },
  'certificate-unsupported': { level: 'fatal', rule: 'tender-authorities' },
  'certificate-credit-code': { level: 'fatal', rule: 'regulation-51' },
} as const satisfies Readonly<Record<string, FindingRule>>

export type FindingCode = keyof typeof findingRules

/** {@link findingRules}, the levels alone. */
export const findingLevels = Object.fromEntries(
  Object.entries(findingRules).map(([code, { level }]) => [code, level]),
) as { readonly [code in FindingCode]: (typeof findingRules)[code]['level'] }

/** Where in a bid something was found. */
export type FindingPlace =
  /** A place of the tender's list; `file` is what stands there, by its own name, `page` counts from 1. */
  | { readonly kind: 'document'; readonly documentId: string; readonly file?: string; readonly page?: number }
  | { readonly kind: 'form'; readonly formId: string; readonly field?: string }
  /** A file of the folder that stands in no place. */
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'lock'; readonly use: 'sign' | 'decrypt'; readonly label: string }
  | { readonly kind: 'tender' }
  | { readonly kind: 'bid' }
  | { readonly kind: 'computer' }

/** Where a person can do something about it: a screen of the window, and what to show there. */
export type JumpTarget =
  | { readonly screen: 'documents'; readonly document?: string; readonly page?: number }
  | { readonly screen: 'documents'; readonly form: string; readonly field?: string }
  | { readonly screen: 'tender' }
  | { readonly screen: 'locks' }
  | { readonly screen: 'seal' }

/** Something the check before sealing found. */
export interface Finding {
  readonly code: FindingCode
  readonly level: 'fatal' | 'advice'
  /** What it is about: a document id and its title, a form and field, a file name, a value. */
  readonly about: string
  readonly rule: RuleSource
  readonly place: FindingPlace
  readonly jump: JumpTarget
}

/** A finding with what its code stands for. */
export function finding(code: FindingCode, about: string, place: FindingPlace): Finding {
  const { level, rule } = findingRules[code]
  return { code, level, about, rule, place, jump: jumpTo(place) }
}

/** The screen where a person can do something about a place. */
export function jumpTo(place: FindingPlace): JumpTarget {
  switch (place.kind) {
    case 'document':
      return {
        screen: 'documents',
        document: place.documentId,
        ...(place.page === undefined ? {} : { page: place.page }),
      }
    case 'form':
      return {
        screen: 'documents',
        form: place.formId,
        ...(place.field === undefined ? {} : { field: place.field }),
      }
    case 'file':
    case 'bid':
      return { screen: 'documents' }
    case 'lock':
      return { screen: 'locks' }
    case 'tender':
      return { screen: 'tender' }
    case 'computer':
      return { screen: 'seal' }
  }
}
