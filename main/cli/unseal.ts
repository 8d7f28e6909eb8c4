import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { verifyDocument } from '../../crypto/index.ts'
import { AppFailure } from '../contract/failure.ts'
import { judgementOf, unsealBid } from '../services/index.ts'
import type { KeySource } from '../services/index.ts'
import type { TokenOptions, TrustOptions } from './options.ts'
import { withTokenOptions, withTrustOption } from './options.ts'
import type { Context, Shell } from './shell.ts'
import { plain, size } from './wording.ts'

interface UnsealOptions extends TokenOptions, TrustOptions {
  readonly token?: string
  readonly record?: string
  readonly recoveryCode?: string
  readonly output: string
}

/** `unseal`. */
export function addUnseal(program: Command, shell: Shell): void {
  withTrustOption(
    withTokenOptions(
      program
        .command('unseal')
        .description('open a sealed bid here (self-test, archive after the opening)')
        .argument('<file>')
        .option('--token <uri>', 'the lock that opens it')
        .option('--record <file>', "instead of a lock: the opening's record.json, which holds the keys")
        .option('--recovery-code <file>', 'instead of a lock: the file with the recovery code')
        .requiredOption('-o, --output <dir>', 'the new folder to write'),
    ),
  ).action((file: string, options: UnsealOptions, command: Command) =>
    shell.run(command, context => run(context, file, options)),
  )
}

async function run(context: Context, file: string, options: UnsealOptions): Promise<void> {
  const { ports, terminal, control } = context
  const trust = await context.trust(options)
  const keys = await keySource(context, options)
  const opened = await unsealBid(
    ports,
    { file, output: options.output, keys, judge: bid => judgementOf(ports, bid, trust) },
    control,
  )
  const { sealId, shortCode, manifest, opening } = opened
  const documents = manifest.documents.map(({ id, name, role, size: bytes, digest }) => ({
    id,
    name,
    role,
    size: bytes,
    digest,
  }))
  terminal.result({
    ok: true,
    output: options.output,
    sealId,
    shortCode,
    documents,
    opening: opening.forms,
    forms: manifest.forms,
  })
  const bytes = documents.reduce((sum, document) => sum + document.size, 0)
  terminal.say(
    terminal.words({
      zh: `已打开 ${shortCode}：${documents.length} 份文件，${size(bytes)}，在 ${options.output}`,
      en: `Opened ${shortCode}: ${documents.length} documents, ${size(bytes)}, in ${options.output}`,
    }),
  )
  for (const { name } of documents) terminal.say(`  ${plain(name)}`)
}

async function keySource(context: Context, options: UnsealOptions): Promise<KeySource> {
  const { token, record, recoveryCode } = options
  if ([token, record, recoveryCode].filter(each => each !== undefined).length !== 1) {
    throw new AppFailure('arguments.bad', 'exactly one of --token, --record and --recovery-code is needed')
  }
  if (record !== undefined) {
    const document = {
      bytes: await readInput(record),
      signature: await readInput(record.replace(/\.json$/, '') + '.p7s'),
    }
    return { kind: 'record', record: verifyDocument('record', document).fields }
  }
  if (recoveryCode !== undefined) {
    return { kind: 'recovery', code: new TextDecoder().decode(await readInput(recoveryCode)).trim() }
  }
  const uri = token ?? ''
  return { kind: 'lock', locks: context.locks(options, [uri]), uri }
}

async function readInput(path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path))
  } catch (error) {
    throw new AppFailure('input.unreadable', 'the record, its signature or the code cannot be read', { cause: error })
  }
}
