/** `README.txt` of a package: what it is, and how to verify it with and without our program. */
export function readmeText(about: { readonly sealId: string; readonly signed: boolean }): string {
  return [
    `BidSeal 标封 — 存证包 / evidence package, bid ${about.sealId}`,
    '',
    '一个投标文件的全部证据：文件头、平台回执、解密与开标文件、时间戳、日志摘录、证书。可读的说明见 summary.pdf。',
    about.signed ? '整包由投标人的锁签名（manifest.json、manifest.p7s）。' : '整包未签名：导出时没有用锁。',
    '',
    '核验（不用本软件；OpenSSL 3、POSIX shell、GNU coreutils、tar、unzip）：',
    '  unzip -q evidence.zip -d evidence && cd evidence && sh verify.sh root.pem',
    'root.pem 是您信任的、招标文件包签名人的根证书。包不能为自己担保：请从公开的 build/docs/evidence.md 取 verify.sh，',
    '或与之比较。用本软件核验：bidseal evidence verify evidence.zip --trust root.pem',
    '',
    'All the evidence for one bid: header, platform receipts, release and opening documents, time stamps, journal extract,',
    'certificates. summary.pdf is for people (Chinese).',
    about.signed
      ? 'Signed as a whole by the bidder’s lock (manifest.json).'
      : 'NOT signed as a whole: exported without a lock.',
    '',
    'To verify without our program (OpenSSL 3, a POSIX shell, GNU coreutils, tar, unzip):',
    '  unzip -q evidence.zip -d evidence && cd evidence && sh verify.sh root.pem',
    'root.pem: the root you trust for the signer of the tender package. A package does not vouch for itself: take verify.sh',
    'from the published build/docs/evidence.md, or compare. With our program: bidseal evidence verify evidence.zip --trust root.pem',
    '',
    'SHA256SUMS        SHA-256 of every other file; manifest.json says the same, signed where manifest.p7s is there',
    'bid/              the sealed bid’s header archive; seal.json and its signature out of it',
    'tender/           the tender package’s signed description: accepted authorities, the platform’s certificates',
    'platform/         what the platform signed      bidder/   what the bidder signed',
    'journal/          lines.jsonl: the lines about this bid, whole; chain.txt: number, SHA-256 and kept|skipped of every line;',
    '                  heads/: the journal’s head signed by the lock',
    'certificates/     every chain, PEM              revocation/  revocation lists and OCSP answers that were at hand',
    '',
  ].join('\n')
}
