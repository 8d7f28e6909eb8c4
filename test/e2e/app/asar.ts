import { closeSync, openSync, readSync } from 'node:fs'

interface Entry {
  readonly files?: Readonly<Record<string, Entry>>
}

/** The paths of the files in an asar archive: its header is JSON behind four 32-bit numbers, the last of which is its length. */
export function filesInAsar(path: string): readonly string[] {
  const file = openSync(path, 'r')
  try {
    const sizes = Buffer.alloc(16)
    readSync(file, sizes, 0, 16, 0)
    const header = Buffer.alloc(sizes.readUInt32LE(12))
    readSync(file, header, 0, header.length, 16)
    return pathsIn(JSON.parse(header.toString('utf8')) as Entry, '')
  } finally {
    closeSync(file)
  }
}

function pathsIn({ files = {} }: Entry, folder: string): readonly string[] {
  return Object.entries(files).flatMap(([name, entry]) =>
    entry.files === undefined ? [`${folder}${name}`] : pathsIn(entry, `${folder}${name}/`),
  )
}
