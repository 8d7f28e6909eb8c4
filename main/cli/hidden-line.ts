/**
 * Reads one line from the terminal without showing it. Answers null when the input ends; Ctrl-C sends this process
 * SIGINT as usual. The line is never logged.
 */
export function hiddenLine(prompt: string): Promise<string | null> {
  const input = process.stdin
  process.stderr.write(prompt)
  input.setRawMode(true)
  input.setEncoding('utf8')
  input.resume()
  return new Promise(resolve => {
    let line = ''
    const finish = (answer: string | null): void => {
      input.off('data', onData)
      input.setRawMode(false)
      input.pause()
      process.stderr.write('\n')
      resolve(answer)
    }
    const onData = (typed: string | Buffer): void => {
      for (const character of String(typed)) {
        if (character === '\r' || character === '\n') {
          finish(line)
          return
        }
        if (character === '\u0003') {
          finish(null)
          process.kill(process.pid, 'SIGINT')
          return
        }
        if (character === '\u0004') {
          finish(line === '' ? null : line)
          return
        }
        if (character === '\u007f' || character === '\b') line = line.slice(0, -1)
        else if (character >= ' ') line += character
      }
    }
    input.on('data', onData)
  })
}
