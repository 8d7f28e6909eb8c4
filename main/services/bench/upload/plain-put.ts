import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { request } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { AppFailure } from '../../../contract/failure.ts'

/** A file and where it goes, as plain as HTTP allows. */
export interface PlainPut {
  readonly file: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/** Sends a whole file in one PUT and waits for the answer: nothing is resumed, checked or asked. */
export async function plainPut({ file, url, headers }: PlainPut): Promise<void> {
  const { size } = await stat(file)
  const outgoing = request(url, { method: 'PUT', headers: { ...headers, 'content-length': size } })
  const answered = new Promise<number>((resolve, reject) => {
    outgoing.once('error', reject)
    outgoing.once('response', response => {
      response.resume()
      response.once('end', () => {
        resolve(response.statusCode ?? 0)
      })
    })
  })
  const [status] = await Promise.all([answered, pipeline(createReadStream(file), outgoing)])
  if (status !== 200) throw new AppFailure('internal', `the plain PUT was answered with HTTP ${status}`)
}
