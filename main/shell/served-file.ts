import { extname, isAbsolute, join, relative, sep } from 'node:path'

/** The kinds of files a page consists of. Others are not served. */
const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
}

/** A file that may be served. */
export interface ServedFile {
  readonly path: string
  readonly mediaType: string
}

/**
 * The file that the path of an `app:` address means, or null when it means none inside `folder`.
 * SECURITY: S18, names are of plain characters only, and judged against the folder that is served.
 */
export function servedFile(folder: string, pathname: string): ServedFile | null {
  const name = decoded(pathname)
  if (name === null || !/^(\/[A-Za-z0-9_.-]+)+$/.test(name)) return null
  const path = join(folder, name)
  const inside = relative(folder, path)
  if (inside === '' || isAbsolute(inside) || inside.split(sep).includes('..')) return null
  const mediaType = mediaTypes[extname(path).toLowerCase()]
  return mediaType === undefined ? null : { path, mediaType }
}

function decoded(pathname: string): string | null {
  try {
    return decodeURIComponent(pathname)
  } catch {
    return null
  }
}
