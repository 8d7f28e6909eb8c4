import type { Terminal } from './terminal.ts'
import { plain } from './wording.ts'

const variable = 'BIDSEAL_PROXY_PASSWORD'

/** The proxy's password out of the environment. SECURITY: A7, children are started with a copy of the environment. */
export function takeProxyPassword(environment: Record<string, string | undefined>): string | null {
  const value = environment[variable]
  Reflect.deleteProperty(environment, variable)
  return value === undefined || value === '' ? null : value
}

/** Where the proxy's password comes from: the environment, or a person at the terminal, once for a command. */
export function proxyPassword(terminal: Terminal, given: string | null): (user: string) => Promise<string | null> {
  let asked: Promise<string | null> | undefined
  return user => {
    if (given !== null) return Promise.resolve(given)
    if (!terminal.interactive) return Promise.resolve(null)
    const name = plain(user)
    return (asked ??= terminal.secret(
      terminal.words({ zh: `代理服务器用户 ${name} 的密码：`, en: `Password of ${name} for the proxy: ` }),
    ))
  }
}
