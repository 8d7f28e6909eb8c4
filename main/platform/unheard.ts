/**
 * The same values, asked for one by one. What is asked for and then not waited for any more, because the caller has stopped or
 * goes another way, may fail unheard: without this it would end the program as an error that nobody caught.
 */
export function unheard<T>(values: AsyncGenerator<T>): AsyncGenerator<T> {
  const heard = <R>(answer: Promise<R>): Promise<R> => {
    answer.catch(() => undefined)
    return answer
  }
  const quiet: AsyncGenerator<T> = {
    next: () => heard(values.next()),
    return: value => heard(values.return(value)),
    throw: (error: unknown) => heard(values.throw(error)),
    [Symbol.asyncIterator]: () => quiet,
  }
  return quiet
}
