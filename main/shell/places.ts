import { join } from 'node:path'

/** Where the built programs and files stand. */
export interface Places {
  readonly pages: string
  readonly preloads: { readonly ui: string; readonly pin: string }
  readonly tokenHost: string
  readonly pipelineWorker: string
  readonly practice: string
  readonly font: string
}

/** The places around the built main program, which stands in `out/main`. */
export function placesAround(mainFolder: string): Places {
  const out = join(mainFolder, '..')
  return {
    pages: join(out, 'renderer'),
    preloads: { ui: join(out, 'preload', 'preload.cjs'), pin: join(out, 'preload', 'pin-preload.cjs') },
    tokenHost: join(out, 'token-host.cjs'),
    pipelineWorker: join(out, 'pipeline-worker.cjs'),
    practice: join(out, 'practice.cjs'),
    font: join(out, 'fonts', 'NotoSansSC_400Regular.ttf'),
  }
}
