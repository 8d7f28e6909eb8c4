// Products in GF(2^128) one at a time (NIST SP 800-38D, 6.3): what setting a key and the ends of a message need. Bit by bit
// with masks, so that the time tells nothing.
import { layout } from './layout.mjs'

const { factors, sum, lanePowers, laneSums } = layout

/** WebAssembly text; see the comments in it. */
export const gf128 = `
(global $high (mut i64) (i64.const 0))
(global $low (mut i64) (i64.const 0))

;; high, low ^= x * the number at v
(func $addProduct (param $xHigh i64) (param $xLow i64) (param $v i32)
  (local $vHigh i64) (local $vLow i64) (local $mask i64) (local $bit i32)
  (local.set $vHigh (i64.load (local.get $v)))
  (local.set $vLow (i64.load offset=8 (local.get $v)))
  (loop $next
    (local.set $mask (i64.shr_s (local.get $xHigh) (i64.const 63)))
    (global.set $high (i64.xor (global.get $high) (i64.and (local.get $mask) (local.get $vHigh))))
    (global.set $low (i64.xor (global.get $low) (i64.and (local.get $mask) (local.get $vLow))))
    (local.set $xHigh (i64.or (i64.shl (local.get $xHigh) (i64.const 1)) (i64.shr_u (local.get $xLow) (i64.const 63))))
    (local.set $xLow (i64.shl (local.get $xLow) (i64.const 1)))
    ;; v * x: to the right, and what falls out comes back as x^128 = 1 + x + x^2 + x^7
    (local.set $mask (i64.and
      (i64.sub (i64.const 0) (i64.and (local.get $vLow) (i64.const 1))) (i64.const 0xe100000000000000)))
    (local.set $vLow (i64.or (i64.shr_u (local.get $vLow) (i64.const 1)) (i64.shl (local.get $vHigh) (i64.const 63))))
    (local.set $vHigh (i64.xor (i64.shr_u (local.get $vHigh) (i64.const 1)) (local.get $mask)))
    (local.set $bit (i32.add (local.get $bit) (i32.const 1)))
    (br_if $next (i32.lt_u (local.get $bit) (i32.const 128)))))

(func $clear (global.set $high (i64.const 0)) (global.set $low (i64.const 0)))

(func $keep (param $at i32)
  (i64.store (local.get $at) (global.get $high))
  (i64.store offset=8 (local.get $at) (global.get $low)))

;; The third number of the factors becomes the product of the first two.
(func (export "multiply")
  (call $clear)
  (call $addProduct (i64.load (i32.const ${factors})) (i64.load (i32.const ${factors + 8})) (i32.const ${factors + 16}))
  (call $keep (i32.const ${factors + 32})))

;; Eight bytes, step apart, the first the highest.
(func $gather (param $at i32) (param $step i32) (result i64)
  (local $count i32) (local $value i64)
  (local.set $count (i32.const 8))
  (loop $next
    (local.set $value (i64.or (i64.shl (local.get $value) (i64.const 8)) (i64.load8_u (local.get $at))))
    (local.set $at (i32.add (local.get $at) (local.get $step)))
    (br_if $next (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))
  (local.get $value))

;; GHASH of single blocks: sum = (sum ^ block) * H
(func (export "ghashBlocks") (param $data i32) (param $blocks i32)
  (loop $next
    (call $clear)
    (call $addProduct
      (i64.xor (i64.load (i32.const ${sum})) (call $gather (local.get $data) (i32.const 1)))
      (i64.xor (i64.load (i32.const ${sum + 8})) (call $gather (i32.add (local.get $data) (i32.const 8)) (i32.const 1)))
      (i32.const ${lanePowers + 32 * 16}))
    (call $keep (i32.const ${sum}))
    (local.set $data (i32.add (local.get $data) (i32.const 16)))
    (br_if $next (local.tee $blocks (i32.sub (local.get $blocks) (i32.const 1))))))

;; The end of the groups: sum = the lanes' sums, the nth divided by H^n
(func (export "ghashJoin")
  (local $lane i32)
  (call $clear)
  (loop $next
    (call $addProduct
      (call $gather (i32.add (i32.const ${laneSums}) (local.get $lane)) (i32.const 32))
      (call $gather (i32.add (i32.const ${laneSums + 8 * 32}) (local.get $lane)) (i32.const 32))
      (i32.add (i32.const ${lanePowers}) (i32.shl (local.get $lane) (i32.const 4))))
    (local.set $lane (i32.add (local.get $lane) (i32.const 1)))
    (br_if $next (i32.lt_u (local.get $lane) (i32.const 32))))
  (call $keep (i32.const ${sum})))
`
