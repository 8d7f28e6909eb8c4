import { skfSubject } from './skf.ts'
import { tokenSuite } from './suite.ts'

tokenSuite({ title: 'the soft SKF library, packed', changesPin: true, prepare: () => skfSubject('packed') })
