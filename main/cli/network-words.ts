import type { ConnectionFinding, ConnectionLayer, LayerReport } from '../services/index.ts'
import { failureText } from './failure-text/index.ts'
import type { Words } from './language.ts'
import { duration, plain } from './wording.ts'

/** What the layers are called. */
export const layerWords: Readonly<Record<ConnectionLayer, Words>> = {
  name: { zh: '域名', en: 'name' },
  connection: { zh: '连接', en: 'connection' },
  proxy: { zh: '代理', en: 'proxy' },
  tls: { zh: '加密', en: 'encryption' },
  platform: { zh: '平台', en: 'platform' },
}

/** One plain sentence about a layer, naming the host. */
export function layerSentence({ layer, status, finding, whose, host, port }: LayerReport): Words {
  if (finding === null || status === 'not-reached') {
    return { zh: '未检查：前一项不通', en: 'not looked at: what comes before it does not hold' }
  }
  const at = plain(host)
  const said = sentences(finding, at, `${at.includes(':') ? `[${at}]` : at}:${port}`)
  if (whose === 'server' || layer === 'proxy') return said
  return { zh: `代理服务器：${said.zh}`, en: `the proxy: ${said.en}` }
}

function sentences(finding: ConnectionFinding, host: string, place: string): Words {
  switch (finding.code) {
    case 'name.known':
      return finding.addresses === 0
        ? { zh: `${host} 是地址，无需解析`, en: `${host} is an address and needs no lookup` }
        : {
            zh: `${host} 解析到 ${finding.addresses} 个地址`,
            en: `${host} leads to ${finding.addresses === 1 ? 'one address' : `${finding.addresses} addresses`}`,
          }
    case 'name.unknown':
      return { zh: `没有 ${host} 这个域名`, en: `there is no host called ${host}` }
    case 'name.no-answer':
      return { zh: `域名服务器没有答复，查不到 ${host}`, en: `no name server answers about ${host}` }
    case 'connection.made':
      return { zh: `能连上 ${place}`, en: `${place} can be connected to` }
    case 'connection.refused':
      return { zh: `${place} 拒绝连接：该端口没有服务`, en: `${place} refuses: nothing listens on that port` }
    case 'connection.no-answer':
      return { zh: `${place} 没有回应：可能被防火墙拦截`, en: `${place} does not answer: a firewall may be in the way` }
    case 'connection.failed':
      return { zh: `连不上 ${place}（${finding.fault}）`, en: `${place} cannot be connected to (${finding.fault})` }
    case 'proxy.none':
      return { zh: '不经代理，直接连接', en: 'none in between' }
    case 'proxy.passes':
      return { zh: `代理 ${place} 放行`, en: `the proxy ${place} lets it through` }
    case 'proxy.wants-user':
      return {
        zh: `代理 ${place} 要求用户名和密码，或不接受所给的`,
        en: `the proxy ${place} wants a user and a password, or not those it was given`,
      }
    case 'proxy.refuses':
      return {
        zh: `代理 ${place} 不放行（${plain(finding.detail)}）`,
        en: `the proxy ${place} does not let it through (${plain(finding.detail)})`,
      }
    case 'proxy.cannot-reach':
      return { zh: `代理 ${place} 连不上平台`, en: `the proxy ${place} cannot reach the platform` }
    case 'proxy.misnamed':
      return {
        zh: '代理地址无法使用：只支持 http 和 https 代理',
        en: 'the proxy is named in a way that cannot be used: only http and https proxies can',
      }
    case 'tls.none':
      return { zh: `${place} 用 http，途中不加密`, en: `${place} is an http address: nothing is encrypted on the way` }
    case 'tls.trusted':
      return {
        zh: `${place} 的网站证书可信（${finding.protocol}，签发者 ${plain(finding.issuer)}）`,
        en: `the certificate of ${place} is trusted (${finding.protocol}, issued by ${plain(finding.issuer)})`,
      }
    case 'tls.untrusted':
      return {
        zh: `${place} 的网站证书不受信任（${finding.fault}）`,
        en: `the certificate of ${place} is not trusted (${finding.fault})`,
      }
    case 'tls.other-name':
      return {
        zh: `${place} 出示的是另一个域名的证书`,
        en: `${place} shows a certificate of another name`,
      }
    case 'tls.expired':
      return {
        zh: `${place} 的网站证书不在有效期内；也请核对本机日期`,
        en: `the certificate of ${place} is not valid today; check this computer's date too`,
      }
    case 'tls.not-spoken':
      return { zh: `${place} 不是加密服务（${finding.fault}）`, en: `${place} does not speak TLS (${finding.fault})` }
    case 'platform.time':
      return offsetWords(finding.offsetMs, finding.uncertaintyMs, host)
    case 'platform.failed': {
      const { code, detail } = finding.failure
      const more = detail === undefined ? '' : ` (${plain(detail)})`
      return {
        zh: `${host} 没有像平台那样答复：${failureText(code, 'zh').message}${more}`,
        en: `${host} does not answer as a platform: ${failureText(code, 'en').message}${more}`,
      }
    }
  }
}

