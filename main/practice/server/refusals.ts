import { CryptoFailure } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { FailureCode } from '../../contract/failure.ts'

/** How a failure leaves the platform: the code and fact for programs, the words for people. */
export interface Refusal {
  readonly status: number
  readonly code: FailureCode
  readonly detail: string
  readonly says: string
}

/** Any error as a refusal. What isn't for the client's eyes becomes `internal` without a detail. */
export function refusalFor(error: unknown): Refusal {
  const { code, detail } = factOf(error)
  const [status, says] = words(code)
  return { status, code, detail, says }
}

function factOf(error: unknown): { readonly code: FailureCode; readonly detail: string } {
  if (error instanceof AppFailure || error instanceof CryptoFailure) {
    const { code } = error
    const detail = error instanceof AppFailure ? (error.failure.detail ?? '') : error.detail
    if (code === 'output.disk-full') return { code: 'platform.storage', detail: 'no space left' }
    // A failure of the platform's own files or keys is no fact about the request.
    if (/^(input|output|token|journal)\./.test(code)) return { code: 'internal', detail: '' }
    return { code, detail }
  }
  return { code: 'internal', detail: '' }
}

function words(code: FailureCode): readonly [status: number, says: string] {
  const exact = sayings[code]
  if (exact !== undefined) return exact
  if (code.startsWith('seal.')) return [422, '投标文件校验未通过,不予接收']
  if (code.startsWith('cert.')) return [403, '数字证书校验未通过']
  if (code.startsWith('opening.')) return [409, '开标环节不接受此请求']
  if (code.startsWith('document.')) return [400, '签名文书校验未通过']
  return [500, '平台内部错误,请稍后重试']
}

const sayings: Readonly<Partial<Record<FailureCode, readonly [number, string]>>> = {
  'arguments.bad': [400, '请求格式不正确'],
  'platform.late': [403, '已过投标截止时间,平台拒收(电子招标投标办法第二十七条)'],
  'platform.unsealed': [415, '未按规定加密的投标文件,平台拒收(电子招标投标办法第二十六条)'],
  'platform.refused': [409, '平台不接受此请求'],
  'platform.seal-known': [409, '该密封编号已递交过'],
  'platform.unknown': [404, '没有这个项目或文件'],
  'platform.nonce': [403, '随机数无效或已使用,请重新获取'],
  'platform.not-open': [409, '尚未到开标时间'],
  'platform.closed': [410, '解密已截止,本次请求已记录,不再解密'],
  'platform.storage': [507, '平台存储空间不足'],
  'platform.awaiting': [409, '平台正在等待其他材料'],
  'platform.queued': [409, '请求正在排队,请稍后再试'],
  'opening.remedy': [409, '招标文件没有规定此项补救措施,或不在补救时限内'],
  'opening.other-run': [422, '备用明文不是本投标文件的,不予接收'],
  'seal.foreign-tender': [422, '投标文件不是为本平台的这个项目密封的'],
  'seal.too-large': [413, '投标文件超过招标文件规定的大小'],
  'seal.root': [422, '收到的数据与密封时不一致,请重新上传'],
  'tender.addendum-newer': [409, '招标文件已有澄清或修改,请按最新文件重新密封'],
  'tender.invalid': [422, '招标文件包校验未通过'],
}
