import type { Foreign } from '../koffi.ts'
import type { RawArgument } from './raw-call.ts'

/**
 * How a C parameter is declared: `ulong` CK_ULONG or ULONG, `handle` SKF's void *, `bool` BOOL and CK_BBOOL, `cipher`
 * BLOCKCIPHERPARAM by value.
 */
export type Parameter = 'ulong' | 'handle' | 'bool' | 'pointer' | 'cipher'

/** A function of the library with what it takes. */
export interface RawFunction {
  readonly name: string
  readonly parameters: readonly Parameter[]
  readonly foreign: Foreign
}

/** `u` ulong, `h` handle, `b` bool, `p` pointer, `c` cipher. */
const letters: Readonly<Record<string, Parameter>> = { u: 'ulong', h: 'handle', b: 'bool', p: 'pointer', c: 'cipher' }

/** Reads a line of a function table: `C_Login uupu`, and `SKF_CancelWaitForDevEvent` for one without parameters. */
export function readSignature(line: string): readonly [string, readonly Parameter[]] {
  const [name = '', row = ''] = line.split(' ')
  return [name, [...row].map(letter => letters[letter] ?? 'pointer')]
}

/** Whether an argument can be passed there. SECURITY: an address of the caller's own choice never is one. */
export function accepts(parameter: Parameter, { kind }: RawArgument, isPkcs11: boolean): boolean {
  switch (parameter) {
    case 'ulong':
      // Sessions, slots and objects of PKCS #11 are CK_ULONG.
      return kind === 'number' || (isPkcs11 && kind === 'handle')
    case 'bool':
      return kind === 'number'
    case 'handle':
      return kind === 'handle'
    case 'cipher':
      return kind === 'cipher'
    case 'pointer':
      return kind !== 'number' && kind !== 'handle' && kind !== 'cipher'
  }
}
