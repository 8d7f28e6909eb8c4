import { builtinModules } from 'node:module'
import tseslint from 'typescript-eslint'
import { projectRoot } from './project.mjs'

const sources = ['**/*.ts', '**/*.tsx', '**/*.mjs']

/** What the compiler does not see. (ESLint's own recommended set is a package of its own; most of it is the compiler's.) */
const coreRules = Object.fromEntries(
  [
    'eqeqeq',
    'no-cond-assign',
    'no-constant-condition',
    'no-debugger',
    'no-empty',
    'no-eval',
    'no-new-func',
    'no-self-compare',
    'no-sparse-arrays',
    'no-unmodified-loop-condition',
    'no-unsafe-finally',
    'no-useless-escape',
    'no-var',
    'object-shorthand',
    'prefer-const',
  ].map(rule => [rule, 'error']),
)

/** Rules of the project that no plugin knows: each names what to do instead. */
const forbiddenSyntax = [
  { selector: 'ExportDefaultDeclaration', message: 'Name the export; default exports get a new name in each file.' },
  { selector: 'TSEnumDeclaration', message: 'Use a union of literals, or an object `as const`.' },
  { selector: 'TSModuleDeclaration[kind="namespace"]', message: 'Use a module.' },
]

export default tseslint.config(
  { ignores: ['**/node_modules/**', 'out/**', 'test-results/**', 'test/fixtures/**/*.mjs'] },
  {
    files: sources,
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: projectRoot },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      ...coreRules,
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'separate-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      // Numbers and flags in messages read well as they are.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // `() => void doIt()` and arrow functions that return the void of a callback are plain here.
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidOperator: true },
      ],
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      // A port's function may be async without waiting for anything: one implementation does, another doesn't.
      '@typescript-eslint/require-await': 'off',
      // `noPropertyAccessFromIndexSignature` asks for the brackets that this rule would take away.
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'max-lines': ['error', { max: 500, skipBlankLines: false, skipComments: false }],
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: `^(${builtinNames().join('|')})(/.*)?$`, message: 'Write node: before it.' }] },
      ],
      'no-restricted-syntax': ['error', ...forbiddenSyntax],
    },
  },
  {
    // The programs that build and test are JavaScript: their types come from JSDoc, and JSON and tools give `any`.
    files: ['build/**/*.mjs', 'test/**/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: {
        console: 'readonly',
        process: 'readonly',
        performance: 'readonly',
        Buffer: 'readonly',
        fetch: 'readonly',
        AbortSignal: 'readonly',
        URL: 'readonly',
      },
    },
  },
  {
    // Tools take their configuration, and the test runner a reporter, only as a default export.
    files: ['build/*.config.ts', 'build/app/*.config.ts', 'build/*.config.mjs', 'build/testing/reporter.mjs'],
    rules: { 'no-restricted-syntax': ['error', ...forbiddenSyntax.slice(1)] },
  },
  {
    // Tests look into values they know, and hand functions wrong things on purpose.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
)

function builtinNames() {
  return builtinModules.filter(name => !name.startsWith('_') && !name.startsWith('node:'))
}
