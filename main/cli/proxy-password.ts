import type { Terminal } from './terminal.ts'
import { plain } from './wording.ts'

const variable = 'BIDSEAL_PROXY_PASSWORD'

/** The proxy's password out of the environment. SECURITY: A7, children are started with a copy of the environment. */
export function takeProxyPassword(environment: Record<string, string | undefined>): string | null {
  const value = environment[variable]
  Reflect.deleteProperty(environment, variable)
  return value === undefined || value === '' ? null : value
}

/** Where the proxy's password comes from: the environment, or a person at the terminal, once for a command and proxy. */
export function proxyPassword(
  terminal: Terminal,
  given: string | null,
): (user: string, proxy: string) => Promise<string | null> {
  const asked = new Map<string, Promise<string | null>>()
  return (user, proxy) => {
    if (given !== null) return Promise.resolve(given)
    if (!terminal.interactive) return Promise.resolve(null)
    const [name, host] = [plain(user), plain(proxy)]
    const key = JSON.stringify([user, proxy])
    const answer =
      asked.get(key) ??
      terminal.secret(
        terminal.words({
          zh: `代理服务器 ${host} 用户 ${name} 的密码：`,
          en: `Password of ${name} for the proxy ${host}: `,
        }),
      )
    asked.set(key, answer)
    return answer
  }
}
