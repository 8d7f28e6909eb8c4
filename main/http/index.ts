export type { HttpPort, HttpRequest, HttpResponse } from './port.ts'
export { nodeHttp, type NodeHttpOptions } from './node-http.ts'
export {
  briskRetry,
  isUnreachable,
  jitteredWait,
  patientRetry,
  retrying,
  waitOrStop,
  type RetryPolicy,
} from './retry.ts'
