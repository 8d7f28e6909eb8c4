import type { Ask, RawOutput, RawResult, RawRoom } from '../ask.ts'
import { askTwice, flag, handle, handleAt, nothing, number, numberAt, output, outputOf, resultOf } from '../ask.ts'
import { rawLimits, rawText } from '../raw-call.ts'
import { splitNames } from './names.ts'

/** The answer of a function that opens something: its handle, `0` where there is none. */
export interface RawHandle extends RawResult {
  readonly handle: string
}

/** A list of names, and the bytes it was read from. */
export interface RawNames extends RawOutput {
  readonly names: readonly string[]
}

/** GM/T 0016-2012 7.1: devices. */
export function deviceCalls(ask: Ask) {
  const call = async (name: string, ...args: Parameters<Ask>[1][]): Promise<RawResult> =>
    resultOf(await ask(name, ...args))
  const enumDev = async (present: boolean, room: RawRoom): Promise<RawOutput> =>
    outputOf(await ask('SKF_EnumDev', flag(present), ...output(room)))
  return {
    /** One call; a room of null asks for the length. */
    enumDev,
    /** The length, then the names. */
    devices: async (present = true): Promise<RawNames> =>
      withNames(await askTwice(room => enumDev(present, room), rawLimits.room)),
    connectDev: async (name: string): Promise<RawHandle> =>
      opened(await ask('SKF_ConnectDev', rawText(name), { kind: 'handle-out' })),
    disconnectDev: (device: string) => call('SKF_DisConnectDev', handle(device)),
    /** DEV_ABSENT_STATE 0, DEV_PRESENT_STATE 1, DEV_UNKNOW_STATE 2. */
    devState: async (name: string): Promise<RawResult & { readonly state: number }> => {
      const answer = await ask('SKF_GetDevState', rawText(name), { kind: 'count', value: 0xffff })
      return { ...resultOf(answer), state: numberAt(answer.answers, 1) }
    },
    /**
     * DEVINFO as it was written, in a buffer of so many bytes: 0xA5 from where the library stopped. It is 294 bytes packed and
     * 296 with natural alignment; `written` is the place of the last byte that was changed, and one more.
     */
    devInfo: async (
      device: string,
      room = 512,
    ): Promise<RawResult & { readonly bytes: Uint8Array; readonly written: number }> => {
      const answer = await ask('SKF_GetDevInfo', handle(device), { kind: 'room', length: room })
      const bytes = answer.answers[1] instanceof Uint8Array ? answer.answers[1] : new Uint8Array(0)
      const { length } = bytes
      let written = length
      while (written > 0 && bytes[written - 1] === 0xa5) written -= 1
      return { ...resultOf(answer), bytes, written }
    },
    /** Milliseconds; -1 waits for ever. */
    lockDev: (device: string, timeout: number) => call('SKF_LockDev', handle(device), number(timeout)),
    unlockDev: (device: string) => call('SKF_UnlockDev', handle(device)),
    random: async (device: string, length: number | null): Promise<RawResult & { readonly bytes: Uint8Array }> => {
      const room = length === null ? nothing : ({ kind: 'room', length } as const)
      const answer = await ask('SKF_GenRandom', handle(device), room, number(length ?? 0))
      const [, bytes] = answer.answers
      return { ...resultOf(answer), bytes: bytes instanceof Uint8Array ? bytes : new Uint8Array(0) }
    },
  }
}

/** The last argument was a handle that is written. */
export function opened(answer: Awaited<ReturnType<Ask>>): RawHandle {
  return { ...resultOf(answer), handle: handleAt(answer.answers, answer.answers.length - 1) }
}

export function withNames(found: RawOutput): RawNames {
  return { ...found, names: splitNames(found.bytes) }
}
