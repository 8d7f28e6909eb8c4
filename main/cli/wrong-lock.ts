import type { Failure, NamedLock } from '../contract/failure.ts'
import type { Language } from './language.ts'
import { day, plain } from './wording.ts'

/** Which lock is needed and which is plugged in, a line each; none where the failure says nothing of it. */
export function wrongLockLines({ wrongLock }: Failure, language: Language): readonly string[] {
  if (wrongLock === undefined) return []
  const { needed, plugged } = wrongLock
  const zh = language === 'zh'
  const line = (head: string, locks: readonly NamedLock[]): string =>
    head + locks.map(lock => lockName(lock, language)).join(zh ? '；或 ' : '; or ')
  const nothing = zh ? '没有插入这把锁。' : 'That lock is not plugged in.'
  return [
    line(zh ? '需要的锁：' : 'The lock that is needed: ', needed),
    plugged.length === 0 ? nothing : line(zh ? '插入的锁：' : 'The lock that is plugged in: ', plugged),
  ]
}

function lockName({ label = '', subject = '', serial, notAfter, creditCode }: NamedLock, language: Language): string {
  const zh = language === 'zh'
  const facts = [
    ...(label === '' || subject === '' ? [] : [plain(subject)]),
    ...(creditCode === undefined ? [] : [creditCode]),
    ...(serial === undefined ? [] : [`${zh ? '序列号' : 'serial'} ${serial}`]),
    ...(notAfter === undefined ? [] : [`${zh ? '有效期至' : 'until'} ${day(notAfter)}`]),
  ]
  const named = label === '' ? plain(subject) : zh ? `「${plain(label)}」` : `“${plain(label)}”`
  const list = facts.join(zh ? '，' : ', ')
  return facts.length === 0 ? named : zh ? `${named}（${list}）` : `${named} (${list})`
}
