import type { KeyUse, ModuleSummary, TokenSummary } from '../../../crypto/index.ts'
import type { Failure } from '../../contract/failure.ts'
import { readableFacts } from '../certificate-facts.ts'
import type { CertificateFacts } from '../certificate-facts.ts'
import { toFailure } from '../failure.ts'
import type { ModuleReference, TokenHosts } from '../ports.ts'
import { driverOf } from './loadable.ts'

/** A certificate on a token; `facts` is null where it can't be read. */
export interface ListedCertificate {
  readonly keyId: string
  readonly label: string
  readonly uses: readonly KeyUse[]
  readonly facts: CertificateFacts | null
}

export interface ListedToken extends Omit<TokenSummary, 'certificates'> {
  readonly certificates: readonly ListedCertificate[]
}

/** One module: what it says of itself and what is plugged in, or why it can't be used. */
export interface ListedModule {
  readonly reference: ModuleReference
  readonly summary: ModuleSummary | null
  readonly tokens: readonly ListedToken[]
  readonly failure: Failure | null
}

/** Looks into every module; one that fails doesn't hide the others. */
export function listModules(hosts: TokenHosts, modules: readonly ModuleReference[]): Promise<readonly ListedModule[]> {
  return Promise.all(modules.map(reference => listModule(hosts, reference)))
}

async function listModule(hosts: TokenHosts, reference: ModuleReference): Promise<ListedModule> {
  try {
    const driver = driverOf(hosts, reference)
    const summary = await driver.module()
    const tokens = await driver.list()
    return { reference, summary, tokens: tokens.map(listedToken), failure: null }
  } catch (error) {
    return { reference, summary: null, tokens: [], failure: toFailure(error) }
  }
}

function listedToken(token: TokenSummary): ListedToken {
  return {
    ...token,
    certificates: token.certificates.map(({ keyId, label, uses, certificate }) => ({
      keyId,
      label,
      uses,
      facts: readableFacts(certificate),
    })),
  }
}
