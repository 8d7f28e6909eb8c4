import type { FindingTexts } from './texts.ts'

export const en: FindingTexts = {
  findings: {
    'document-missing': { what: 'a required document is missing', next: 'Add it with bid add (--as and the id).' },
    'document-gone': {
      what: 'the file is not in the folder',
      next: 'Put it back into documents/, or add it again with bid add --replace.',
    },
    'document-unknown': {
      what: 'the tender has no such place',
      next: 'Check the id; an addendum may have changed the list. Use a place there is.',
    },
    'document-sealed': { what: 'the file is itself a sealed bid', next: 'Use the document from before sealing.' },
    'document-too-large': {
      what: 'the file is larger than allowed',
      next: 'Shrink its pictures or split it, then bid add --replace.',
    },
    'bid-too-large': { what: 'the bid is larger than allowed', next: 'Shrink or leave out documents.' },
    'form-unknown': {
      what: 'the tender has no such form',
      next: 'Check the id; an addendum may have changed the forms.',
    },
    'field-missing': { what: 'a form field is not filled in', next: 'Fill it in with bid form.' },
    'field-unknown': {
      what: 'the form has no such field',
      next: 'Empty it with bid form (KEY=) and fill in the right one.',
    },
    'document-empty': { what: 'the file is empty', next: 'See whether the wrong file was added.' },
    'optional-missing': {
      what: 'an optional document is not there',
      next: 'Add it with bid add if it is wanted; else there is nothing to do.',
    },
    'file-unlisted': {
      what: 'a file in the folder is not part of the bid',
      next: 'Add it with bid add, or take it out; it will not be sealed.',
    },
    'required-empty': {
      what: 'a required document is empty',
      next: 'Replace it with bid add --replace by a file that holds something.',
    },
    'document-expired': {
      what: 'a licence expires before the opening',
      next: 'Replace it by one that is valid then.',
    },
    'pages-too-many': { what: 'more pages than allowed', next: 'Cut it down to the pages the tender allows.' },
    'pages-unknown': {
      what: 'pages are limited but cannot be counted',
      next: 'Use a PDF that is not encrypted and can be opened.',
    },
    'seal-missing': {
      what: "the bidder's seal (electronic signature) is missing",
      next: "Sign it with the company's lock: sign FILE --token URI.",
    },
    'seal-untrusted': {
      what: 'the seal is of an authority the tender does not accept',
      next: 'Sign with a lock of an accepted authority, or ask the platform.',
    },
    'signers-missing': { what: 'not all have signed', next: 'Have the others sign with their own locks.' },
    'signature-invalid': {
      what: 'a signature does not hold: changed after signing, or broken',
      next: 'Sign the unchanged document again.',
    },
    'signature-doubtful': {
      what: 'a signature cannot be confirmed (invalid, unknown form or authority)',
      next: 'Ask whoever issued the document; get it again where needed.',
    },
    'pdf-broken': {
      what: 'the PDF cannot be opened',
      next: 'Export it again; the evaluators could not open it either.',
    },
    'pdf-damaged': {
      what: 'the PDF is damaged in places',
      next: 'Export it again, so that all programs show the same.',
    },
    'pdf-encrypted': {
      what: 'the PDF has a password or restrictions',
      next: 'Remove them and add it again; it cannot be looked into as it is.',
    },
    'pdf-scripted': {
      what: 'the PDF holds scripts or actions',
      next: 'Print it to a plain PDF; scripts are switched off when it is read.',
    },
    'field-invalid': {
      what: 'a field holds what the tender does not accept',
      next: 'Write it in the form and range the tender asks for.',
    },
    'amount-unreadable': { what: 'this is no amount', next: 'Write it in yuan, as 32,156,789.12.' },
    'words-mismatch': {
      what: 'amount in words and in figures differ',
      next: 'Correct the wrong one; in evaluation the words count.',
    },
    'price-mismatch': {
      what: 'the price differs between forms',
      next: 'Make them one; in evaluation the opening form counts.',
    },
    'boq-mismatch': {
      what: 'the price is not the sum of the bill of quantities',
      next: 'Check the sum; correct the bill or the price.',
    },
    'boq-faults': {
      what: 'the bill of quantities does not add up',
      next: 'See the rows with document boq, and correct them.',
    },
    'tender-other': {
      what: 'another tender or lot is named',
      next: "Write this tender's and lot's name and number.",
    },
    'tender-other-mentioned': {
      what: 'another tender or lot is mentioned',
      next: 'Fine for references; correct it if it is left over.',
    },
    'addendum-newer': {
      what: 'there is a later addendum to the tender',
      next: 'Take the bid over to the latest package: bid move --tender.',
    },
    'foreign-company': {
      what: 'another company is named (file name, properties or form)',
      next: "See that no one else's files got in; export without properties.",
    },
    'other-company-bid': {
      what: "this computer has sealed another company's bid for this tender",
      next: 'Bids of several companies from one computer may count as collusion. This note stays on this computer.',
    },
    'other-company-lock': {
      what: "another company's lock is plugged into this computer",
      next: 'Unplug it. This note stays on this computer.',
    },
    'trace-recorded': {
      what: "what the tender's rule records of this computer",
      next: 'Look at it first; it is written only with seal --record-traces.',
    },
    'certificate-expired': {
      what: "the lock's certificate is not valid now",
      next: 'Have it renewed by its authority before sealing.',
    },
    'certificate-expires-early': {
      what: "the lock's certificate expires before the opening is over",
      next: 'Renew it before sealing, or use a lock that lasts longer.',
    },
    'certificate-expires-soon': {
      what: "the lock's certificate expires soon after the opening",
      next: 'Openings are put off: better renew it before sealing.',
    },
    'certificate-wrong-use': {
      what: "the lock's certificate is for another use",
      next: 'Sign with a signing and encrypt to an encryption certificate.',
    },
    'certificate-not-accepted': {
      what: "the tender does not accept the lock's authority",
      next: 'Use a lock of an accepted authority, or ask the platform.',
    },
    'certificate-unsupported': {
      what: "the lock's certificate or algorithm does not do for this tender",
      next: 'Use a lock with an algorithm the tender accepts.',
    },
    'certificate-credit-code': {
      what: "the lock bears another credit code than the bidder's",
      next: "Use the bidder's own lock.",
    },
  },
  rules: {
    'regulation-40': 'Bidding Regulation, Art. 40 (collusion)',
    'regulation-51': 'Bidding Regulation, Art. 51 (bids to be rejected)',
    'mof87-59': 'MoF Order 87, Art. 59 (amounts that differ)',
    'order20-27': 'Electronic Bidding Measures, Art. 27 (changes before the deadline)',
    'order20-31': 'Electronic Bidding Measures, Art. 30–31 (decryption at the opening)',
    'esign-13': 'Electronic Signature Law, Art. 13',
    'tender-documents': 'the tender: list of documents',
    'tender-forms': 'the tender: forms',
    'tender-limits': 'the tender: limits of size and pages',
    'tender-authorities': 'the tender: accepted authorities and algorithms',
    'tender-traces': 'the tender: rule on machine traces',
    'tender-identity': 'the tender: its own names and numbers',
    'good-practice': "this program's advice",
  },
}
