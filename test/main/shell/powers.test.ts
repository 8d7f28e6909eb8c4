import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { inProject } from '../../../build/project.mjs'

const root = inProject()
const sources = ['main', 'renderer']
  .flatMap(folder => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
  .filter(entry => entry.isFile() && /\.tsx?$/.test(entry.name))
  .map(entry => join(entry.parentPath, entry.name))
  .map(path => ({ file: relative(root, path).replaceAll('\\', '/'), text: readFileSync(path, 'utf8') }))

/** The files whose code, not their comments, has something in it. */
function filesWith(pattern: RegExp): readonly string[] {
  const code = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  return sources.filter(({ text }) => pattern.test(code(text))).map(({ file }) => file)
}

// SECURITY: A13. What reaches far stands in files that are named here, and in no others.
test.each([
  ['the renderer’s end of the bridge', /\bipcRenderer\b|\bcontextBridge\b/, ['main/pin-preload.ts', 'main/preload.ts']],
  ['the main process’s end of the bridge', /\bipcMain\b/, ['main/index.ts']],
  ['the system’s shell', /\bopenExternal\b|\bshell\b[^\n]*from 'electron'/, ['main/shell/external-links.ts']],
  ['windows', /new BrowserWindow\b/, ['main/shell/windows.ts']],
  ['other views', /\bWebContentsView\b|\bBrowserView\b|<webview/, []],
  [
    'processes of Electron',
    /utilityProcess\.fork/,
    ['main/shell/practice-process.ts', 'main/shell/utility-process.ts'],
  ],
  [
    'processes of Node',
    /from 'node:child_process'/,
    [
      'main/cli/bench-app.ts',
      'main/practice/opening/opener.ts',
      'main/practice/spawn.ts',
      'main/services/bench/programs.ts',
      'main/token-host/child-process.ts',
    ],
  ],
  ['the app’s network', /\bnet\.(request|fetch)\b/, ['main/shell/electron-http.ts']],
  ['file dialogs', /\bdialog\.show/, ['main/shell/dialogs.ts']],
])('A13: %s', (_, pattern, files) => {
  expect([...filesWith(pattern)].sort()).toEqual(files)
})

test('S6, S8 to S10: no switch that weakens Chromium is written anywhere', () => {
  const switches =
    /webSecurity|allowRunningInsecureContent|experimentalFeatures|enableBlinkFeatures|appendSwitch|nodeIntegration\w*: true|contextIsolation: false|sandbox: false|webviewTag: true|setCertificateVerifyProc|ignore-certificate-errors(?!')/
  expect(filesWith(switches)).toEqual([])
})
