import { type Case, groups } from '../case.ts'
import { commonCases } from './common/index.ts'

/** Every case there is, in the order in which they run: by group, and in a group by where they stand here. */
export function caseTable(): readonly Case[] {
  const all = [...commonCases]
  return groups.flatMap(group => all.filter(each => each.group === group))
}
