import type { Ask, RawResult } from '../ask.ts'
import { handle, handleAt, handlesAt, number, numberAt, resultOf } from '../ask.ts'
import type { RawAttribute, RawAttributeAnswer, RawAttributeValue } from '../raw-call.ts'
import { rawLimits } from '../raw-call.ts'
import { type Mechanism, mechanismArgument } from './mechanism.ts'

/** The answer of a function that finds objects. */
export interface RawObjects extends RawResult {
  readonly objects: readonly string[]
}

/** The answer of a function that makes one object; `0` where there is none. */
export interface RawObject extends RawResult {
  readonly object: string
}

export interface RawAttributes extends RawResult {
  readonly attributes: readonly RawAttributeAnswer[]
}

/** A template for searching and making: the attributes' types with their values. */
export type Template = readonly (readonly [type: number, value: RawAttributeValue])[]

/** PKCS #11 v2.40 §5.7 (objects) and §5.13 (keys). */
export function objectCalls(ask: Ask) {
  const findInit = async (session: string, template: Template): Promise<RawResult> =>
    resultOf(await ask('C_FindObjectsInit', handle(session), ...templateArguments(template)))
  const find = async (session: string, most: number): Promise<RawObjects> => {
    const answer = await ask(
      ...(['C_FindObjects', handle(session), { kind: 'handles-out', length: most }] as const),
      ...[number(most), { kind: 'count', value: 0 } as const],
    )
    const count = Math.max(0, numberAt(answer.answers, 3))
    return { ...resultOf(answer), objects: answer.code === 0 ? handlesAt(answer.answers, 1).slice(0, count) : [] }
  }
  const findFinal = async (session: string): Promise<RawResult> =>
    resultOf(await ask('C_FindObjectsFinal', handle(session)))
  const attributes = async (
    session: string,
    object: string,
    asked: readonly RawAttribute[],
  ): Promise<RawAttributes> => {
    const answer = await ask(
      ...(['C_GetAttributeValue', handle(session), handle(object)] as const),
      ...[{ kind: 'template', attributes: asked } as const, number(asked.length)],
    )
    return { ...resultOf(answer), attributes: attributesAt(answer.answers[2]) }
  }
  return {
    findInit,
    find,
    findFinal,
    /** All three calls, for at most so many objects. The code is that of the first that fails. */
    findObjects: async (session: string, template: Template, most = 256): Promise<RawObjects> => {
      const begun = await findInit(session, template)
      if (begun.code !== 0) return { ...begun, objects: [] }
      const found = await find(session, most)
      const ended = await findFinal(session)
      return found.code === 0 && ended.code !== 0 ? { ...ended, objects: [] } : found
    },
    /** One call as it is told: NULL asks for lengths, `room` for values. */
    attributes,
    /** The lengths, then the values. An attribute that is not there, or not shown, has the length -1 and no bytes. */
    readAttributes: async (session: string, object: string, types: readonly number[]): Promise<RawAttributes> => {
      const asked = await attributes(
        session,
        object,
        types.map(type => ({ type, value: null })),
      )
      return attributes(
        session,
        object,
        asked.attributes.map(({ type, length }) =>
          length < 0 || length > rawLimits.room ? { type, value: null } : { type, value: null, room: length },
        ),
      )
    },
    createObject: async (session: string, template: Template): Promise<RawObject> =>
      objectAt(await ask('C_CreateObject', handle(session), ...templateArguments(template), { kind: 'handle-out' }), 3),
    destroyObject: async (session: string, object: string): Promise<RawResult> =>
      resultOf(await ask('C_DestroyObject', handle(session), handle(object))),
    setAttributes: async (session: string, object: string, template: Template): Promise<RawResult> =>
      resultOf(await ask('C_SetAttributeValue', handle(session), handle(object), ...templateArguments(template))),
    deriveKey: async (session: string, mechanism: Mechanism, key: string, template: Template): Promise<RawObject> =>
      objectAt(
        await ask(
          ...(['C_DeriveKey', handle(session), mechanismArgument(mechanism), handle(key)] as const),
          ...[...templateArguments(template), { kind: 'handle-out' } as const],
        ),
        5,
      ),
    generateKey: async (session: string, mechanism: Mechanism, template: Template): Promise<RawObject> =>
      objectAt(
        await ask(
          ...(['C_GenerateKey', handle(session), mechanismArgument(mechanism)] as const),
          ...[...templateArguments(template), { kind: 'handle-out' } as const],
        ),
        4,
      ),
    generateKeyPair: async (
      session: string,
      mechanism: Mechanism,
      publicTemplate: Template,
      privateTemplate: Template,
    ): Promise<RawResult & { readonly publicKey: string; readonly privateKey: string }> => {
      const answer = await ask(
        ...(['C_GenerateKeyPair', handle(session), mechanismArgument(mechanism)] as const),
        ...templateArguments(publicTemplate),
        ...templateArguments(privateTemplate),
        ...[{ kind: 'handle-out' } as const, { kind: 'handle-out' } as const],
      )
      const { answers } = answer
      return { ...resultOf(answer), publicKey: handleAt(answers, 6), privateKey: handleAt(answers, 7) }
    },
  }
}

function templateArguments(template: Template) {
  const attributes = template.map(([type, value]) => ({ type, value }))
  return [{ kind: 'template', attributes }, number(template.length)] as const
}

function objectAt(answer: Awaited<ReturnType<Ask>>, at: number): RawObject {
  return { ...resultOf(answer), object: handleAt(answer.answers, at) }
}

function attributesAt(value: unknown): readonly RawAttributeAnswer[] {
  return Array.isArray(value) ? (value as readonly RawAttributeAnswer[]) : []
}
