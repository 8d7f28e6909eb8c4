import type { Cell } from './arena.ts'
import { layoutOf } from './layout.ts'
import { numberFor, placeBytes, placeFields, type Placing } from './placing.ts'
import type { RawArgument, RawParameter } from './raw-call.ts'
import { ecdhFields, mechanismFields, oaepFields, pssFields } from './structures.ts'

/** CKZ_DATA_SPECIFIED. */
const dataSpecified = 1

/** Reserves a CK_MECHANISM with all that it points to. */
export function placeMechanism(
  { type, parameter }: Extract<RawArgument, { kind: 'mechanism' }>,
  placing: Placing,
): Cell {
  const number = numberFor(type, placing.platform.ulong)
  const pointed = parameter === null ? null : placeParameter(parameter, placing)
  return placeFields(
    mechanismFields,
    () => ({
      mechanism: number,
      pParameter: pointed?.cell.address ?? 0n,
      ulParameterLen: BigInt(pointed?.length ?? 0),
    }),
    placing,
  )
}

interface Pointed {
  readonly cell: Cell
  readonly length: number
}

function placeParameter(parameter: RawParameter, placing: Placing): Pointed {
  const { platform } = placing
  const number = (value: number): bigint => numberFor(value, platform.ulong)
  const bytes = (value: Uint8Array | null): Cell | null => (value === null ? null : placeBytes(value, placing))
  const structure = (
    fields: Readonly<Record<string, 'ulong' | 'pointer'>>,
    values: () => Readonly<Record<string, bigint>>,
  ): Pointed => ({ cell: placeFields(fields, values, placing), length: layoutOf(fields, platform).size })
  switch (parameter.kind) {
    case 'bytes':
      return { cell: placeBytes(parameter.value, placing), length: parameter.value.length }
    case 'oaep': {
      const { label, source = dataSpecified } = parameter
      const [hashAlg, mgf, kind] = [number(parameter.hash), number(parameter.mgf), number(source)]
      const cell = bytes(label)
      return structure(oaepFields, () => ({
        hashAlg,
        mgf,
        source: kind,
        pSourceData: cell?.address ?? 0n,
        ulSourceDataLen: BigInt(label?.length ?? 0),
      }))
    }
    case 'pss': {
      const [hashAlg, mgf, sLen] = [number(parameter.hash), number(parameter.mgf), number(parameter.salt)]
      return structure(pssFields, () => ({ hashAlg, mgf, sLen }))
    }
    case 'ecdh': {
      const { shared, publicData } = parameter
      const kdf = number(parameter.kdf)
      const [sharedCell, publicCell] = [bytes(shared), bytes(publicData)]
      return structure(ecdhFields, () => ({
        kdf,
        ulSharedDataLen: BigInt(shared?.length ?? 0),
        pSharedData: sharedCell?.address ?? 0n,
        ulPublicDataLen: BigInt(publicData.length),
        pPublicData: publicCell?.address ?? 0n,
      }))
    }
  }
}
