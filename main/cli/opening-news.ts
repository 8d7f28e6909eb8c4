import type { OpeningNews } from '../services/index.ts'
import { countdownLine } from './countdown-line.ts'
import { failureText } from './failure-text/index.ts'
import type { Words } from './language.ts'
import type { Terminal } from './terminal.ts'
import { grouped, moment } from './wording.ts'

/** Tells what happens at an opening, on stderr. */
export interface NewsTeller {
  tell(news: OpeningNews): void
  /** A line of its own, the countdown taken away first. */
  note(words: Words): void
  /** Takes the countdown away. */
  clear(): void
}

/** A teller for this terminal. */
export function newsTeller(terminal: Terminal): NewsTeller {
  const countdown = countdownLine(process.stderr, terminal.language)
  let last = ''
  const note = (words: Words): void => {
    countdown.clear()
    terminal.note(`  ${terminal.words(words)}`)
  }
  return {
    note,
    clear: () => countdown.clear(),
    tell(news) {
      if (news.kind === 'countdown') {
        countdown.show(news.left, news.reading?.uncertaintyMs ?? null)
        return
      }
      const words = newsWords(news)
      const line = terminal.words(words)
      // The same place in the queue is said once.
      if (line !== last) note(words)
      last = line
    },
  }
}

/** One piece of news in words. */
export function newsWords(news: Exclude<OpeningNews, { kind: 'countdown' }>): Words {
  switch (news.kind) {
    case 'postponed':
      return {
        zh: `平台签名通知：开标时间由 ${moment(news.before)} 延至 ${moment(news.openingTime)}`,
        en: `signed notice: the opening moves from ${moment(news.before)} to ${moment(news.openingTime)}`,
      }
    case 'unsigned-time':
      return {
        zh: `平台显示的开标时间 ${moment(news.platform)} 没有签名通知；仍以 ${moment(news.openingTime)} 为准`,
        en: `the platform shows ${moment(news.platform)} without a signed notice; ${moment(news.openingTime)} stands`,
      }
    case 'away': {
      const { code } = news.failure
      return {
        zh: `${failureText(code, 'zh').message}自动重试中（${code}）`,
        en: `${failureText(code, 'en').message} Trying again (${code})`,
      }
    }
    case 'back':
      return { zh: '连接已恢复', en: 'the platform answers again' }
    case 'stored':
      return {
        zh: `平台存储的文件与回执一致${news.header === 'same' ? '，文件头已逐字节比对' : '（平台不提供文件头）'}：${grouped(news.sealDigest)}`,
        en: `what is stored is what the receipt names${news.header === 'same' ? ', header compared byte for byte' : ' (the platform shows no header)'}: ${grouped(news.sealDigest)}`,
      }
    case 'challenged':
      return {
        zh: `开标指令核验无误，解密截止 ${moment(news.closesAt)}`,
        en: `the platform's request holds; keys are taken until ${moment(news.closesAt)}`,
      }
    case 'queued':
      return {
        zh: `密钥已送达平台，排队中：前面还有 ${news.ahead} 份`,
        en: `the key is with the platform, in its queue: ${news.ahead} before it`,
      }
    case 'progress':
      return {
        zh: `已解密 ${news.released} / ${news.bids} 家`,
        en: `${news.released} of ${news.bids} bids released`,
      }
  }
}
