import { common } from './common.ts'
import { documents } from './documents.ts'
import { jobs } from './jobs.ts'
import { locks } from './locks.ts'
import { opening } from './opening.ts'
import { record } from './record.ts'
import { rehearsal } from './rehearsal.ts'
import { seal } from './seal.ts'
import { submit } from './submit.ts'
import { tender } from './tender.ts'

/** All texts of the page in this language, by area. */
export const chinese = {
  common,
  documents,
  jobs,
  locks,
  opening,
  record,
  rehearsal,
  seal,
  submit,
  tender,
} as const
