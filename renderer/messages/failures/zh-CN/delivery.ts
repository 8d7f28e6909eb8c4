import type { DeliveryCode, FailureText } from '../text.ts'

const notReceived = '封标文件仍在本机，完好；但没有回执，不能视为已递交。'
const keyKept = '密钥没有送出，投标文件保持密封。'
const untouched = '本机的封标文件和回执完好。'

/** Failures of delivery and opening. */
export const delivery: Readonly<Record<DeliveryCode, FailureText>> = {
  'opening.challenge': {
    what: '平台的解密请求没有通过核验。',
    safe: keyKept,
    next: '请先与平台联系并说明下面的代码，再试一次。',
  },
  'opening.early': { what: '开标尚未开始。', safe: keyKept, next: '请到开标时间后再试一次。' },
  'opening.record': {
    what: '开标记录没有通过核验，没有确认。',
    safe: '已递交的文件和回执是有效凭证，均已保存。',
    next: '请向招标人或其代理提出异议，并保留下面的代码。',
  },
  'opening.not-confirmed': { what: '您没有确认，操作已停下。', safe: keyKept, next: '请核对后，在开标期间再试一次。' },
  'platform.late': {
    what: '已过投标截止时间，平台拒收。',
    safe: '封标文件仍在本机，完好；但平台没有收到。',
    next: '请保存好封标文件，并与招标人或其代理联系。',
  },
  'platform.unsealed': {
    what: '平台只接收已封标的投标文件。',
    safe: '投标文件未受影响，没有发送任何内容。',
    next: '请先封标，再递交。',
  },
  'platform.refused': {
    what: '平台拒绝了请求。',
    safe: untouched,
    next: '请按平台给出的说明更正，再试一次。',
  },
  'platform.unreachable': {
    what: '无法连接平台。',
    safe: '本机文件完好；平台已确认收到的部分不会丢失。',
    next: '请检查平台地址和网络，再试一次，将从中断处继续。',
  },
  'platform.seal-known': {
    what: '平台已有同一封标编号的另一份文件。',
    safe: notReceived,
    next: '请修改投标文件、重新封标，再递交新文件。',
  },
  'platform.unknown': {
    what: '平台没有所请求的内容。',
    safe: untouched,
    next: '请核对平台地址与招标项目，再试一次。',
  },
  'platform.nonce': { what: '平台的一次性随机数已使用或已过期。', safe: untouched, next: '请再试一次。' },
  'platform.not-open': { what: '平台尚未开放此项操作。', safe: untouched, next: '请到开标时间后再试一次。' },
  'platform.closed': {
    what: '开标已经结束，平台不再接收。',
    safe: '已递交的文件和回执完好，是您的凭证。',
    next: '请与招标人或其代理联系，并保留下面的代码。',
  },
  'platform.receipt': {
    what: '平台的回执没有通过核验。',
    safe: notReceived,
    next: '请再试一次；若仍如此，请联系平台并保留下面的代码。',
  },
  'platform.awaiting': {
    what: '平台的答复需要人工取回，目前还没有。',
    safe: notReceived,
    next: '请在平台网页上传导出的文件，再导入平台给出的文件。',
  },
  'platform.proxy': {
    what: '代理服务器拒绝了连接，或需要用户名和密码。',
    safe: untouched,
    next: '请在设置中核对代理服务器，再试一次，将从中断处继续。',
  },
  'platform.certificate': {
    what: '无法确认对方就是该平台：它的网站证书不受信任，没有发送任何内容。',
    safe: untouched,
    next: '请核对平台地址，或请管理员在系统中安装单位内网的根证书。',
  },
  'platform.clock': {
    what: '平台给出的时间无法核实。',
    safe: untouched,
    next: '请稍后再试；截止时间以平台时间为准。',
  },
  'platform.queued': {
    what: '密钥已送到平台，正在排队，尚未收到回执。',
    safe: untouched,
    next: '请继续等待或再试一次，直到显示回执核验无误；不会重复解密。',
  },
  'opening.remedy': {
    what: '招标文件没有允许这种补救方式，或者已过解密时间。',
    safe: untouched,
    next: '请按招标文件规定的方式办理，并联系招标代理机构；过程已记录在存证中。',
  },
  'opening.other-run': {
    what: '这份备用明文或备份不是与所递交文件同一次封标产生的，没有使用。',
    safe: untouched,
    next: '请使用与已递交封标文件同一次封标产生的备用文件。',
  },
  'platform.storage': {
    what: '平台暂时无法保存投标文件。',
    safe: notReceived,
    next: '请稍后再试一次，将从中断处继续。',
  },
}
