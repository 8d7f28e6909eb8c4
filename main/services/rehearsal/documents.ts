import { bidPrice, pricedItems, project } from './project.ts'
import { decimal, figures, inWords } from './amount.ts'
import type { Sheet } from './pdf/sheet.ts'

/** A document of the rehearsal's bid: its place in the tender's list, its file name, and how it is written. */
export interface RehearsalDocument {
  readonly documentId: string
  readonly title: string
  readonly fileName: string
  readonly write: (sheet: Sheet, at: Date) => void
}

export const rehearsalDocuments: readonly RehearsalDocument[] = [
  { documentId: 'letter', title: '投标函', fileName: '01-投标函.pdf', write: letter },
  { documentId: 'opening-form', title: '开标一览表', fileName: '02-开标一览表.pdf', write: openingForm },
  { documentId: 'qualification', title: '资格审查资料', fileName: '03-资格审查资料.pdf', write: qualification },
  { documentId: 'technical', title: '技术方案', fileName: '04-技术方案.pdf', write: technical },
  { documentId: 'priced-boq', title: '已标价工程量清单', fileName: '05-已标价工程量清单.pdf', write: pricedBill },
]

/** One document as PDF bytes, in the given typeface. */
export async function renderDocument(document: RehearsalDocument, typeface: Uint8Array, at: Date): Promise<Uint8Array> {
  // The PDF libraries take as long to start as most commands to run; only a rehearsal needs them.
  const { openSheet } = await import('./pdf/sheet.ts')
  const sheet = await openSheet(typeface, `${project.title}（${project.lot}）　${document.title}　演练文件`, at)
  sheet.title(document.title)
  document.write(sheet, at)
  return sheet.finish()
}

function letter(sheet: Sheet, at: Date): void {
  sheet.paragraph(`致：${project.tenderee}（招标人）`)
  sheet.paragraph(
    `1. 我方已仔细研究了${project.title}${project.lot}（项目代码 ${project.projectCode}）招标文件的全部内容，愿意以人民币（大写）` +
      `${inWords(bidPrice)}（¥${figures(bidPrice)}）的投标总报价，工期 ${project.days} 日历天，按合同约定实施和完成承包工程，` +
      '修补工程中的任何缺陷，工程质量达到合格。',
  )
  sheet.paragraph('2. 我方承诺在投标有效期 90 日历天内不修改、撤销投标文件。')
  sheet.paragraph(`3. 随同本投标函提交投标保证金一份，金额为人民币 ${project.deposit} 元（电子担保保函）。`)
  sheet.paragraph(
    '4. 如我方中标：（1）在收到中标通知书后，在规定的期限内与你方签订合同；（2）按照招标文件规定向你方递交履约担保；' +
      '（3）在合同约定的期限内完成并移交全部合同工程。',
  )
  sheet.paragraph(
    '5. 我方在此声明，所递交的投标文件及有关资料内容完整、真实和准确，且不存在招标文件规定的任何一种情形。',
  )
  close(sheet, at)
}

function openingForm(sheet: Sheet, at: Date): void {
  sheet.paragraph(`项目名称：${project.title}（${project.lot}）`)
  sheet.table(
    [
      { title: '项目', share: 0.3 },
      { title: '内容', share: 0.7 },
    ],
    [
      ['投标人名称', project.bidder],
      ['投标总报价（元）', figures(bidPrice)],
      ['投标总报价（大写）', inWords(bidPrice)],
      ['工期', `${project.days} 日历天`],
      ['质量标准', '合格'],
      ['项目经理', project.manager],
      ['投标保证金', `电子担保保函　${project.deposit} 元`],
    ],
  )
  close(sheet, at)
}

function qualification(sheet: Sheet, at: Date): void {
  sheet.heading('一、投标人基本情况')
  sheet.table(
    [
      { title: '项目', share: 0.3 },
      { title: '内容', share: 0.7 },
    ],
    [
      ['单位名称', project.bidder],
      ['资质等级', '市政公用工程施工总承包壹级'],
      ['安全生产许可证', '有效期至 2028 年 6 月'],
      ['注册资本', '人民币 300,000,000.00 元'],
    ],
  )
  sheet.heading('二、近三年类似工程业绩')
  const roads = ['环湖东路', '春融街', '新册产业园一号路', '驼峰大道', '彩云北路延长线', '呈黄路']
  sheet.table(
    [
      { title: '序号', share: 0.1, align: 'center' },
      { title: '工程名称', share: 0.5 },
      { title: '合同价（万元）', share: 0.22, align: 'right' },
      { title: '竣工', share: 0.18, align: 'center' },
    ],
    roads.map((road, index) => [
      String(index + 1),
      `${road}改造工程`,
      decimal(286_400 + index * 73_750),
      `${2023 + Math.floor(index / 2)}-${String((index * 5) % 12 || 12).padStart(2, '0')}`,
    ]),
  )
  close(sheet, at)
}

