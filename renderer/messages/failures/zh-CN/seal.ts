import type { FailureText, SealCode } from '../text.ts'

const draftSafe = '编制中的投标文件完好。'
const useOriginal = '请使用封标时生成的原文件；若已损坏，请重新封标。'

/** Failures of sealed files and signed documents. */
export const seal: Readonly<Record<SealCode, FailureText>> = {
  'seal.container': { what: '这不是封标文件，或封标文件已损坏。', safe: draftSafe, next: useOriginal },
  'seal.header': { what: '封标文件的文件头不合规范。', safe: draftSafe, next: useOriginal },
  'seal.signature': {
    what: '封标文件的签名无效。',
    safe: '请勿使用这份封标文件；编制中的投标文件完好。',
    next: useOriginal,
  },
  'seal.tender': {
    what: '封标文件中的招标信息与招标文件包不一致。',
    safe: draftSafe,
    next: '请核对招标文件包是否正确；若正确，请重新封标。',
  },
  'seal.entries': { what: '封标文件的内容与文件头不对应。', safe: draftSafe, next: useOriginal },
  'seal.envelope': { what: '封标文件中的密钥信封损坏或不合规范。', safe: draftSafe, next: useOriginal },
  'seal.root': { what: '文件内容与封标时不一致。', safe: draftSafe, next: useOriginal },
  'seal.key-mismatch': {
    what: '信封中的密钥与这份封标文件不符。',
    safe: draftSafe,
    next: '请换用封标时所用的另一把锁，或重新封标。',
  },
  'seal.chunk': { what: '投标文件的一段内容无法解密。', safe: draftSafe, next: useOriginal },
  'seal.inner': {
    what: '封标文件内部的签名内容与其不符。',
    safe: '请勿使用这份封标文件；编制中的投标文件完好。',
    next: '请重新封标。',
  },
  'seal.document': {
    what: '封标文件内的文件缺失，或与签名时不同。',
    safe: '请勿使用这份封标文件；编制中的投标文件完好。',
    next: '请重新封标。',
  },
  'seal.already-sealed': {
    what: '这份投标文件已经封标，内容没有变化。',
    safe: '已有的封标文件完好，可以递交。',
    next: '请递交已有的封标文件；需要更改时，请先修改投标文件再封标。',
  },
  'seal.foreign-tender': {
    what: '这份投标文件是为其他项目、标段或其他版本的招标文件包编制的。',
    safe: '投标文件未受影响。',
    next: '请选择对应的招标项目，或为新的招标文件包重新编制。',
  },
  'seal.too-large': {
    what: '投标文件超出招标文件或格式允许的大小。',
    safe: '没有封标，编制中的投标文件完好。',
    next: '请压缩最大的几个文件后再封标。',
  },
  'seal.self-test': {
    what: '封标后试解密没有通过，这份封标文件已经作废删除。',
    safe: '编制中的投标文件完好。',
    next: '请再试一次；若仍不通过，请换用另一把锁。',
  },
  'seal.timestamp': {
    what: '时间戳服务器没有给出可用的时间戳，因此没有封标，也没有写出文件。',
    safe: '编制中的投标文件完好。',
    next: '请再试一次，或不带时间戳封标：封标文件同样有效。',
  },
  'document.malformed': { what: '签名文书的格式不正确。', safe: '投标文件未受影响。', next: '请从来源处重新获取。' },
  'document.wrong-type': {
    what: '签名文书的种类不对。',
    safe: '投标文件未受影响。',
    next: '请使用正确的文件，或从来源处重新获取。',
  },
  'document.signature': {
    what: '签名文书的签名无效，没有采信。',
    safe: '投标文件未受影响。',
    next: '请从来源处重新获取；若仍如此，请与对方联系。',
  },
}
