export { readAuthorities, trustContext } from './authorities.ts'
export { configuredHttp, connectionParts, type ConfiguredHttpOptions } from './configured-http.ts'
export { connectionFailure, errorCode, isCertificateError, ProxyAsks, ProxyAway } from './connection-failure.ts'
export { isLoopback } from './loopback.ts'
export { nodeHttp, type NodeHttpOptions } from './node-http.ts'
export type { HttpPort, HttpRequest, HttpResponse } from './port.ts'
export { namedRefusal, notThePlatform, refusalOf } from './refusal.ts'
export {
  briskRetry,
  isUnreachable,
  jitteredWait,
  patientRetry,
  retrying,
  waitOrStop,
  type RetryPolicy,
} from './retry.ts'
export { openTunnel, portOf, type TunnelOptions, type TunnelTarget } from './tunnel-agent.ts'
export { basic, straight, wayOut, type ProxyServer, type WayOut, type WayOutParts } from './way-out.ts'
