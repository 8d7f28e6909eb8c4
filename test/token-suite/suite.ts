import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { TokenModule } from '../../crypto/token/host/calls.ts'
import { chooseCertificate, keyOpenerFromToken, signerFromToken } from '../../crypto/token/identities.ts'
import { openPkcs11Driver } from '../../crypto/token/pkcs11/driver.ts'
import type { KeyUse, TokenDriver, TokenSession, TokenSummary } from '../../crypto/token/port.ts'
import { openSkfDriver } from '../../crypto/token/skf/driver.ts'
import { openSoftDriver } from '../../crypto/token/soft/driver.ts'
import { childProcessStarter, startTokenHost } from '../../main/token-host/index.ts'
import { expectRejection } from '../fixtures/failure.ts'
import { bundleTokenHost, type TokenHostBundle } from '../fixtures/token-host-bundle.ts'
import { digestFor, envelopeFor, holds, tampered } from './envelopes.ts'
import type { SubjectPair, TokenSubject } from './subject.ts'

/** What a library under the suite is, and where it may differ. */
export interface SuiteOptions {
  readonly title: string
  /** Makes the library's lock. */
  readonly prepare: () => TokenSubject | Promise<TokenSubject>
  /** Whether the PIN can be changed through it. */
  readonly changesPin: boolean
  /** False where the same library runs the suite in a process of its own with other keys. */
  readonly inOwnProcess?: boolean
}

/**
 * What every library must do alike, through the one port: in this process, and in a process of its own as users have it.
 * A test file runs it for one library: what a library keeps belongs to the process.
 */
export function tokenSuite(options: SuiteOptions): void {
  describe(options.title, () => suite(options))
}

