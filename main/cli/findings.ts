import type { Finding, FindingCode } from '../services/index.ts'
import type { Words } from './language.ts'
import type { Terminal } from './terminal.ts'
import { plain } from './wording.ts'

/** Prints what the check of a bid found, fatal ones first. */
export function sayFindings(terminal: Terminal, findings: readonly Finding[]): void {
  for (const level of ['fatal', 'advice'] as const) {
    for (const finding of findings.filter(each => each.level === level)) {
      terminal.say(
        `  ${terminal.words(levels[level])}  ${terminal.words(texts[finding.code])}  ${plain(finding.about)}`,
      )
    }
  }
}

const levels: Readonly<Record<Finding['level'], Words>> = {
  fatal: { zh: '必改', en: 'fatal ' },
  advice: { zh: '建议', en: 'advice' },
}

const texts: Readonly<Record<FindingCode, Words>> = {
  'document-missing': { zh: '缺少必须的文件', en: 'a required document is missing' },
  'document-gone': { zh: '文件不在文件夹中', en: 'the file is not in the folder' },
  'document-unknown': { zh: '招标文件没有这一项', en: 'the tender has no such place' },
  'document-sealed': { zh: '文件本身是封标文件', en: 'the file is itself a sealed bid' },
  'document-too-large': { zh: '文件超过大小上限', en: 'the file is larger than allowed' },
  'bid-too-large': { zh: '投标文件超过大小上限', en: 'the bid is larger than allowed' },
  'form-unknown': { zh: '招标文件没有这张表', en: 'the tender has no such form' },
  'field-missing': { zh: '表单项没有填写', en: 'a form field is not filled in' },
  'field-unknown': { zh: '表中没有这一项', en: 'the form has no such field' },
  'document-empty': { zh: '文件是空的', en: 'the file is empty' },
  'optional-missing': { zh: '可选文件未提供', en: 'an optional document is not there' },
  'file-unlisted': { zh: '文件夹中的文件未列入投标文件', en: 'a file in the folder is not part of the bid' },
}
