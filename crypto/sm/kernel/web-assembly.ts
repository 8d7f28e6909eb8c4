/** A compiled module: good for any number of instances, in any thread. */
export interface WasmModule {
  readonly [Symbol.toStringTag]: string
}

/** Memory of an instance; growing it takes the buffer away from every view. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

/** What we use of WebAssembly: its types stand in the DOM's, which this library does not have. */
interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean
  readonly Module: new (bytes: Uint8Array) => WasmModule
  readonly Instance: new (module: WasmModule) => { readonly exports: unknown }
}

/** WebAssembly of the runtime. */
export const webAssembly = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly
