import type { FailureText, LockCode } from '../text.ts'

const untouched = '投标文件未受影响。'

/** Failures of locks and certificates. */
export const locks: Readonly<Record<LockCode, FailureText>> = {
  'token.absent': { what: '没有找到这把 CA 锁。', safe: untouched, next: '请插好锁，再试一次。' },
  'token.removed': {
    what: 'CA 锁在操作中被拔出，操作没有完成。',
    safe: '没有留下残缺文件，投标文件未受影响。',
    next: '请重新插好锁，再试一次。',
  },
  'token.pin-required': { what: '没有输入 PIN 码，操作没有进行。', safe: untouched, next: '请再试一次并输入 PIN 码。' },
  'token.pin-incorrect': {
    what: 'PIN 码不正确。',
    safe: untouched,
    next: '请先核对剩余次数，再试一次并仔细输入。',
  },
  'token.pin-form': {
    what: 'PIN 码的长度或格式不符合这把锁的要求。',
    safe: untouched,
    next: '没有消耗次数，请按这把锁设定的 PIN 码重新输入。',
  },
  'token.pin-locked': {
    what: 'PIN 码输错次数过多，CA 锁已锁死。',
    safe: '已封标、已递交的文件不受影响；解锁后或用副锁仍可打开。',
    next: '请联系发锁的 CA 机构解锁，或换用副锁。',
  },
  'token.pin-last-try': {
    what: 'PIN 码只剩最后一次机会，没有发送。',
    safe: '锁没有被锁死，投标文件未受影响。',
    next: '请先核实 PIN 码；确有把握时，再次操作并勾选确认。',
  },
  'token.driver-unavailable': {
    what: 'CA 锁驱动无法加载。',
    safe: untouched,
    next: '请安装适用于本系统的驱动，再重新添加驱动文件。',
  },
  'token.driver-bitness': {
    what: 'CA 锁驱动是为另一种处理器或位数编译的，本程序不能加载。',
    safe: untouched,
    next: '请向 CA 机构索取与本机一致的（通常为 64 位）驱动，再添加。',
  },
  'token.driver-crashed': {
    what: 'CA 锁驱动崩溃，已自动隔离并重新启动。',
    safe: '没有数据丢失，投标文件未受影响。',
    next: '请再试一次；若再次崩溃，请更新驱动。',
  },
  'token.driver-hung': {
    what: 'CA 锁驱动没有响应，已被结束。',
    safe: '没有数据丢失，投标文件未受影响。',
    next: '请拔下锁重新插好，再试一次。',
  },
  'token.wrong-lock': {
    what: '这不是所需要的 CA 锁。',
    safe: untouched,
    next: '请对照封标结果中的锁名称，换用那一把锁。',
  },
  'token.unsupported': {
    what: '这把 CA 锁不支持所需的操作。',
    safe: untouched,
    next: '请换用另一把锁，或向 CA 机构更换符合标准的锁。',
  },
  'token.deviation': {
    what: '这把锁的驱动没有通过首次使用的自检，未用它做任何事。',
    safe: untouched,
    next: '请换用另一把锁，或把自检指出的偏差告知 CA 机构。',
  },
  'token.not-blank': {
    what: '驱动下没有可供演练的空白锁，现有的锁没有改动。',
    safe: untouched,
    next: '请准备一把演练用的空白锁，或用软锁演练。',
  },
  'cert.expired': {
    what: '证书在需要的时间不在有效期内。',
    safe: untouched,
    next: '请换用有效期覆盖开标时间的锁。',
  },
  'cert.untrusted': {
    what: '证书不能追溯到受信任的 CA 机构。',
    safe: untouched,
    next: '请换用招标文件接受的 CA 机构所发的锁，或核对招标文件包的来源。',
  },
  'cert.revoked': {
    what: '证书在需要的时间已被 CA 机构吊销。',
    safe: untouched,
    next: '请换用有效的锁，或联系发证的 CA 机构。',
  },
  'cert.unsupported': {
    what: '证书或其密钥的类型不受支持。',
    safe: untouched,
    next: '请换用招标文件所允许算法的锁：RSA 2048 位以上、P-256、P-384；国密算法为 SM2。',
  },
  'data.malformed': {
    what: '这不是可用的数据更新文件，现有数据没有改动。',
    safe: untouched,
    next: '请重新获取厂商档案或信任列表的更新文件。',
  },
  'data.signature': {
    what: '数据更新文件的签名无效，没有采用。',
    safe: untouched,
    next: '请勿使用该文件，从发布处重新获取。',
  },
  'data.downgrade': {
    what: '数据更新文件不比现有的新，没有采用。',
    safe: untouched,
    next: '无需处理；如需更新，请获取更新的版本。',
  },
}
