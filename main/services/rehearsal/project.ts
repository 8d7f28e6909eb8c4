/** The invented project that rehearsals bid for. Every amount follows from the priced quantities. */
export const project = {
  platformId: 'rehearsal.bidseal',
  platformName: '标封演练交易平台',
  tenderee: '云岭市城市建设投资有限公司',
  title: '滨河路改造工程施工',
  lot: '一标段',
  projectCode: '2026-530000-48-01-018437',
  bidder: '云岭建设集团有限公司',
  creditCodeStem: '91530100MA6K00001',
  manager: '李明远',
  days: 365,
  deposit: '500,000.00',
} as const

/** One line of the priced bill of quantities. Unit prices in 分, quantities in hundredths, so that sums are exact. */
export interface PricedItem {
  readonly code: string
  readonly name: string
  readonly unit: string
  readonly quantity: number
  readonly unitPrice: number
  /** In 分, rounded half up. */
  readonly amount: number
}

const works: readonly (readonly [code: string, name: string, unit: string, quantity: number, unitPrice: number])[] = [
  ['040101001001', '挖一般土方', 'm³', 4_286_350, 1_842],
  ['040103001001', '回填方', 'm³', 2_610_480, 2_365],
  ['040103002001', '余方弃置', 'm³', 1_675_870, 4_120],
  ['040202011001', '级配碎石底基层 厚 200 mm', 'm²', 6_842_000, 3_874],
  ['040202015001', '水泥稳定碎石基层 厚 360 mm', 'm²', 6_588_000, 9_236],
  ['040203003001', '透层、黏层', 'm²', 12_840_000, 412],
  ['040203006001', '粗粒式沥青混凝土 AC-25C 厚 80 mm', 'm²', 6_436_000, 8_615],
  ['040203006002', '细粒式改性沥青混凝土 AC-13C 厚 40 mm', 'm²', 6_412_000, 6_248],
  ['040204004001', '安砌侧（平）石 花岗岩', 'm', 653_400, 12_680],
  ['040204002001', '人行道块料铺设 透水砖', 'm²', 2_560_000, 9_874],
  ['040501001001', '钢筋混凝土管 D800 Ⅱ级', 'm', 318_600, 68_420],
  ['040501004001', '塑料管 DN400 HDPE', 'm', 276_200, 31_560],
  ['040504001001', '砌筑检查井 φ1250', '座', 11_200, 386_500],
  ['040504009001', '雨水口 平箅双箅', '座', 23_600, 92_800],
  ['040801001001', '路灯基础及管线', '座', 21_400, 418_600],
  ['050102001001', '栽植乔木 香樟 胸径 12 cm', '株', 82_600, 96_500],
  ['040205006001', '标线 热熔型', 'm²', 486_500, 5_260],
  ['040205004001', '交通标志牌', '块', 9_600, 236_800],
]

export const pricedItems: readonly PricedItem[] = works.map(([code, name, unit, quantity, unitPrice]) => ({
  code,
  name,
  unit,
  quantity,
  unitPrice,
  amount: Math.floor((quantity * unitPrice + 50) / 100),
}))

/** The bid price in 分. */
export const bidPrice = pricedItems.reduce((sum, item) => sum + item.amount, 0)
