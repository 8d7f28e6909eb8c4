/** Tells whether a value that crossed a process boundary has the shape it claims. */
export type Check<T> = (value: unknown) => value is T

/** One request the page may make: a check per argument, and the type of the reply. */
export interface Request<A extends readonly unknown[], R> {
  readonly checks: { readonly [I in keyof A]: Check<A[I]> }
  /** Never set; carries the type of the reply. */
  readonly reply?: R
}

/** Begins one row of the request table: `replies<Answer>().to(isFirstArgument, isSecondArgument)`. */
export function replies<R>() {
  return {
    to: <A extends readonly unknown[]>(...checks: { readonly [I in keyof A]: Check<A[I]> }): Request<A, R> => ({
      checks,
    }),
  }
}