const chapters: readonly (readonly [string, readonly string[]])[] = [
  [
    '第一章　总体施工部署',
    [
      '本工程道路全长 3.2 公里，红线宽度 40 米，双向六车道。施工遵循“先地下、后地上，先主干、后附属，分段围挡、确保通行”的原则，划分为三个工区平行推进，每个工区自成流水。',
      '项目部设项目经理一名、技术负责人一名，下设工程、质量、安全、商务四个部门。关键工序实行旁站，隐蔽工程由监理签认后方可覆盖。',
    ],
  ],
  [
    '第二章　路基与基层',
    [
      '土方采用挖掘机开挖、自卸汽车运输，填方分层厚度不大于 300 毫米，压实度按路床顶面以下深度分别不低于 95%、93%。遇软弱土层换填级配碎石，并铺设土工格栅。',
      '水泥稳定碎石由拌和站集中拌制，两层摊铺间隔不超过 30 分钟，成型后覆盖土工布保湿养生不少于 7 天。',
    ],
  ],
  [
    '第三章　沥青面层',
    [
      '面层摊铺采用双机联铺，两机相距 5 至 10 米，热接缝一次碾压成型。摊铺温度、初压温度、终压温度实时监测并留存记录，雨天和气温低于 10 ℃ 时不施工。',
      '每个工作日对厚度、平整度、渗水系数抽检，不合格段落铣刨重铺。',
    ],
  ],
  [
    '第四章　管线与检查井',
    [
      '雨污水管道沟槽深度超过 3 米的路段采用钢板桩支护，槽底预留 200 毫米人工清底。管道安装后做闭水试验，合格后两侧对称回填。',
      '检查井井周采用泡沫混凝土回填，井盖与路面高差不大于 3 毫米。',
    ],
  ],
  [
    '第五章　交通导改与安全文明施工',
    [
      '围挡分三期设置，任何时段保持双向四车道通行。夜间设警示灯和反光标识，学校、医院出入口设专人疏导。',
      '扬尘、噪声在线监测数据接入监管平台；裸土覆盖率、车辆冲洗率均为 100%。',
    ],
  ],
]

function technical(sheet: Sheet, at: Date): void {
  for (const [title, paragraphs] of chapters) {
    sheet.heading(title)
    for (const paragraph of paragraphs) sheet.paragraph(paragraph)
  }
  close(sheet, at)
}

function pricedBill(sheet: Sheet, at: Date): void {
  sheet.table(
    [
      { title: '序号', share: 0.07, align: 'center' },
      { title: '项目编码', share: 0.17 },
      { title: '项目名称', share: 0.27 },
      { title: '单位', share: 0.07, align: 'center' },
      { title: '工程量', share: 0.13, align: 'right' },
      { title: '单价（元）', share: 0.13, align: 'right' },
      { title: '合价（元）', share: 0.16, align: 'right' },
    ],
    [
      ...pricedItems.map((item, index) => [
        String(index + 1),
        item.code,
        item.name,
        item.unit,
        decimal(item.quantity),
        decimal(item.unitPrice),
        figures(item.amount),
      ]),
      ['', '', '合计', '', '', '', figures(bidPrice)],
    ],
  )
  sheet.paragraph(`投标总报价（大写）：${inWords(bidPrice)}`)
  close(sheet, at)
}

function close(sheet: Sheet, at: Date): void {
  sheet.gap(24, 80)
  sheet.closing(`投标人：${project.bidder}（盖单位章）`)
  sheet.closing('法定代表人或其委托代理人：＿＿＿＿＿＿（签字或盖章）')
  sheet.closing(`${at.getFullYear()} 年 ${at.getMonth() + 1} 月 ${at.getDate()} 日`)
}
