import { expect, test } from 'vitest'
import { progressLine } from '../../../main/cli/progress-line.ts'
import { showQueued } from '../../../main/cli/queue.ts'
import { offsetLine, pausedLines, showSubmission, submissionLine } from '../../../main/cli/submission-words.ts'
import type { Terminal } from '../../../main/cli/terminal.ts'
import { moment } from '../../../main/cli/wording.ts'
import type { SubmissionStatus } from '../../../main/services/index.ts'

const [finish, deadline] = ['2026-11-24T02:40:00.000Z', '2026-11-24T03:00:00.000Z']
const uploading: SubmissionStatus = {
  ...{ state: 'uploading', confirmed: 5 * 2 ** 20, total: 20 * 2 ** 20, bytesPerSecond: 2 ** 20 },
  ...{ projectedFinish: finish, deadline, fits: true, serverOffsetMs: 100, uncertaintyMs: 20 },
}
const time = (of: string): string => moment(of).slice(5, 19)

test('one line tells what is confirmed, how fast, when it will be there and until when it must', () => {
  expect(submissionLine(uploading, 'zh')).toBe(
    `递交  25 %  5.00 MiB / 20.0 MiB  1.00 MiB/s  预计 ${time(finish)} 完成，截止 ${time(deadline)}`,
  )
  expect(submissionLine({ ...uploading, fits: false }, 'en')).toMatch(/ {2}TOO LATE!$/)
})

/** A terminal that remembers: `drawn` is the moving line, `notes` what stays. */
function recorded(isTTY: boolean, columns: number) {
  const drawn: string[] = []
  const notes: string[] = []
  const stream = { isTTY, columns, write: (text: string) => drawn.push(text) } as unknown as NodeJS.WriteStream
  let now = 0
  const progress = progressLine(stream, 'zh', () => (now += 10_000))
  const terminal = { language: 'zh', note: (line: string) => notes.push(line), progress } as unknown as Terminal
  return { drawn, notes, terminal }
}

test('what comes too late is red on a terminal, never longer than its line, and what to do is said once', () => {
  const { drawn, notes, terminal } = recorded(true, 60)
  const show = showSubmission(terminal, '投标.sbid')
  for (const fits of [true, false, false]) show({ ...uploading, fits })
  expect(notes.filter(line => line.includes('carry export "投标.sbid" -o'))).toHaveLength(1)
  const red = drawn.filter(text => text.startsWith('\u001b[31m'))
  expect(red).toHaveLength(2)
  expect(red[0]).toMatch(/…\u001b\[39m$/)
  const log = recorded(false, 60)
  showSubmission(log.terminal, '投标.sbid')({ ...uploading, fits: false })
  expect(log.drawn.join('')).not.toContain('\u001b')
})

test('an exchange folder is asked for by what is to be done, once, and a network each time it is gone', () => {
  const { drawn, notes, terminal } = recorded(false, 200)
  Object.assign(terminal, { words: ({ zh }: { zh: string }) => zh })
  const queued = {
    ...{ sealId: '', sealDigest: '', packageDigest: '', platformId: '', tenderId: '', lotId: '', creditCode: '' },
    ...{ shortCode: 'ABCDEFGH', file: '/投 标.sbid', platform: 'file:///x', token: '', addedAt: '', until: deadline },
  }
  const status = (state: SubmissionStatus['state']): SubmissionStatus => ({ ...uploading, state })
  const round = (end: SubmissionStatus): void => {
    for (const each of ['ready', 'uploading', 'completing'] as const) show(status(each))
    show(end)
  }
  const show = showQueued(terminal, queued)
  const waiting: SubmissionStatus = { ...status('waiting-for-answer'), code: 'platform.awaiting' }
  round(waiting)
  const after = drawn.length
  round(waiting)
  round(waiting)
  expect(drawn).toHaveLength(after)
  expect(notes).toHaveLength(1)
  expect(notes[0]).toMatch(/交到平台/)
  expect(notes[0]).not.toContain('等待网络')
  const away: SubmissionStatus = { ...status('waiting-for-network'), code: 'platform.unreachable' }
  round(away)
  round(away)
  expect(notes.slice(1)).toEqual([expect.stringContaining('等待网络'), expect.stringContaining('等待网络')])
  show({ ...uploading, fits: false })
  expect(notes.join('\n')).toContain('carry export "/投 标.sbid"')
})

test('a paused submission says that nothing is submitted yet, and a clock that is off is told', () => {
  expect(pausedLines({ ...uploading, state: 'paused' }, 'zh').join('\n')).toMatch(
    /尚未递交[^]*5.00 MiB[^]*同一命令.*截止/,
  )
  const maybe = pausedLines({ ...uploading, state: 'paused' }, 'zh', { completing: true, byHand: false }).join('\n')
  expect(maybe).toMatch(/尚未收到回执，可能已递交/)
  expect(maybe).not.toContain('尚未递交')
  const byHand = pausedLines({ ...uploading, state: 'paused' }, 'zh', { completing: true, byHand: true }).join('\n')
  expect(byHand).toMatch(/尚未递交[^]*已写入交换文件夹/)
  expect(byHand).not.toContain('平台已确认')
  expect(offsetLine(uploading, 'zh')).toBeNull()
  expect(offsetLine({ ...uploading, serverOffsetMs: -90_000 }, 'zh')).toContain('快 90.0 秒')
  expect(offsetLine({ ...uploading, serverOffsetMs: 90_000 }, 'en')).toContain('90.0 s behind')
})
