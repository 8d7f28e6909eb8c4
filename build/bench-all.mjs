// `npm run bench:all [part of a name…]`: every figure with a clock or a ratio. Prints them and never fails a build: a slow
// machine is not a fault of the program.
import { mkdir, readdir } from 'node:fs/promises'
import { basename } from 'node:path'
import { build } from 'esbuild'
import { inProject, projectRoot, run, runTool } from './project.mjs'

await runTool(inProject('build/bundle.mjs'), ['--quiet'])
const asked = process.argv.slice(2)
const files = await readdir(inProject('test/bench'), { recursive: true }).catch(() => [])
const scripts = files
  .filter(file => /\.bench\.(ts|mjs)$/.test(file))
  .filter(file => asked.length === 0 || asked.some(part => file.includes(part)))
  .sort()
for (const script of scripts) {
  console.log(`\n== ${script}`)
  try {
    const { code } = await run(process.execPath, [await compiled(script)])
    if (code !== 0) console.log(`${script} ended with ${code}`)
  } catch (error) {
    console.log(`${script} could not be built: ${error instanceof Error ? error.message : String(error)}`)
  }
}
console.log(`\n${scripts.length} benchmarks`)

/**
 * Node 20 runs no TypeScript: the script becomes one file in out/bench, its packages stay where they are.
 * @param {string} script
 */
async function compiled(script) {
  const outfile = inProject('out/bench', `${basename(script).replace(/\.(ts|mjs)$/, '')}.mjs`)
  await mkdir(inProject('out/bench'), { recursive: true })
  await build({
    absWorkingDir: projectRoot,
    entryPoints: [`test/bench/${script}`],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'silent',
  })
  return outfile
}
