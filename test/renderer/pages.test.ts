import { expect, test } from 'vitest'
import { importsOf } from '../architecture/rules/imports.ts'
import { readText, sourcesUnder } from '../architecture/rules/source.ts'

const pages = ['renderer/index.html', 'renderer/pin.html']

test.each(pages)('%s has no script, style or handler of its own', page => {
  const html = readText(page)
  expect(html.match(/<script[^>]*>/g)).toEqual([expect.stringContaining('src="./')])
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:/)
})

test('only the page whose styles are written at run time asks for a nonce', () => {
  expect(readText('renderer/index.html')).toContain('<meta name="style-nonce" content="__STYLE_NONCE__" />')
  expect(readText('renderer/pin.html')).not.toContain('NONCE')
})

test('one file touches what the preloads expose', () => {
  const touching = sourcesUnder('renderer').filter(({ text }) => /\bbidseal(Pin)?\b(?!['"/.-])/.test(text))
  expect(touching.map(({ file }) => file)).toEqual(['renderer/bridge.ts'])
})

test('the PIN page carries neither the UI kit nor the stores', () => {
  const carried = new Set<string>()
  const follow = (file: string): void => {
    if (carried.has(file)) return
    carried.add(file)
    if (!file.includes('.ts')) return
    for (const target of importsOf({ file, text: readText(file) })) {
      if (/^(renderer|main)\//.test(target)) follow(target)
      else carried.add(target)
    }
  }
  follow('renderer/pin.tsx')
  const names = [...carried]
  expect(names).toContain('renderer/components/pin-page.tsx')
  expect(names.filter(name => /antd|zustand|i18next|renderer\/(stores|screens)/.test(name))).toEqual([])
})

test('text stands out from its ground as WCAG AA asks', () => {
  const css = readText('renderer/styles/page.css')
  const colour = (name: string): string => new RegExp(`--${name}: (#[0-9a-f]{6})`).exec(css)?.[1] ?? ''
  const pairs = [
    ...['ink', 'ink-quiet', 'blue', 'cinnabar', 'green', 'amber'].flatMap(text => [
      [text, 'paper'] as const,
      [text, 'sheet'] as const,
    ]),
    ...(['ink', 'ink-quiet', 'amber'] as const).map(text => [text, 'amber-ground'] as const),
    ['sheet', 'blue'] as const,
    ['sheet', 'cinnabar'] as const,
  ]
  for (const [text, ground] of pairs) {
    const ratio = contrast(colour(text), colour(ground))
    expect([text, ground, ratio >= 4.5]).toEqual([text, ground, true])
  }
  expect(contrast(colour('line-strong'), colour('sheet'))).toBeGreaterThan(3)
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21)
})

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map(start => {
    const channel = parseInt(colour.slice(start, start + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