function suite({ prepare, changesPin, inOwnProcess = true }: SuiteOptions): void {
  let subject: TokenSubject
  let bundle: TokenHostBundle

  beforeAll(async () => {
    bundle = await bundleTokenHost('with-binding')
    subject = await prepare()
    Object.assign(process.env, subject.environment)
  })

  afterAll(() => {
    subject.remove()
    bundle.remove()
  })

  const drivers: readonly (readonly [string, () => Promise<TokenDriver>])[] = [
    ['in this process', () => openHere(subject.module)],
    ['in a process of its own', () => Promise.resolve(startHost(subject, bundle))],
  ]

  describe.each(drivers.slice(0, inOwnProcess ? 2 : 1))('%s', (_where, start) => {
    let driver: TokenDriver
    const sessions: TokenSession[] = []

    beforeAll(async () => {
      driver = await start()
    })

    afterEach(async () => {
      for (const session of sessions.splice(0)) await session.close()
    })

    afterAll(() => driver.close())

    async function token(from = driver): Promise<TokenSummary> {
      const found = (await from.list()).filter(({ label }) => label === subject.label)
      expect(found).toHaveLength(1)
      const [only] = found
      if (only === undefined) throw new Error('the lock is not there')
      return only
    }

    async function login(pin = subject.pin): Promise<TokenSession> {
      const session = await driver.login((await token()).uri, pin)
      sessions.push(session)
      return session
    }

    /** The key ids that the pairs of a use have, in the order of the subject. */
    async function keysOf(
      session: TokenSession,
      use: KeyUse,
    ): Promise<readonly { readonly pair: SubjectPair; readonly keyId: string }[]> {
      const certificates = await session.certificates()
      return subject.pairs
        .filter(pair => pair.use === use)
        .map(pair => {
          const { keyId } = chooseCertificate(
            certificates.filter(one => Buffer.from(one.certificate).equals(pair.certificate)),
            use,
          )
          return { pair, keyId }
        })
    }

    it('tells which library it is', async () => {
      const module = await driver.module()
      expect(module.path).toBe(subject.module.path)
      expect(module.description + module.manufacturer).not.toBe('')
    })

    it('lists the lock without a PIN: every certificate, and what its key is for', async () => {
      const { kind, pin, certificates } = await token()
      expect(kind).toBe(subject.module.kind)
      expect(pin).toMatchObject({ state: 'ok', protectedPath: false })
      const listed = certificates.map(({ certificate, uses }) => [hex(certificate), uses])
      const expected = [
        ...subject.pairs.map(({ certificate, use }) => [hex(certificate), [use]]),
        ...subject.strangers.map(certificate => [hex(certificate), []]),
      ]
      expect(listed.sort()).toEqual(expected.sort())
      const before = subject.triesLeft?.()
      await token()
      expect(subject.triesLeft?.()).toBe(before)
    })

    it('takes a wrong PIN once and says that it was wrong, and goes on with the right one', async () => {
      const { uri } = await token()
      const before = subject.triesLeft?.()
      const told = await expectRejection('token.pin-incorrect', driver.login(uri, 'wrong-777'))
      expect(told).not.toContain('777')
      if (before !== undefined) expect(subject.triesLeft?.()).toBe(before - 1)
      await login()
      if (before !== undefined) expect(subject.triesLeft?.()).toBe(before)
      expect((await token()).pin.state).toBe('ok')
    })

    it('lets no wrong PIN pass because somebody is logged in', async () => {
      const { uri } = await token()
      await login()
      await expectRejection('token.pin-incorrect', driver.login(uri, 'wrong-777'))
      await login()
    })

    it('signs with every algorithm its keys have, again and again, and software verifies it', async () => {
      const session = await login()
      const keys = await keysOf(session, 'sign')
      expect(keys.length).toBeGreaterThan(0)
      for (const { pair, keyId } of keys) {
        expect(await session.algorithms(keyId)).toEqual(pair.algorithms)
        for (const algorithm of pair.algorithms) {
          for (const message of [randomBytes(1000), randomBytes(1), new Uint8Array(0)]) {
            const digest = digestFor(pair.certificate, algorithm, message)
            const signature = await session.sign(keyId, algorithm, digest, message)
            expect(holds(pair.certificate, algorithm, message, signature)).toBe(true)
            expect(holds(pair.certificate, algorithm, randomBytes(1000), signature)).toBe(false)
          }
        }
      }
    })

    it('opens every kind of envelope its keys have', async () => {
      const session = await login()
      const certificates = await session.certificates()
      for (const { pair, keyId } of await keysOf(session, 'decrypt')) {
        for (const kind of pair.transports) {
          const opener = keyOpenerFromToken(session, certificates, { keyId })
          for (const envelope of [
            await envelopeFor(pair.certificate, kind),
            await envelopeFor(pair.certificate, kind),
          ]) {
            expect(hex(await envelope.open(opener))).toBe(hex(envelope.key))
          }
        }
      }
    })

    it('answers an envelope that was tampered with by random bytes, each time others', async () => {
      const session = await login()
      for (const { pair, keyId } of await keysOf(session, 'decrypt')) {
        for (const kind of pair.transports) {
          const envelope = await envelopeFor(pair.certificate, kind)
          for (const { field, transport } of tampered(envelope.transport)) {
            const [first, second] = [await session.open(keyId, transport), await session.open(keyId, transport)]
            expect([first.length, second.length]).toEqual([32, 32])
            expect([hex(first), hex(second)]).not.toContain(hex(envelope.key))
            // SM4-CBC has no tag of its own: what is wrong with the content alone is found by the bid's commitment.
            if (/key/i.test(field)) expect(hex(first)).not.toBe(hex(second))
          }
          const sound = await session.open(keyId, envelope.transport)
          expect(sound).toHaveLength(32)
        }
      }
    })

    it('uses no key for what it is not for', async () => {
      const session = await login()
      const [sign] = await keysOf(session, 'sign')
      const [decrypt] = await keysOf(session, 'decrypt')
      const algorithm = sign?.pair.algorithms[0] ?? 'rsa-pkcs1-sha256'
      const digest = randomBytes(32)
      await expectRejection('token.wrong-lock', session.sign(decrypt?.keyId ?? '', algorithm, digest))
      await expectRejection('token.wrong-lock', session.sign('7777', algorithm, digest))
      if (decrypt !== undefined && decrypt.pair.transports[0] !== undefined) {
        const { transport } = await envelopeFor(decrypt.pair.certificate, decrypt.pair.transports[0])
        await expectRejection('token.wrong-lock', session.open(sign?.keyId ?? '', transport))
      }
      const other = algorithm === 'sm2-sm3' ? 'rsa-pkcs1-sha256' : 'sm2-sm3'
      await expectRejection('token.unsupported', session.sign(sign?.keyId ?? '', other, digest))
      await expectRejection('arguments.bad', session.sign(sign?.keyId ?? '', algorithm, randomBytes(31)))
      const message = randomBytes(10)
      const own = digestFor(sign?.pair.certificate ?? new Uint8Array(0), algorithm, message)
      const signature = await session.sign(sign?.keyId ?? '', algorithm, own, message)
      expect(holds(sign?.pair.certificate ?? new Uint8Array(0), algorithm, message, signature)).toBe(true)
    })

    it('ends a session for good, beside one that goes on, and begins another', async () => {
      const [first, second] = [await login(), await login()]
      const [key] = await keysOf(first, 'sign')
      const sign = (session: TokenSession): Promise<Uint8Array> =>
        session.sign(key?.keyId ?? '', algorithm, digest, message)
      const algorithm = key?.pair.algorithms[0] ?? 'rsa-pkcs1-sha256'
      const message = randomBytes(10)
      const digest = digestFor(key?.pair.certificate ?? new Uint8Array(0), algorithm, message)
      await sign(first)
      await first.close()
      await first.close()
      await expectRejection('token.removed', sign(first))
      expect(holds(key?.pair.certificate ?? new Uint8Array(0), algorithm, message, await sign(second))).toBe(true)
      await second.close()
      await expectRejection('token.removed', sign(second))
      await sign(await login())
    })

    it('is found again by its name, whoever loads the library', async () => {
      const { uri } = await token()
      const again = startHost(subject, bundle)
      try {
        expect((await token(again)).uri).toBe(uri)
        const session = await again.login(uri, subject.pin)
        const signing = await session.certificates()
        const { keyId } = (await keysOf(session, 'sign'))[0] ?? { keyId: '' }
        expect((await signerFromToken(session, signing, { keyId })).algorithms.length).toBeGreaterThan(0)
        await session.close()
      } finally {
        await again.close()
      }
      const absent = uri.startsWith('p12:')
        ? uri.replace(/\.p12$/, '-other.p12')
        : uri.replace(/(serial|token)=/, '$1=x')
      await expectRejection('token.absent', driver.login(absent, subject.pin))
    })

    if (changesPin) {
      it('changes the PIN and changes it back; the old one is no longer taken', async () => {
        const { uri } = await token()
        const newPin = 'a-New-135790'
        const wrong = driver.changePin(uri, { oldPin: 'wrong-777', newPin })
        await expectRejection('token.pin-incorrect', wrong)
        await driver.changePin(uri, { oldPin: subject.pin, newPin })
        try {
          await expectRejection('token.pin-incorrect', driver.login(uri, subject.pin))
          await login(newPin)
        } finally {
          await driver.changePin(uri, { oldPin: newPin, newPin: subject.pin })
        }
        await login()
      })
    } else {
      it('says that the PIN is not changed through it', async () => {
        const { uri } = await token()
        const change = driver.changePin(uri, { oldPin: subject.pin, newPin: 'a-New-135790' })
        await expectRejection('token.unsupported', change)
      })
    }
  })
}

function startHost({ module, environment }: TokenSubject, { program }: TokenHostBundle): TokenDriver {
  const env = { ...process.env, ...environment }
  return startTokenHost({ module, startProcess: childProcessStarter(program, { env }) })
}

function openHere(module: TokenModule): Promise<TokenDriver> {
  if (module.kind === 'pkcs11') return openPkcs11Driver(module.path, module.profile)
  if (module.kind === 'skf') return openSkfDriver(module.path, module.profile)
  return openSoftDriver(module.path)
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
