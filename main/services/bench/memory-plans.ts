import type { MemoryWork } from './in-memory.ts'
import { opensslSm2, smCryptoGcm } from './peers.ts'
import type { Plan } from './plan.ts'
import type { StepRunner } from './runners.ts'
import type { BenchJob, BenchPrograms } from './subject.ts'

/** Times of one signature are too short to be told one by one. */
const sm2Count = { sign: 200, verify: 50, encrypt: 50, decrypt: 50 } as const

/** The leaf digests of the suite's tree beside the digest of the whole; of `sm3` and of suite gm beside node's SM3. */
export function digestPlan({ suite, sizeMiB }: BenchJob, runner: StepRunner): Plan {
  const work = memoryWork(runner, suite.id, sizeMiB)
  const raw: MemoryWork = suite.id === 'gm-1' ? 'node-sm3' : 'node-sha256'
  return {
    ours: work('leaf digests', 'leaf-digests'),
    references: [work('one running digest', 'running-digest'), work(`${raw.replace('node-', '')} of node:crypto`, raw)],
  }
}

/** SM4-GCM as a sealing calls it, beside node's SM4 in counter mode, which authenticates nothing. */
export function sm4Plan({ suite, sizeMiB }: BenchJob, runner: StepRunner, programs: BenchPrograms): Plan {
  const work = memoryWork(runner, suite.id, sizeMiB)
  return {
    ours: work('sm4-gcm', 'chunk-cipher'),
    references: [work('sm4-ctr of node:crypto', 'node-sm4-ctr'), smCryptoGcm(programs, sizeMiB)],
  }
}

/** A signature with SM2; the other operations, and OpenSSL's, stand beside it. */
export function sm2Plan(runner: StepRunner): Plan {
  const one = (operation: keyof typeof sm2Count) =>
    runner.contestant(operation, { step: 'sm2', operation, count: sm2Count[operation] })
  return {
    ours: one('sign'),
    references: [one('verify'), one('encrypt'), one('decrypt'), ...opensslSm2()],
  }
}

function memoryWork(runner: StepRunner, suite: string, sizeMiB: number) {
  return (name: string, work: MemoryWork) => runner.contestant(name, { step: 'memory', work, suite, sizeMiB })
}
