/** The rehearsal (模拟演练). */
export const rehearsal = {
  title: '模拟演练',
  lead: '在本机启动一个演练平台，用演练锁把导入、编制、封标、递交、开标走一遍，与真实项目互不相干。',
  suite: '演练所用算法',
  suites: { 'intl-1': '国际算法', 'gm-1': '国密算法' },
  suiteNotes: { 'intl-1': 'RSA、SHA-256、AES', 'gm-1': 'SM2、SM3、SM4' },
  start: '开始模拟演练',
  starting: '正在准备演练平台、演练锁和演练项目…',
  running: '演练中：以下操作不是真实投标。',
  pin: '演练锁 PIN 码',
  skip: '跳到开标时间',
  stop: '结束演练',
} as const
