import { isAbsolute } from 'node:path'
import { performance } from 'node:perf_hooks'
import { CryptoFailure } from '../../errors.ts'
import { type Koffi, loadKoffi } from '../koffi.ts'
import { type Arena, createArena } from './arena.ts'
import { accepts, type RawFunction } from './functions.ts'
import { type CPlatform, pkcs11Platform, skfPlatform } from './layout.ts'
import { loginsOf } from './logins.ts'
import { loadPkcs11Functions } from './pkcs11-functions.ts'
import { place } from './place.ts'
import type { Placed } from './placing.ts'
import type { RawAnswer, RawArgument, RawCall, RawLibrary, RawModule } from './raw-call.ts'
import { rawLimits } from './raw-call.ts'
import { loadSkfFunctions } from './skf-functions.ts'

/** A library in this process, with the names of its functions. Its calls block and must not overlap; `limit` is nothing here. */
export interface LocalRawLibrary extends RawLibrary {
  readonly functions: readonly string[]
}

/**
 * Loads a library by its absolute path and calls nothing of it but C_GetFunctionList. Its state belongs to the whole process:
 * the product's driver for the same library must not be in it. Throws `token.driver-unavailable` saying what is missing,
 * `arguments.bad` for a relative path. `close` ends the logins that calls have left open; the library stays loaded.
 */
export function openRawLibrary(module: RawModule): LocalRawLibrary {
  // SECURITY: A9, a relative path would be searched in places that others can write to.
  if (!isAbsolute(module.path)) throw new CryptoFailure('arguments.bad', 'the path of a library must be absolute')
  const koffi = prepareKoffi()
  const binding = bind(koffi, module)
  const logins = loginsOf(module.kind)
  const begin = (call: RawCall): Begun => beginCall(koffi, binding, call)
  const library: LocalRawLibrary = {
    kind: module.kind,
    functions: [...binding.functions.keys()],
    has: name => Promise.resolve(binding.functions.has(name)),
    async call(name, args) {
      requireRoom(args)
      const call = { name, args }
      const answer = runHere(begin(call))
      logins.after(call, answer)
      return answer
    },
    async together(calls) {
      if (calls.length > rawLimits.together) throw new CryptoFailure('arguments.bad', 'too many calls at the same time')
      requireRoom(calls.flatMap(({ args }) => args))
      const begun = calls.map(begin)
      const answers = await Promise.all(begun.map(runOnThread))
      calls.forEach((call, at) => {
        const answer = answers[at]
        if (answer !== undefined) logins.after(call, answer)
      })
      return answers
    },
    async close() {
      for (const call of logins.ending()) if (binding.functions.has(call.name)) await library.call(call.name, call.args)
    },
  }
  return library
}

/** Settings that hold for the whole process. */
function prepareKoffi(): Koffi {
  // The pool takes the number when it is first used; four threads would let no eight calls run at the same time.
  process.env['UV_THREADPOOL_SIZE'] ??= String(rawLimits.together + 4)
  const koffi = loadKoffi()
  try {
    // As much as the main thread's: vendors' code was written for stacks of that size.
    koffi.config({ async_stack_size: 2 * 1024 * 1024 })
  } catch {
    // It can be said only before the first library of a process.
  }
  return koffi
}

interface Binding {
  readonly isPkcs11: boolean
  readonly platform: CPlatform
  readonly functions: ReadonlyMap<string, RawFunction>
}

function bind(koffi: Koffi, module: RawModule): Binding {
  const pointer = koffi.sizeof('void *')
  if (module.kind === 'skf') {
    const functions = loadSkfFunctions(koffi, module.path, module.profile ?? {})
    return { isPkcs11: false, platform: skfPlatform(pointer), functions }
  }
  const platform = pkcs11Platform(pointer)
  return { isPkcs11: true, platform, functions: loadPkcs11Functions(koffi, module.path, platform) }
}

/** A call whose memory is there. */
interface Begun {
  readonly called: RawFunction
  readonly arena: Arena
  readonly placed: readonly Placed[]
}

function beginCall(koffi: Koffi, { isPkcs11, platform, functions }: Binding, { name, args }: RawCall): Begun {
  const called = functions.get(name)
  if (called === undefined) throw new CryptoFailure('token.unsupported', 'the library does not have this function')
  const { parameters } = called
  const fit = (argument: RawArgument, at: number): boolean => {
    const parameter = parameters[at]
    return parameter !== undefined && accepts(parameter, argument, isPkcs11)
  }
  if (args.length !== parameters.length || !args.every(fit)) {
    throw new CryptoFailure('arguments.bad', `these are not arguments for ${called.name}`)
  }
  const arena = createArena()
  const writes: (() => void)[] = []
  const handle = isPkcs11 ? platform.ulong : platform.pointer
  const placing = { arena, platform, handle, later: (write: () => void) => void writes.push(write) }
  const placed = args.map(argument => place(argument, placing))
  arena.commit(memory => koffi.address(memory))
  for (const write of writes) write()
  return { called, arena, placed }
}

/** The answer must fit into one message. */
function requireRoom(args: readonly RawArgument[]): void {
  const rooms = args.flatMap(argument =>
    argument.kind === 'room'
      ? [argument.length]
      : argument.kind === 'template'
        ? argument.attributes.map(({ value, room = 0 }) => (value === null ? room : 0))
        : [],
  )
  if (rooms.reduce((sum, length) => sum + length, 0) > rawLimits.answer) {
    throw new CryptoFailure('arguments.bad', 'there is more room in these arguments than one answer can bring back')
  }
}

function runHere({ called, arena, placed }: Begun): RawAnswer {
  const values = placed.map(argument => argument.passed())
  const start = performance.now()
  const code = called.foreign(...values)
  return finish({ called, arena, placed }, code, performance.now() - start)
}

function runOnThread(begun: Begun): Promise<RawAnswer> {
  const values = begun.placed.map(argument => argument.passed())
  return new Promise((resolve, reject) => {
    const start = performance.now()
    begun.called.foreign.async(...values, (error: unknown, code: unknown) => {
      if (error === null || error === undefined) resolve(finish(begun, code, performance.now() - start))
      else reject(new CryptoFailure('internal', 'a call on a thread could not be made', error))
    })
  })
}

/** Reads what the library has left, then wipes it. */
function finish({ arena, placed }: Begun, code: unknown, ms: number): RawAnswer {
  const answers = placed.map(argument => argument.answer())
  const overrun = arena.isHurt()
  arena.wipe()
  return { code: Math.min(Number(code), Number.MAX_SAFE_INTEGER), ms, answers, overrun }
}
