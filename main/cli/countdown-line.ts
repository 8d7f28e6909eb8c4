import type { Language } from './language.ts'

/** A line on stderr that counts down: one that moves on a terminal, one now and then in a log. */
export interface CountdownLine {
  /** Milliseconds left, null while the platform's clock is not known; and how far off it may be. */
  show(left: number | null, uncertaintyMs: number | null): void
  /** Takes the line away before other text is written. */
  clear(): void
}

/** How often a log gets a line: from so many milliseconds left on, every so many milliseconds. */
const inLog = [
  [3_600_000, 3_600_000],
  [600_000, 600_000],
  [60_000, 60_000],
  [0, 10_000],
] as const

/** A countdown on a stream. */
export function countdownLine(stream: NodeJS.WriteStream, language: Language): CountdownLine {
  let shown = false
  let logged: number | null = null

  function clear(): void {
    if (shown) stream.write('\r\u001b[K')
    shown = false
  }

  return {
    clear,
    show(left, uncertaintyMs) {
      const line = countdownText(left, uncertaintyMs, language)
      if (stream.isTTY) {
        clear()
        stream.write(line)
        shown = true
        return
      }
      const every = inLog.find(([from]) => (left ?? 0) >= from)?.[1] ?? 10_000
      const step = left === null ? -1 : Math.ceil(left / every) * every
      if (step === logged) return
      logged = step
      stream.write(`${line}\n`)
    },
  }
}

/** The time left as people read it, and whose clock says so. */
export function countdownText(left: number | null, uncertaintyMs: number | null, language: Language): string {
  const zh = language === 'zh'
  if (left === null) return zh ? '正在取得服务器时间…' : 'asking for the server’s time …'
  const total = Math.max(0, Math.ceil(left / 1000))
  const two = (value: number): string => String(value).padStart(2, '0')
  const days = Math.floor(total / 86_400)
  const clock = `${two(Math.floor((total % 86_400) / 3600))}:${two(Math.floor((total % 3600) / 60))}:${two(total % 60)}`
  const span = days === 0 ? clock : zh ? `${days} 天 ${clock}` : `${days} d ${clock}`
  const off = uncertaintyMs === null ? '' : ` ±${(uncertaintyMs / 1000).toFixed(1)} ${zh ? '秒' : 's'}`
  return zh ? `距开标 ${span}（服务器时间${off}）` : `${span} to the opening (server time${off})`
}
