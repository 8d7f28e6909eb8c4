import type { BidCode, FailureText } from '../text.ts'

const untouched = '投标文件未受影响。'
const reopen = '请重新打开标封；若仍出现，请复制下面的代码反馈。'
const nothingLeft = '没有留下残缺文件，投标文件未受影响。'

/** Failures of the tender, the bid and this computer. */
export const bid: Readonly<Record<BidCode, FailureText>> = {
  'tender.invalid': {
    what: '这不是可用的招标文件包。',
    safe: '没有导入任何内容，已有的项目和投标文件未受影响。',
    next: '请从交易平台重新下载招标文件包，再导入。',
  },
  'tender.addendum-newer': {
    what: '招标文件已有更新（澄清、补遗），投标文件没有递交。',
    safe: '封标文件仍在本机，完好；平台没有收到。',
    next: '请阅读补遗，导入新的招标文件包，重新编制、封标。',
  },
  'bid.invalid': {
    what: '投标文件夹不能使用。',
    safe: '文件夹没有改动；其中的文件仍在。',
    next: '请重新编制，或恢复投标文件夹的备份。',
  },
  'bid.incomplete': {
    what: '投标文件不完整，没有封标。',
    safe: '编制中的投标文件完好。',
    next: '请按“必改”各项补齐后再封标。',
  },
  'bid.not-delivered': {
    what: '没有这份投标文件的递交记录。',
    safe: '封标文件未受影响，但平台没有收到。',
    next: '请先递交，并取得回执。',
  },
  'bid.before-opening': {
    what: '投标文件已递交，开标时间未到，不能打开。',
    safe: '已递交的文件完好，保持密封。',
    next: '请等到开标时间。',
  },
  'bid.busy': {
    what: '本机的另一个窗口或命令正在处理这份投标文件。',
    safe: '没有任何改动，对方的操作不受影响。',
    next: '请等它结束后重试。',
  },
  'evidence.broken': {
    what: '存证包核验不通过：其中的内容与签名或摘要不符。',
    safe: '封标文件和回执未受影响。',
    next: '请使用原始的存证包，或重新导出。',
  },
  'journal.damaged': {
    what: '本机的操作日志被改动或损坏，不再写入。',
    safe: '封标文件和回执未受影响。',
    next: '请保持现状，不要删除文件，并联系技术支持。',
  },
  'input.unreadable': { what: '文件无法读取。', safe: untouched, next: '请检查文件是否存在、是否有权读取，再试一次。' },
  'input.changed': {
    what: '文件在读取过程中发生了变化，操作没有完成。',
    safe: nothingLeft,
    next: '请关闭正在写该文件的程序，再试一次。',
  },
  'output.exists': { what: '目标位置已有内容，没有改动。', safe: untouched, next: '请移走原有内容，再试一次。' },
  'output.disk-full': { what: '磁盘空间不足，操作没有完成。', safe: nothingLeft, next: '请清理磁盘空间，再试一次。' },
  'output.unwritable': { what: '目标位置无法写入。', safe: untouched, next: '请检查磁盘和权限，再试一次。' },
  'arguments.bad': { what: '填写的内容不能使用。', safe: untouched, next: '请检查填写的内容，再试一次。' },
  'bridge.sender': { what: '请求不是来自标封自己的页面，已拒绝。', safe: untouched, next: reopen },
  'bridge.arguments': { what: '页面的请求不合约定，已拒绝。', safe: untouched, next: reopen },
  cancelled: { what: '已停止。', safe: nothingLeft, next: '需要时再试一次即可。' },
  internal: {
    what: '程序自身出错。',
    safe: '已封标、已递交的文件未受影响。',
    next: '请再试一次；若仍出错，请复制下面的代码反馈。',
  },
}
