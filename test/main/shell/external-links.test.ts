import { expect, test, vi } from 'vitest'

const opened: string[] = []
vi.mock('electron', () => ({ shell: { openExternal: async (url: string) => void opened.push(url) } }))
const { allowedLink, linkedHosts, openLink } = await import('../../../main/shell/external-links.ts')

const hosts = new Set(['help.example.cn'])

test('S15: an https address of a listed host is allowed, as it was parsed', () => {
  expect(allowedLink('https://help.example.cn/a?b#c', hosts)).toBe('https://help.example.cn/a?b#c')
  expect(allowedLink('HTTPS://HELP.EXAMPLE.CN', hosts)).toBe('https://help.example.cn/')
})

test.each([
  ...['http://help.example.cn/', 'https://help.example.cn.evil.cn/', 'https://evil.cn/?https://help.example.cn/'],
  ...['https://help.example.cn@evil.cn/', 'https://user@help.example.cn/', 'https://help.example.cn:8443/'],
  ...['https://evil.cn\\@help.example.cn/', 'https:/\\evil.cn/help.example.cn', 'javascript:alert(1)//help.example.cn'],
  ...[
    'file://help.example.cn/etc/passwd',
    'smb://help.example.cn/',
    'ms-msdt:/id',
    'calc.exe',
    '',
    '//help.example.cn/',
  ],
])('S15: %s is not', address => {
  expect(allowedLink(address, hosts)).toBeNull()
})

test('S15: as long as no host is listed, nothing is opened', async () => {
  expect(linkedHosts.size).toBe(0)
  expect(await openLink('https://help.example.cn/')).toBe(false)
  expect(opened).toEqual([])
})
