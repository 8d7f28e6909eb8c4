import { displayWidth } from './wording.ts'

/** Columns of a terminal that nobody has made wider. */
export const terminalWidth = 80

/**
 * Text behind a head, broken into lines that fit a terminal; later lines begin under the text. Broken at spaces and between
 * Chinese characters, never before closing punctuation; a word longer than a line stands as it is.
 */
export function hanging(head: string, text: string, width = terminalWidth): readonly string[] {
  const indent = ' '.repeat(displayWidth(head))
  const lines: string[] = []
  let line = head
  let empty = true
  for (const piece of piecesOf(text)) {
    if (!empty && displayWidth(line + piece.trimEnd()) > width) {
      lines.push(line.trimEnd())
      line = indent
      empty = true
    }
    line += empty ? piece.trimStart() : piece
    empty = false
  }
  lines.push(line.trimEnd())
  return lines
}

/** What may not begin a line, and what may not end one. */
const closing = /[，。；：、！？）》」』”…,.;:!?)\]]/
const opening = /[（《「『“([]/

/** Pieces between which a line may be broken: words with the space behind them, Chinese characters one by one. */
function piecesOf(text: string): readonly string[] {
  const pieces: string[] = []
  for (const [piece] of text.matchAll(/[\u2e80-\u9fff\uf900-\uffef]|[^\s\u2e80-\u9fff\uf900-\uffef]+\s*|\s+/gu)) {
    const before = pieces.at(-1)
    const stays = before !== undefined && (closing.test(piece.charAt(0)) || opening.test(before.at(-1) ?? ''))
    if (stays) pieces[pieces.length - 1] = before + piece
    else pieces.push(piece)
  }
  return pieces
}
