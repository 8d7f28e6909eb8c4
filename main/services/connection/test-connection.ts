import type { SecureContext } from 'node:tls'
import type { JobControl } from '../../../crypto/index.ts'
import { throwIfCancelled } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { portOf } from '../../http/index.ts'
import type { ProxyServer, WayOut } from '../../http/index.ts'
import { toFailure } from '../failure.ts'
import type { Ports } from '../ports.ts'
import { connectionLayers } from './layers.ts'
import type { ConnectionFinding, ConnectionLayer, ConnectionReport, LayerReport } from './layers.ts'
import { probeConnection, probeName, probeProxy, probeTls, proxyFinding } from './probes.ts'
import type { Place } from './probes.ts'

export interface ConnectionTest {
  /** The platform's address, or another server's. */
  readonly url: string
  /** What stands there: a platform is asked for its time, another server only reached. */
  readonly kind: 'platform' | 'server'
  /** Through which proxy it is asked, by the same settings as everything else. */
  readonly wayOut: WayOut
  /** Whom TLS trusts, where that isn't what Node trusts. */
  readonly trust?: SecureContext | undefined
  /** Milliseconds for one layer. */
  readonly patience?: number
}

/**
 * Looks at every layer between this computer and a server, in order, and stops at the first that does not hold: the host
 * that is in the way is named there. Sends nothing of the user's. Throws `arguments.bad` for what is no http(s) address,
 * `cancelled`.
 */
export async function testConnection(
  ports: Pick<Ports, 'platformAt' | 'clock' | 'monotonic'>,
  test: ConnectionTest,
  control: Pick<JobControl, 'signal'>,
): Promise<ConnectionReport> {
  const url = addressOf(test.url)
  const target = placeOf(url)
  const limits = { patience: test.patience ?? 8_000, signal: control.signal }
  const monotonic = ports.monotonic ?? (() => performance.now())
  const layers: LayerReport[] = []
  let held = true

  async function look(layer: ConnectionLayer, place: Place, work: () => Promise<ConnectionFinding>): Promise<void> {
    throwIfCancelled(control.signal)
    const whose = place === target ? 'server' : 'proxy'
    if (!held) {
      layers.push({ layer, status: 'not-reached', whose, ...place, finding: null, ms: 0 })
      return
    }
    const began = monotonic()
    const finding = await work()
    throwIfCancelled(control.signal)
    const status = statusOf(finding)
    held = status !== 'problem'
    layers.push({ layer, status, whose, ...place, finding, ms: Math.round(monotonic() - began) })
  }

  const proxy = await test.wayOut(url).catch((error: unknown) => {
    if (error instanceof AppFailure && error.code === 'platform.proxy') return 'misnamed' as const
    throw error
  })
  const first = proxy === null || proxy === 'misnamed' ? target : placeOf(proxy.url)
  if (proxy === 'misnamed') held = false
  await look('name', first, () => probeName(first, limits))
  await look('connection', first, () => probeConnection(first, limits))
  if (proxy === 'misnamed') {
    const finding = { code: 'proxy.misnamed' } as const
    layers.push({ layer: 'proxy', status: 'problem', whose: 'proxy', ...first, finding, ms: 0 })
    await look('tls', target, () => Promise.reject(new Error('unreachable')))
    await look('platform', target, () => Promise.reject(new Error('unreachable')))
    return reportOf(url, layers)
  }
  await look('proxy', first, () => throughProxy(proxy))
  await look('tls', target, () =>
    url.protocol === 'http:'
      ? Promise.resolve<ConnectionFinding>({ code: 'tls.none' })
      : probeTls(target, proxy, test.trust, limits),
  )
  if (test.kind === 'platform') await look('platform', target, () => timeOf(ports, test.url, monotonic, control.signal))
  return reportOf(url, proxy === null ? layers : blamingTheProxy(layers, first))

  function throughProxy(asked: ProxyServer | null): Promise<ConnectionFinding> {
    if (asked === null) return Promise.resolve({ code: 'proxy.none' })
    // What is not encrypted goes through without a tunnel: whether the proxy lets it is seen with the platform's answer.
    if (url.protocol === 'http:') return Promise.resolve({ code: 'proxy.passes' })
    return probeProxy(target, asked, test.trust, limits)
  }
}

async function timeOf(
  { platformAt, clock }: Pick<Ports, 'platformAt' | 'clock'>,
  url: string,
  monotonic: () => number,
  signal: AbortSignal | undefined,
): Promise<ConnectionFinding> {
  const began = monotonic()
  try {
    const serverTime = await platformAt(url, signal).serverTime()
    const half = (monotonic() - began) / 2
    const middle = clock.now().getTime() - half
    return {
      code: 'platform.time',
      offsetMs: Math.round(serverTime.getTime() - middle),
      uncertaintyMs: Math.max(1, Math.ceil(half)),
    }
  } catch (error) {
    return { code: 'platform.failed', failure: toFailure(error) }
  }
}

/** A platform that cannot be asked because of the proxy is the proxy's problem. */
function blamingTheProxy(layers: readonly LayerReport[], proxy: Place): readonly LayerReport[] {
  const finding = layers.at(-1)?.finding
  if (finding?.code !== 'platform.failed' || finding.failure.code !== 'platform.proxy') return layers
  const { code, detail = '' } = finding.failure
  return layers.map(each => {
    if (each.layer === 'proxy') {
      return {
        ...each,
        ...proxy,
        whose: 'proxy',
        status: 'problem',
        finding: proxyFinding(new AppFailure(code, detail)),
      }
    }
    const behind = connectionLayers.indexOf(each.layer) > connectionLayers.indexOf('proxy')
    return behind ? { ...each, status: 'not-reached', finding: null } : each
  })
}

function reportOf(url: URL, layers: readonly LayerReport[]): ConnectionReport {
  return { ok: layers.every(({ status }) => status === 'ok' || status === 'not-needed'), origin: url.origin, layers }
}

function statusOf({ code }: ConnectionFinding): LayerReport['status'] {
  switch (code) {
    case 'name.known':
    case 'connection.made':
    case 'proxy.passes':
    case 'tls.trusted':
    case 'platform.time':
      return 'ok'
    case 'proxy.none':
    case 'tls.none':
      return 'not-needed'
    default:
      return 'problem'
  }
}

function addressOf(text: string): URL {
  let url: URL | null = null
  try {
    url = new URL(text)
  } catch {
    // Said below, as for any other address that can't be asked.
  }
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new AppFailure('arguments.bad', 'the address must be a plain http or https URL')
  }
  return url
}

function placeOf(url: URL): Place {
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: portOf(url) }
}
