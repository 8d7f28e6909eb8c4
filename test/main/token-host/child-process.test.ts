import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { childProcessStarter } from '../../../main/token-host/index.ts'

it('tells a vendor library’s process neither PINs nor proxies', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bidseal-child-'))
  try {
    const program = join(folder, 'host.cjs')
    writeFileSync(program, "require('node:fs').writeSync(3, JSON.stringify(process.env))")
    const secret = 'http://zhang:secret@proxy.example:3128'
    const names = ['http_proxy', 'HTTPS_PROXY', 'All_Proxy', 'no_proxy', 'BIDSEAL_PIN_2', 'BIDSEAL_PROXY_PASSWORD']
    const env = Object.fromEntries(names.map(name => [name, secret]))
    const child = childProcessStarter(program, { env: { ...process.env, ...env, PROXY_FREE: 'kept' } })()
    let text = ''
    child.onBytes(bytes => (text += Buffer.from(bytes).toString()))
    await new Promise<void>(resolve => child.onExit(() => resolve()))
    await expect.poll(() => text.endsWith('}')).toBe(true)
    expect(text).not.toContain('secret')
    expect(JSON.parse(text)).toMatchObject({ PROXY_FREE: 'kept' })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
