/**
 * A benchmark of `bidseal bench` and what is expected of its figures.
 * @typedef {object} Part
 * @property {string} name
 * @property {readonly string[]} args of `bidseal bench`, without size and rounds
 * @property {number} [sizeMiB] where it is not the size of all
 * @property {number} [runs] where it is not the rounds of all
 * @property {(result: Result) => readonly Goal[]} goals
 */

/**
 * One figure held against a limit; the figure is null where what it is measured against is not here.
 * @typedef {{ what: string, figure: number | null, limit: number, way: 'at most' | 'at least', unit?: string, aim?: number }} Goal
 */

/** @typedef {{ name: string, seconds: number | null, ratio: number | null }} Reference */

/**
 * What a benchmark prints with `--json`.
 * @typedef {object} Result
 * @property {number} seconds
 * @property {number} mibPerSecond
 * @property {number} peakMiB
 * @property {readonly Reference[]} references
 * @property {number} [loopDelayP99Ms]
 * @property {number} [cancelMs]
 * @property {{ ratio: number | null, aes?: { ratio: number | null }, sm4?: { ratio: number | null } }} [app]
 */

const peakMiB = 200
const growthMiB = 16

/** @type {readonly Part[]} */
export const parts = [
  {
    name: 'seal intl',
    args: ['seal', '--suite', 'intl'],
    goals: result => [
      { ...beside(result, 'openssl cms -encrypt -stream -aes-256-gcm', 1.25), aim: 1 },
      beside(result, 'openssl cms -sign | openssl cms -encrypt', 0.75),
      beside(result, 'age -r', 1.1),
      ...process(result),
    ],
  },
  {
    name: 'seal gm',
    args: ['seal', '--suite', 'gm'],
    goals: result => [
      { ...beside(result, 'openssl enc -sm4-ctr', 0.28), aim: 0.2 },
      { ...speedOver(result, 'sm-crypto-v2', 12), what: 'speed by that of sm-crypto-v2 GCM' },
      ...process(result),
    ],
  },
  { name: 'verify intl', args: ['verify', '--suite', 'intl'], goals: result => [beside(result, 'seal', 1)] },
  { name: 'verify gm', args: ['verify', '--suite', 'gm'], goals: result => [beside(result, 'seal', 1)] },
  {
    name: 'unseal intl',
    args: ['unseal', '--suite', 'intl'],
    goals: result => [beside(result, 'openssl cms -decrypt', 0.12), beside(result, 'age -d', 0.9)],
  },
  { name: 'unseal gm', args: ['unseal', '--suite', 'gm'], goals: () => [] },
  { name: 'hash intl', args: ['hash', '--suite', 'intl'], goals: () => [] },
  { name: 'sm4', args: ['sm4'], sizeMiB: 256, goals: () => [] },
  { name: 'sm3', args: ['sm3'], sizeMiB: 256, goals: () => [] },
  {
    name: 'sm2',
    args: ['sm2'],
    goals: result => [
      milliseconds('sm2 sign', result.seconds, 0.5),
      milliseconds('sm2 verify', secondsOf(result, 'verify'), 2),
      milliseconds('sm2 encrypt', secondsOf(result, 'encrypt'), 3),
      milliseconds('sm2 decrypt', secondsOf(result, 'decrypt'), 3),
    ],
  },
  ...['intl', 'gm'].flatMap(suite => memoryParts(suite)),
  {
    name: 'upload',
    args: ['upload'],
    goals: result => [
      { ...speedOver(result, 'plain PUT', 0.4), what: 'speed by that of a plain PUT', aim: 0.6 },
      { what: 'peak memory', figure: result.peakMiB, limit: 250, way: 'at most', unit: 'MiB' },
    ],
  },
  {
    name: 'releases',
    args: ['releases'],
    sizeMiB: 500,
    runs: 3,
    goals: result => [
      { what: '1,000 releases within one second, p99', figure: result.seconds, limit: 2, way: 'at most', unit: 's' },
      {
        what: 'p99 beside ten bodies being opened, by that alone',
        figure: inverse(ratioOf(result, 'beside')),
        limit: 1.2,
        way: 'at most',
      },
    ],
  },
  {
    name: 'release-size',
    args: ['release-size'],
    sizeMiB: 2048,
    runs: 10,
    goals: result => [
      { what: 'release of 2 GiB by that of 1 MiB', figure: ratioOf(result, 'release of'), limit: 1.1, way: 'at most' },
    ],
  },
  {
    name: 'app intl',
    args: ['seal', '--suite', 'intl', '--app'],
    goals: ({ app }) => [
      { what: 'sealing in the app by plain Node', figure: app?.ratio ?? null, limit: 0.55, way: 'at least', aim: 0.85 },
      {
        what: 'AES in the app by plain Node',
        figure: app?.aes?.ratio ?? null,
        limit: 0.55,
        way: 'at least',
        aim: 0.85,
      },
    ],
  },
  {
    name: 'app gm',
    args: ['seal', '--suite', 'gm', '--app'],
    goals: ({ app }) => [
      { what: 'sealing in the app by plain Node', figure: app?.ratio ?? null, limit: 0.85, way: 'at least' },
      { what: 'SM4 in the app by plain Node', figure: app?.sm4?.ratio ?? null, limit: 0.85, way: 'at least' },
    ],
  },
]

