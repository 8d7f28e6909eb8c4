import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { practiceCa, testKey } from '../../fixtures/practice-ca.ts'
import { makeSoftPkcs11, type SoftPkcs11, type SoftPkcs11Fault } from '../../fixtures/soft-pkcs11.ts'

const probe = fileURLToPath(new URL('probe.cjs', import.meta.url))
const operations = ['list', 'login', 'sign', 'decrypt', 'derive', 'certificate', 'random'] as const
type Operation = (typeof operations)[number]
let p11: SoftPkcs11

beforeAll(() => {
  p11 = makeSoftPkcs11()
  const { sign, decrypt } = practiceCa().bidder
  const ec = testKey('fault', 'P-256')
  p11.addLock({
    token: 'KEY',
    keys: [
      { id: '01', label: 'rsa', use: 'sign', privateKey: sign.privateKey, certificate: sign.certificate },
      { id: '02', label: 'rsa', use: 'decrypt', privateKey: decrypt.privateKey },
      { id: '03', label: 'ec', use: 'decrypt', privateKey: ec },
    ],
  })
})

afterEach(() => {
  try {
    p11.plugIn('KEY')
  } catch {
    // It was never out.
  }
})

afterAll(() => p11.remove())

interface Run {
  readonly signal: string | null
  readonly ms: number
  /** The answers with the fault and after it; null when there were none. */
  readonly answers: readonly unknown[] | null
}

/** Does the operation twice in a process of its own, at first with the fault; ends it when it hangs. */
function run(operation: Operation, fault: SoftPkcs11Fault | '', hangMs = 10_000): Promise<Run> {
  const child = spawn(process.execPath, [probe, p11.modulePath, operation, fault], {
    env: { ...process.env, ...p11.environment },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return new Promise((resolve, reject) => {
    let [text, began] = ['', 0]
    let timer: NodeJS.Timeout | null = null
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      if (timer !== null || !text.includes('before')) return
      began = performance.now()
      timer = setTimeout(() => child.kill('SIGKILL'), hangMs)
    })
    child.once('error', reject)
    child.once('close', (_, signal) => {
      if (timer !== null) clearTimeout(timer)
      const [, line] = text.split('\n')
      const answers: unknown = line === undefined || line === '' ? null : JSON.parse(line)
      resolve({ signal, ms: performance.now() - began, answers: Array.isArray(answers) ? answers : null })
    })
  })
}

test('a login without a fault is one', async () => {
  expect((await run('login', '')).answers).toEqual([null, 'CKR_USER_ALREADY_LOGGED_IN'])
})

test.each(operations)('%s:crash ends the process by a segmentation fault', async operation => {
  const { signal, answers } = await run(operation, `${operation}:crash`)
  expect([signal, answers]).toEqual(['SIGSEGV', null])
})

test.each(['list', 'login', 'sign'] as const)('%s:hang never comes back', async operation => {
  const { signal, answers } = await run(operation, `${operation}:hang`, 200)
  expect([signal, answers]).toEqual(['SIGKILL', null])
})

test.each(operations)('%s:remove pulls the token out for good', async operation => {
  const { answers } = await run(operation, `${operation}:remove`)
  expect(answers).toEqual(operation === 'list' ? [[], []] : ['CKR_DEVICE_REMOVED', 'CKR_DEVICE_REMOVED'])
})

test('sign:slow takes a second and a half and is right', async () => {
  const { ms, answers } = await run('sign', 'sign:slow')
  expect(ms).toBeGreaterThan(1400)
  expect(answers?.[0]).toMatch(/^[0-9a-f]{512}$/)
  expect(answers?.[1]).toEqual(answers?.[0])
})

test.each(['sign', 'decrypt', 'derive', 'certificate', 'random'] as const)(
  '%s:garbage answers other bytes',
  async operation => {
    const { answers } = await run(operation, `${operation}:garbage`)
    expect(answers?.[0]).toHaveLength(String(answers?.[1]).length)
    expect(answers?.[0]).not.toEqual(answers?.[1])
  },
)

test('list:garbage fills the token’s description with it', async () => {
  const { answers } = await run('list', 'list:garbage')
  expect(JSON.stringify(answers?.[0])).not.toContain('KEY')
  expect(JSON.stringify(answers?.[1])).toContain('KEY')
})

test.each(['sign', 'decrypt'] as const)('%s:long answers a length that no buffer has', async operation => {
  // The binding cuts its buffer to what there is.
  const { answers } = await run(operation, `${operation}:long`)
  expect(answers?.[0]).toBe('00'.repeat(256))
})

test.each(['certificate', 'derive'] as const)('%s:long answers a length that the binding refuses', async operation => {
  const { answers } = await run(operation, `${operation}:long`)
  expect(answers?.[0]).toMatch(/larger than/)
  expect(answers?.[1]).toMatch(/^[0-9a-f]+$/)
})

test('list:long answers a count that the binding dies of, as it believes what a library says', async () => {
  const { signal, answers } = await run('list', 'list:long')
  expect([signal, answers]).toEqual(['SIGABRT', null])
})
