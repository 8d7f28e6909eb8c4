import { describe, expect, test } from 'vitest'
import type { Tender } from '../../../crypto/index.ts'
import type { TenderId } from '../../../main/contract/ids.ts'
import type { IpcContext } from '../../../main/ipc/context.ts'
import type { Desk } from '../../../main/ipc/desks.ts'
import { tenderHandlers } from '../../../main/ipc/handlers/tender.ts'
import { platformAddress } from '../../../main/ipc/platform-address.ts'
import type { Agreement } from '../../../main/shell/dialogs.ts'

describe('the address of a platform', () => {
  test.each([
    ['https://ggzy.example.cn/api/', 'https://ggzy.example.cn/api', 'ggzy.example.cn'],
    ['https://例子.cn', 'https://xn--fsqu00a.cn', 'xn--fsqu00a.cn'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080', '127.0.0.1:8080'],
    ['http://2130706433', 'http://127.0.0.1', '127.0.0.1'],
    ['http://localhost:1/x', 'http://localhost:1/x', 'localhost:1'],
    ['http://[::1]:2', 'http://[::1]:2', '[::1]:2'],
  ])('%s is kept as %s', (text, href, host) => {
    expect(platformAddress(text)).toEqual({ href, host })
  })

  test.each([
    'http://ggzy.example.cn',
    'http://127.0.0.1.example.cn',
    'http://localhost.example.cn',
    'http://10.0.0.1',
    'ftp://127.0.0.1',
    'https://user@ggzy.example.cn',
    'https://ggzy.example.cn/?a=1',
    'https://ggzy.example.cn/#a',
    'ggzy.example.cn',
  ])('%s is refused', text => {
    expect(() => platformAddress(text)).toThrow('arguments.bad')
  })
})

describe('a tender’s platform', () => {
  const id = 'a'.repeat(64) as TenderId

  function setting(
    agreed: boolean,
    before: string | null,
  ): { readonly set: (address: string) => Promise<unknown>; readonly asked: Agreement[]; readonly saved: unknown[] } {
    const asked: Agreement[] = []
    const saved: unknown[] = []
    const settings = {
      current: { platforms: before === null ? {} : { [id]: before } },
      save: async (change: unknown) => void saved.push(change),
    }
    const tender = {
      packageDigest: id,
      fields: { title: '云岭大道', documents: [], forms: [] },
      signature: { signer: { subject: new Uint8Array([0x30, 0]) } },
    }
    const context = {
      desks: {
        ofTender: async () => ({
          desk: { practice: false, settings } as unknown as Desk,
          tender: tender as unknown as Tender,
        }),
      },
      dialogs: {
        agree: async (to: Agreement) => {
          asked.push(to)
          return agreed
        },
      },
      language: () => 'en',
    } as unknown as IpcContext
    return { set: address => tenderHandlers(context)['tender.setPlatform'](id, address), asked, saved }
  }

  test('is changed once the user agreed to the host', async () => {
    const { set, asked, saved } = setting(true, 'https://old.example.cn')
    await set('https://new.example.cn:8443/api')
    expect(asked).toEqual([{ kind: 'platform', tender: '云岭大道', host: 'new.example.cn:8443' }])
    expect(saved).toEqual([{ platforms: { [id]: 'https://new.example.cn:8443/api' } }])
  })

  test('stays when the user does not agree', async () => {
    const { set, saved } = setting(false, null)
    await expect(set('https://new.example.cn')).rejects.toMatchObject({ code: 'cancelled' })
    expect(saved).toEqual([])
  })

  test('is not asked about when it is the same, nor when it is none', async () => {
    const { set, asked } = setting(false, 'https://old.example.cn')
    await set('https://old.example.cn/')
    await expect(set('http://old.example.cn')).rejects.toMatchObject({ code: 'arguments.bad' })
    expect(asked).toEqual([])
  })
})
