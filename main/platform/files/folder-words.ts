/** What stands in the exchange folder for the person who carries the files. */
export const folderWords = `标封 与交易平台交换文件的文件夹
==============================

out/<封标编号>/          由标封导出，请在平台网页上传：
  <封标编号>.sbid        封标文件
  submit.json、.p7s      递交申请及其签名
  withdraw.json、.p7s    撤回申请及其签名
  sign-in.json、.p7s     开标签到及其签名
  release.json、.p7s、release.*.p7m   远程解密的密钥（仅开标时）
in/                      请把平台给出的文件放在这里，文件名不限：
  *.tender               招标文件包
  nonce.txt              平台给的随机数（如有，一行 64 位十六进制）
  X.json 和同名的 X.p7s   回执、解密通知、解密回执、开标记录、补充通知

放好之后，请再执行同一命令；标封核验后才会显示“已递交”或“已解密”。

BidSeal: folder for exchanging files with a trading platform
============================================================

out/<seal id>/ is written by BidSeal, to be handed in on the platform's page: the sealed bid (.sbid), and what asks for
submission, withdrawal, sign-in and release, each .json with its signature .p7s.
in/ takes what the platform gives, under any names: tender packages (*.tender), nonce.txt (64 hex digits, if it wants one) and X.json with X.p7s: receipts, challenges,
release receipts, records, notices.

Then run the same command again. Nothing counts as delivered or released before BidSeal has verified the answer.
`
