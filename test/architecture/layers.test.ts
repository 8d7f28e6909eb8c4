import { expect, test } from 'vitest'
import { importsOf } from './rules/imports.ts'
import { layerViolations } from './rules/layers.ts'
import { sourcesUnder } from './rules/source.ts'

const ours = ['main', 'renderer', 'crypto', 'test', 'build']

test('every import stays inside its layer', () => {
  const sources = sourcesUnder(...ours)
  // A walk that finds nothing would pass in silence.
  expect(sources.length).toBeGreaterThan(40)
  expect(sources.flatMap(source => layerViolations(source.file, importsOf(source)))).toEqual([])
})

test.each([
  ['main/contract/job.ts', "import { readFile } from 'node:fs/promises'"],
  ['main/contract/job.ts', "import { z } from 'zod'"],
  ['main/services/seal.ts', "import { app } from 'electron'"],
  ['main/services/seal.ts', "import type { App } from 'electron'"],
  ['main/services/seal.ts', "import { sealBid } from '../../crypto/envelope/seal.ts'"],
  ['main/services/seal.ts', "import { writeAtomically } from '../store/atomic-json.ts'"],
  ['main/services/seal.ts', "export * from '../store/atomic-json.ts'"],
  ['main/services/seal.ts', "type Store = import('../store/atomic-json.ts').Store"],
  ['main/services/seal.ts', "import pkcs11 = require('pkcs11js')"],
  ['main/services/seal.ts', "const pkcs11 = require('pkcs11js')"],
  ['main/services/seal.ts', "const pkcs11 = await import('pkcs11js')"],
  ['main/services/seal.ts', 'const found = await import(name)'],
  ['main/services/seal.ts', "const net = process.getBuiltinModule('node:net')"],
  ['main/services/seal.ts', "import { createRequire } from 'node:module'"],
  ['main/services/seal.ts', "import tus from 'tus-js-client'"],
  ['main/store/home.ts', "import { request } from 'node:https'"],
  ['main/cli/seal.ts', "import { createWindow } from '../shell/windows.ts'"],
  ['main/preload.ts', "import { readFileSync } from 'node:fs'"],
  ['main/preload.ts', "import { seal } from './services/index.ts'"],
  ['renderer/screens/seal/seal.tsx', "import { ipcRenderer } from 'electron'"],
  ['renderer/screens/seal/seal.tsx', "import { sealBid } from '../../../crypto/index.ts'"],
  ['renderer/components/button.tsx', "import { bridge } from '../bridge.ts'"],
  ['renderer/stores/bid.ts', "import { useState } from 'react'"],
  ['crypto/envelope/seal.ts', "import { app } from 'electron'"],
  ['crypto/envelope/seal.ts', "import pkcs11js from 'pkcs11js'"],
  ['crypto/envelope/seal.ts', "import forge from 'node-forge'"],
  ['crypto/envelope/seal.ts', "import { request } from 'node:https'"],
  ['crypto/envelope/seal.ts', "import { spawn } from 'node:child_process'"],
  ['crypto/envelope/seal.ts', "import { Failure } from '../../main/contract/failure.ts'"],
  ['crypto/envelope/seal.ts', "import { randomBytes } from 'crypto'"],
  ['crypto/token/pkcs11/driver.ts', "import forge from 'node-forge'"],
  ['crypto/token/pkcs11/library.ts', "createRequire(here)('electron')"],
  ['crypto/token/pkcs11/library.ts', 'createRequire(here)(name)'],
  ['crypto/token/pkcs11/library.ts', 'const load = createRequire(here)'],
  ['main/helpers/dates.ts', "import { join } from 'node:path'"],
  ['build/bundle.mjs', "import { sealBid } from '../crypto/index.ts'"],
])('refuses, in %s, %s', (file, text) => {
  expect(layerViolations(file, importsOf({ file, text }))).toHaveLength(1)
})

test.each([
  [
    'main/services/seal.ts',
    "import { sealBid } from '../../crypto/index.ts'\nimport { home } from '../store/index.ts'",
  ],
  ['main/services/seal.ts', "import { draft } from './bids/draft.ts'\nimport yazl from 'yazl'"],
  ['main/cli.ts', "import { Command } from 'commander'\nimport { sealCommand } from './cli/seal.ts'"],
  ['main/shell/windows.ts', "import { app } from 'electron'\nimport { seal } from '../services/index.ts'"],
  ['renderer/stores/bid.ts', "import { createStore } from 'zustand/vanilla'\nimport { call } from '../bridge.ts'"],
  ['crypto/token/pkcs11/driver.ts', "const loaded = await import('pkcs11js')"],
  ['crypto/token/soft/pkcs12.ts', "import forge from 'node-forge'"],
  ['crypto/token/pkcs11/library.ts', "import { createRequire } from 'node:module'\ncreateRequire(here)('pkcs11js')"],
  ['crypto/envelope/seal.ts', "// import { app } from 'electron'\nconst text = \"import 'electron'\""],
])('accepts, in %s, %s', (file, text) => {
  expect(layerViolations(file, importsOf({ file, text }))).toEqual([])
})
