// The bundler turns style sheets into files of their own; to the compiler they are imports for their effect.
declare module '*.css'
