import type { Conclusion, Meaning, Phase, RuleId } from './judgement.ts'
import type { Side } from './side.ts'

// The summary is Chinese, whatever the language of the program: it is shown to people who run and review openings.

export const acts: Readonly<Record<string, string>> = {
  begin: '递交文件头',
  part: '上传分段',
  complete: '请求回执',
  withdraw: '撤回投标文件',
  'sign-in': '签到',
  challenge: '领取解密指令',
  release: '提交解密密钥',
  'begin-twin': '申请提交备用明文',
  'complete-twin': '提交备用明文',
  confirm: '确认开标记录',
  object: '对开标记录提出异议',
  lock: '使用锁',
  'open-envelopes': '用锁取出密钥',
  'check-stored': '核对平台存储的文件头',
  'check-challenge': '核验解密指令',
  'check-release-receipt': '核验密钥回执',
  'check-record': '核验开标记录',
  'prove-twin': '核对备用明文',
  time: '读取平台时间',
  tenders: '读取项目列表',
  'tender-package': '下载招标文件包',
  notices: '读取公告',
  nonce: '领取一次性随机数',
  opening: '读取开标状态',
  events: '接收开标消息',
  record: '读取开标记录',
  digests: '读取封标摘要清单',
  header: '读取文件头',
}

export const sideWords: Readonly<Record<Side, string>> = {
  bidder: '投标人',
  platform: '平台',
  network: '网络',
  nobody: '—',
}

const meanings: Readonly<Record<Exclude<Meaning, 'deemed-withdrawn'>, string>> = {
  'deemed-revoked': '如未解密，属视为撤销的情形',
  nothing: '无影响',
  open: '日志不足以判断',
}

/** What an attempt means for a bid that was not delivered, or not opened, because of it. */
export function meaningWords(meaning: Meaning, phase: Phase): string {
  if (meaning !== 'deemed-withdrawn') return meanings[meaning]
  return phase === 'submission' ? '如未递交，属视为撤回的情形' : '如未解密，属视为撤回的情形'
}

export const ruleWords: Readonly<Record<RuleId, string>> = {
  done: '成功',
  stopped: '由操作人停止',
  unanswered: '没有记到答复（程序中断，或日志到此为止）',
  queued: '平台告知排队等候',
  'reading-refused': '平台不提供或不允许这项查询，与递交和解密无关',
  'sign-in-first': '尚未签到，平台要求先签到',
  'too-early': '尚未到开标时间',
  'window-too-short': '解密时间结束时仍在平台队列中等候',
  'late-after-hindrance': '在时间内尝试过，因平台或网络未成；此后超过时间',
  late: '超过解密时间，此前日志中没有平台或网络的原因',
  'other-run': '备用明文不是同次生成，或招标文件不允许该补救方式',
  'not-confirmed': '操作人没有确认',
  'damaged-after-receipt': '回执之后平台所存文件未通过第 1–7 项检查',
  'does-not-open': '密钥或内容未通过第 8–11 项检查',
  lock: '锁、PIN 或驱动的原因',
  certificate: '投标人证书的原因',
  'broken-answer': '平台的答复未通过核验',
  'refused-in-window': '在解密时间内被平台拒绝',
  outage: '平台不可达或网络中断',
  refused: '被平台拒绝',
  'own-computer': '投标人电脑或操作的原因',
  unclear: '原因不明',
  'deadline-after-hindrance': '截止前尝试过，因平台或网络未成；此后截止',
  deadline: '截止时仍未传输完成，此前日志中没有平台或网络的原因',
  'to-be-repeated': '截止前的失败，可再次尝试',
}

export const conclusionWords: Readonly<Record<Conclusion['outcome'], string>> = {
  opened: '按开标记录，该投标文件已解密；日志中如有失败的尝试，没有影响结果。',
  delivered: '平台已出具回执，包内没有该投标文件的开标记录。',
  'not-delivered': '包内没有平台回执，日志中也没有截止后被拒收的记录。',
  replaced: '平台已出具回执：该投标文件被同一投标人后来的投标文件替换。',
  withdrawn: '投标人在截止前撤回了该投标文件，平台已出具回执。',
  'deemed-revoked':
    '按本日志，该投标文件未解密的原因在投标人一侧，属《电子招标投标办法》第三十一条“视为撤销其投标文件”的情形。',
  'deemed-withdrawn':
    '按本日志，该投标文件未完成传输，或未解密的原因在投标人之外，属《电子招标投标办法》第二十七条、第三十一条“视为撤回其投标文件”的情形。',
  open: '按本日志，两侧的原因都有，或日志不足以判断（如在另一台电脑上开标），应结合平台记录认定。',
}

/** What stands under every summary. */
export const caution = [
  '本摘要由投标人的电脑按其日志自动生成，只陈述日志所记，不是法律意见，也不代替平台、监督部门或法院的认定。',
  '日志的时间：平台时间取自平台此前的答复并按本机单调时钟推算；没有时为本机时钟，只是声明。',
  '证书只按签名时的有效期与证书链核验，未核验吊销状态；手头的吊销列表与 OCSP 答复在 revocation/ 中。',
  '平台的回执、解密指令、开标记录等由平台签名，可独立核验；日志由投标人的锁在关键时刻签名，其余为投标人的自述。',
]
