import ts from 'typescript'
import { expect, test } from 'vitest'
import { parse, sourcesUnder, visitAll, type Source } from '../../architecture/rules/source.ts'

const sources = sourcesUnder('renderer').filter(({ file }) => !file.startsWith('renderer/messages/'))

/** Words that a person would read: Chinese anywhere, and letters between tags. */
function textsIn(source: Source): readonly string[] {
  const found: string[] = []
  visitAll(parse(source), node => {
    const literal = ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)
    if (literal && /[\u4e00-\u9fff]/.test(node.text)) found.push(node.text)
    if (ts.isJsxText(node) && /\p{L}/u.test(node.text)) found.push(node.text.trim())
    if (ts.isJsxAttribute(node) && /^(title|label|placeholder|aria-label|alt)$/.test(node.name.getText())) {
      if (node.initializer !== undefined && ts.isStringLiteral(node.initializer)) found.push(node.initializer.text)
    }
  })
  return found.map(text => `${source.file}: ${text}`)
}

test('no words of the page stand outside renderer/messages', () => {
  expect(sources.length).toBeGreaterThan(50)
  expect(sources.flatMap(textsIn)).toEqual([])
})

test('finds words in strings, templates, tags and labels', () => {
  const file = 'renderer/sample.tsx'
  for (const text of [
    "const a = '封标'",
    'const a = `${b} 封标`',
    'const a = <p>Seal</p>',
    'const a = <p title="Seal" />',
  ]) {
    expect(textsIn({ file, text })).toHaveLength(1)
  }
  expect(textsIn({ file, text: '// 封标\nconst a = <p className="seal">{text} · </p>' })).toEqual([])
})
