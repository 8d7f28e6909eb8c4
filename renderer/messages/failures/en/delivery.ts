import type { DeliveryCode, FailureText } from '../text.ts'

const notReceived = 'The sealed bid is intact on this computer, but without a receipt it does not count as submitted.'
const keyKept = 'No key was released; the bid stays sealed.'
const untouched = 'The sealed bid and the receipt on this computer are intact.'

/** Failures of delivery and opening. */
export const delivery: Readonly<Record<DeliveryCode, FailureText>> = {
  'opening.challenge': {
    what: 'The platform’s request for the key does not stand up to the check.',
    safe: keyKept,
    next: 'Call the platform and name the code below, then try again.',
  },
  'opening.early': {
    what: 'The opening has not begun.',
    safe: keyKept,
    next: 'Try again when the opening time has come.',
  },
  'opening.record': {
    what: 'The record of the opening does not stand up to the check; it was not confirmed.',
    safe: 'The submitted bid and its receipt are valid proof and are kept.',
    next: 'Object to it with the party that runs the tender, and keep the code below.',
  },
  'opening.not-confirmed': {
    what: 'You did not confirm, so it stopped.',
    safe: keyKept,
    next: 'Compare, then try again while the opening lasts.',
  },
  'platform.late': {
    what: 'The deadline is past; the platform refused the bid.',
    safe: 'The sealed bid is intact on this computer, but the platform has not received it.',
    next: 'Keep the sealed bid and call the party that runs the tender.',
  },
  'platform.unsealed': {
    what: 'The platform takes sealed bids only.',
    safe: 'Your bid is not affected; nothing was sent.',
    next: 'Seal the bid first, then submit it.',
  },
  'platform.refused': {
    what: 'The platform refused.',
    safe: untouched,
    next: 'Correct what the platform’s words name, then try again.',
  },
  'platform.unreachable': {
    what: 'The platform cannot be reached.',
    safe: 'Your files are intact; what the platform has confirmed is not lost.',
    next: 'Check the address and the network, then try again: it goes on where it stopped.',
  },
  'platform.seal-known': {
    what: 'The platform already has another bid with this seal number.',
    safe: notReceived,
    next: 'Change the bid, seal it again and submit the new file.',
  },
  'platform.unknown': {
    what: 'The platform does not know what was asked for.',
    safe: untouched,
    next: 'Check the platform’s address and the tender, then try again.',
  },
  'platform.nonce': {
    what: 'The platform’s one-time number was used up or is too old.',
    safe: untouched,
    next: 'Try again.',
  },
  'platform.not-open': {
    what: 'The platform has not opened this yet.',
    safe: untouched,
    next: 'Try again when the opening time has come.',
  },
  'platform.closed': {
    what: 'The opening is closed; the platform accepts nothing more.',
    safe: 'The submitted bid and its receipt are intact; they are your proof.',
    next: 'Call the party that runs the tender, and keep the code below.',
  },
  'platform.receipt': {
    what: 'The platform’s receipt does not stand up to the check.',
    safe: notReceived,
    next: 'Try again; if it stays so, call the platform and keep the code below.',
  },
  'platform.awaiting': {
    what: 'The platform’s answer has to be fetched by hand and is not here yet.',
    safe: notReceived,
    next: 'Hand the exported files in on the platform’s page, then import its answer.',
  },
  'platform.proxy': {
    what: 'The proxy refused the connection or wants a user name and password.',
    safe: untouched,
    next: 'Check the proxy in the settings and try again: it goes on where it stopped.',
  },
  'platform.certificate': {
    what: 'It is not certain that this is the platform: its TLS certificate is not trusted. Nothing was sent.',
    safe: untouched,
    next: 'Check the address, or have your administrator install the network’s root certificate in the system.',
  },
  'platform.clock': {
    what: 'The time the platform gave cannot be verified.',
    safe: untouched,
    next: 'Try again in a moment; deadlines follow the platform’s time.',
  },
  'platform.queued': {
    what: 'The key is with the platform, in its queue; there is no receipt yet.',
    safe: untouched,
    next: 'Wait or try again until the receipt is verified; nothing is released twice.',
  },
  'opening.remedy': {
    what: 'The tender does not allow this remedy, or the time for it is over.',
    safe: untouched,
    next: 'Do what the tender says and speak to the tendering agency; what happened is on record as evidence.',
  },
  'opening.other-run': {
    what: 'This plain twin or backup was not made in the same run as the delivered bid; it was not used.',
    safe: untouched,
    next: 'Use the one made together with the delivered sealed bid.',
  },
  'platform.storage': {
    what: 'The platform cannot store the bid at the moment.',
    safe: notReceived,
    next: 'Try again in a moment: it goes on where it stopped.',
  },
}
