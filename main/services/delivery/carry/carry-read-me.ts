/** What the note in a carry file tells. */
export interface CarryNote {
  readonly shortCode: string
  readonly sealId: string
  readonly title: string
  readonly tenderId: string
  /** RFC 3339 UTC. */
  readonly deadline: string
  readonly platform: string | null
}

/** The note for whoever opens a carry file on another computer, in both languages. */
export function carryReadMe(note: CarryNote): Uint8Array {
  const { shortCode, sealId, title, tenderId, deadline, platform } = note
  const url = platform ?? 'https://…'
  const text = `标封 BidSeal — 携带文件 / carry file

【这是什么】
本文件用于在另一台电脑上递交已封标的投标文件。内含：封标文件、招标文件包、校验摘要和递交进度。
不含任何密钥、PIN 码；没有原来的 CA 锁，谁也打不开投标文件。

  校验短码      ${shortCode}
  封标编号      ${sealId}
  招标项目      ${title}（${tenderId}）
  截止时间      ${deadline}（UTC；以平台时间和最新通知为准）
  平台          ${platform ?? '（未记录）'}

【怎样递交】
1. 在另一台电脑安装标封，插入 CA 锁，执行：
     bidseal carry import 本文件.carry
2. 按提示执行递交命令；平台已收到的部分不会重传：
     bidseal submit <导入的文件> --platform ${url} --token <锁>
3. 收到回执后，把回执带回原来的电脑：
     bidseal carry return ${sealId} -o 回执.receipt
   在原来的电脑上：
     bidseal carry receipt 回执.receipt

----------------------------------------------------------------------

WHAT THIS IS
This file lets you submit a sealed bid from another computer. It holds the sealed bid, the tender package, digests, and
how far the submission has come. It holds no key and no PIN: without the CA lock nobody can open the bid.

  short code    ${shortCode}
  seal id       ${sealId}
  tender        ${title} (${tenderId})
  deadline      ${deadline} (UTC; the platform’s time and its latest notice count)
  platform      ${platform ?? '(not recorded)'}

HOW TO SUBMIT IT
1. On the other computer, with BidSeal installed and the lock plugged in:
     bidseal carry import THIS.carry
2. Run the command it prints; what the platform has already is not sent again:
     bidseal submit <imported file> --platform ${url} --token <lock>
3. Bring the receipt back to the first computer:
     bidseal carry return ${sealId} -o back.receipt
   and there:
     bidseal carry receipt back.receipt
`
  // Windows' own editor shows lone line feeds only since 2018, and takes the mark for UTF-8.
  return new TextEncoder().encode(`\ufeff${text.replaceAll('\n', '\r\n')}`)
}
