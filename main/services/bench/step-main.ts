import { join } from 'node:path'
import { createPipeline } from '../../../crypto/index.ts'
import type { StepRequest } from './steps.ts'
import { performStep } from './steps.ts'

// One step of a benchmark in a process of its own: `step.cjs '{"step": …}'` prints what came of it as JSON. Of a checkout
// only.

const pipeline = createPipeline({ program: join(__dirname, '..', 'pipeline-worker.cjs') })

void performStep(JSON.parse(process.argv[2] ?? '') as StepRequest, pipeline, {}).then(
  async facts => {
    await pipeline.close()
    process.stdout.write(`${JSON.stringify(facts)}\n`)
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : 'the step failed'}\n`)
    process.exitCode = 1
  },
)
