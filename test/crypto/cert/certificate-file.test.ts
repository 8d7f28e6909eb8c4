import { expect, test } from 'vitest'
import { readCertificateFile } from '../../../crypto/cert/certificate-file.ts'
import { toPem } from '../../../crypto/cert/pem.ts'
import { expectFailure } from '../../fixtures/failure.ts'
import { withOpenssl } from '../../fixtures/openssl.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'

const ca = practiceCa()
const both = [ca.intermediate, ca.root]
const pem = both.map(der => toPem(der, 'CERTIFICATE')).join('')
const read = (bytes: Uint8Array) => readCertificateFile(bytes).map(({ der }) => Buffer.from(der).toString('hex'))
const hex = (...ders: readonly Uint8Array[]) => ders.map(der => Buffer.from(der).toString('hex'))

test('reads one certificate in DER, any number in PEM, and none in other text', () => {
  expect(read(ca.intermediate)).toEqual(hex(ca.intermediate))
  expect(read(Buffer.from(pem))).toEqual(hex(...both))
  expect(read(Buffer.from('<html>not found</html>'))).toEqual([])
  expect(read(new Uint8Array(0))).toEqual([])
})

test('reads the PKCS#7 messages without a signature that authorities publish', () =>
  withOpenssl(bench => {
    bench.put('both.pem', pem)
    const made = bench.run('crl2pkcs7', '-nocrl', '-certfile', 'both.pem', '-outform', 'DER')
    expect(read(new Uint8Array(made.stdout)).sort()).toEqual(hex(...both).sort())
  }))

test('refuses DER of anything else', () => {
  for (const bytes of [
    [0x30, 0],
    [0x30, 3, 2, 1, 1],
    [0x30, 5, 1],
    [0x30, 0x84, 255, 255, 255, 255],
  ]) {
    expect(() => readCertificateFile(Uint8Array.from(bytes))).toThrow(/cert.unsupported|document.malformed/)
  }
  expectFailure('document.malformed', () => readCertificateFile(ca.intermediate.subarray(0, -1)))
})
