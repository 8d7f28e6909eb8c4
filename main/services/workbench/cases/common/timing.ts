import { type Bench, type Case, failed, notApplicable, type Outcome, passed } from '../../case.ts'
import { distributionOf } from '../../workbench-run.ts'
import { both, signingKey, trySigning } from './attempt.ts'
import { isRight, openTimed, usableKey } from './decryption.ts'

const kinds = ['pkcs11', 'skf'] as const

/** Milliseconds over which people think that nothing happens. */
const patience = 3_000

/** Uses that are noted at least. */
const enough = 20

/** How long things take. */
export const timingCases: readonly Case[] = [
  {
    id: 'C-TIM-001',
    group: 'timing',
    level: 'info',
    kinds,
    clause: 'BidSeal',
    text: {
      title: both('枚举耗时', 'Time to list'),
      purpose: both('统计枚举锁与证书的耗时。', 'How long it takes to list keys and certificates.'),
      why: both('每次插锁都要等这么久。', 'A bidder waits so long each time the key is plugged in.'),
      remedy: both('枚举时不读大文件，不等待设备休眠。', 'Read nothing large while listing.'),
    },
    needs: { token: true },
    async run(bench) {
      for (let count = 0; count < 5; count += 1) {
        const started = bench.now()
        await bench.driver.list()
        bench.timing('list', bench.now() - started)
      }
      return judged(bench, 'list', 'listing-slow')
    },
  },
  {
    id: 'C-TIM-002',
    group: 'timing',
    level: 'info',
    kinds,
    clause: 'BidSeal',
    text: {
      title: both('签名耗时', 'Time to sign'),
      purpose: both('统计签名耗时的分布。', 'The distribution of signing times.'),
      why: both('一份标书要签几十次。', 'A bid is signed dozens of times.'),
      remedy: both('保持设备会话，不在每次签名时重新连接。', 'Keep the connection between signatures.'),
    },
    needs: { pin: true, keys: 'sign' },
    async run(bench) {
      const session = await bench.session()
      const key = await signingKey(bench, session)
      if (key === null) return notApplicable('no-algorithm-offered')
      while (bench.timings('sign').length < enough && !bench.signal.aborted) await trySigning(bench, session, key)
      return judged(bench, 'sign', 'signing-slow')
    },
  },
  {
    id: 'C-TIM-003',
    group: 'timing',
    level: 'info',
    kinds,
    clause: 'BidSeal',
    text: {
      title: both('解密耗时', 'Time to decrypt'),
      purpose: both('统计解密耗时的分布。', 'The distribution of decryption times.'),
      why: both('开标时所有人都在等解密。', 'Everybody waits for the decryption at the opening.'),
      remedy: both('保持设备会话。', 'Keep the connection between decryptions.'),
    },
    needs: { pin: true, keys: 'decrypt' },
    async run(bench) {
      const found = await usableKey(bench)
      if (found === null) return notApplicable('no-such-key')
      const { session, key, envelopes } = found
      while (bench.timings('decrypt').length < enough && !bench.signal.aborted) {
        if (!isRight(await openTimed(bench, session, key, envelopes.easy), envelopes.easy)) break
      }
      return judged(bench, 'decrypt', 'decryption-slow')
    },
  },
  {
    id: 'C-TIM-004',
    group: 'timing',
    level: 'info',
    kinds,
    clause: 'BidSeal',
    text: {
      title: both('首次使用耗时', 'Time of the first use'),
      purpose: both(
        '在新进程中加载、登录并首次签名。',
        'Loads the library in a new process, logs in and signs for the first time.',
      ),
      why: both(
        '打开软件后的第一次签名最慢，常被误认为卡死。',
        'The first signature is the slowest and looks like a hang.',
      ),
      remedy: both('缩短加载与登录时间。', 'Load and log in faster.'),
    },
    needs: { pin: true, keys: 'sign' },
    async run(bench) {
      const started = bench.now()
      const session = await bench.login(bench.anotherDriver())
      bench.timing('login', bench.now() - started)
      const key = await signingKey(bench, session)
      if (key === null) return notApplicable('no-algorithm-offered')
      await trySigning(bench, session, key)
      bench.timing('first-use', bench.now() - started)
      return judged(bench, 'first-use', 'first-use-slow')
    },
  },
]

/** The verdict is by the median alone, so that two runs say the same. */
function judged(bench: Bench, name: string, code: string): Outcome {
  const times = distributionOf(name, bench.timings(name))
  if (times === null) return notApplicable('nothing-timed')
  const evidence = [
    { name: 'count', value: times.count },
    { name: 'medianMs', value: times.median },
    { name: 'p95Ms', value: times.p95 },
    { name: 'maxMs', value: times.max },
  ]
  return times.median > patience ? failed(code, evidence) : passed(evidence)
}
