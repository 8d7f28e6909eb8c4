import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect } from 'vitest'
import { parseCertificate, sm2PointOf } from '../../../../crypto/cert/certificate.ts'
import { decodeGmEnveloped } from '../../../../crypto/cms/gm/enveloped-data.ts'
import { wrapKeyGm } from '../../../../crypto/cms/gm/envelope.ts'
import type { Sm2Transport } from '../../../../crypto/envelope/key-opener.ts'
import { sm2Digest, sm2VerifyDigest } from '../../../../crypto/sm/sm2/index.ts'
import type { TokenDriver, TokenSession, TokenSummary } from '../../../../crypto/token/port.ts'
import type { SkfProfile } from '../../../../crypto/token/profiles/driver-profile.ts'
import { openSkfDriver } from '../../../../crypto/token/skf/driver.ts'
import type { SoftSkfBuild } from '../../../fakes/skf/build.ts'
import { makeSoftSkf, type SoftSkf, type SoftSkfLock } from '../../../fakes/skf/soft-skf.ts'
import { type GmBidder, gmCa } from '../../../fixtures/gm-ca.ts'

export const pin = '246810'

/** Something to sign with the bidder's key: e = SM3(Z ‖ M). */
export const digest = sm2Digest(pointOf(gmCa().bidder), randomBytes(1000))

export interface RigOptions {
  readonly build: SoftSkfBuild
  readonly profile?: SkfProfile
  /** BIDSEAL_SOFT_SKF_QUIRKS of every test (soft.h). */
  readonly quirks?: string
}

/** A soft SKF library in this process with a driver over it, and what tests do with both. */
export interface SkfRig {
  readonly skf: SoftSkf
  readonly driver: TokenDriver
  readonly build: SoftSkfBuild
  /** Plugs in the lock of a bidder, with both pairs in one container. */
  addBidder(device: string, bidder?: GmBidder, changes?: Partial<SoftSkfLock>): void
  /** From now on, until the test ends (soft.h). */
  setFault(fault: string): void
  setQuirks(quirks: string): void
  token(device: string): Promise<TokenSummary>
  login(device: string): Promise<TokenSession>
  withLogin<T>(device: string, use: (session: TokenSession) => Promise<T>): Promise<T>
}

/**
 * Gives every test of a block a library without devices. After each, the driver is closed, and the library must have all
 * its handles back, whatever has happened.
 */
export function useSkf({ build, profile, quirks = '' }: RigOptions): () => SkfRig {
  let rig: SkfRig | null = null
  beforeEach(async () => {
    const skf = makeSoftSkf(build)
    Object.assign(process.env, skf.environment, { BIDSEAL_SOFT_SKF_QUIRKS: quirks })
    rig = makeRig(skf, await openSkfDriver(skf.modulePath, profile ?? layoutOf(build)), build)
  })
  afterEach(async () => {
    delete process.env['BIDSEAL_SOFT_SKF_FAULT']
    try {
      await rig?.driver.close()
      expect(rig?.skf.openHandles()).toBe(0)
    } finally {
      rig?.skf.remove()
    }
  })
  return () => rig ?? expect.fail('no test is running')
}

/** Ids of the key pairs for either use. */
export async function keysOf(session: TokenSession): Promise<{ readonly sign: string; readonly decrypt: string }> {
  const certificates = await session.certificates()
  const of = (use: 'sign' | 'decrypt'): string => certificates.find(({ uses }) => uses.includes(use))?.keyId ?? ''
  return { sign: of('sign'), decrypt: of('decrypt') }
}

/** An envelope for a bidder as the port takes it, with the key that is in it. */
export function envelopeFor({ decrypt }: GmBidder): { readonly key: Buffer; readonly transport: Sm2Transport } {
  const key = randomBytes(32)
  const envelope = wrapKeyGm(key, { recipient: parseCertificate(decrypt.certificate) })
  const { encryptedKey, iv, content } = decodeGmEnveloped(envelope)
  return { key, transport: { kind: 'sm2-sm4-cbc', encryptedKey, iv, content } }
}

/** Opens an envelope for the bidder and answers whether it gave the key; whatever it gives has 32 bytes. */
export async function opens(
  session: TokenSession,
  changes: Partial<Sm2Transport> = {},
  bidder: GmBidder = gmCa().bidder,
): Promise<boolean> {
  const { key, transport } = envelopeFor(bidder)
  const { decrypt } = await keysOf(session)
  const opened = await session.open(decrypt, { ...transport, ...changes })
  expect(opened).toHaveLength(32)
  return key.equals(opened)
}

/** Signs {@link digest} and answers whether the signature is the bidder's. */
export async function signs(session: TokenSession, bidder: GmBidder = gmCa().bidder): Promise<boolean> {
  const { sign } = await keysOf(session)
  return sm2VerifyDigest(pointOf(bidder), digest, await session.sign(sign, 'sm2-sm3', digest))
}

export function pointOf({ sign }: GmBidder): Uint8Array {
  return sm2PointOf(parseCertificate(sign.certificate))
}

function layoutOf(build: SoftSkfBuild): SkfProfile {
  return build === 'packed' || build === 'natural' ? { layout: build } : {}
}

function makeRig(skf: SoftSkf, driver: TokenDriver, build: SoftSkfBuild): SkfRig {
  const token = async (device: string): Promise<TokenSummary> => {
    const found = (await driver.list()).find(({ serial }) => serial === `${device}-0001`)
    return found ?? expect.fail(`${device} is not listed`)
  }
  const login = (device: string): Promise<TokenSession> => driver.login(`skf:serial=${device}-0001`, pin)
  return {
    skf,
    driver,
    build,
    addBidder(device, bidder = gmCa().bidder, changes = {}) {
      const containers = [{ name: '公章', sign: bidder.sign, encrypt: bidder.decrypt }]
      skf.addLock({ device, pin, containers, ...changes })
    },
    setFault: fault => void (process.env['BIDSEAL_SOFT_SKF_FAULT'] = fault),
    setQuirks: quirks => void (process.env['BIDSEAL_SOFT_SKF_QUIRKS'] = quirks),
    token,
    login,
    async withLogin(device, use) {
      const session = await login(device)
      try {
        return await use(session)
      } finally {
        await session.close()
      }
    },
  }
}
