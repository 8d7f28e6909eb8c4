import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { TestContext } from 'vitest'

const run = promisify(execFile)

/**
 * Whether a disk whose power can be cut can be made here: by root on Linux, where the kernel has loop devices to give. Elsewhere
 * the calling test ends here and is listed, with this reason, among what did not run.
 */
export async function needsPowerCuts(context: TestContext): Promise<void> {
  const tools = (): Promise<unknown> =>
    Promise.all([run('losetup', ['--find']), run('fsfreeze', ['--version']), run('mkfs.ext4', ['-V'])])
  const works =
    process.platform === 'linux' &&
    process.getuid?.() === 0 &&
    (await tools().then(
      () => true,
      () => false,
    ))
  if (!works) context.skip('simulated power cuts need Linux, root and loop devices')
}
