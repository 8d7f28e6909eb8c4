import type { TokenSession } from '../../../../../crypto/index.ts'
import { type Bench, type Case, failed, type Outcome, passed } from '../../case.ts'
import { both, signingKey, trySigning } from './attempt.ts'

const kinds = ['pkcs11', 'skf'] as const

/** Two at a time, through the product's driver. */
export const concurrencyCases: readonly Case[] = [
  {
    id: 'C-CON-001',
    group: 'concurrency',
    level: 'must',
    kinds,
    clause: 'PKCS#11 v2.40 §2.4 · GM/T 0016-2012 §7.3',
    text: {
      title: both('同一进程两个会话', 'Two sessions in one process'),
      purpose: both(
        '两个会话交替签名，先关一个再用另一个。',
        'Two sessions sign in turns; one closes, the other goes on.',
      ),
      why: both(
        '签章与封标会同时用锁，一方结束不能让另一方掉线。',
        'Signing and sealing share the key; one must not log the other out.',
      ),
      remedy: both('关闭会话不影响其他会话的登录状态。', 'Closing a session leaves the others logged in.'),
    },
    needs: { pin: true, keys: 'sign' },
    async run(bench) {
      const [first, second] = [await bench.login(), await bench.login()]
      const fault = (await signs(bench, first)) ?? (await signs(bench, second)) ?? (await signs(bench, first))
      if (fault !== null) return fault
      await first.close()
      return (await signs(bench, second)) ?? passed()
    },
  },
  {
    id: 'C-CON-002',
    group: 'concurrency',
    level: 'should',
    kinds,
    clause: 'PKCS#11 v2.40 §2.6 · BidSeal',
    text: {
      title: both('两个进程同时使用', 'Two processes at the same time'),
      purpose: both(
        '另一进程登录并签名，同时本进程也签名。',
        'Another process logs in and signs while this one signs.',
      ),
      why: both('浏览器、CA 客户端与本软件常同时开着。', 'Browser, CA tool and this program are often open together.'),
      remedy: both('不独占设备；占用时排队等待。', 'Do not take the device for one process; queue.'),
    },
    needs: { pin: true, keys: 'sign' },
    async run(bench) {
      const here = await bench.login()
      const there = await bench.login(bench.anotherDriver())
      for (let round = 0; round < 3; round += 1) {
        const [one, other] = await Promise.all([signs(bench, here), signs(bench, there)])
        const fault = one ?? other
        if (fault !== null) return fault
      }
      return passed([{ name: 'rounds', value: 3 }])
    },
  },
]

async function signs(bench: Bench, session: TokenSession): Promise<Outcome | null> {
  const key = await signingKey(bench, session)
  if (key === null) return failed('no-algorithm-offered')
  const { signed, holds } = await trySigning(bench, session, key)
  if ('refusal' in signed) return failed('refused-beside-another', [{ name: 'detail', value: signed.refusal }])
  return holds ? null : failed('wrong-signature-beside-another')
}
