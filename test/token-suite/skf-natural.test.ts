import { skfSubject } from './skf.ts'
import { tokenSuite } from './suite.ts'

tokenSuite({ title: 'the soft SKF library, natural', changesPin: true, prepare: () => skfSubject('natural') })
