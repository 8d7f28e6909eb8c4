import type { Source, Violation } from './source.ts'

/** The top level is fixed: what belongs nowhere in it belongs into one of its folders. */
const topLevel = new Set([
  ...[
    'main',
    'renderer',
    'crypto',
    'build',
    'test',
    'package.json',
    'tsconfig.json',
    'electron-builder.yml',
    'README.md',
  ],
  // What the tools look for in this place and no other.
  ...['package-lock.json', '.gitignore', '.npmrc', '.ci', '.git'],
  // Installed or built; never committed.
  ...['node_modules', 'out', 'test-results'],
])

/** A dependency as package.json pins it. */
export interface Dependency {
  readonly name: string
  readonly version: string
}

/** What stands at the top level and may not. */
export function topLevelViolations(names: readonly string[]): readonly Violation[] {
  return names.filter(name => !topLevel.has(name)).map(file => ({ file, what: 'does not belong to the top level' }))
}

/** All dependencies of a package.json. */
export function dependenciesOf(manifest: string): readonly Dependency[] {
  const fields: Partial<Record<string, Record<string, string>>> = JSON.parse(manifest)
  return ['dependencies', 'optionalDependencies', 'devDependencies'].flatMap(field =>
    Object.entries(fields[field] ?? {}).map(([name, version]) => ({ name, version })),
  )
}

/** Dependencies that float, and those for which the README's table has no row with the version and a reason. */
export function dependencyViolations(dependencies: readonly Dependency[], readme: string): readonly Violation[] {
  const rows = readme
    .split('\n')
    .filter(line => line.startsWith('|'))
    .map(line => line.split('|').map(cell => cell.trim().replaceAll('`', '')))
  return dependencies.flatMap(({ name, version }) => {
    const exact = version.replace(/^npm:.*@/, '')
    if (!/^\d+\.\d+\.\d+$/.test(exact)) return [{ file: 'package.json', what: `${name} is not pinned: ${version}` }]
    const row = rows.find(cells => cells[1] === name)
    if (row === undefined) return [{ file: 'README.md', what: `gives no reason for ${name}` }]
    if (row[2] !== exact) return [{ file: 'README.md', what: `says ${row[2] ?? ''} of ${name}, which is ${exact}` }]
    return (row[3] ?? '').length > 3 ? [] : [{ file: 'README.md', what: `gives no reason for ${name}` }]
  })
}

/** Rows of the README's table for dependencies that are gone. */
export function staleRowViolations(dependencies: readonly Dependency[], readme: string): readonly Violation[] {
  const names = new Set(dependencies.map(({ name }) => name))
  const table = `\n${readme}`.split('\n## ').find(section => section.startsWith('Dependencies')) ?? ''
  return [...table.matchAll(/^\| `([^`]+)`/gm)]
    .map(([, name = '']) => name)
    .filter(name => !names.has(name))
    .map(name => ({ file: 'README.md', what: `lists ${name}, which is no dependency` }))
}

// Home folders and the places checkouts live in. Put together here so that this file does not hold what it looks for.
const machinePaths = new RegExp(
  [
    ...['root', 'work', 'home/[a-z_][a-z0-9_-]*', 'Users/[A-Za-z][\\w.-]*'].map(folder => `(?<![\\w.~}-])/${folder}/`),
    '[A-Z]:\\\\{1,2}Users\\\\',
  ].join('|'),
)

/** Paths that exist only on the machine somebody wrote them on. */
export function machinePathViolations({ file, text }: Source): readonly Violation[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      machinePaths.test(line) ? [{ file, what: `line ${index + 1}: a path of one machine` }] : [],
    )
}

/** A lock that names a host ties everybody to it. */
export function lockViolations(lock: string): readonly Violation[] {
  const hosts = [...lock.matchAll(/"resolved": "([^"]*)"/g)].map(([, address = '']) => address)
  return hosts.length > 0
    ? [{ file: 'package-lock.json', what: `names ${hosts[0] ?? ''} and ${hosts.length - 1} more` }]
    : []
}
