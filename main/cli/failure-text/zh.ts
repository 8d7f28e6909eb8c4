import type { FailureTexts } from './texts.ts'

/** Failures in Chinese: what happened, then the one thing to do now. */
export const chinese: FailureTexts = {
  'token.absent': { message: '没有找到 CA 锁。', next: '请插好 CA 锁，再用 bidseal token list 查看是否识别。' },
  'token.removed': {
    message: 'CA 锁在操作中被拔出，操作未完成，数据未受影响。',
    next: '请重新插好 CA 锁，再执行一次。',
  },
  'token.pin-required': {
    message: 'CA 锁需要 PIN 码，但当前无法询问。',
    next: '请在终端中运行，或用 --pin-stdin、环境变量 BIDSEAL_PIN 提供 PIN 码。',
  },
  'token.pin-incorrect': {
    message: 'PIN 码不正确。',
    next: '请先用 bidseal token list 查看剩余次数，再仔细输入。',
  },
  'token.pin-form': {
    message: 'PIN 码的长度或格式不符合这把锁的要求，未消耗次数。',
    next: '请按这把锁设定的 PIN 码重新输入。',
  },
  'token.pin-locked': {
    message: 'PIN 码错误次数过多，CA 锁已锁死。',
    next: '请联系发锁的 CA 机构解锁；已封标的文件不受影响。',
  },
  'token.pin-last-try': {
    message: 'PIN 码只剩最后一次机会，没有发送。',
    next: '请先核实 PIN 码；确有把握时加上 --last-try 再执行一次。',
  },
  'token.driver-unavailable': {
    message: 'CA 锁驱动无法加载。',
    next: '请检查 --module 所指的驱动文件是否存在、是否适用于本系统，以及 PKCS#11 组件是否已安装。',
  },
  'token.driver-bitness': {
    message: 'CA 锁驱动是为另一种处理器或位数编译的，无法加载。',
    next: '请向 CA 机构索取与本机一致的驱动；bidseal token doctor 会说明差别。',
  },
  'token.driver-crashed': { message: 'CA 锁驱动崩溃，数据未受影响。', next: '请再执行一次；若再次崩溃，请更新驱动。' },
  'token.driver-hung': {
    message: 'CA 锁驱动没有响应，已被结束，数据未受影响。',
    next: '请拔下 CA 锁重新插好，再执行一次。',
  },
  'token.wrong-lock': {
    message: '这不是所需要的 CA 锁。',
    next: '请用 bidseal inspect 查看该文件封给了哪把锁，换用那一把。',
  },
  'token.unsupported': {
    message: '这把 CA 锁不支持所需的操作。',
    next: '请换用另一把锁，或向 CA 机构更换符合标准的锁。',
  },
  'token.deviation': {
    message: '这把锁的驱动没有通过首次使用的自检，未用它做任何事。',
    next: '请换用另一把锁，或把自检指出的偏差告知 CA 机构。',
  },
  'token.not-blank': {
    message: '该驱动下没有空白锁，现有的锁未作任何改动。',
    next: '请准备一把演练用的空白锁，或不带 --module 运行演示。',
  },
  'seal.container': {
    message: '这不是封标文件，或封标文件已损坏。',
    next: '请使用封标时生成的原文件，或重新拷贝一份。',
  },
  'seal.header': { message: '封标文件的文件头不合规范。', next: '请使用封标时生成的原文件，或重新拷贝一份。' },
  'seal.signature': { message: '封标文件的签名无效。', next: '请勿使用该文件；请取封标时生成的原文件，或重新封标。' },
  'seal.tender': {
    message: '封标文件中的招标信息与招标文件包不一致。',
    next: '请核对招标文件包是否正确；若正确，请重新封标。',
  },
  'seal.entries': { message: '封标文件的内容与文件头不对应。', next: '请使用封标时生成的原文件，或重新拷贝一份。' },
  'seal.envelope': {
    message: '封标文件中的密钥信封损坏或不合规范。',
    next: '请使用封标时生成的原文件，或重新拷贝一份。',
  },
  'seal.root': { message: '文件内容与封标时不一致。', next: '请从原处重新拷贝封标文件。' },
  'seal.key-mismatch': {
    message: '信封中的密钥与该封标文件不符。',
    next: '请换用封标时所用的另一把锁，或重新封标。',
  },
  'seal.chunk': { message: '投标文件的一段内容无法解密。', next: '请从原处重新拷贝封标文件。' },
  'seal.inner': { message: '封标文件内部的签名内容与其不符。', next: '请勿使用该文件；请重新封标。' },
  'seal.document': { message: '封标文件内的文件缺失或与签名时不同。', next: '请勿使用该文件；请重新封标。' },
  'seal.already-sealed': {
    message: '已经封标过了。',
    next: '请递交已有的封标文件；确需重新封标时请加 --again。',
  },
  'seal.foreign-tender': {
    message: '这份投标文件是为其他招标项目、标段或其他版本的招标文件包编制的。',
    next: '请使用对应的招标文件包，或用 bidseal bid new 新建投标文件夹。',
  },
  'seal.too-large': { message: '投标文件超出招标文件或格式允许的大小。', next: '请压缩最大的几个文件后再试。' },
  'seal.self-test': {
    message: '封标后试解密未通过，该封标文件已作废删除。',
    next: '请重新封标；若仍不通过，请换用另一把锁。',
  },
  'seal.timestamp': {
    message: '时间戳服务器没有给出可用的时间戳，因此没有封标，也没有写出文件。',
    next: '请再执行同一命令；或加 --no-timestamp 不带时间戳封标，封标文件同样有效。',
  },
  'cert.expired': {
    message: '证书在需要的时间不在有效期内。',
    next: '请使用有效期覆盖开标时间的 CA 锁。',
  },
  'cert.untrusted': {
    message: '证书不能追溯到受信任的 CA。',
    next: '请核实无误后，用 --trust FILE.pem 指定 CA 根证书。',
  },
  'cert.revoked': {
    message: '证书在需要的时间已被 CA 机构吊销。',
    next: '请换用有效的 CA 锁，或联系发证的 CA 机构。',
  },
  'cert.unsupported': {
    message: '证书或其密钥的类型不受支持。',
    next: '请使用招标文件所允许算法的 CA 锁：RSA 2048 位以上、P-256、P-384；国密算法为 SM2。',
  },
  'data.malformed': { message: '这不是可用的数据更新文件，现有数据没有改动。', next: '请重新获取更新文件。' },
  'data.signature': { message: '数据更新文件的签名无效，没有采用。', next: '请勿使用该文件，从发布处重新获取。' },
  'data.downgrade': { message: '数据更新文件不比现有的新，没有采用。', next: '如需更新，请获取更新的版本。' },
  'document.malformed': { message: '签名文书格式不正确。', next: '请从来源处重新获取。' },
  'document.wrong-type': { message: '签名文书的种类不对。', next: '请使用正确的文件，或从来源处重新获取。' },
  'document.signature': { message: '签名文书的签名无效。', next: '请勿采信；请从来源处重新获取。' },
  'tender.invalid': { message: '这不是可用的招标文件包。', next: '请从交易平台重新下载招标文件包。' },
  'tender.addendum-newer': {
    message: '招标文件已有更新（澄清、补遗），投标文件没有递交。',
    next: '请阅读补遗，按新的招标文件包编制并重新封标。',
  },
  'bid.invalid': {
    message: '这不是可用的投标文件夹。',
    next: '请用 bidseal bid new --tender F DIR 新建，或恢复 bid.json 的备份。',
  },
  'bid.incomplete': {
    message: '投标文件不完整，没有封标。',
    next: '请用 bidseal bid check DIR 查看缺少的内容并补齐。',
  },
  'bid.not-delivered': {
    message: '本机没有这份已递交投标文件的记录。',
    next: '请核对封标编号，或改为指定封标文件或其文件头。',
  },
  'bid.before-opening': { message: '该投标文件已递交，开标时间未到，不能打开。', next: '请等到开标时间。' },
  'bid.busy': {
    message: '本机的另一个窗口或命令正在处理这份投标文件或递交队列。',
    next: '请等它结束后再执行。',
  },
  'opening.challenge': {
    message: '平台的解密请求不符合要求，密钥没有送出。',
    next: '请先与平台联系，并保留此信息。',
  },
  'opening.early': { message: '开标尚未开始，密钥没有送出。', next: '请到开标时间后再执行。' },
  'opening.record': {
    message: '开标记录未通过核验，没有确认。',
    next: '请向招标人或其代理提出异议，并保留此信息。',
  },
  'opening.not-confirmed': { message: '您没有确认，密钥没有送出。', next: '请核对后在开标期间再执行一次。' },
  'platform.late': { message: '已过投标截止时间，平台拒收。', next: '请保存好封标文件，并与招标人或其代理联系。' },
  'platform.unsealed': {
    message: '平台只接收已封标的投标文件。',
    next: '请先用 bidseal seal 封标，再递交 .sbid 文件。',
  },
  'platform.refused': { message: '平台拒绝了请求。', next: '请按平台给出的说明更正后再试。' },
  'platform.unreachable': {
    message: '无法连接平台；平台已确认的内容不会丢失。',
    next: '请检查地址和网络，再执行同一命令，将从中断处继续。',
  },
  'platform.seal-known': {
    message: '同一封标编号的文件此前已递交过，不能再次递交。',
    next: '请重新封标，再递交新文件。',
  },
  'platform.unknown': { message: '平台没有所请求的内容。', next: '请核对平台地址和封标编号。' },
  'platform.nonce': { message: '平台的一次性随机数已使用或已过期。', next: '请再执行一次。' },
  'platform.not-open': { message: '平台尚未开放此项操作。', next: '请到开标时间后再执行。' },
  'platform.closed': { message: '开标已结束，平台不再接收。', next: '请与招标人或其代理联系。' },
  'platform.receipt': {
    message: '平台的回执未通过核验，不能视为已递交。',
    next: '请再执行一次；若仍如此，请联系平台并保留此信息。',
  },
  'platform.storage': {
    message: '平台暂时无法保存投标文件，没有回执。',
    next: '请稍后再执行同一命令，将从中断处继续。',
  },
  'platform.awaiting': {
    message: '平台的答复需要人工取回，目前还没有。',
    next: '请在平台网页上传导出的文件，把平台给出的文件放进交换文件夹的 in 目录，再执行同一命令。',
  },
  'platform.proxy': {
    message: '代理服务器拒绝了连接，或需要用户名和密码。',
    next: '请用 bidseal network show 核对代理设置，再执行同一命令，将从中断处继续。',
  },
  'platform.certificate': {
    message: '无法确认对方就是该平台：它的网站证书不受信任，没有发送任何内容。',
    next: '请核对平台地址；单位内网有自己的根证书时，用 bidseal network set --authority 添加。',
  },
  'platform.clock': {
    message: '平台给出的时间无法核实。',
    next: '请稍后再执行同一命令；截止时间以平台时间为准。',
  },
  'platform.queued': {
    message: '密钥已送到平台，正在排队，尚未收到回执。',
    next: '请再执行同一命令，直到显示回执核验无误；不会重复解密。',
  },
  'opening.remedy': {
    message: '招标文件没有允许这种补救方式，或者已过解密时间。',
    next: '请按招标文件规定的方式办理，并联系招标代理机构；过程已记录在存证中。',
  },
  'opening.other-run': {
    message: '这份备用明文或备份不是与所递交文件同一次封标产生的，没有使用。',
    next: '请使用与已递交封标文件同一次封标产生的备用文件。',
  },
  'evidence.broken': {
    message: '存证包核验不通过：其中的内容与签名或摘要不符。',
    next: '请使用原始的存证包，或用 bidseal evidence export 重新导出。',
  },
  'journal.damaged': {
    message: '本机的操作日志被改动或损坏，不再写入。',
    next: '请保持该文件夹原样，暂用 --home 指定另一文件夹。',
  },
  'input.unreadable': { message: '文件无法读取。', next: '请检查文件是否存在、是否有权读取、种类是否正确。' },
  'input.changed': { message: '文件在读取过程中发生变化，操作未完成。', next: '请关闭正在写该文件的程序后再执行。' },
  'output.exists': { message: '目标位置已有内容，未作改动。', next: '请另选名称，或移走原有内容。' },
  'output.disk-full': { message: '磁盘空间不足，没有留下残缺文件。', next: '请清理空间或换一个磁盘后再执行。' },
  'output.unwritable': { message: '目标位置无法写入。', next: '请选择有写入权限的文件夹。' },
  'arguments.bad': { message: '命令的写法不对。', next: '请用 bidseal help 查看写法。' },
  'bridge.sender': {
    message: '请求不是来自标封自己的页面，已拒绝。',
    next: '请重新打开标封；若仍出现，请反馈此代码。',
  },
  'bridge.arguments': { message: '页面的请求不合约定，已拒绝。', next: '请重新打开标封；若仍出现，请反馈此代码。' },
  cancelled: { message: '已停止，没有留下残缺文件。', next: '需要时再执行一次即可。' },
  internal: { message: '程序自身出错。', next: '请加 --debug 再执行一次，并反馈输出内容。' },
}
