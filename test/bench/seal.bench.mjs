// Sealing and digests, in plain Node and in Electron's main process, each beside its peers in the same rounds.
import { inProject, run } from '../../build/project.mjs'

const size = process.env['BIDSEAL_BENCH_MIB'] ?? '256'
const program = inProject('out/cli.cjs')
for (const [...what] of [['seal'], ['hash'], ['seal', '--app']]) {
  const { code } = await run(process.execPath, [program, 'bench', ...what, '--size', size, '--lang', 'en'])
  if (code !== 0) process.exitCode = code
}
