import { CryptoFailure } from '../../../../../crypto/index.ts'
import { type Case, failed, passed, skipped } from '../../case.ts'
import { answerOf, both, signingKey, trySigning } from './attempt.ts'

const kinds = ['pkcs11', 'skf'] as const

/** The PIN, through the product's driver. */
export const pinCases: readonly Case[] = [
  {
    id: 'C-PIN-001',
    group: 'pin',
    level: 'should',
    kinds,
    clause: 'PKCS#11 v2.40 §3.2 (CK_TOKEN_INFO) · GM/T 0016-2012 §7.2.3',
    text: {
      title: both('剩余次数可查询', 'Tries left can be asked for'),
      purpose: both('登录前读取 PIN 状态。', 'Reads the state of the PIN before any login.'),
      why: both(
        '开标前误锁公章锁，标书就解不开；客户端要能在最后一次之前提醒。',
        'A key locked before the opening opens nothing; the client must be able to warn before the last try.',
      ),
      remedy: both(
        '置 COUNT_LOW/FINAL_TRY/LOCKED 标志；SKF 实现 SKF_GetPINInfo。',
        'Set the flags COUNT_LOW, FINAL_TRY, LOCKED; with SKF answer SKF_GetPINInfo.',
      ),
    },
    needs: { token: true },
    async run({ driver, token }) {
      const pin = (await driver.list()).find(({ uri }) => uri === token?.uri)?.pin ?? token?.pin
      const evidence = [
        { name: 'state', value: pin?.state ?? 'unknown' },
        ...(pin?.triesLeft === undefined ? [] : [{ name: 'triesLeft', value: pin.triesLeft }]),
      ]
      if (pin?.isDefault === true) return failed('pin-is-factory-default', evidence, { factoryPin: true })
      return pin?.state === 'unknown' ? failed('tries-not-told', evidence) : passed(evidence)
    },
  },
  {
    id: 'C-PIN-002',
    group: 'pin',
    level: 'must',
    kinds,
    clause: 'PKCS#11 v2.40 §5.6 (C_Login) · GM/T 0016-2012 §7.2.4',
    text: {
      title: both('正确 PIN 可登录', 'The right PIN logs in'),
      purpose: both('用给定的 PIN 登录一次。', 'Logs in once with the PIN that was given.'),
      why: both('登录不了，封标和解密都无从谈起。', 'Nothing is sealed or opened without a login.'),
      remedy: both(
        '接受 UTF-8 PIN；登录不弹出驱动自己的窗口。',
        'Take the PIN as UTF-8, without a window of the driver’s own.',
      ),
    },
    needs: { pin: true },
    scenarios: ['seal', 'trial-decryption', 'release', 'sign-pdf'],
    async run(bench) {
      const started = bench.now()
      const session = await bench.login()
      bench.timing('login', bench.now() - started)
      return passed([{ name: 'certificates', value: (await session.certificates()).length }])
    },
  },
  {
    id: 'C-PIN-003',
    group: 'pin',
    level: 'must',
    kinds,
    clause: 'PKCS#11 v2.40 §5.6 (C_Logout) · GM/T 0016-2012 §7.2.8',
    text: {
      title: both('退出后可再次登录并签名', 'Logs out, logs in again, and signs'),
      purpose: both('登录、退出、再登录，然后签名。', 'Logs in, out and in again, then signs.'),
      why: both(
        '一天内多次封标、递交，不能每次都要求拔插锁。',
        'A day has several sealings; none may need the key replugged.',
      ),
      remedy: both('退出只清除权限，不影响后续登录。', 'A logout takes rights away and nothing else.'),
    },
    needs: { pin: true, keys: 'sign' },
    async run(bench) {
      const first = await bench.login()
      await first.close()
      const session = await bench.login()
      const key = await signingKey(bench, session)
      if (key === null) return failed('no-algorithm-offered')
      const { signed, holds } = await trySigning(bench, session, key)
      if ('refusal' in signed) return failed('refused-after-second-login', [{ name: 'detail', value: signed.refusal }])
      return holds ? passed() : failed('wrong-signature')
    },
  },
  {
    id: 'C-PIN-004',
    group: 'pin',
    level: 'must',
    kinds,
    clause: 'PKCS#11 v2.40 §5.6 (C_Login) · GM/T 0016-2012 §7.2.4',
    text: {
      title: both('错误 PIN 被拒绝', 'A wrong PIN is refused'),
      purpose: both(
        '送一次错误 PIN，随后用正确 PIN 登录（仅在允许且剩余次数充足时）。',
        'Sends one wrong PIN, then the right one; only where allowed and enough tries are left.',
      ),
      why: both('错误 PIN 也能用的锁，等于没有保护。', 'A key that takes any PIN protects nothing.'),
      remedy: both('返回 CKR_PIN_INCORRECT（SKF：0x0A000024）。', 'Answer CKR_PIN_INCORRECT (SKF: 0x0A000024).'),
    },
    needs: { pinTests: true },
    async run(bench) {
      const { token } = bench
      if (token === null || token.pin.protectedPath) return skipped('pin-pad')
      // Proves the PIN, so that the try is given back.
      await bench.session()
      const refusal = await bench.pinTry()
      if (refusal !== null) return skipped(refusal)
      const wrong = bench.pin === 'wrong-000' ? 'wrong-001' : 'wrong-000'
      const code = await bench.driver.login(token.uri, wrong).then(
        async session => {
          await session.close()
          return null
        },
        (error: unknown) => {
          if (error instanceof CryptoFailure) return error.code
          throw error
        },
      )
      const after = (await bench.driver.list()).find(({ uri }) => uri === token.uri)?.pin
      await (await bench.login()).close()
      const evidence = [
        { name: 'answer', value: code ?? 'accepted' },
        { name: 'stateAfter', value: after?.state ?? 'unknown' },
      ]
      if (code === null) return failed('wrong-pin-accepted', evidence)
      if (code === 'token.driver-crashed' || code === 'token.driver-hung') return failed(code.slice(6), evidence)
      return code === 'token.pin-incorrect' ? passed(evidence) : failed('wrong-pin-answer', evidence)
    },
  },
  {
    id: 'C-PIN-005',
    group: 'pin',
    level: 'must',
    kinds,
    clause: 'PKCS#11 v2.40 §4.9 (CKA_ALWAYS_AUTHENTICATE) · BidSeal',
    text: {
      title: both('一次登录可连续签名', 'One login signs twice'),
      purpose: both(
        '登录一次，连续签名两次，均用软件验签。',
        'Signs twice after one login and verifies both in software.',
      ),
      why: both(
        '一份标书要签多份文件；每签一次都要输 PIN 会误锁。',
        'A bid signs many documents; a PIN for each soon locks the key.',
      ),
      remedy: both('登录在会话内持续有效。', 'A login lasts as long as its session.'),
    },
    needs: { pin: true, keys: 'sign' },
    scenarios: ['seal', 'sign-pdf'],
    async run(bench) {
      const session = await bench.session()
      const key = await signingKey(bench, session)
      if (key === null) return failed('no-algorithm-offered')
      for (const time of ['first', 'second']) {
        const { signed, holds } = await trySigning(bench, session, key)
        if ('refusal' in signed) return failed(`refused-${time}-time`, [{ name: 'detail', value: signed.refusal }])
        if (!holds) return failed('wrong-signature', [{ name: 'time', value: time }])
      }
      const wrongKey = await answerOf(() => session.sign('no such key', key.algorithm, bench.random.bytes(32)))
      return passed([{ name: 'foreignKey', value: 'refusal' in wrongKey ? 'refused' : 'answered' }])
    },
  },
]
