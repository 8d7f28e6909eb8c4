import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inProject } from '../../../build/project.mjs'

/**
 * A font configuration that adds the project's Chinese typeface to the system's: a machine without one would show boxes in
 * the screenshots. Answers the file for `FONTCONFIG_FILE`.
 */
export function withChineseTypeface(folder: string): string {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'fonts.conf')
  const configuration = [
    '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">',
    '<fontconfig>',
    '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>',
    `<dir>${inProject('out/fonts')}</dir>`,
    `<cachedir>${join(folder, 'cache')}</cachedir>`,
    '</fontconfig>',
  ]
  writeFileSync(file, configuration.join('\n'))
  return file
}