/**
 * A small and a large bid in turn: the second is held against the first.
 * @param {string} suite
 * @returns {readonly Part[]}
 */
function memoryParts(suite) {
  /** @type {number | null} */
  let small = null
  const args = ['seal', '--suite', suite, '--alone']
  return [
    {
      name: `memory ${suite}, 256 MiB`,
      args,
      sizeMiB: 256,
      runs: 2,
      goals(result) {
        small = result.peakMiB
        return [peak(result)]
      },
    },
    {
      name: `memory ${suite}, 4 GiB`,
      args,
      sizeMiB: 4096,
      runs: 1,
      goals: result => [
        peak(result),
        {
          what: 'growth from 256 MiB to 4 GiB',
          figure: small === null ? null : result.peakMiB - small,
          limit: growthMiB,
          way: 'at most',
          unit: 'MiB',
        },
      ],
    },
  ]
}

/**
 * Our time by another's.
 * @param {Result} result
 * @param {string} name
 * @param {number} limit
 * @returns {Goal}
 */
function beside({ references }, name, limit) {
  const figure = references.find(each => each.name === name)?.ratio ?? null
  return { what: `time by that of ${name}`, figure, limit, way: 'at most' }
}

/**
 * @param {Result} result
 * @param {string} prefix
 * @param {number} limit
 * @returns {Goal}
 */
function speedOver({ references }, prefix, limit) {
  const ratio = references.find(({ name }) => name.startsWith(prefix))?.ratio ?? null
  return { what: prefix, figure: ratio === null ? null : 1 / ratio, limit, way: 'at least' }
}

/**
 * @param {Result} result
 * @param {string} prefix
 */
function ratioOf({ references }, prefix) {
  return references.find(({ name }) => name.startsWith(prefix))?.ratio ?? null
}

/** @param {number | null} ratio */
function inverse(ratio) {
  return ratio === null ? null : 1 / ratio
}

/**
 * @param {Result} result
 * @returns {readonly Goal[]}
 */
function process(result) {
  return [
    peak(result),
    { what: 'event loop delay, p99', figure: result.loopDelayP99Ms ?? null, limit: 16, way: 'at most', unit: 'ms' },
    { what: 'stop to everything closed', figure: result.cancelMs ?? null, limit: 50, way: 'at most', unit: 'ms' },
  ]
}

/**
 * @param {Result} result
 * @returns {Goal}
 */
function peak(result) {
  return { what: 'peak memory', figure: result.peakMiB, limit: peakMiB, way: 'at most', unit: 'MiB' }
}

/**
 * @param {string} what
 * @param {number | null} seconds
 * @param {number} limit
 * @returns {Goal}
 */
function milliseconds(what, seconds, limit) {
  return { what, figure: seconds === null ? null : seconds * 1000, limit, way: 'at most', unit: 'ms' }
}

/**
 * @param {Result} result
 * @param {string} name
 */
function secondsOf({ references }, name) {
  return references.find(each => each.name === name)?.seconds ?? null
}
