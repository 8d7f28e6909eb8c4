import { useEffect, useState } from 'react'

/** The time, renewed at the given interval in milliseconds: since 1970, and of a clock that never jumps. */
export function useNow(interval = 500): { readonly wall: number; readonly monotonic: number } {
  const [now, setNow] = useState(read)
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(read())
    }, interval)
    return () => {
      clearInterval(timer)
    }
  }, [interval])
  return now
}

function read(): { readonly wall: number; readonly monotonic: number } {
  return { wall: Date.now(), monotonic: performance.now() }
}
