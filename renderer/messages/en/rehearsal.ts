/** The rehearsal (模拟演练). */
export const rehearsal = {
  title: 'Rehearsal',
  lead: 'Starts a practice platform on this computer and walks the whole path with a practice lock: import, compose, seal, submit, open. It has nothing to do with real tenders.',
  suite: 'Algorithms of the rehearsal',
  suites: { 'intl-1': 'International', 'gm-1': 'Chinese national' },
  suiteNotes: { 'intl-1': 'RSA, SHA-256, AES', 'gm-1': 'SM2, SM3, SM4' },
  start: 'Begin a rehearsal',
  starting: 'Preparing the practice platform, lock and tender…',
  running: 'Rehearsal: nothing here is a real bid.',
  pin: 'PIN of the practice lock',
  skip: 'Skip to the opening time',
  stop: 'End the rehearsal',
} as const
