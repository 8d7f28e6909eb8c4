import { CryptoFailure } from '../../../crypto/index.ts'
import type { JobControl, Pipeline } from '../../../crypto/index.ts'
import type { Contestant } from './measure.ts'
import { finished } from './programs.ts'
import type { StepFacts, StepRequest } from './steps.ts'
import { performStep } from './steps.ts'
import type { BenchPrograms } from './subject.ts'

/** Does steps, here or in another process, and remembers what was told beside the seconds. */
export interface StepRunner {
  /** Where it works, for a name. */
  contestant(name: string, request: StepRequest): Contestant
  facts(request: StepRequest, control: Pick<JobControl, 'signal'>): Promise<StepFacts | null>
  /** The most memory a process of its had held. */
  readonly peakMiB: number
}

/**
 * Each step in a new process of plain Node. `whole` counts the process from its start to its end, as that of other programs
 * is counted; else the seconds are those of the work alone.
 */
export function inProcesses({ node, step }: BenchPrograms, whole: boolean): StepRunner {
  return runner(async (request, control) => {
    const end = await finished({ command: node, args: [step, JSON.stringify(request)], signal: control.signal })
    if (end === null) return null
    const facts = JSON.parse(end.printed) as StepFacts
    return whole && facts.seconds !== null ? { ...facts, seconds: end.seconds } : facts
  })
}

/** Each step in this process. */
export function inThisProcess(pipeline: Pipeline): StepRunner {
  return runner((request, control) => performStep(request, pipeline, control))
}

function runner(
  perform: (request: StepRequest, control: Pick<JobControl, 'signal'>) => Promise<StepFacts | null>,
): StepRunner {
  let peakMiB = 0
  async function facts(request: StepRequest, control: Pick<JobControl, 'signal'>): Promise<StepFacts | null> {
    const found = await perform(request, control)
    peakMiB = Math.max(peakMiB, found?.peakMiB ?? 0)
    return found
  }
  return {
    facts,
    contestant: (name, request) => ({ name, run: async control => (await facts(request, control))?.seconds ?? null }),
    get peakMiB() {
      return peakMiB
    },
  }
}

/** One that must be there: ours. */
export function required(contestant: Contestant): Contestant {
  const { name } = contestant
  return {
    name,
    async run(control) {
      const seconds = await contestant.run(control)
      if (seconds === null && control.signal?.aborted !== true) {
        throw new CryptoFailure('internal', `${name} could not be measured`)
      }
      return seconds
    },
  }
}
