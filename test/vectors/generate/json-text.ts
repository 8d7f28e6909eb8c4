/** JSON for people: objects and lists of objects on lines of their own, everything else on one. */
export function jsonText(value: unknown): string {
  return `${write(value, '')}\n`
}

function write(value: unknown, indent: string): string {
  const short = JSON.stringify(value)
  if (typeof value !== 'object' || value === null || !holdsObjects(value)) return short
  const deeper = `${indent}  `
  if (Array.isArray(value)) {
    return `[\n${value.map(each => deeper + write(each, deeper)).join(',\n')}\n${indent}]`
  }
  const members = Object.entries(value).map(
    ([name, member]) => `${deeper}${JSON.stringify(name)}: ${write(member, deeper)}`,
  )
  return `{\n${members.join(',\n')}\n${indent}}`
}

/** Whether a value is worth several lines. */
function holdsObjects(value: object): boolean {
  if (!Array.isArray(value)) return true
  return value.some(
    each => typeof each === 'object' && each !== null && !Array.isArray(each) && !('repeat' in each || 'of' in each),
  )
}
