// The S-box of SM4 (GB/T 32907-2016, table 1) as a circuit of 111 gates: no table, so nothing an attacker could time.
//
// S(x) = A * (A * x + C)^-1 + C over GF(2^8). The inversion is the core of Boyar and Peralta's AES S-box ("A small depth-16
// circuit for the AES S-box", 2012); both linear layers were searched anew over the eight isomorphisms between the two
// fields and 255 scalings. The two constants are left out here: S(x) = circuit(x ^ inputConstant) ^ outputConstant, and the
// kernel pays for them in the round keys.

/** @typedef {{ readonly out: string, readonly gate: 'xor' | 'and', readonly a: string, readonly b: string }} Gate */

export const inputConstant = 0x75
export const outputConstant = 0xd3

/** Names of the output bits, least significant first. Inputs are i0 to i7. */
export const outputs = ['q22', 'q25', 'q27', 'q3', 'q12', 'q10', 'q20', 'q14']

const inputLayer = `
p0=i2^i6 p1=i1^p0 p2=i7^p0 p3=i0^i4 p4=i6^p3 p5=p1^p4 p6=i6^p5 p7=i5^p4 p8=p2^p5 p9=i3^i5 p10=i0^p9 p11=i1^p10 p12=p5^p9
p13=i6^p9 p14=p11^p13 p15=p2^p13 p16=p7^p15 p17=p0^p16 p18=p10^p17 p19=i6^p15 p20=p1^p18`

const inversion = `
t2=p10&p12 t3=p18&p8 t4=t3^t2 t5=p17&p19 t6=t5^t2 t7=p11&p13 t8=p20&p2 t9=t8^t7 t10=p16&p15 t11=t10^t7 t12=p0&i6 t13=i1&p6
t14=t13^t12 t15=p1&p5 t16=t15^t12 t17=t4^t14 t18=t6^t16 t19=t9^t14 t20=t11^t16 t21=t17^i2 t22=t18^p4 t23=t19^p14
t24=t20^p7 t25=t21^t22 t26=t21&t23 t27=t24^t26 t28=t25&t27 t29=t28^t22 t30=t23^t24 t31=t22^t26 t32=t31&t30 t33=t32^t24
t34=t23^t33 t35=t27^t33 t36=t24&t35 t37=t36^t34 t38=t27^t36 t39=t29&t38 t40=t25^t39 t41=t40^t37 t42=t29^t33 t43=t29^t40
t44=t33^t37 t45=t42^t41`

const products = `
z0=t44&p12 z1=t37&p8 z2=t33&p19 z3=t43&p13 z4=t40&p2 z5=t29&p15 z6=t42&i6 z7=t45&p6 z8=t41&p5 z9=t44&p10 z10=t37&p18
z11=t33&p17 z12=t43&p11 z13=t40&p20 z14=t29&p16 z15=t42&p0 z16=t45&i1 z17=t41&p1`

const outputLayer = `
q0=z12^z14 q1=z4^z13 q2=z17^q0 q3=z15^q2 q4=z0^z3 q5=z14^q1 q6=z7^z8 q7=z10^q5 q8=q4^q7 q9=z11^q8 q10=z1^q9 q11=z2^q6
q12=q9^q11 q13=z9^q0 q14=z11^q13 q15=z7^q14 q16=z6^q15 q17=z17^q5 q18=z16^q17 q19=z5^q18 q20=q6^q19 q21=z0^q16 q22=q9^q21
q23=q4^q11 q24=z4^q3 q25=q23^q24 q26=q22^q23 q27=q18^q26`

/** @type {readonly Gate[]} */
export const gates = [inputLayer, inversion, products, outputLayer]
  .flatMap(layer => layer.trim().split(/\s+/))
  .map(text => {
    const [, out = '', a = '', operator, b = ''] = /^(\w+)=(\w+)([&^])(\w+)$/.exec(text) ?? []
    return { out, gate: operator === '&' ? 'and' : 'xor', a, b }
  })
