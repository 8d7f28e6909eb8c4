import { extname } from 'node:path'

/** Separators, what Windows forbids, control characters, and those that make a name read backwards. */
const unsafe = /[\p{Cc}\u202a-\u202e\u2066-\u2069/\\:*?"<>|]/gu
/** Names Windows keeps for devices, with or without an ending. */
const reserved = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i
/** Most file systems take 255 bytes; room is left for a number. */
const longest = 240

/**
 * Names under which a bid's documents are written: the bidder's own, made harmless for any file system, each once. A
 * name that needs no change gets none. Answers a function that remembers what it has given out.
 */
export function fileNames(): (name: string) => string {
  const given = new Set<string>()
  return name => {
    const safe = harmless(name)
    for (let number = 1; ; number++) {
      const candidate = number === 1 ? safe : numbered(safe, number)
      // Two names that differ only in case or composition are one file on some systems.
      const spelling = candidate.normalize('NFC').toLowerCase()
      if (given.has(spelling)) continue
      given.add(spelling)
      return candidate
    }
  }
}

function harmless(name: string): string {
  const replaced = name.replace(unsafe, '_').replace(/[. ]+$/, '_')
  const named = replaced === '' || /^\.+$/.test(replaced) || reserved.test(replaced) ? `_${replaced}` : replaced
  return Buffer.byteLength(named) <= 255 ? named : shortened(named)
}

function shortened(name: string): string {
  const ending = [...extname(name)].slice(0, 20).join('')
  const characters = [...name.slice(0, name.length - extname(name).length)]
  while (Buffer.byteLength(characters.join('') + ending) > longest) characters.pop()
  return characters.join('') + ending
}

function numbered(name: string, number: number): string {
  const ending = extname(name)
  return shortened(`${name.slice(0, name.length - ending.length)} (${number})${ending}`)
}
