import type { TokenSummary } from '../../../../../crypto/index.ts'
import { type Bench, type Case, failed, notApplicable, passed } from '../../case.ts'
import { both } from './attempt.ts'

const kinds = ['pkcs11', 'skf'] as const

/** What can be seen of a library before anybody logs in. */
export const discoveryCases: readonly Case[] = [
  {
    id: 'C-DIS-001',
    group: 'discovery',
    level: 'must',
    kinds,
    clause: 'PKCS#11 v2.40 §5.4 · GM/T 0016-2012 §7.1',
    text: {
      title: both('驱动库能加载', 'The library loads'),
      purpose: both(
        '在独立进程中加载驱动库并初始化。',
        'Loads the library in a process of its own and initialises it.',
      ),
      why: both('加载不了，投标人插上锁也没有任何反应。', 'A bidder who plugs the key in sees nothing at all.'),
      remedy: both(
        '提供与客户端位数一致的驱动，随驱动带齐依赖的库；初始化失败时返回规范的错误码。',
        'Ship a library of the client’s bitness with everything it depends on, and answer standard error codes.',
      ),
    },
    needs: {},
    scenarios: ['seal', 'trial-decryption', 'release', 'sign-pdf'],
    async run({ driver }) {
      const { description, manufacturer, version } = await driver.module()
      return passed([
        { name: 'description', value: description },
        { name: 'manufacturer', value: manufacturer },
        { name: 'version', value: version },
      ])
    },
  },
  {
    id: 'C-DIS-002',
    group: 'discovery',
    level: 'should',
    kinds,
    clause: 'PKCS#11 v2.40 §3.1 · GM/T 0016-2012 §6.4.2',
    text: {
      title: both('驱动信息完整', 'The library says who it is'),
      purpose: both('检查厂商名称与版本是否填写。', 'Looks whether manufacturer and version are filled in.'),
      why: both(
        '平台客服要凭厂商与版本判断问题出在哪一版驱动。',
        'Support needs vendor and version to tell which driver a bidder has.',
      ),
      remedy: both('填写 CK_INFO（或 DEVINFO）的厂商与版本。', 'Fill in CK_INFO (or DEVINFO).'),
    },
    needs: {},
    async run({ driver }) {
      const info = await driver.module()
      const evidence = [
        { name: 'manufacturer', value: info.manufacturer },
        { name: 'version', value: info.version },
      ]
      // SKF has no call that tells of the library itself; the driver says what the devices tell.
      const blank = (info.manufacturer + info.description).trim() === ''
      return blank ? failed('library-info-empty', evidence) : passed(evidence)
    },
  },
  {
    id: 'C-DIS-003',
    group: 'discovery',
    level: 'must',
    kinds,
    clause: 'PKCS#11 v2.40 §5.5 · GM/T 0016-2012 §7.1.3',
    text: {
      title: both('找到已插入的锁', 'The plugged-in key is found'),
      purpose: both('枚举锁，读取名称与序列号。', 'Lists the keys with label and serial number.'),
      why: both(
        '没有序列号就无法认出是不是封标时用的那把锁，解密时可能拿错锁。',
        'Without a serial number nobody can tell whether this is the key the bid was sealed with.',
      ),
      remedy: both(
        '插入后即可枚举；每把锁的序列号唯一且不变。',
        'List the key as soon as it is plugged in, with a serial number of its own that never changes.',
      ),
    },
    needs: {},
    scenarios: ['seal', 'trial-decryption', 'release', 'sign-pdf'],
    async run(bench) {
      const tokens = await timedList(bench)
      const [first] = tokens
      if (first === undefined) return failed('no-token-found')
      const nameless = tokens.filter(({ serial }) => serial.trim() === '')
      const evidence = [
        { name: 'tokens', value: tokens.length },
        { name: 'label', value: first.label },
        { name: 'model', value: first.model },
        { name: 'serial', value: first.serial },
      ]
      return nameless.length > 0 ? failed('serial-missing', evidence) : passed(evidence)
    },
  },
  {
    id: 'C-DIS-004',
    group: 'discovery',
    level: 'must',
    kinds,
    clause: 'PKCS#11 v2.40 §3.2 · GM/T 0016-2012 §6.4.2',
    text: {
      title: both('多把锁同时插入可区分', 'Several keys can be told apart'),
      purpose: both('检查每把锁的名称（URI）是否唯一。', 'Looks whether each key has a name (URI) of its own.'),
      why: both(
        '企业常同时插着公章锁和法人锁；分不清会用错锁封标。',
        'Companies plug in the company’s and the legal representative’s keys together; a bid must not be sealed with the wrong one.',
      ),
      remedy: both('序列号不得重复。', 'No two keys may have the same serial number.'),
    },
    needs: { token: true },
    async run({ driver }) {
      const uris = (await driver.list()).map(({ uri }) => uri)
      const evidence = [{ name: 'tokens', value: uris.length }]
      if (uris.length < 2) return notApplicable('one-token', evidence)
      return new Set(uris).size === uris.length ? passed(evidence) : failed('tokens-alike', evidence)
    },
  },
  {
    id: 'C-DIS-005',
    group: 'discovery',
    level: 'must',
    kinds,
    clause: 'BidSeal',
    text: {
      title: both('每次枚举结果一致', 'Every listing says the same'),
      purpose: both(
        '在同一进程与另一进程中各再枚举一次并比较。',
        'Lists again in this process and in another one, and compares.',
      ),
      why: both(
        '换个程序打开就换了名称的锁，封标后会被当成另一把锁。',
        'A key that changes its name with the program is taken for another key after sealing.',
      ),
      remedy: both(
        '序列号、名称与证书不随进程或插槽变化。',
        'Serial number, label and certificates must not depend on process or slot.',
      ),
    },
    needs: { token: true },
    scenarios: ['release'],
    async run(bench) {
      const first = await timedList(bench)
      const again = await timedList(bench)
      const other = await bench.anotherDriver().list()
      const evidence = [{ name: 'tokens', value: first.length }]
      if (look(first) !== look(again)) return failed('listing-changes', evidence)
      return look(first) === look(other) ? passed(evidence) : failed('listing-differs-by-process', evidence)
    },
  },
]

async function timedList(bench: Bench): Promise<readonly TokenSummary[]> {
  const started = bench.now()
  const tokens = await bench.driver.list()
  bench.timing('list', bench.now() - started)
  return tokens
}

/** Libraries list objects in any order. */
function look(tokens: readonly TokenSummary[]): string {
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
  return tokens
    .map(({ uri, certificates }) => JSON.stringify([uri, certificates.map(one => base64(one.certificate)).sort()]))
    .sort()
    .join()
}