/** By how much the clocks differ, as far as that can be said. */
function offsetWords(offset: number, uncertainty: number, host: string): Words {
  const zh = duration(uncertainty, 'zh')
  const en = duration(uncertainty, 'en')
  if (Math.abs(offset) <= Math.max(uncertainty, 1_000)) {
    return {
      zh: `${host} 有答复，平台时间与本机一致（±${zh}）`,
      en: `${host} answers; its clock and this computer's agree (±${en})`,
    }
  }
  const ahead = offset > 0
  const by = { zh: duration(Math.abs(offset), 'zh'), en: duration(Math.abs(offset), 'en') }
  return {
    zh: `${host} 有答复；平台时间比本机${ahead ? '快' : '慢'} ${by.zh}（±${zh}），以平台时间为准`,
    en: `${host} answers; its clock is ${by.en} ${ahead ? 'ahead of' : 'behind'} this computer's (±${en}), and it is the platform's that counts`,
  }
}

/** What to do about the first layer that does not hold. */
export function adviceAbout({ layer, finding, whose }: LayerReport): Words {
  if (finding?.code === 'proxy.wants-user') {
    return {
      zh: '用 bidseal network set --proxy-user 设定用户名；密码在终端输入，或用环境变量 BIDSEAL_PROXY_PASSWORD 提供。',
      en: 'Name the user with bidseal network set --proxy-user; the password is asked on a terminal, or given in BIDSEAL_PROXY_PASSWORD.',
    }
  }
  if (finding?.code === 'tls.untrusted') {
    return {
      zh: '单位内网有自己的根证书时，用 bidseal network set --authority 根证书.pem 添加；否则不要继续，请联系平台。',
      en: 'If your network has a root certificate of its own, add it with bidseal network set --authority ROOT.pem; if not, do not go on and call the platform.',
    }
  }
  const all: Readonly<Record<ConnectionLayer, Words>> = {
    name: {
      zh: '请核对平台地址的拼写，以及本机是否已联网。',
      en: 'Check how the address is written, and whether this computer is online.',
    },
    connection: {
      zh: '请换个网络再试，或请网络管理员放行此主机和端口。',
      en: 'Try another network, or ask whoever runs it to let this host and port through.',
    },
    proxy: {
      zh: '请用 bidseal network show 核对代理设置，或请网络管理员放行平台地址。',
      en: 'Check the proxy with bidseal network show, or ask whoever runs it to let the platform through.',
    },
    tls: {
      zh: '请核对平台地址；没有发送任何内容。',
      en: 'Check the address of the platform; nothing has been sent.',
    },
    platform: {
      zh: '请核对平台地址，稍后再试，或联系平台。',
      en: 'Check the address, try again later, or call the platform.',
    },
  }
  return all[whose === 'proxy' ? 'proxy' : layer]
}
