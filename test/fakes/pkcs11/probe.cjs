// Does one operation with a module's token: node probe.cjs <module> <operation>; prints "before", then what came of it.
const pkcs11 = require('pkcs11js')
const [, , path, operation] = process.argv
const functions = new pkcs11.PKCS11()
const key = (session, id) => {
  functions.C_FindObjectsInit(session, [
    { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_PRIVATE_KEY },
    { type: pkcs11.CKA_ID, value: Buffer.from(id, 'hex') },
  ])
  const found = functions.C_FindObjects(session)
  functions.C_FindObjectsFinal(session)
  return found
}
const point = Buffer.concat([
  Buffer.of(4),
  Buffer.from('6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296', 'hex'),
  Buffer.from('4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5', 'hex'),
])
const parameter = { type: pkcs11.CK_PARAMS_EC_DH, kdf: 1, publicData: point }

const operations = {
  list: () => functions.C_GetSlotList(true).map(slot => functions.C_GetTokenInfo(slot).label),
  login: session => functions.C_Login(session, pkcs11.CKU_USER, '111111'),
  sign(session) {
    functions.C_SignInit(session, { mechanism: pkcs11.CKM_RSA_PKCS }, key(session, '01'))
    return functions.C_Sign(session, Buffer.alloc(32, 1), Buffer.alloc(256))
  },
  decrypt(session) {
    functions.C_DecryptInit(session, { mechanism: pkcs11.CKM_RSA_X_509 }, key(session, '02'))
    return functions.C_Decrypt(session, Buffer.alloc(256, 1), Buffer.alloc(256))
  },
  derive(session) {
    const secret = functions.C_DeriveKey(
      session,
      { mechanism: pkcs11.CKM_ECDH1_DERIVE, parameter },
      key(session, '03'),
      [],
    )
    return functions.C_GetAttributeValue(session, secret, [{ type: pkcs11.CKA_VALUE }])[0].value
  },
  certificate(session) {
    functions.C_FindObjectsInit(session, [{ type: pkcs11.CKA_CLASS, value: pkcs11.CKO_CERTIFICATE }])
    const found = functions.C_FindObjects(session)
    functions.C_FindObjectsFinal(session)
    return functions.C_GetAttributeValue(session, found, [{ type: pkcs11.CKA_VALUE }])[0].value
  },
  random: session => functions.C_GenerateRandom(session, Buffer.alloc(32)),
}

/** Twice, because what is removed stays so. */
const tried = (what, session) => {
  try {
    const answer = what(session)
    return Buffer.isBuffer(answer) ? answer.toString('hex') : answer
  } catch (error) {
    return error.message
  }
}

functions.load(path)
functions.C_Initialize({ flags: pkcs11.CKF_OS_LOCKING_OK })
process.env.BIDSEAL_SOFT_P11_FAULT = ''
const session = functions.C_OpenSession(functions.C_GetSlotList(true)[0], pkcs11.CKF_SERIAL_SESSION)
if (operation !== 'login') functions.C_Login(session, pkcs11.CKU_USER, '111111')
process.env.BIDSEAL_SOFT_P11_FAULT = process.argv[4] ?? ''
process.stdout.write('before\n')
const first = tried(operations[operation], session)
process.env.BIDSEAL_SOFT_P11_FAULT = ''
const second = tried(operations[operation], session)
process.stdout.write(`${JSON.stringify([first ?? null, second ?? null])}\n`)
