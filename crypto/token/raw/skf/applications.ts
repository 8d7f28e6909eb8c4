import type { Ask, RawOutput, RawResult, RawRoom } from '../ask.ts'
import { askTwice, flag, handle, number, numberAt, output, outputOf, resultOf } from '../ask.ts'
import { rawLimits, rawText } from '../raw-call.ts'
import { opened, type RawHandle, type RawNames, withNames } from './devices.ts'

/** A try at a PIN. */
export interface RawPinTry extends RawResult {
  /** What the library says is left; -1 for all ones. It is written also when the try fails. */
  readonly triesLeft: number
}

/** GM/T 0016-2012 7.2 (PINs), 7.3 (applications), 7.5 (containers). PIN types: administrator 0, user 1. */
export function applicationCalls(ask: Ask) {
  const call = async (name: string, ...args: Parameters<Ask>[1][]): Promise<RawResult> =>
    resultOf(await ask(name, ...args))
  const list =
    (name: string) =>
    async (parent: string, room: RawRoom): Promise<RawOutput> =>
      outputOf(await ask(name, handle(parent), ...output(room)))
  const names =
    (name: string) =>
    async (parent: string): Promise<RawNames> =>
      withNames(await askTwice(room => list(name)(parent, room), rawLimits.room))
  const open =
    (name: string) =>
    async (parent: string, what: string): Promise<RawHandle> =>
      opened(await ask(name, handle(parent), rawText(what), { kind: 'handle-out' }))
  const half =
    (name: string) =>
    async (container: string, sign: boolean, room: RawRoom): Promise<RawOutput> =>
      outputOf(await ask(name, handle(container), flag(sign), ...output(room)))
  const exportCertificate = half('SKF_ExportCertificate')
  const exportPublicKey = half('SKF_ExportPublicKey')
  return {
    pinInfo: async (
      application: string,
      type: number,
    ): Promise<RawResult & { readonly most: number; readonly left: number; readonly isDefault: number }> => {
      const answer = await ask(
        ...(['SKF_GetPINInfo', handle(application), number(type)] as const),
        ...[unwritten, unwritten, unwritten],
      )
      const [most, left, isDefault] = [2, 3, 4].map(at => numberAt(answer.answers, at))
      return { ...resultOf(answer), most: most ?? 0, left: left ?? 0, isDefault: isDefault ?? 0 }
    },
    /** A wrong PIN costs one of the token's tries. */
    verifyPin: async (application: string, type: number, pin: string): Promise<RawPinTry> => {
      const answer = await ask('SKF_VerifyPIN', handle(application), number(type), rawText(pin), unwritten)
      return { ...resultOf(answer), triesLeft: numberAt(answer.answers, 3) }
    },
    changePin: async (application: string, type: number, oldPin: string, newPin: string): Promise<RawPinTry> => {
      const answer = await ask(
        ...(['SKF_ChangePIN', handle(application), number(type)] as const),
        ...[rawText(oldPin), rawText(newPin), unwritten],
      )
      return { ...resultOf(answer), triesLeft: numberAt(answer.answers, 4) }
    },
    clearSecureState: (application: string) => call('SKF_ClearSecureState', handle(application)),
    enumApplication: list('SKF_EnumApplication'),
    applications: names('SKF_EnumApplication'),
    openApplication: open('SKF_OpenApplication'),
    closeApplication: (application: string) => call('SKF_CloseApplication', handle(application)),
    enumContainer: list('SKF_EnumContainer'),
    containers: names('SKF_EnumContainer'),
    openContainer: open('SKF_OpenContainer'),
    closeContainer: (container: string) => call('SKF_CloseContainer', handle(container)),
    /** 0 nothing, 1 RSA, 2 SM2. */
    containerType: async (container: string): Promise<RawResult & { readonly type: number }> => {
      const answer = await ask('SKF_GetContainerType', handle(container), unwritten)
      return { ...resultOf(answer), type: numberAt(answer.answers, 1) }
    },
    /** `sign`: the certificate for signing, else that for encryption. One call; the other two ask for the length first. */
    exportCertificate,
    exportPublicKey,
    certificate: (container: string, sign: boolean): Promise<RawOutput> =>
      askTwice(room => exportCertificate(container, sign, room), rawLimits.room),
    publicKey: (container: string, sign: boolean): Promise<RawOutput> =>
      askTwice(room => exportPublicKey(container, sign, room), rawLimits.room),
  }
}

/** A ULONG with a value that is seen when the library does not write it. */
const unwritten = { kind: 'count', value: 0xa5a5a5a5 } as const
