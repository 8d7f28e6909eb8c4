import type { Progress } from '../../crypto/index.ts'
import type { Language, Words } from './language.ts'
import { displayWidth, duration, size } from './wording.ts'

/** One line on stderr that says how far the work is: stage, bytes, speed, time left. */
export interface ProgressLine {
  report(progress: Progress): void
  /**
   * Any other line in the same place, at most as often as the others; `red` warns on a terminal. One that is `due` is shown
   * at once.
   */
  show(line: string, look?: { readonly red?: boolean; readonly due?: boolean }): void
  /** Takes the line away before other text is written. */
  clear(): void
}

/** Milliseconds between two redrawings on a terminal, and between two lines in a log. */
const onTerminal = 100
const inLog = 2_000

/** Progress on a stream; a terminal sees one moving line, a log a line every two seconds of work. */
export function progressLine(
  stream: NodeJS.WriteStream,
  language: Language,
  now: () => number = () => performance.now(),
): ProgressLine {
  const terminal = stream.isTTY
  let stage: Progress['stage'] | undefined
  let started = 0
  let startedAt = 0
  let drawn: number | null = terminal ? 0 : null
  let shown = false

  function clear(): void {
    if (shown) stream.write('\r\u001b[K')
    shown = false
  }

  function report(progress: Progress): void {
    const time = now()
    // In a log the first line comes when the work has lasted, not with its first step.
    drawn ??= time
    if (progress.stage !== stage) {
      stage = progress.stage
      started = time
      startedAt = progress.done
      if (terminal) drawn = 0
    }
    if (!terminal && progress.done === 0) return
    if (time - drawn < (terminal ? onTerminal : inLog) && !(terminal && progress.done === progress.total)) return
    drawn = time
    draw(describe(progress, progress.done - startedAt, time - started, language))
  }

  function show(line: string, { red = false, due = false } = {}): void {
    const time = now()
    if (!due && drawn !== null && time - drawn < (terminal ? onTerminal : inLog)) return
    drawn = time
    const fitting = terminal ? shortened(line, stream.columns) : line
    draw(red && terminal ? `\u001b[31m${fitting}\u001b[39m` : fitting)
  }

  function draw(line: string): void {
    if (terminal) {
      clear()
      stream.write(line)
      shown = true
    } else {
      stream.write(`${line}\n`)
    }
  }

  return { report, show, clear }
}

/** A line that went on below could not be taken away again. */
function shortened(line: string, columns: number): string {
  if (!(columns > 0) || displayWidth(line) < columns) return line
  let cut = line
  while (displayWidth(cut) >= columns - 1) cut = cut.slice(0, -1)
  return `${cut}…`
}

/** The names of the stages, as people know them. */
export const stageNames: Readonly<Record<Progress['stage'], Words>> = {
  digest: { zh: '计算摘要', en: 'Reading' },
  seal: { zh: '加密', en: 'Encrypting' },
  verify: { zh: '核验', en: 'Verifying' },
  trial: { zh: '试解密', en: 'Trial opening' },
  open: { zh: '解密', en: 'Opening' },
  upload: { zh: '递交', en: 'Submitting' },
}

function describe(progress: Progress, moved: number, elapsed: number, language: Language): string {
  const percent = progress.total === 0 ? 100 : Math.floor((progress.done / progress.total) * 100)
  const name = stageNames[progress.stage][language]
  const speed = elapsed > 0 ? (moved / elapsed) * 1000 : 0
  const parts = [`${name}  ${percent} %`, `${size(progress.done)} / ${size(progress.total)}`]
  if (speed > 0 && elapsed > 300 && progress.done < progress.total) {
    // Whole seconds: figures that race past help nobody.
    const left = duration(Math.ceil((progress.total - progress.done) / speed) * 1000, language)
    parts.push(`${size(speed)}/s`, language === 'zh' ? `剩余 ${left}` : `${left} left`)
  }
  return parts.join('  ')
}
