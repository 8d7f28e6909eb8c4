import type { RawAnswer, RawCall, RawModule } from './raw-call.ts'

/** Remembers which logins raw calls have left open, so that a closed library leaves no token logged in. */
export interface Logins {
  after(call: RawCall, answer: RawAnswer): void
  /** What ends them, in order. */
  ending(): readonly RawCall[]
}

/**
 * PKCS #11: C_Finalize ends every session and login of this program (v2.40 §5.4). SKF: closing a device keeps the rights that a
 * PIN gave; SKF_ClearSecureState takes them back (GM/T 0016-2012 7.2.7).
 */
export function loginsOf(kind: RawModule['kind']): Logins {
  return kind === 'pkcs11' ? pkcs11Logins() : skfLogins()
}

function pkcs11Logins(): Logins {
  let initialised = false
  return {
    after({ name }, { code }) {
      if (code !== 0) return
      if (name === 'C_Initialize') initialised = true
      if (name === 'C_Finalize') initialised = false
    },
    ending: () => (initialised ? [{ name: 'C_Finalize', args: [{ kind: 'null' }] }] : []),
  }
}

function skfLogins(): Logins {
  const applications = new Set<string>()
  return {
    after({ name, args }, { code }) {
      const [first] = args
      if (code !== 0 || first?.kind !== 'handle') return
      if (name === 'SKF_VerifyPIN') applications.add(first.value)
      if (name === 'SKF_ClearSecureState' || name === 'SKF_CloseApplication') applications.delete(first.value)
    },
    ending: () => [...applications].map(value => ({ name: 'SKF_ClearSecureState', args: [{ kind: 'handle', value }] })),
  }
}
