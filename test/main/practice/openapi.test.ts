import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { platformRoutes } from '../../../main/platform/index.ts'
import { practiceRoutes } from '../../../main/practice/server/admin-routes.ts'

const text = readFileSync(new URL('../../../main/practice/openapi.yaml', import.meta.url), 'utf8')

/** Method, path and operationId of every operation, from the layout the file keeps. */
function operations(): readonly string[] {
  const found: string[] = []
  let path = ''
  let method = ''
  for (const line of text.slice(text.indexOf('\npaths:'), text.indexOf('\ncomponents:')).split('\n')) {
    path = /^ {2}(\/\S+):$/.exec(line)?.[1] ?? path
    method = /^ {4}(get|head|post|patch|put|delete|options):$/.exec(line)?.[1] ?? method
    const name = /^ {6}operationId: (\w+)$/.exec(line)?.[1]
    if (name !== undefined) found.push(`${name} ${method.toUpperCase()} ${path}`)
  }
  return found
}

describe('openapi.yaml', () => {
  it('describes every request the platform serves, and no other', () => {
    const served = Object.entries({ ...platformRoutes, ...practiceRoutes }).map(
      ([name, route]) => `${name} ${route.method} ${route.path}`,
    )
    expect([...operations()].sort()).toEqual(served.sort())
  })

  it('refers only to what it defines', () => {
    const components = text.slice(text.indexOf('\ncomponents:'))
    for (const [, section = '', name = ''] of text.matchAll(/#\/components\/(\w+)\/(\w+)/g)) {
      const start = components.indexOf(`\n  ${section}:`)
      expect(start, section).toBeGreaterThan(0)
      expect(components.slice(start), `${section}/${name}`).toMatch(new RegExp(`\\n {4}${name}:`))
    }
  })
})
