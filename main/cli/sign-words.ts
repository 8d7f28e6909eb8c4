import { basename, dirname, relative, resolve } from 'node:path'
import type { Failure, FailureCode } from '../contract/failure.ts'
import type { RefusalReason, SignedFile } from '../services/index.ts'
import { failureText } from './failure-text/index.ts'
import type { Language, Words } from './language.ts'
import { moment, plain, size } from './wording.ts'
import { hanging } from './wrap.ts'

/** What came of one document, in lines of a terminal. `place` is its number among all, as `3/50`. */
export function signedLines(result: SignedFile, place: string, language: Language): readonly string[] {
  return hanging(`  ${place}  ${outcomes[result.outcome][language]}  `, said(result, language))
}

/** Why a document was not signed, in one sentence of the user's language. */
export function failureWords({ code, detail }: Failure, language: Language): string {
  const words = stampWords[code]?.[language] ?? failureText(code, language).message
  // What the sentence leaves open: the server's answer, a character without a glyph.
  const isOpen = stampWords[code] !== undefined || code === 'arguments.bad' || code === 'document.signature'
  return detail === undefined || !isOpen ? words : `${words} (${plain(detail)})`
}

function said(result: SignedFile, language: Language): string {
  const zh = language === 'zh'
  const file = plain(result.file)
  switch (result.outcome) {
    case 'signed': {
      const into = shortPath(result.signature ?? result.output, result.file)
      const stamp = result.timestamp
      const stamped = stamp === undefined ? '' : zh ? `，时间戳 ${moment(stamp)}` : `, time stamp ${moment(stamp)}`
      return `${file} → ${into}  ${size(result.size)}${stamped}`
    }
    case 'standing':
      return standingWords(file, shortPath(result.signature ?? result.output, result.file), zh)
    case 'refused':
      return zh ? `${file}：${refusals[result.why].zh}` : `${file}: ${refusals[result.why].en}`
    case 'failed':
      return zh
        ? `${file}：${failureWords(result.failure, language)}`
        : `${file}: ${failureWords(result.failure, language)}`
    case 'not-tried':
      return file
  }
}

function standingWords(file: string, output: string, zh: boolean): string {
  return zh
    ? `${file}：此前已用此证书签过，保留 ${output}`
    : `${file}: signed with this certificate before; ${output} stays as it is`
}

/** An output as a person standing here would name it: its name alone beside the document. */
function shortPath(output: string, file: string): string {
  if (dirname(output) === dirname(resolve(file))) return plain(basename(output))
  const fromHere = relative('.', output)
  return plain(fromHere.startsWith('..') ? output : fromHere)
}

const outcomes: Readonly<Record<SignedFile['outcome'], Words>> = {
  signed: { zh: '已签名', en: 'signed    ' },
  standing: { zh: '早已签', en: 'kept      ' },
  refused: { zh: '不能签', en: 'refused   ' },
  failed: { zh: '未签成', en: 'not signed' },
  'not-tried': { zh: '未处理', en: 'not tried ' },
}

const refusals: Readonly<Record<RefusalReason, Words>> = {
  encrypted: {
    zh: '文件已加密；请用不加密的原件，或解除密码后再签',
    en: 'it is encrypted; take the original without a password',
  },
  certified: {
    zh: '先前的签名人不允许再改动（认证签名）；请用未认证的文件，或改用不可见签名',
    en: 'an earlier signer has certified it and allows no such change',
  },
  xfa: { zh: '是 XFA 动态表单；请先打印为普通 PDF', en: 'it is an XFA form; print it to a plain PDF first' },
  'header-offset': {
    zh: '文件头之前有多余内容；请重新导出 PDF',
    en: 'bytes stand before its header; export the PDF again',
  },
  'page-tree': { zh: '页面结构损坏；请重新导出 PDF', en: 'its pages are broken; export the PDF again' },
  unreadable: { zh: '不能读取，或不是 PDF', en: 'it cannot be read, or is no PDF' },
  page: {
    zh: '没有这一页，或签章位置超出页面；骑缝章至少要两页',
    en: 'it has no such page, or the place lies outside of it; a seal across pages needs two',
  },
  taken: { zh: '签名结果的位置已有其他文件，未作改动', en: 'something else stands where the result should go' },
  unwritable: { zh: '目标文件夹不能写入', en: 'nothing can be written into the folder' },
}

/** Whoever signs documents asks no platform: these are the time-stamp server's. */
const stampWords: Readonly<Partial<Record<FailureCode, Words>>> = {
  'platform.unreachable': {
    zh: '连不上时间戳服务器，文件未签',
    en: 'the time-stamp server cannot be reached; nothing was written',
  },
  'platform.refused': {
    zh: '时间戳服务器没有给出可用的时间戳，文件未签',
    en: 'the time-stamp server gave no time stamp; nothing was written',
  },
}
