import type { BoqFinding, BoqFindingCode, DocumentProblem, PaperFormat, ProblemCode } from '../services/index.ts'
import type { Language, Words } from './language.ts'
import { plain } from './wording.ts'

/** What is to be told of a document, in a line without indent. */
export function problemLine({ code, level, detail }: DocumentProblem, language: Language): string {
  const mark = level === 'fatal' ? { zh: '不能使用', en: 'not taken' } : { zh: '提示', en: 'note' }
  const more = detail === undefined ? '' : ` (${plain(detail)})`
  return `${mark[language]}  ${problems[code][language]}${more}`
}

/** A finding about a priced list, in a line without indent. */
export function boqLine(finding: BoqFinding, language: Language): string {
  const { code, level, sheet, row, column = '', about, expected, found } = finding
  const zh = language === 'zh'
  const mark = level === 'fatal' ? (zh ? '必改' : 'fatal ') : zh ? '建议' : 'advice'
  const cell = row === null ? '' : `${column}${row}`
  const place = [sheet, cell].filter(part => part !== '').join('!')
  const values = [
    ...(expected === undefined ? [] : [`${zh ? '应为' : 'expected'} ${plain(expected)}`]),
    ...(found === undefined ? [] : [`${zh ? '现为' : 'is'} ${plain(found)}`]),
  ]
  const more = values.length === 0 ? '' : zh ? `：${values.join('，')}` : `: ${values.join(', ')}`
  return `${mark}  ${plain(place)}${place === '' ? '' : '  '}${boqTexts[code][language]}${more}  ${plain(about)}`
}

/** A form of papers that is not read, in words. */
export const paperFormats: Readonly<Record<PaperFormat, Words>> = {
  pdf: { zh: 'PDF', en: 'PDF' },
  ofd: { zh: 'OFD 文件', en: 'an OFD document' },
  xml: { zh: 'XML 文件', en: 'an XML document' },
  zip: { zh: 'ZIP 文件', en: 'a ZIP file' },
  picture: { zh: '图片', en: 'a picture' },
  unknown: { zh: '未知格式的文件', en: 'a file of an unknown form' },
}

const problems: Readonly<Record<ProblemCode, Words>> = {
  'not-read': { zh: 'PDF 已损坏，无法读取', en: 'the PDF is broken and cannot be read' },
  encrypted: { zh: 'PDF 已加密；请先去除密码', en: 'the PDF is encrypted; take the password off first' },
  'no-pages': { zh: 'PDF 没有页面', en: 'the PDF has no pages' },
  'too-large': { zh: 'PDF 过大', en: 'the PDF is too large' },
  xfa: {
    zh: '动态表单（XFA），显示内容因软件而异；请另存为普通 PDF',
    en: 'a dynamic form (XFA) that looks different in each program; save it as a plain PDF',
  },
  signed: {
    zh: '已签名；并入后签名失效（确需并入请加 --take-signed）',
    en: 'it is signed; in a volume its signatures are lost (--take-signed takes it all the same)',
  },
  'picture-unknown': { zh: '不是 PDF、PNG 或 JPEG', en: 'neither PDF, PNG nor JPEG' },
  'picture-broken': { zh: '图片已损坏', en: 'the picture is damaged' },
  'picture-unsupported': { zh: '不支持的图片类型', en: 'a kind of picture that is not supported' },
  'picture-too-large': { zh: '图片过大', en: 'the picture is too large' },
  scripted: { zh: '含脚本（JavaScript），不会并入', en: 'it holds scripts; they are left out' },
  launches: { zh: '含启动程序或提交数据的动作，不会并入', en: 'it starts programs or sends data; that is left out' },
  attachments: { zh: '含嵌入的附件，不会并入', en: 'it holds embedded files; they are left out' },
  media: { zh: '含音视频或三维内容，只保留画面', en: 'it holds media; only its picture is kept' },
  'form-fields': { zh: '含表单域，只保留当前显示的内容', en: 'it has form fields; only what they show is kept' },
  repaired: {
    zh: '结构有损坏，已修复读取；请核对页面',
    en: 'parts of it are broken and were mended; look at its pages',
  },
  metadata: { zh: '含拍摄或软件信息，不会并入', en: 'it tells of camera or program; that is left out' },
}

const boqTexts: Readonly<Record<BoqFindingCode, Words>> = {
  'not-a-number': { zh: '不是数字', en: 'no number' },
  'value-missing': { zh: '未填写', en: 'not filled in' },
  'result-missing': {
    zh: '公式没有计算结果；请用表格软件打开并保存一次',
    en: 'a formula without a result; open and save the list in a spreadsheet program',
  },
  'product-differs': { zh: '工程量×综合单价与合价不符', en: 'quantity × unit price is not the total' },
  'subtotal-differs': { zh: '小计与各项之和不符', en: 'a subtotal is not the sum of its items' },
  'sum-differs': { zh: '合计与各项之和不符', en: 'the total is not the sum of the items' },
  'amount-differs': { zh: '清单总额与报价不符', en: 'the list does not come to the price' },
  negative: { zh: '负数', en: 'a negative number' },
  'price-zero': { zh: '综合单价为零', en: 'a unit price of zero' },
  'code-twice': { zh: '项目编码重复', en: 'a code that stands twice' },
}
