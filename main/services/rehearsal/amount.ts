import { amountInWords } from '../documents/amounts.ts'

/** An amount in 分 as figures: `32,156,789.12`. */
export function figures(fen: number): string {
  return decimal(fen)
}

/** Hundredths as a decimal number with thousands separated. */
export function decimal(hundredths: number): string {
  const whole = Math.floor(hundredths / 100)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',')
  return `${whole}.${String(hundredths % 100).padStart(2, '0')}`
}

/** An amount in 分 in words. Below 10^12 元. */
export function inWords(fen: number): string {
  return amountInWords(decimal(fen))
}
